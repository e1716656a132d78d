"""`require unique T [within AXIS]`."""

from tapc.ir import Check, Ratio
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import Argument, CheckContext, CheckKind, Taken
from tapc.semantics.page import Page, number
from tapc.semantics.units import Problem, Range, parse_number, to_decimal, to_percent
from tapc.semantics.values import Ref, problem, wrong_value
from tapc.syntax import write_name
from tapc.syntax.nodes import Number, Path


class Unique(Check):
    """How much like an earlier text a text may be.

    Attributes:
        threshold: similarity from which on it is rejected, over 0 and up to 1.
        within: axis whose values are separate sets; None means the whole set.
    """

    threshold: Ratio | None = None
    within: str | None = None

    def named(self) -> tuple[str, ...]:
        """See `Check`."""
        return self.axes()

    def axes(self) -> tuple[str, ...]:
        """See `Check`."""
        return () if self.within is None else (self.within,)

    def thresholds(self) -> tuple[str, ...]:
        """See `Check`."""
        return ("threshold",)

    def told(self) -> str:
        """See `Check`."""
        return "unique" if self.within is None else f"unique within {self.within}"

    def remembers(self) -> bool:
        """See `Check`."""
        return True


def _read_similarity(args: list[Arg], context: CheckContext) -> Taken:
    report = context.names.report
    arg = args[0].follow()
    number = parse_number(arg.value.text) if isinstance(arg.value, Number) else None
    if isinstance(number, Problem):
        problem(number, arg, report)
        return None, 1
    if number is None or isinstance(number, Range):
        wrong_value("unique", "a similarity between 0 and 1", arg, "unique 0.85", report)
        return None, 1
    value = to_percent(number) if number.unit == "%" else to_decimal(number)
    if isinstance(value, Problem) or not 0 < value <= 1:
        notes = ("for example `unique 0.85`",)
        report.add("TAP108", "the similarity of `unique` is above 0 and at most 1", arg.place, notes=notes)
        return None, 1
    return {"threshold": value}, 1


def _write_similarity(check: Unique, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return [number(check.threshold or 0)]


def _read_within(args: list[Arg], context: CheckContext) -> Taken:
    if len(args) != 2 or args[0].word != "within":
        return {}, 0
    axis = args[1].follow()
    if not isinstance(axis.value, Path):
        wrong_value("within", "an axis", axis, "unique 0.85 within topic", context.names.report)
        return None, 2
    ref = Ref(axis.value.text, tuple(part.text for part in axis.value.parts), axis)
    found = context.names.find(ref, "taxonomy", "mix", what="an axis")
    return None if found is None else {"within": found}, 2


def _write_within(check: Unique, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return [] if check.within is None else ["within", write_name(check.within)]


KIND = CheckKind(
    "unique",
    "unique T [within AXIS]",
    (Argument(_read_similarity, _write_similarity), Argument(_read_within, _write_within, optional=True)),
    model=Unique,
)
