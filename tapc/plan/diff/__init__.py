"""Two plans compared by meaning: what changed, which slots and replies stay, what the change costs."""

from tapc.plan.diff.changes import differences
from tapc.plan.diff.comparison import Side, compare
from tapc.plan.diff.document import EFFECTS, AxisValue, Change, DiffDocument, DiffStep, Severity

__all__ = ["EFFECTS", "AxisValue", "Change", "DiffDocument", "DiffStep", "Severity", "Side", "compare", "differences"]
