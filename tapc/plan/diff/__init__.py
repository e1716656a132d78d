"""Compares two plans by meaning: what changed, which slots and replies are kept, and what the change costs.

`compare` (`comparison.py`) takes two `Side`s and returns a `DiffDocument` (`document.py`). `changes.py` finds the
fields that differ, and how severe each is; whether a change causes new requests is decided by the keys of jobs, which
`jobs.py` compares by rendering both plans.

Start reading in `comparison.py`. A new field of the IR is compared without further code; to give it another severity,
add it to the table in `changes.py`.
"""

from tapc.plan.diff.changes import differences
from tapc.plan.diff.comparison import Side, compare
from tapc.plan.diff.document import EFFECTS, AxisValue, Change, DiffDocument, DiffStep, Severity

__all__ = ["EFFECTS", "AxisValue", "Change", "DiffDocument", "DiffStep", "Severity", "Side", "compare", "differences"]
