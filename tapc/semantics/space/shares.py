"""Shares as written behind a name: `40%`, `3`, `count 50`, `at_least 20`, and the title among them."""

from collections.abc import Sequence
from fractions import Fraction

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.ir import Share
from tapc.semantics.report import Place
from tapc.semantics.space.context import UNMARKED, Context, word_of
from tapc.semantics.units import Problem, Quantity, parse_number, to_integer
from tapc.source import SourceFile
from tapc.syntax.nodes import Number, Quoted, Text, Value

SHARE_WORDS = ("count", "at_least", "at_most")
_FORMS = "write `40%`, a weight such as `3`, or `count 50`; `at_least 20` and `at_most 500` may follow"


class Written(msgspec.Struct, frozen=True):
    """The values after a name."""

    share: Share = UNMARKED
    given: bool = False
    sized: bool = False
    title: str | None = None


def plain_share(context: Context, file: SourceFile, values: Sequence[Value]) -> Written:
    """The share of an entry without a block.

    A lone number is by far the most common form; what it means is remembered, so that a large tree shares it.
    """
    lone = values[0] if len(values) == 1 else None
    known = context.plain.get(lone.text) if isinstance(lone, Number) else None
    if known is not None:
        return Written(known, given=True, sized=True)
    reader = ShareReader(context, file)
    reader.read(values)
    written = reader.result()
    if isinstance(lone, Number) and written.given:
        context.plain[lone.text] = written.share
    return written


class ShareReader:
    """Collects the share of one entry from its values and its block; each part may be given once."""

    def __init__(self, context: Context, file: SourceFile) -> None:
        self._context = context
        self._file = file
        self._kind: str | None = None
        self._value = Fraction(1)
        self._bounds: dict[str, tuple[int, Place]] = {}
        self.title: str | None = None

    def read(self, values: Sequence[Value]) -> None:
        """Read the values behind a name."""
        index = 0
        while index < len(values):
            value = values[index]
            word = word_of(value)
            if word in SHARE_WORDS:
                amount = values[index + 1] if index + 1 < len(values) else None
                self.amount(word, amount, Place(self._file, value.span))
                index += 2
                continue
            self._one(value)
            index += 1

    def amount(self, word: str, value: Value | None, place: Place) -> None:
        """Read `count 50` and the bounds."""
        if value is None:
            self._wrong(f"`{word}` needs a number", place, f"for example `{word} 50`")
            return
        number = self._number(value)
        if number is None:
            return
        whole = to_integer(number)
        if isinstance(whole, Problem):
            self._context.report.add(whole.code, whole.message, place, notes=(whole.note,) if whole.note else ())
            return
        if whole < 0:
            self._wrong(f"`{word}` cannot be negative", place)
        elif word == "count":
            self._share("count", Fraction(whole), place)
        elif word in self._bounds:
            self._wrong(f"`{word}` is given twice", place)
        else:
            self._bounds[word] = (whole, place)

    def result(self) -> Written:
        """What was read."""
        low, high = self._bounds.get("at_least"), self._bounds.get("at_most")
        if low is not None and high is not None and low[0] > high[0]:
            self._context.report.add(
                "TAP203", f"at least {low[0]:,} and at most {high[0]:,} exclude each other", high[1]
            )
        if self._kind == "count":
            self._check_count(low, high)
        if self._kind is None and not self._bounds:
            return Written(title=self.title)
        share = Share.model_construct(
            kind=self._kind or "weight",
            value=self._value,
            at_least=None if low is None else low[0],
            at_most=None if high is None else high[0],
        )
        return Written(share, given=True, sized=self._kind is not None, title=self.title)

    def _check_count(self, low: tuple[int, Place] | None, high: tuple[int, Place] | None) -> None:
        count = int(self._value)
        if low is not None and count < low[0]:
            self._context.report.add("TAP203", f"exactly {count:,} and at least {low[0]:,} exclude each other", low[1])
        if high is not None and count > high[0]:
            self._context.report.add("TAP203", f"exactly {count:,} and at most {high[0]:,} exclude each other", high[1])

    def _one(self, value: Value) -> None:
        found, place = self._context.follow(self._file, value)
        if isinstance(found, Quoted | Text):
            if self.title is not None:
                self._context.report.add("TAP207", "two titles", Place(self._file, value.span))
            self.title = found.text
            return
        if not isinstance(found, Number):
            word = word_of(found)
            better = did_you_mean(word, SHARE_WORDS) if word else None
            note = f"did you mean `{better}`?" if better else _FORMS
            self._wrong(
                f"`{word}` is not a share" if word else "this is not a share", Place(self._file, value.span), note
            )
            return
        number = self._number(found)
        if number is None:
            return
        if number.money or number.unit not in ("", "%"):
            self._wrong(f"`{number.text}` is not a share", place)
        else:
            self._share("percent" if number.unit == "%" else "weight", number.value, place)

    def _number(self, value: Value) -> Quantity | None:
        found, place = self._context.follow(self._file, value)
        if not isinstance(found, Number):
            self._wrong("a number is expected here", place)
            return None
        number = parse_number(found.text)
        if isinstance(number, Problem):
            self._context.report.add(number.code, number.message, place, notes=(number.note,) if number.note else ())
            return None
        if not isinstance(number, Quantity):
            self._wrong("a share is one number, not a range", place, "bounds are `at_least 20 at_most 600`")
            return None
        return number

    def _share(self, kind: str, value: Fraction, place: Place) -> None:
        if self._kind is not None:
            self._wrong("a second share", place)
        elif value < 0:
            self._wrong("a share cannot be negative", place)
        elif kind == "percent" and value > 1:
            self._wrong("a share cannot be more than 100%", place)
        else:
            self._kind, self._value = kind, value

    def _wrong(self, message: str, place: Place, note: str = _FORMS) -> None:
        self._context.report.add("TAP202", message, place, notes=(note,))
