"""Rubrics: aspects, scales, anchors."""

from fractions import Fraction
from typing import Any

import msgspec

from tapc.ir import Aspect, Rubric, Template
from tapc.semantics.compose import Arg, Item
from tapc.semantics.lower.returns import options_of, range_of
from tapc.semantics.report import Report
from tapc.semantics.units import Problem, Quantity, Range, parse_number, to_decimal
from tapc.semantics.values import Fields, describe_value, unknown_word
from tapc.syntax.nodes import Number, Path, Quoted, Text

_WORDS = ("lower", "or", "na", "asked")
_SHAPE = "write `aspect NAME [WEIGHT] A..B|boolean|any of [ … ] [lower] [or na] [asked]`"
MAX_SCALE = 1000
_RESERVED = frozenset({"rationale", "agreement"})


class RubricDraft(msgspec.Struct, frozen=True, eq=False):
    """A rubric whose texts are not checked yet: that needs the step that uses it.

    Attributes:
        aspects: without texts, in order of declaration.
        definition: introduction of the whole.
        texts: definition and anchors of every aspect.
    """

    name: str
    aspects: tuple[Aspect, ...]
    definition: Arg | None
    texts: dict[str, tuple[Arg | None, tuple[tuple[int, Arg], ...]]]

    def finish(self, check: "Any") -> Rubric:
        """Check the texts with `check(arg) -> Template | None` and put the rubric together, aspects sorted by name."""
        done: list[Aspect] = []
        for place, aspect in sorted(enumerate(self.aspects), key=lambda pair: pair[1].name):
            definition, anchors = self.texts[aspect.name]
            made: list[tuple[int, Template]] = [(n, t) for n, arg in anchors if (t := check(arg)) is not None]
            text = None if definition is None else check(definition)
            more = {"definition": text, "anchors": tuple(sorted(made, key=lambda x: x[0])), "place": place}
            done.append(aspect.model_copy(update=more))
        whole = None if self.definition is None else check(self.definition)
        return Rubric.trusted(name=self.name, definition=whole, aspects=tuple(done))


def draft_rubric(item: Item, report: Report) -> RubricDraft | None:
    """Read a rubric; None where it cannot be understood (reported)."""
    before = len(report.diagnostics)
    fields = Fields(item, "rubric", report)
    definition = item.definition or fields.read("definition")
    aspects: dict[str, tuple[Item, Aspect]] = {}
    texts: dict[str, tuple[Arg | None, tuple[tuple[int, Arg], ...]]] = {}
    for one in fields.all("aspect"):
        aspect = _aspect(one, report)
        if aspect is None:
            continue
        if aspect.name in aspects:
            first = aspects[aspect.name][0].name_place.label("first here")
            report.add(
                "TAP113", f"the aspect `{aspect.name}` is declared twice", one.name_place.label("again here"), first
            )
            continue
        aspects[aspect.name] = (one, aspect)
        texts[aspect.name] = (one.definition, _anchors(one, aspect, report))
    if any(d.severity == "error" for d in report.diagnostics[before:]):
        return None
    numbers = [(one, aspect) for one, aspect in aspects.values() if aspect.scale != "category"]
    if numbers and "overall" not in aspects and not any(aspect.weight for _, aspect in numbers):
        notes = ("give one of them a weight: `overall` is their weighted mean",)
        report.add("TAP421", "all aspects weigh 0, so there is no `overall`", numbers[0][0].name_place, notes=notes)
        return None
    return RubricDraft(item.name, tuple(aspect for _, aspect in aspects.values()), definition, texts)


def _aspect(item: Item, report: Report) -> Aspect | None:  # noqa: PLR0911 - each refusal returns where it is found
    args = item.args
    if not item.name or not isinstance(args[0].value, Path | Quoted):
        report.add("TAP110", "this aspect has no name", item.head_place, notes=(_SHAPE,))
        return None
    if item.name in _RESERVED or "." in item.name:
        notes = ("a judge's results already have this name",) if item.name in _RESERVED else ()
        report.add("TAP113", f"an aspect cannot be named `{item.name}`", item.name_place, notes=notes)
        return None
    weight, rest = _weight(args[1:], report)
    scale, rest = _scale(item, rest, report)
    if scale is None:
        return None
    flags = _flags(rest, report)
    if flags is None:
        return None
    if flags.get("asked") and item.name != "overall":
        report.add("TAP421", "only `overall` can be asked: every other aspect always is", item.name_place)
        return None
    if scale["scale"] == "category" and flags.get("lower"):
        report.add("TAP421", "categories have no direction; remove `lower`", item.name_place)
    if item.name == "overall" and not flags.get("asked"):
        notes = ("write `aspect overall 1..10 asked` to ask the judge for it", "or give the aspect another name")
        report.add("TAP421", "`overall` is computed from the other aspects", item.name_place, notes=notes)
        return None
    return Aspect.trusted(name=item.name, weight=weight, **scale, **flags)


