"""Blocks with keys of the author's choice, as canonical JSON values."""

import re
from typing import Any

from tapc.semantics.compose import Arg, Item
from tapc.semantics.report import Report
from tapc.semantics.units import Problem, Range, parse_number
from tapc.semantics.values.findings import env_misplaced, wrong_value
from tapc.syntax.nodes import Call, Comparison, List, Number, Path, Quoted, Text

_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}

_SECRET_NAME = re.compile(
    r"(?i)(?:(?:api|access|auth|secret|private|subscription)[-_]?(?:key|token)|password|secret|credentials?|authorization)"
)
"""Names of fields that hold credentials."""

_REVOKE = "treat the one written here as leaked: revoke it"


def open_block(item: Item, report: Report) -> dict[str, Any] | None:
    """The block as an object: a key without a value is true, several values are a list, words are strings."""
    if item.children is None or item.args:
        report.add("TAP104", f"`{item.head}` takes a block", item.head_place, notes=(f"write `{item.head} {{ … }}`",))
        return None
    return _object(item, report)


def _object(item: Item, report: Report) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    places: dict[str, Item] = {}
    before = len(report.diagnostics)
    for child in item.children or ():
        if child.head in places:
            again, first = child.head_place.label("again here"), places[child.head].head_place.label("first here")
            report.add("TAP109", f"`{child.head}` is given twice", again, first)
            continue
        places[child.head] = child
        found[child.head] = _entry(child, report)
    return found if len(report.diagnostics) == before else None


def _entry(item: Item, report: Report) -> Any:
    if item.children is not None:
        return _object(item, report)
    values = [_value(item.head, arg, report) for arg in item.args]
    if not values:
        return True
    return values[0] if len(values) == 1 else values


def _value(head: str, arg: Arg, report: Report) -> Any:
    if arg.word in _CONSTANTS:
        return _CONSTANTS[arg.word or ""]
    arg = arg.follow()
    match arg.value:
        case Quoted(text=text) | Text(text=text):
            if _SECRET_NAME.fullmatch(head):
                notes = ('credentials go into `key env("NAME")` or `header "NAME" env("NAME")`', _REVOKE)
                report.add("TAP401", f"`{head}` is in the spec in clear text", arg.place, notes=notes)
            return text
        case Path():
            return _CONSTANTS.get(arg.value.text, arg.value.text)
        case Number(text=text):
            return _number(text, arg, report)
        case List(items=items):
            return [_value(head, Arg(item, arg.scope), report) for item in items]
        case Call():
            env_misplaced(head, arg, report)
        case Comparison():
            wrong_value(head, "a plain value", arg, f"{head} 1", report)
    return None


def _number(text: str, arg: Arg, report: Report) -> Any:
    number = parse_number(text)
    if isinstance(number, Problem):
        report.add(number.code, number.message, arg.place, notes=(number.note,) if number.note else ())
        return None
    if isinstance(number, Range) or number.unit or number.money:
        return text  # a quantity of the author's own: kept as written
    if number.value.denominator == 1 and "." not in text:
        return int(number.value)
    return float(number.value)
