"""Types of structured answers, read and written, and scales of rubrics."""

from fractions import Fraction
from typing import Literal

from tapc.ir import FieldType
from tapc.semantics.compose import Arg, Item
from tapc.semantics.page import Page, number
from tapc.semantics.report import Report
from tapc.semantics.units import Problem, Quantity, Range, parse_number, to_decimal, to_integer
from tapc.semantics.values import describe_value, problem, unknown_word
from tapc.syntax import quote, write_entry
from tapc.syntax.nodes import List, Number, Path, Quoted, Text

_TYPES = ("text", "integer", "number", "boolean", "one_of", "list")
_HINT = "types are `text`, `integer A..B`, `number A..B`, `boolean`, `one_of [a, b]`, `list TYPE` and a block"


def lower_returns(item: Item, report: Report) -> FieldType | None:
    """The type of a `returns` block; None where it cannot be understood (reported)."""
    if item.children is None or item.args:
        notes = ("for example `returns { title text, level integer 1..5 }`",)
        report.add("TAP104", "`returns` takes a block", item.head_place, notes=notes)
        return None
    return _object(item, report)


def _object(item: Item, report: Report) -> FieldType | None:
    found: dict[str, tuple[Item, FieldType | None]] = {}
    for child in item.children or ():
        if child.head in found:
            first = found[child.head][0].head_place.label("first here")
            report.add("TAP109", f"`{child.head}` is given twice", child.head_place.label("again here"), first)
            continue
        if child.head == "reasoning":
            notes = ("`NAME.reasoning` is the hidden reasoning of the endpoint",)
            report.add("TAP113", f"a field cannot be named `{child.head}`", child.head_place, notes=notes)
        found[child.head] = (child, _typed(child, child.args, report))
    if not found:
        report.add("TAP104", "a structure needs at least one field", item.head_place, notes=(_HINT,))
        return None
    fields = [(name, kind) for name, (_, kind) in found.items() if kind is not None]
    return (
        FieldType.trusted(kind="object", definition=_definition(item), fields=tuple(fields))
        if len(fields) == len(found)
        else None
    )


MAX_LISTS = 8
"""Lists of lists; more are a slip."""


def _definition(item: Item) -> str | None:
    if item.definition is not None and isinstance(item.definition.value, Quoted | Text):
        return item.definition.value.text
    return item.entry.doc.text if item.entry.doc is not None and item.head != "returns" else None


def _typed(item: Item, args: list[Arg], report: Report) -> FieldType | None:  # noqa: C901, PLR0911 - one branch a type
    if not args:
        if item.children is not None:
            return _object(item, report)
        report.add("TAP104", f"the field `{item.head}` has no type", item.head_place, notes=(_HINT,))
        return None
    word = args[0].word
    if word not in _TYPES:
        if word is None:
            report.add("TAP104", f"expected a type, found {describe_value(args[0])}", args[0].place, notes=(_HINT,))
        else:
            unknown_word("there is no type", word, _TYPES, args[0].place, report)
        return None
    rest = args[1:]
    definition = _definition(item)
    if word == "list":
        if len(args) > MAX_LISTS:
            report.add("TAP104", f"more than {MAX_LISTS} lists inside each other", args[0].place, notes=(_HINT,))
            return None
        inner = _typed(item, rest, report)
        return None if inner is None else FieldType.trusted(kind="list", item=inner, definition=definition)
    if item.children is not None:
        report.add("TAP104", f"`{word}` takes no block", item.head_place, notes=(_HINT,))
        return None
    if word == "one_of":
        options = options_of(rest, "one_of", report)
        return None if options is None else FieldType.trusted(kind="one_of", options=options, definition=definition)
    kind: Literal["text", "integer", "number", "boolean"] = (
        "integer" if word == "integer" else "number" if word == "number" else "boolean" if word == "boolean" else "text"
    )
    if not rest:
        return FieldType.trusted(kind=kind, definition=definition)
    if len(rest) > 1 or kind in ("text", "boolean"):
        report.add("TAP104", f"`{word}` does not take this", rest[-1].place, notes=(_HINT,))
        return None
    bounds = range_of(rest[0], report, whole=kind == "integer")
    if bounds is None:
        return None
    return FieldType.trusted(kind=kind, definition=definition, minimum=bounds[0], maximum=bounds[1])


def options_of(args: list[Arg], head: str, report: Report) -> tuple[str, ...] | None:
    """The words of `one_of [ … ]` or `any of [ … ]`, in order; None where they do not fit (reported)."""
    if len(args) != 1 or not isinstance(args[0].follow().value, List):
        place = args[0].place if args else None
        report.add("TAP104", f"`{head}` takes a list of words", *([place] if place else []))
        return None
    found: list[str] = []
    for arg in args[0].spread():
        value = arg.value
        if not isinstance(value, Path | Quoted | Number):
            report.add("TAP104", f"`{head}` lists words, found {describe_value(arg)}", arg.place)
            return None
        if value.text in found:
            report.add("TAP109", f"`{value.text}` is listed twice", arg.place)
        else:
            found.append(value.text)
    if not found:
        report.add("TAP104", f"the list of `{head}` is empty", args[0].place)
        return None
    return tuple(found)


def range_of(arg: Arg, report: Report, *, whole: bool) -> tuple[Fraction, Fraction] | None:
    """Both ends of `A..B` without units; None where it is something else (reported)."""
    arg = arg.follow()
    read: Quantity | Range | Problem | None = parse_number(arg.value.text) if isinstance(arg.value, Number) else None
    if isinstance(read, Problem):
        problem(read, arg, report)
        return None
    if not isinstance(read, Range):
        notes = ("for example `1..5`",)
        report.add("TAP104", f"expected a range, found {describe_value(arg)}", arg.place, notes=notes)
        return None
    convert = to_integer if whole else to_decimal
    low, high = convert(read.low), convert(read.high)
    for end in (low, high):
        if isinstance(end, Problem):
            problem(end, arg, report)
            return None
    if isinstance(low, Problem) or isinstance(high, Problem):
        return None
    if max(abs(low), abs(high)) > 2**53:
        report.add("TAP108", f"the range `{read.text}` is too large", arg.place)
        return None
    return Fraction(low), Fraction(high)


def show_returns(kind: FieldType, path: str, page: Page) -> None:
    """Write such a block."""
    with page.block("returns", path):
        for name, inner in kind.fields:
            _show_type(write_entry(name), inner, path, page)


def _show_type(name: str, kind: FieldType, path: str, page: Page) -> None:
    words, inner = [name], kind
    while inner.kind == "list" and inner.item is not None:
        words.append("list")
        inner = inner.item
    if inner.kind == "one_of":
        words.append(f"one_of [{', '.join(map(quote, inner.options))}]")
    elif inner.kind != "object":
        words.append(inner.kind)
        if inner.minimum is not None and inner.maximum is not None:
            words.append(f"{number(inner.minimum)}..{number(inner.maximum)}")
    text = " ".join(words) + ("" if kind.definition is None else f": {quote(kind.definition)}")
    if inner.kind != "object":
        page.put(text, path)
        return
    with page.block(text, path):
        for key, part in inner.fields:
            _show_type(write_entry(key), part, path, page)
