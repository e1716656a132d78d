"""`require`: checks on results."""

from collections.abc import Callable
from typing import Any

import msgspec

from tapc.ir import Check
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.context import Names
from tapc.semantics.lower.returns import range_of
from tapc.semantics.lower.scores import Scores
from tapc.semantics.report import Report
from tapc.semantics.units import Problem, Quantity, Range, parse_number, to_decimal, to_percent
from tapc.semantics.values import Fields, Ref, problem, unknown_word, wrong_value
from tapc.semantics.vocabulary import CHECKS
from tapc.syntax.nodes import Comparison, Number, Path, Quoted

_UNITS = ("chars", "words", "tokens")


class Around(msgspec.Struct, frozen=True, eq=False):
    """The step a check stands in.

    Attributes:
        fields: dotted fields of its structure; None for plain text.
        scores: what scores it may name.
    """

    step: str
    names: Names
    fields: tuple[str, ...] | None
    scores: Scores


def lower_checks(items: list[Item], around: Around) -> tuple[Check, ...]:
    """All checks of a step, sorted so that their order in the text does not matter."""
    found = [check for item in items if (check := _check(item, around)) is not None]
    unique = {_canonical(check): check for check in found}
    return tuple(unique[key] for key in sorted(unique))


def _canonical(check: Check) -> bytes:
    return msgspec.json.encode({name: value for name, value in check}, enc_hook=str)  # noqa: C416 - a model iterates over pairs


def _check(item: Item, around: Around) -> Check | None:
    report = around.names.report
    args = item.args
    negated = bool(args) and args[0].word == "not"
    args = args[1:] if negated else args
    word = args[0].word if args else None
    if word is None:
        notes = (f"checks are {', '.join(check for check in CHECKS if check != 'not')}",)
        report.add("TAP430", "`require` names a check", item.place, notes=notes)
        return None
    if word not in CHECKS or word == "not":
        known = [check for check in CHECKS if check != "not"]
        unknown_word("there is no check", word, known, args[0].place, report, code="TAP430")
        return None
    if negated and word != "matches":
        report.add("TAP430", f"`{word}` cannot be negated; only `matches` can", item.args[0].place)
        return None
    if item.children is not None and word != "clean_of":
        report.add("TAP430", f"`{word}` takes no block", item.head_place)
        return None
    rest, field, fine = _of(args[1:], around)
    values = _READERS[word](item, rest, around)
    if values is None or not fine:
        return None
    if field is not None:
        values["field"] = field
    return Check.trusted(check=word, negated=negated, **values)


def _of(args: list[Arg], around: Around) -> tuple[list[Arg], str | None, bool]:
    """Split `of FIELD` off the end."""
    at = next((i for i, arg in enumerate(args) if arg.word == "of"), None)
    if at is None:
        return args, None, True
    report = around.names.report
    if at != len(args) - 2 or not isinstance(args[-1].value, Path | Quoted):
        report.add("TAP430", "write `of FIELD` at the end of a check", args[at].place)
        return args[:at], None, False
    field = args[-1].value.text
    if around.fields is None:
        notes = ("`of` needs a `returns` block in the step",)
        report.add("TAP430", f"`{around.step}` has no field `{field}`: it is plain text", args[-1].place, notes=notes)
        return args[:at], None, False
    if field not in around.fields:
        unknown_word(f"`{around.step}` has no field", field, around.fields, args[-1].place, report, code="TAP111")
        return args[:at], None, False
    return args[:at], field, True


def _stray(item: Item, args: list[Arg], shape: str, report: Report) -> None:
    place = args[-1].place if args else item.place
    report.add("TAP430", f"write `require {shape}`", place)


