"""`require length A..B [chars|words|tokens]`."""

from tapc.ir import Check, TextLength
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import BOUNDS, Argument, CheckContext, CheckKind, Taken
from tapc.semantics.page import Page
from tapc.semantics.values import unknown_word

_UNITS = ("chars", "words", "tokens")


class Length(Check):
    """Bounds of the length of a text."""

    def text_length(self) -> TextLength | None:
        """See `Check`."""
        return TextLength(self.minimum, self.maximum, self.unit) if self.field is None else None


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
    (BOUNDS, Argument(_read_unit, _write_unit, optional=True)),
    model=Length,
)
