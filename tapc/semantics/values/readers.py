"""Reads the values of a field by the type the vocabulary gives it."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import msgspec

from tapc.semantics.compose import Arg, Item
from tapc.semantics.report import Report
from tapc.semantics.units import (
    Problem,
    Quantity,
    Range,
    parse_number,
    to_decimal,
    to_integer,
    to_money,
    to_percent,
    to_price,
    to_rate,
    to_seconds,
)
from tapc.semantics.values.findings import unknown_word, wrong_value
from tapc.semantics.values.open import open_block
from tapc.semantics.vocabulary import Field
from tapc.syntax.nodes import Number, Path, Quoted, Text

_NUMBERS: dict[str, tuple[Callable[[Quantity], Any], str]] = {
    "integer": (to_integer, "a whole number"),
    "count": (to_integer, "a whole number"),
    "decimal": (to_decimal, "a number"),
    "percent": (to_percent, "a percentage"),
    "duration": (to_seconds, "a duration"),
    "rate": (to_rate, "a rate"),
    "money": (to_money, "money"),
    "price": (to_price, "a price per million tokens"),
}


class Ref(msgspec.Struct, frozen=True, eq=False):
    """A name or path as given, to be resolved by the caller."""

    text: str
    parts: tuple[str, ...]
    arg: Arg


def read_field(item: Item, field: Field, report: Report) -> Any | None:
    """The values of a field, or None where they do not fit (reported)."""
    if not plain(item, field, report):
        return None
    args = item.args
    if field.type == "flag":
        return _flag(item, field, args, report)
    if field.type == "open":
        return open_block(item, report)
    if field.type in ("texts", "words", "names", "paths", "command"):
        return _several(item, field, args, report)
    if len(args) == 2 and args[1].word is not None and args[1].word in field.words and field.type == "count":
        args = args[:1]  # `overhead 64 tokens`
    if len(args) != 1:
        _number_of_values(item, field, report)
        return None
    return read_one(args[0], field, report)


def plain(item: Item, field: Field, report: Report) -> bool:
    """Whether a field has no more parts than its type allows."""
    stray = item.entry.graft
    if stray is None and item.definition is not None and field.name != "aspect":
        stray = item.definition.value
    if stray is None and item.entry.block is not None and field.type not in ("block", "open", "shape"):
        stray = item.entry.block
    if stray is None:
        return True
    notes = (f"for example `{field.example}`",)
    mark = "" if item.args or stray is item.entry.block else "=" if stray is item.entry.graft else ":"
    if mark:
        notes = (f"do not write `{mark}` between a field and its value", *notes)
    report.add("TAP104", f"`{field.name}` does not take this", item.at(stray), notes=notes)
    return False


def _number_of_values(item: Item, field: Field, report: Report) -> None:
    notes = (f"for example `{field.example}`",)
    if not item.args:
        report.add("TAP104", f"`{field.name}` needs a value", item.head_place, notes=notes)
    else:
        report.add("TAP104", f"`{field.name}` takes one value", item.args[-1].place, notes=notes)


def _flag(item: Item, field: Field, args: list[Arg], report: Report) -> bool | None:
    if not args:
        return True
    word = args[0].word
    if word not in ("true", "false"):
        args = [args[0].follow(), *args[1:]]
        word = args[0].word
    if len(args) == 1 and word in ("true", "false"):
        return word == "true"
    wrong_value(item.head, "`true` or `false`", args[-1], field.example, report)
    return None


def _several(item: Item, field: Field, args: list[Arg], report: Report) -> Any | None:
    if not args:
        _number_of_values(item, field, report)
        return None
    if len(args) > 1:
        notes = (f"write several values as a list, for example `{field.name} [a, b]`",)
        report.add("TAP104", f"`{field.name}` takes one value or a list", args[1].place, notes=notes)
        return None
    one = msgspec.structs.replace(
        field, type={"texts": "text", "words": "word", "names": "name", "paths": "path", "command": "text"}[field.type]
    )
    own = args[0].word is not None and args[0].word in field.words
    parts = [args[0]] if own else args[0].spread()
    if not parts:
        report.add("TAP104", f"the list of `{field.name}` is empty", args[0].place)
        return None
    values = [read_one(part, one, report) for part in parts]
    return None if any(value is None for value in values) else tuple(values)


def read_one(arg: Arg, field: Field, report: Report) -> Any | None:
    """One value by the field's type."""
    if field.type == "word":
        if arg.word not in field.words:
            arg = arg.follow()
        return _word(arg, field, report)
    arg = arg.follow()
    value = arg.value
    match field.type:
        case "text" | "template":
            if isinstance(value, Quoted | Text):
                return value.text if field.type == "text" else arg
            wrong_value(field.name, "a string", arg, field.example, report)
        case "name" | "path":
            return read_ref(arg, field, report)
        case _ if field.type in _NUMBERS:
            return read_number(arg, field, report)
        case _:
            wrong_value(field.name, field.shape or "something else", arg, field.example, report)
    return None