def _bare(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    if not args:
        return {}
    _stray(item, args, item.args[0].word or "", around.names.report)
    return None


def _language(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    if "language" not in around.names.axes():
        notes = ("add `mix language { en, … }`, or remove the check",)
        around.names.report.add("TAP430", "`require language` needs a mix named `language`", item.place, notes=notes)
        return None
    return _bare(item, args, around)


def _length(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    report = around.names.report
    if not 1 <= len(args) <= 2:
        _stray(item, args, "length A..B [chars|words|tokens]", report)
        return None
    values: dict[str, Any] = {}
    if len(args) == 2:
        unit = args[1].word if args[1].word in _UNITS else args[1].follow().word
        if unit not in _UNITS:
            unknown_word(
                "length is counted in chars, words or tokens, not", unit or "this", _UNITS, args[1].place, report
            )
            return None
        values["unit"] = unit
    bound = args[0].follow()
    if isinstance(bound.value, Comparison):
        limits = comparison(bound, report)
    else:
        ends = range_of(bound, report, whole=True)
        limits = None if ends is None else {"minimum": ends[0], "maximum": ends[1]}
    if limits is None:
        return None
    if (limits.get("minimum") or 0) < 0:
        report.add("TAP108", "a length cannot be negative", bound.place)
        return None
    return values | limits


def comparison(arg: Arg, report: Report) -> dict[str, Any] | None:
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
    found: dict[str, Any] = {side: exact}
    if node.operator in ("<", ">"):
        found["exclusive"] = (side,)
    return found


def _unique(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:  # noqa: PLR0911 - each refusal returns where it is found
    report = around.names.report
    values: dict[str, Any] = {}
    if len(args) == 3 and args[1].word == "within":
        axis = args[2].follow()
        if not isinstance(axis.value, Path):
            wrong_value("within", "an axis", axis, "unique 0.85 within topic", report)
            return None
        ref = Ref(axis.value.text, tuple(part.text for part in axis.value.parts), axis)
        values["within"] = around.names.find(ref, "taxonomy", "mix", what="an axis")
        if values["within"] is None:
            return None
        args = args[:1]
    if len(args) != 1:
        _stray(item, args, "unique T [within AXIS]", report)
        return None
    arg = args[0].follow()
    number = parse_number(arg.value.text) if isinstance(arg.value, Number) else None
    if isinstance(number, Problem):
        problem(number, arg, report)
        return None
    if number is None or isinstance(number, Range):
        wrong_value("unique", "a similarity between 0 and 1", arg, "unique 0.85", report)
        return None
    value = to_percent(number) if number.unit == "%" else to_decimal(number)
    if isinstance(value, Problem) or not 0 < value <= 1:
        report.add(
            "TAP108",
            "the similarity of `unique` is above 0 and at most 1",
            arg.place,
            notes=("for example `unique 0.85`",),
        )
        return None
    return values | {"threshold": value}


def _matches(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    pattern = _text(item, args, 'matches "regex"', around.names.report)
    if pattern is None or not pattern_is_fine(pattern, args[0].follow(), around.names.report):
        return None
    return {"pattern": pattern}


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


def _text(item: Item, args: list[Arg], shape: str, report: Report) -> str | None:
    if len(args) == 1:
        arg = args[0].follow()
        if isinstance(arg.value, Quoted):
            return arg.value.text
    _stray(item, args, shape, report)
    return None


def _score(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    report = around.names.report
    if len(args) != 2 or not isinstance(args[0].follow().value, Path):
        _stray(item, args, "score STEP.ASPECT >= N", report)
        return None
    score = around.scores.named(args[0], own=around.step)
    bounds = comparison(args[1], report)
    return None if score is None or bounds is None else {"field": score, **bounds}


def _clean(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    report = around.names.report
    pattern = _text(item, args, 'clean_of "GLOB" { ngram 8 }', report)
    ngram = Fields(item, "clean_of", report).read("ngram")
    return None if pattern is None else {"pattern": pattern, "ngram": 8 if ngram is None else ngram}


def _run(item: Item, args: list[Arg], around: Around) -> dict[str, Any] | None:
    parts = args[0].spread() if len(args) == 1 else []
    words = [part.value.text for part in parts if isinstance(part.value, Quoted)]
    if not words or len(words) != len(parts):
        _stray(item, args, 'run ["program", "argument"]', around.names.report)
        return None
    return {"command": tuple(words)}


_Reader = Callable[[Item, list[Arg], Around], "dict[str, Any] | None"]
_READERS: dict[str, _Reader] = {
    "language": _language,
    "length": _length,
    "unique": _unique,
    "matches": _matches,
    "json": _bare,
    "no_refusal": _bare,
    "score": _score,
    "clean_of": _clean,
    "run": _run,
}
