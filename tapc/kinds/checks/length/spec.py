"""`require length A..B [chars|words|tokens]`."""

from typing import Any

from tapc.ir import Check, TextLength
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import Argument, CheckContext, CheckKind, Taken, comparison, write_comparison
from tapc.semantics.lower.returns import range_of
from tapc.semantics.page import Page, number
from tapc.semantics.values import unknown_word
from tapc.syntax.nodes import Comparison

_UNITS = ("chars", "words", "tokens")


class Length(Check):
    """Bounds of the length of a text."""

    def text_length(self) -> TextLength | None:
        """See `Check`."""
        return TextLength(self.minimum, self.maximum, self.unit) if self.field is None else None


def _read_bounds(args: list[Arg], context: CheckContext) -> Taken:
    report = context.names.report
    bound = args[0].follow()
    limits: dict[str, Any] | None
    if isinstance(bound.value, Comparison):
        limits = comparison(bound, report)
    else:
        ends = range_of(bound, report, whole=True)
        limits = None if ends is None else {"minimum": ends[0], "maximum": ends[1]}
    if limits is not None and (limits.get("minimum") or 0) < 0:
        report.add("TAP108", "a length cannot be negative", bound.place)
        return None, 1
    return limits, 1


def _write_bounds(check: Length, page: Page) -> list[str]:
    if check.minimum is not None and check.maximum is not None:
        return [f"{number(check.minimum)}..{number(check.maximum)}"]
    return write_comparison(check, page)


def _read_unit(args: list[Arg], context: CheckContext) -> Taken:
    if len(args) != 1:
        return {}, 0
    unit = args[0].word if args[0].word in _UNITS else args[0].follow().word
    if unit in _UNITS:
        return {"unit": unit}, 1
    message = "length is counted in chars, words or tokens, not"
    unknown_word(message, unit or "this", _UNITS, args[0].place, context.names.report)
    return None, 1


def _write_unit(check: Length, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return [] if check.unit == "chars" else [check.unit]


KIND = CheckKind(
    "length",
    "length A..B [chars|words|tokens]",
    (Argument(_read_bounds, _write_bounds), Argument(_read_unit, _write_unit, optional=True)),
    model=Length,
)
