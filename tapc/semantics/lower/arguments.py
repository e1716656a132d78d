"""Kinds of checks, and their arguments: each is read and written by one object."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.returns import range_of
from tapc.semantics.lower.scores import Scores
from tapc.semantics.page import Page, number
from tapc.semantics.report import Report
from tapc.semantics.units import Problem, Quantity, Range, parse_number, to_decimal, to_percent
from tapc.semantics.values import Ref, problem, unknown_word, wrong_value
from tapc.semantics.vocabulary import Statement
from tapc.syntax import quote, write_name
from tapc.syntax.nodes import Comparison, Number, Path, Quoted

_UNITS = ("chars", "words", "tokens")

Values = dict[str, Any]


class CheckContext(msgspec.Struct, frozen=True, eq=False):
    """The step a check stands in.

    Attributes:
        fields: dotted fields of its structure; None for plain text.
        scores: what scores it may name.
        checks: all kinds of checks by name.
    """

    step: str
    names: Names
    fields: tuple[str, ...] | None
    scores: Scores
    checks: "Mapping[str, CheckKind]"


class Misshapen(Exception):  # noqa: N818 - tells the caller to say how the check is written
    """An argument is not what stands there."""


Taken = tuple[Values | None, int]
"""Values for the check (None where they are wrong, which is reported), and how many words were read."""


class Argument(msgspec.Struct, frozen=True):
    """One argument of a check.

    Attributes:
        read: reads it from what stands behind the check's name, at least one word unless it is `optional`.
        write: the words that are read as the same; none where they are left out.
        optional: whether it may be left out.
        is_field: whether it fills the check's `field`, which `of FIELD` does otherwise.
    """

    read: Callable[[list[Arg], CheckContext], Taken]
    write: Callable[[Check, Page], list[str]]
    optional: bool = False
    is_field: bool = False


class CheckKind(msgspec.Struct, frozen=True):
    """A kind of check: its words and its model.

    Attributes:
        name: as it stands behind `require`.
        shape: how it is written, the name included.
        arguments: what stands behind the name, in order; each fills its own fields of the model.
        block: the statement that describes its block; its numbers fill fields of the same name.
        negatable: whether `not` may stand before it.
        axis: name of a mix it needs.
        model: holds its arguments in the IR.
    """

    name: str
    shape: str
    arguments: tuple[Argument, ...] = ()
    block: Statement | None = None
    negatable: bool = False
    axis: str = ""
    model: type[Check] = Check


def _bounds(args: list[Arg], context: CheckContext) -> Taken:
    report = context.names.report
    bound = args[0].follow()
    if isinstance(bound.value, Comparison):
        limits = comparison(bound, report)
    else:
        ends = range_of(bound, report, whole=True)
        limits = None if ends is None else {"minimum": ends[0], "maximum": ends[1]}
    if limits is not None and (limits.get("minimum") or 0) < 0:
        report.add("TAP108", "a length cannot be negative", bound.place)
        return None, 1
    return limits, 1


def _unit(args: list[Arg], context: CheckContext) -> Taken:
    if len(args) != 1:
        return {}, 0
    unit = args[0].word if args[0].word in _UNITS else args[0].follow().word
    if unit in _UNITS:
        return {"unit": unit}, 1
    message = "length is counted in chars, words or tokens, not"
    unknown_word(message, unit or "this", _UNITS, args[0].place, context.names.report)
    return None, 1


def comparison(arg: Arg, report: Report) -> Values | None:
    """Bounds that `>= 4` and the like set; None where it is no comparison with a number (reported)."""
    arg = arg.follow()
    node = arg.value
    if not isinstance(node, Comparison):
        wrong_value("this", "a comparison", arg, ">= 4", report)
        return None
    value = Arg(node.value, arg.scope).follow()
    number = parse_number(value.value.text) if isinstance(value.value, Number) else None
    if isinstance(number, Problem):
        problem(number, value, report)
        return None
    exact = to_decimal(number) if isinstance(number, Quantity) else None
    if exact is None or isinstance(exact, Problem):
        wrong_value("a comparison", "a number", value, ">= 4", report)
        return None
    side = "minimum" if node.operator.startswith(">") else "maximum"
    found: Values = {side: exact}
    if node.operator in ("<", ">"):
        found["exclusive"] = (side,)
    return found


def _similarity(args: list[Arg], context: CheckContext) -> Taken:
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


def _within(args: list[Arg], context: CheckContext) -> Taken:
    if len(args) != 2 or args[0].word != "within":
        return {}, 0
    axis = args[1].follow()
    if not isinstance(axis.value, Path):
        wrong_value("within", "an axis", axis, "unique 0.85 within topic", context.names.report)
        return None, 2
    ref = Ref(axis.value.text, tuple(part.text for part in axis.value.parts), axis)
    found = context.names.find(ref, "taxonomy", "mix", what="an axis")
    return None if found is None else {"within": found}, 2


def _regex(args: list[Arg], context: CheckContext) -> Taken:
    text = _text(args)
    return {"pattern": text} if pattern_is_fine(text, args[0].follow(), context.names.report) else None, 1


def pattern_is_fine(pattern: str, arg: Arg, report: Report) -> bool:
    """Whether a regular expression compiles."""
    import regex  # noqa: PLC0415 - many specs have no pattern

    try:
        regex.compile(pattern)
    except regex.error as error:
        report.add("TAP431", f"this regular expression is wrong: {error}", arg.place)
        return False
    except (RecursionError, OverflowError, MemoryError):
        report.add("TAP431", "this regular expression is too large", arg.place)
        return False
    return True


def _glob(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    return {"pattern": _text(args)}, 1


def _text(args: list[Arg]) -> str:
    value = args[0].follow().value
    if not isinstance(value, Quoted):
        raise Misshapen
    return value.text


def _score(args: list[Arg], context: CheckContext) -> Taken:
    if not isinstance(args[0].follow().value, Path):
        raise Misshapen
    score = context.scores.named(args[0], own=context.step)
    return None if score is None else {"field": score}, 1


def _comparison(args: list[Arg], context: CheckContext) -> Taken:
    return comparison(args[0], context.names.report), 1


def _command(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    parts = args[0].spread()
    words = [part.value.text for part in parts if isinstance(part.value, Quoted)]
    if not words or len(words) != len(parts):
        raise Misshapen
    return {"command": tuple(words)}, 1


def _off(args: list[Arg], context: CheckContext) -> Taken:  # noqa: ARG001 - what a reader is given
    return ({"off": True}, 1) if args and args[0].word == "off" else ({}, 0)


def _write_bounds(check: Check, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    if check.minimum is not None and check.maximum is not None:
        return [f"{number(check.minimum)}..{number(check.maximum)}"]
    if check.minimum is not None:
        return [f"{'>' if check.exclusive else '>='} {number(check.minimum)}"]
    return [f"{'<' if check.exclusive else '<='} {number(check.maximum or 0)}"]


def _write_pattern(check: Check, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    return [quote(check.pattern or "")]


BOUNDS = Argument(_bounds, _write_bounds)
"""A range of whole numbers, or a comparison."""

UNIT = Argument(_unit, lambda check, _: [] if check.unit == "chars" else [check.unit], optional=True)
"""A unit of length."""

SIMILARITY = Argument(_similarity, lambda check, _: [number(check.threshold or 0)])
"""A number over 0, up to 1."""

WITHIN = Argument(
    _within, lambda check, _: [] if check.within is None else ["within", write_name(check.within)], optional=True
)
"""`within AXIS`."""

REGEX = Argument(_regex, _write_pattern)
"""A regular expression."""

GLOB = Argument(_glob, _write_pattern)
"""A pattern of file names."""

SCORE = Argument(_score, lambda check, page: [page.path(check.field or "")], is_field=True)
"""A score of this step or another one."""

COMPARISON = Argument(_comparison, _write_bounds)
"""`>= 4` and the like."""

COMMAND = Argument(_command, lambda check, _: [f"[{', '.join(map(quote, check.command))}]"])
"""A list of strings: a program and its arguments."""

OFF = Argument(_off, lambda check, _: ["off"] if check.off else [], optional=True)
"""`off`."""
