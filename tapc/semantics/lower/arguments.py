"""What a kind of check gives to the front end. An argument is read and written by one object."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tapc.ir import Check
from tapc.semantics.compose import Arg
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.returns import range_of
from tapc.semantics.lower.scores import Scores
from tapc.semantics.page import Page, number
from tapc.semantics.report import Place, Report
from tapc.semantics.units import Problem, Quantity, parse_number, to_decimal
from tapc.semantics.values import problem, wrong_value
from tapc.semantics.vocabulary import Statement
from tapc.syntax import quote
from tapc.syntax.nodes import Comparison, Number, Quoted

Values = dict[str, Any]


class CheckContext(msgspec.Struct, frozen=True, eq=False):
    """The step of a check.

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
    """The text is not a valid argument."""


Taken = tuple[Values | None, int]
"""Values for the check (None where they are wrong, which is reported), and how many words were read."""


class Argument(msgspec.Struct, frozen=True):
    """One argument of a check.

    Attributes:
        read: reads it from the words after the name of the check, at least one unless it is `optional`.
        write: the words that are read as the same; none where they are left out.
        optional: whether it may be left out.
        is_field: whether it fills the check's `field`, which `of FIELD` does otherwise.
    """

    read: Callable[[list[Arg], CheckContext], Taken]
    write: Callable[[Any, Page], list[str]]
    optional: bool = False
    is_field: bool = False


def _fine(check: Check, place: Place, context: CheckContext) -> bool:  # noqa: ARG001 - what every kind is given
    return True


class CheckKind(msgspec.Struct, frozen=True):
    """A kind of check: its words and its model.

    Attributes:
        name: word after `require`.
        shape: how it is written, the name included.
        arguments: values after the name, in order; each fills its own fields of the model.
        block: the statement that describes its block; its numbers fill fields of the same name.
        negatable: whether it may follow `not`.
        axis: name of a mix it needs.
        by_default: whether it holds for plain texts without being written; its model says whether it is turned off.
        review: looks at the whole check when all arguments are read, given its last place; whether it may stand
            (reported where it may not).
        model: holds its arguments in the IR.
    """

    name: str
    shape: str
    arguments: tuple[Argument, ...] = ()
    block: Statement | None = None
    negatable: bool = False
    axis: str = ""
    by_default: bool = False
    review: Callable[[Any, Place, CheckContext], bool] = _fine
    model: type[Check] = Check


def comparison(arg: Arg, report: Report) -> Values | None:
    """Bounds that `>= 4` and the like set; None where it is not a comparison with a number (reported)."""
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


def quoted_text(arg: Arg) -> str:
    """An argument that must be a string.

    Raises:
        Misshapen: it is something else.
    """
    value = arg.follow().value
    if not isinstance(value, Quoted):
        raise Misshapen
    return value.text


def write_comparison(check: Check, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    """The one bound of a check, as `comparison` reads it."""
    if check.minimum is not None:
        return [f"{'>' if check.exclusive else '>='} {number(check.minimum)}"]
    return [f"{'<' if check.exclusive else '<='} {number(check.maximum or 0)}"]


def write_pattern(check: Check, page: Page) -> list[str]:  # noqa: ARG001 - what a writer is given
    """The pattern of a check as a string."""
    return [quote(check.pattern or "")]


def _read_bounds(args: list[Arg], context: CheckContext) -> Taken:
    report = context.names.report
    bound = args[0].follow()
    limits: Values | None
    if isinstance(bound.value, Comparison):
        limits = comparison(bound, report)
    else:
        ends = range_of(bound, report, whole=True)
        limits = None if ends is None else {"minimum": ends[0], "maximum": ends[1]}
    if limits is not None and any((limits.get(side) or 0) < 0 for side in ("minimum", "maximum")):
        report.add("TAP108", "a bound of a length or number cannot be negative", bound.place)
        return None, 1
    return limits, 1


def _write_bounds(check: Check, page: Page) -> list[str]:
    if check.minimum is not None and check.maximum is not None:
        return [f"{number(check.minimum)}..{number(check.maximum)}"]
    return write_comparison(check, page)


BOUNDS = Argument(_read_bounds, _write_bounds)
"""`A..B`, `>= N` and the like, for what can be counted: fills `minimum`, `maximum` and `exclusive`."""
