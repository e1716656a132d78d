"""`expect`: bounds on figures of plan and dataset, with names and units checked."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Expectation, Measure, Unit
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.scores import UNIT
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.lower.subjects import Parts, Subjects
from tapc.semantics.report import Place, Report
from tapc.semantics.show.expectations import bound, measured, written
from tapc.semantics.units import Problem, Quantity, Range, describe, parse_number, to_integer, to_money
from tapc.semantics.values import Fields, problem, wrong_value
from tapc.semantics.values.readers import plain
from tapc.semantics.vocabulary import Field
from tapc.syntax.nodes import Comparison, Number

Ends = tuple[Fraction | None, Fraction | None]
"""Least and greatest value that a figure can have; None where there is no end."""

_FROM_NOTHING: Ends = (Fraction(0), None)


class _Kind(msgspec.Struct, frozen=True):
    """How a measure is written.

    Attributes:
        units: units that its bound may have.
        ends: range of its figures.
        of: reads what is measured; None where the measure names nothing.
        per: whether `per AXIS` may follow.
        pairs: whether it is about pairs, so that `of CONFIG` may follow.
    """

    units: tuple[Unit, ...]
    ends: Ends = _FROM_NOTHING
    of: Callable[[Subjects, Arg], tuple[str, ...] | None] | None = None
    per: bool = False
    pairs: bool = False


class _Written(msgspec.Struct, frozen=True):
    """The words of an expectation, taken apart."""

    of: Arg | None
    bound: Arg
    per: Arg | None
    config: Arg | None


def lower_expectations(item: Item | None, parts: Parts, context: LoweringContext) -> tuple[Expectation, ...] | None:
    """The expectations in canonical order, each once; what is wrong is reported and left out."""
    if item is None:
        return None
    report = context.report
    if item.children is None or item.args:
        report.add("TAP104", "`expect` takes a block", item.head_place, notes=("for example `expect { short <= 1% }`",))
        return None
    report.origin("expect", item.head_place)
    fields = Fields(item, "expect", report)
    reader = _Reader(Subjects(parts, context), report)
    found: dict[str, Expectation] = {}
    for field in fields.spec.fields:
        for one in fields.all(field.name):
            made = reader.read(one, field)
            if made is not None:
                text = written(made)
                _agrees(made, one.place, found, report)
                found[text] = made
                report.origin(f"expect.{text}", one.place)  # a figure may have several bounds
                report.origin(f"expect.{measured(made)}", one.place)
    return tuple(found[text] for text in sorted(found)) or None


def _agrees(made: Expectation, place: Place, before: Mapping[str, Expectation], report: Report) -> None:
    """Report a bound that cannot hold together with one of the same figure."""
    for text, other in before.items():
        if measured(other) == measured(made) and _apart(made, other):
            message = f"`{written(made)}` and `{text}` cannot both hold"
            report.add("TAP452", message, place, report.origins[f"expect.{text}"].label("the other"))
            return


def _apart(one: Expectation, other: Expectation) -> bool:
    """Whether no figure is within both bounds."""
    minima = [given.minimum for given in (one, other) if given.minimum is not None]
    maxima = [given.maximum for given in (one, other) if given.maximum is not None]
    if one.unit != other.unit or not minima or not maxima:
        return False
    low, high = max(minima), min(maxima)
    # An end may be outside, then the next whole number or any number between is inside.
    tried = (low, low + 1, high) if one.unit == "count" else (low, (low + high) / 2, high)
    return not any(one.holds(figure) and other.holds(figure) for figure in tried)


class _Reader:
    """Reads expectations."""

    def __init__(self, subjects: Subjects, report: Report) -> None:
        self._subjects = subjects
        self._report = report

    def read(self, item: Item, field: Field) -> Expectation | None:
        """One expectation; None where it cannot be understood (reported)."""
        kind = MEASURES[field.name]
        if not plain(item, field, self._report):
            return None
        parts = self._taken_apart(item, kind, field)
        if parts is None:
            return None
        subjects, ends = self._subjects, kind.ends
        of: tuple[str, ...] | None = ()
        if kind.of is not None and parts.of is not None:
            of = kind.of(subjects, parts.of)
            if of is not None and kind.ends == _SCORES:
                ends = subjects.range_of(of) or ends
        per = None if parts.per is None else subjects.axis(parts.per)
        config = None if parts.config is None else subjects.config_of_pairs(parts.config)
        limits = self._bound(parts.bound, kind, field, ends)
        if of is None or limits is None or (parts.per and not per) or (parts.config and not config):
            return None
        if kind.pairs and not subjects.has_pairs(of, config, item, field):
            return None
        made = Expectation.trusted(measure=field.name, of=of, per=per[0] if per else None, config=config, **limits)
        return made if self._decides(made, ends, parts.bound.place) else None

    def _taken_apart(self, item: Item, kind: _Kind, field: Field) -> _Written | None:
        """The words by their places; None where there are too many or too few (reported)."""
        args = item.args
        of = args.pop(0) if kind.of is not None and args and not _is_bound(args[0]) else None
        limit = args.pop(0) if args and _is_bound(args[0]) else None
        more = {arg.word: args[n + 1] for n, arg in enumerate(args[:-1]) if n % 2 == 0 and arg.word in ("per", "of")}
        fits = (
            len(more) * 2 == len(args)
            and not ("per" in more and not kind.per)
            and not ("of" in more and not kind.pairs)
        )
        if limit is None or not fits or (kind.of is not None and of is None):
            notes = (f"for example `{field.example}`",)
            message = f"`{field.name}` is written `{field.name} {field.shape}`"
            self._report.add("TAP450", message, item.place, notes=notes)
            return None
        return _Written(of, limit, more.get("per"), more.get("of"))

    def _bound(self, arg: Arg, kind: _Kind, field: Field, ends: Ends) -> dict[str, Any] | None:
        """Unit and sides of a bound, as the model has them; None where it does not fit (reported)."""
        arg = arg.follow()
        node, told = arg.value, arg
        if isinstance(node, Comparison):
            told = Arg(node.value, arg.scope).follow()
        number = parse_number(told.value.text) if isinstance(told.value, Number) else None
        if isinstance(number, Problem):
            problem(number, told, self._report)
        elif number is None or isinstance(number, Range) == isinstance(node, Comparison):
            wrong_value(field.name, "a comparison or a range", told, field.example, self._report)
        elif isinstance(number, Range):
            return self._sides(number, self._units(kind, ends), field, told)
        elif isinstance(node, Comparison):
            exact = self._exact(number, self._units(kind, ends), field, told)
            side = "minimum" if node.operator.startswith(">") else "maximum"
            strict = {} if node.operator.endswith("=") else {"exclusive": True}
            return None if exact is None else {"unit": exact[0], side: exact[1], **strict}
        return None

    def _units(self, kind: _Kind, ends: Ends) -> tuple[Unit, ...]:
        """Units of a bound; a score is a share where it goes from 0 to 1."""
        return kind.units if kind.ends != _SCORES or ends == UNIT else ("number",)

    def _sides(self, given: Range, units: tuple[Unit, ...], field: Field, arg: Arg) -> dict[str, Any] | None:
        low, high = (self._exact(one, units, field, arg) for one in (given.low, given.high))
        if low is None or high is None:
            return None
        if low[0] != high[0]:
            self._report.add("TAP450", f"the ends of `{given.text}` have different units", arg.place)
            return None
        return {"unit": low[0], "minimum": low[1], "maximum": high[1]}

    def _exact(self, got: Quantity, units: tuple[Unit, ...], field: Field, arg: Arg) -> tuple[Unit, Fraction] | None:
        """The unit of a number and its value in it; None where the measure has another (reported)."""
        plain_unit: Unit = "number" if "number" in units else "count"
        unit: Unit = "money" if got.money else "share" if got.unit == "%" else plain_unit
        if unit not in units or (got.unit not in ("", "%")) or (got.money and got.unit):
            wanted = " or ".join(_NAMED[one] for one in units)
            message = f"`{field.name}` is compared with {wanted}, found {describe(got)} `{got.text}`"
            self._report.add("TAP450", message, arg.place, notes=(f"for example `{field.example}`",))
            return None
        value = to_money(got) if unit == "money" else to_integer(got) if unit == "count" else got.value
        if isinstance(value, Problem):
            problem(value, arg, self._report)
            return None
        return unit, Fraction(value)

    def _decides(self, made: Expectation, ends: Ends, place: Place) -> bool:
        """Whether some figure keeps the bound and another does not; otherwise reported."""
        least, most = ends
        most = Fraction(1) if made.unit == "share" and made.measure in ("every", "short") else most
        low, high, open_ = made.minimum, made.maximum, bool(made.exclusive)
        never = (low is not None and most is not None and (low > most or (open_ and low == most))) or (
            high is not None and least is not None and (high < least or (open_ and high == least))
        )
        idle_low = low is None or (least is not None and (low < least or (low == least and not open_)))
        idle_high = high is None or (most is not None and (high > most or (high == most and not open_)))
        if not never and not (idle_low and idle_high):
            return True
        goes = f"from {_end(least, made)}" + (f" to {_end(most, made)}" if most is not None else " up")
        said = "can never hold" if never else "always holds"
        self._report.add("TAP452", f"`{written(made)}` {said}: the figure goes {goes}", place)
        return False


def _is_bound(arg: Arg) -> bool:
    return isinstance(arg.follow().value, Comparison | Number)


def _end(value: Fraction | None, made: Expectation) -> str:
    """An end of a range in the unit of a bound."""
    if value is None:
        return "any value"
    only = made.model_copy(update={"minimum": value, "maximum": None, "exclusive": None})
    return bound(only).removeprefix(">= ")


_NAMED: dict[Unit, str] = {
    "count": "a whole number",
    "share": "a percentage",
    "money": "money",
    "number": "a number",
}
_SCORES: Ends = (None, None)
"""Stands for the range of the score that is named."""

_SHARES: Ends = UNIT
_BALANCE: tuple[Unit, ...] = ("share",)

MEASURES: dict[Measure | str, _Kind] = {
    "samples": _Kind(("count",)),
    "every": _Kind(("count", "share"), of=Subjects.axis),
    "share": _Kind(("share",), _SHARES, of=Subjects.value),
    "cost": _Kind(("money",)),
    "tokens": _Kind(("count",)),
    "requests": _Kind(("count",)),
    "rows": _Kind(("count",), of=Subjects.config),
    "short": _Kind(("share", "count")),
    "rejected": _Kind(("share",), _SHARES, of=Subjects.step),
    "length_gap": _Kind(_BALANCE, (Fraction(-1), None), pairs=True),
    "chosen_longer": _Kind(_BALANCE, _SHARES, pairs=True),
    "chosen_from": _Kind(_BALANCE, _SHARES, of=Subjects.endpoint, pairs=True),
    "mean": _Kind(("number", "share"), _SCORES, of=Subjects.score, per=True),
    "min": _Kind(("number", "share"), _SCORES, of=Subjects.score, per=True),
    "max": _Kind(("number", "share"), _SCORES, of=Subjects.score, per=True),
}