def _word(arg: Arg, field: Field, report: Report) -> str | None:
    if arg.word is None:
        wrong_value(field.name, " or ".join(f"`{word}`" for word in field.words), arg, field.example, report)
    elif arg.word not in field.words:
        unknown_word(f"`{field.name}` cannot be", arg.word, field.words, arg.place, report)
    else:
        return arg.word
    return None


def read_ref(arg: Arg, field: Field, report: Report) -> Ref | None:
    """A name or a path."""
    arg = arg.follow()
    value = arg.value
    if isinstance(value, Quoted):
        return Ref(value.text, (value.text,), arg)
    if isinstance(value, Path) and (field.type != "name" or len(value.parts) == 1):
        return Ref(value.text, tuple(part.text for part in value.parts), arg)
    wanted = "a name" if field.type == "name" else "a name or a path of names"
    wrong_value(field.name, wanted, arg, field.example, report)
    return None


def quantity(arg: Arg, field: Field, report: Report) -> Quantity | Range | None:
    """The number a value is, of whatever unit."""
    arg = arg.follow()
    if not isinstance(arg.value, Number):
        wanted = _NUMBERS.get(field.type, (None, "a number"))[1]
        wrong_value(field.name, wanted, arg, field.example, report)
        return None
    number = parse_number(arg.value.text)
    if isinstance(number, Problem):
        problem(number, arg, report)
        return None
    return number


def problem(found: Problem, arg: Arg, report: Report) -> None:
    """Report what is wrong with a number."""
    report.add(found.code, found.message, arg.place, notes=(found.note,) if found.note else ())


def read_number(arg: Arg, field: Field, report: Report) -> Any | None:
    """One number of the field's type and within its bounds."""
    arg = arg.follow()
    number = quantity(arg, field, report)
    if number is None:
        return None
    convert, wanted = _NUMBERS[field.type]
    if isinstance(number, Range):
        wrong_value(field.name, wanted, arg, field.example, report)
        return None
    value = convert(number)
    if isinstance(value, Problem):
        note = value.note if value.code == "TAP108" else _with_unit(number, field, convert)
        found = msgspec.structs.replace(value, message=f"`{field.name}`: {value.message}", note=note)
        problem(found, arg, report)
        return None
    return value if within(value, arg, field, report) else None


_UNITS = {"percent": "{}%", "money": "${}", "price": "${}/M", "duration": "{}s", "rate": "{}/min"}


def _with_unit(number: Quantity, field: Field, convert: Callable[[Quantity], Any]) -> str:
    """What to write instead: the number with the unit it lacks, or without the one it has too much; else an example."""
    plain = f"{float(number.value):g}" if number.unit == "%" else number.text.lstrip("$").split("/")[0]
    better = parse_number(_UNITS.get(field.type, "{}").format(plain))
    if isinstance(better, Quantity) and better.text != number.text and not isinstance(convert(better), Problem):
        return f"did you mean `{better.text}`?"
    return f"for example `{field.example}`"


def within(value: int | Fraction, arg: Arg, field: Field, report: Report) -> bool:
    """Whether a number keeps the field's bounds; without any, whole numbers must fit 53 bits, as JSON readers do."""
    huge = 2**53 if field.type in ("count", "integer", "rate") else 10**24
    if (field.least is None or value >= field.least) and (field.most is None or value <= field.most):
        if abs(value) <= huge and (value >= 0 or field.type in ("integer", "decimal")):
            return True
        report.add("TAP108", f"`{field.name}` cannot be {'that large' if value > 0 else 'negative'}", arg.place)
        return False
    unit = "%" if field.type == "percent" else ""
    scale = 100 if field.type == "percent" else 1
    low = "" if field.least is None else f"at least {field.least * scale:,}{unit}"
    high = "" if field.most is None else f"at most {field.most * scale:,}{unit}"
    message = f"`{field.name}` must be {' and '.join(part for part in (low, high) if part)}"
    report.add("TAP108", message, arg.place, notes=(f"for example `{field.example}`",))
    return False