def _weight(args: list[Arg], report: Report) -> tuple[Any, list[Arg]]:
    arg = args[0].follow() if args else None
    if arg is None or not isinstance(arg.value, Number) or ".." in arg.value.text:
        return Fraction(1), args
    number = parse_number(arg.value.text)
    value = to_decimal(number) if isinstance(number, Quantity) else number
    if isinstance(value, Problem):
        report.add(value.code, value.message, arg.place, notes=("a weight is a number, for example `2`",))
        return Fraction(1), args[1:]
    if isinstance(value, Range) or value < 0:
        report.add("TAP108", "a weight cannot be negative", arg.place)
        return Fraction(1), args[1:]
    return value, args[1:]


def _scale(item: Item, args: list[Arg], report: Report) -> tuple[dict[str, Any] | None, list[Arg]]:  # noqa: PLR0911 - each refusal returns where it is found
    if not args:
        report.add("TAP420", f"the aspect `{item.name}` has no scale", item.name_place, notes=(_SHAPE,))
        return None, []
    first = args[0]
    if first.word == "boolean":
        return {"scale": "boolean"}, args[1:]
    if first.word == "any":
        if len(args) < 3 or args[1].word != "of":
            report.add("TAP420", "write `any of [ … ]`", first.place)
            return None, []
        options = options_of(args[2:3], "any of", report)
        if options is None:
            return None, args[3:]
        return {"scale": "category", "options": tuple(sorted(options)), "options_as_written": options}, args[3:]
    arg = first.follow()
    if not isinstance(arg.value, Number):
        what = f"the aspect `{item.name}` needs a scale, found {describe_value(arg)}"
        report.add("TAP420", what, arg.place, notes=(_SHAPE,))
        return None, []
    bounds = range_of(arg, report, whole=True)
    if bounds is None:
        return None, []
    low, high = int(bounds[0]), int(bounds[1])
    if high == low or high - low > MAX_SCALE:
        report.add("TAP108", f"a scale has 2 to {MAX_SCALE + 1} steps, this one {high - low + 1}", arg.place)
        return None, []
    return {"scale": "range", "minimum": low, "maximum": high}, args[1:]


def _flags(args: list[Arg], report: Report) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    at = 0
    while at < len(args):
        word = args[at].word
        if word == "or" and at + 1 < len(args) and args[at + 1].word == "na":
            found["optional"] = True
            at += 2
        elif word in ("lower", "asked"):
            found[word] = True
            at += 1
        else:
            if word is None or word in _WORDS:
                report.add("TAP104", "an aspect does not take this", args[at].place, notes=(_SHAPE,))
            else:
                unknown_word("an aspect cannot say", word, _WORDS, args[at].place, report)
            return None
    return found


def _anchors(item: Item, aspect: Aspect, report: Report) -> tuple[tuple[int, Arg], ...]:
    found: dict[int, Arg] = {}
    for child in item.children or ():
        head = child.entry.head
        text = child.args[0].follow() if len(child.args) == 1 else None
        if text is None and not child.args:
            text = child.definition
        score = _score(head.text, aspect)
        if score is None:
            what = f"{aspect.minimum} to {aspect.maximum}" if aspect.scale == "range" else "`true` and `false`"
            report.add(
                "TAP422",
                f"`{head.text}` is not a score of `{aspect.name}`",
                child.head_place,
                notes=(f"its scores are {what}",),
            )
        elif text is None or not isinstance(text.value, Quoted | Text):
            report.add(
                "TAP422", "an anchor is a score and a text", child.place, notes=('for example `1 "ignores it"`',)
            )
        elif score in found:
            report.add("TAP109", f"the score {score} has two anchors", child.head_place)
        else:
            found[score] = text
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


def _score(text: str, aspect: Aspect) -> int | None:
    if aspect.scale == "boolean":
        return {"true": 1, "false": 0, "1": 1, "0": 0}.get(text)
    if aspect.scale == "category" or not text.lstrip("-").isdecimal() or len(text) > 6:
        return None
    return int(text) if aspect.minimum <= int(text) <= aspect.maximum else None
