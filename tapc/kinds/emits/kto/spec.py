"""`emit kto` between spec and model."""

from fractions import Fraction
from typing import Any

from tapc.ir import Emit, Ratio
from tapc.semantics.compose import Item
from tapc.semantics.lower.arguments import comparison
from tapc.semantics.lower.emit_fields import PROMPT, read_prompt, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.lower.thresholds import check_bound
from tapc.semantics.page import Page, number
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields
from tapc.semantics.vocabulary import Field


class Kto(Emit):
    """Answers that are good or bad.

    Attributes:
        good, bad: inclusive bounds of the score; None where it is true or false itself, or a pair is read.
    """

    good: Ratio | None = None
    bad: Ratio | None = None

    def shows_conversation(self) -> bool:
        """See `Emit`."""
        return self.prompt is None


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:
    """The prompt, and bounds of `good` and `bad`: for a score where less is better, the other way round."""
    return read_prompt(fields, context) | _bounds(item, fields, source, context)


def _bounds(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:
    given = {"good": "good" in fields, "bad": "bad" in fields}
    if not source:  # what it reads is unknown, and reported
        return {}
    of_score = context.names.kinds.get(source.partition(".")[0]) in context.scorers
    if not of_score or context.scores.is_boolean(source):
        told = f"`{source}` is true or false" if of_score else "a pair says which answer is good"
        for name in (name for name, there in given.items() if there):
            context.report.add("TAP441", f"`{name}` is not needed: {told}", fields.all(name)[0].head_place)
        return {}
    if not all(given.values()):
        notes = ("for example `emit kto { from verdict.overall, good >= 4, bad <= 2 }`",)
        context.report.add("TAP441", "`emit kto` needs `good` and `bad`", item.name_place, notes=notes)
        return {}
    lower = context.scores.lower_is_better(source)
    found = {
        "good": _bound(fields, "good", "<=" if lower else ">=", context),
        "bad": _bound(fields, "bad", ">=" if lower else "<=", context),
    }
    fine = [
        check_bound(source, bound, fields.all(name)[0].args[0].place, context.scores, context.report)
        for name, bound in found.items()
        if bound is not None
    ]
    good, bad = found["good"], found["bad"]
    if all(fine) and good is not None and bad is not None and (good >= bad if lower else good <= bad):
        places = (fields.all(name)[0].place for name in ("bad", "good"))
        notes = ("leave a gap between them: scores in the gap get no label",)
        context.report.add("TAP447", "a score can be both good and bad", *places, notes=notes)
    return found


def _bound(fields: Fields, name: str, operator: str, context: LoweringContext) -> Fraction | None:
    item = fields.get(name)
    if item is None:
        return None
    bounds = comparison(item.args[0], context.report) if len(item.args) == 1 else None
    side = "minimum" if operator == ">=" else "maximum"
    if bounds is None or side not in bounds or "exclusive" in bounds:
        if len(item.args) != 1 or bounds is not None:
            notes = (f"for example `{name} {operator} {4 if operator == '>=' else 2}`",)
            context.report.add("TAP104", f"`{name}` takes `{operator} N`", item.place, notes=notes)
        return None
    return bounds[side]


def _show(emit: Kto, page: Page) -> list[tuple[str, str]]:
    if emit.good is None or emit.bad is None:
        return show_prompt(emit, page)
    # the two do not overlap, so their order tells which end of the score is the better one
    good, bad = ("<=", ">=") if emit.good < emit.bad else (">=", "<=")
    return [*show_prompt(emit, page), ("good", f"{good} {number(emit.good)}"), ("bad", f"{bad} {number(emit.bad)}")]


KIND = EmitKind(
    "kto",
    ("judge", "score", "pair"),
    scores="comparable",
    fields=(
        PROMPT,
        Field(
            "good",
            "shape",
            "Scores that label a row desirable (`kto`); `<= N` where less is better.",
            "good >= 4",
            shape=">= N",
        ),
        Field(
            "bad",
            "shape",
            "Scores that label a row undesirable (`kto`); `>= N` where less is better.",
            "bad <= 2",
            shape="<= N",
        ),
    ),
    model=Kto,
    read=_read,
    show=_show,
)
