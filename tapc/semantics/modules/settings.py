"""`--set NAME=VALUE`: a value of the type of the param's default."""

import msgspec

from tapc.semantics.report import Place, Report
from tapc.semantics.units import Problem, Quantity, Range, describe, parse_number
from tapc.source import SourceFile, Span
from tapc.syntax.nodes import List, Name, Number, Param, Path, Quoted, Text, Value


def override(param: Param, text: str, file: SourceFile, report: Report) -> Param:
    """The param with a new default; the old one stays where the text does not fit its type (reported)."""
    value = _typed(param.default, text)
    if isinstance(value, Problem):
        place = Place(file, param.default.span)
        notes = (value.note,) if value.note else ()
        message = f"--set {param.name.text}={text}: {value.message}"
        report.add("TAP131", message, place.label("the default says what type it has"), notes=notes)
        return param
    return msgspec.structs.replace(param, default=value)


def _typed(default: Value, text: str) -> Value | Problem:
    span = default.span
    if isinstance(default, Quoted | Text):
        return Quoted(span, text)
    if isinstance(default, Number):
        return _number(default, text.strip())
    if isinstance(default, Path):
        return _path(span, text.strip())
    if isinstance(default, List):
        inner = text.strip().removeprefix("[").removesuffix("]")
        parts = [part.strip() for part in inner.split(",") if part.strip()]
        sample = default.items[0] if default.items else Path(span, (Name(span, "x"),))
        items = [_typed(sample, part.strip('"') if isinstance(sample, Quoted) else part) for part in parts]
        wrong = [item for item in items if isinstance(item, Problem)]
        return wrong[0] if wrong else List(span, tuple(item for item in items if not isinstance(item, Problem)))
    return Problem("TAP131", "a param whose default is a call or a comparison cannot be set")


def _path(span: Span, text: str) -> Path | Problem:
    parts = text.split(".")
    if not all(part.replace("-", "_").replace("_", "a").isalnum() for part in parts):
        return Problem("TAP131", "a name is needed here")
    return Path(span, tuple(Name(span, part) for part in parts))


def _number(default: Number, text: str) -> Number | Problem:
    wanted, given = parse_number(default.text), parse_number(text)
    if isinstance(given, Problem):
        return given
    if isinstance(wanted, Problem) or _type(wanted) == _type(given):
        return Number(default.span, text)
    return Problem("TAP131", f"the param is {_words(wanted)} (`{default.text}`), this is {_words(given)}")


def _type(number: Quantity | Range) -> tuple[str, ...]:
    if isinstance(number, Range):
        return ("range", *_type(number.low))
    return (describe(number),)


def _words(number: Quantity | Range) -> str:
    return f"a range of {_words(number.low)}s" if isinstance(number, Range) else describe(number)
