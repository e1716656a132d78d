"""`vote` between spec and model: how it is read, printed and seen by other steps."""

import re
from fractions import Fraction
from typing import Any

from tapc.kinds.steps.vote.model import Vote
from tapc.semantics.compose import Arg
from tapc.semantics.lower.arguments import pattern_is_fine
from tapc.semantics.lower.scores import UNIT, Scored
from tapc.semantics.lower.steps import LoweringContext, StepDraft, dotted
from tapc.semantics.page import Page, percent
from tapc.semantics.registry import StepKind
from tapc.semantics.values import Fields, unknown_word, wrong_value
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import OF
from tapc.syntax import quote, write_name
from tapc.syntax.nodes import Path, Quoted

_ALONE = ("boxed", "last_number")
"""Ways that need no argument."""

_TAG = re.compile(r"[A-Za-z_][\w-]*")

VOTE = Statement(
    "vote",
    "Majority over candidates. Its results are `NAME.majority`, `NAME.agreement` (the share of the candidates asked "
    "that gave the most frequent answer; one without an answer votes for none) and `NAME.count` (how many gave it). "
    "Numbers are equal by value, texts without case and spacing. A sample without a majority is rejected "
    "(`no-majority`) where something reads it.",
    "vote NAME { fields }",
    (
        OF,
        Field(
            "extract",
            "shape",
            "How the answer is found in the text.",
            "extract boxed",
            shape='boxed | last_number | regex "…" | field NAME | tag NAME',
            words=("boxed", "last_number", "regex", "field", "tag"),
            required=True,
        ),
        Field(
            "at_least",
            "percent",
            "Share of the candidates asked that the majority has.",
            "at_least 60%",
            default="more than half",
        ),
        Field(
            "ties",
            "word",
            "What holds when two answers are the most frequent: none has the majority, or the one that came first.",
            "ties first",
            words=("drop", "first"),
            default="drop",
        ),
    ),
    section="Steps",
)


def lower(draft: StepDraft, context: LoweringContext) -> Vote | None:
    """Lower a vote; None where it cannot be understood (reported)."""
    fields = draft.fields
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    found = _extraction(fields, of, context)
    least: Fraction | None = fields.read("at_least")
    given = fields.get("at_least")
    if least is not None and given is not None and not 0 < least <= 1:
        wrong_value("at_least", "a percentage above 0% and up to 100%", given.args[0], "at_least 60%", context.report)
        return None
    if of is None or found is None:
        return None
    extract, argument = found
    values: dict[str, Any] = {
        "extract": extract,
        "argument": argument,
        "at_least": least,
        "ties": "first" if fields.read("ties") == "first" else None,
    }
    values = {name: value for name, value in values.items() if value is not None}
    return Vote.trusted(name=draft.item.name, of=of, **values)


def _extraction(fields: Fields, of: str | None, context: LoweringContext) -> tuple[str, str | None] | None:
    """How the answer is found, and the pattern, field or tag; None where it cannot be understood (reported)."""
    report = context.report
    item = fields.get("extract")
    if item is None:
        return None
    args, field = item.args, fields.field("extract")
    word = args[0].word if args else None
    notes = (f"write `extract {field.shape}`",)
    if word is None or word not in field.words:
        if word is None:
            report.add("TAP104", "`extract` says how the answer is found", item.place, notes=notes)
        else:
            unknown_word("`extract` cannot be", word, field.words, args[0].place, report)
        return None
    argument = args[1].follow() if len(args) == 2 else None
    text = argument.value.text if argument is not None and isinstance(argument.value, Path | Quoted) else None
    if (text is None) != (word in _ALONE) or len(args) > 2:
        report.add("TAP104", f"`extract {word}` is not complete", item.place, notes=notes)
        return None
    if text is None or argument is None or _fits(word, text, argument, of, context):
        return word, text
    return None


def _fits(word: str, text: str, argument: Arg, of: str | None, context: LoweringContext) -> bool:
    """Whether a pattern, field or tag can be looked for; otherwise reported."""
    report = context.report
    if word == "regex":
        return pattern_is_fine(text, argument, report)
    if word == "tag":
        notes = ("write `extract tag answer`",)
        if not _TAG.fullmatch(text):
            report.add("TAP104", "a tag is letters, digits, `_` and `-`", argument.place, notes=notes)
        return bool(_TAG.fullmatch(text))
    if of is None or of not in context.drafts:
        return True
    returns = context.drafts[of].returns
    known = (*dotted(returns),) if returns is not None else context.drafts[of].columns
    if text not in known:
        unknown_word(f"`{of}` has no field", text, known, argument.place, report, code="TAP111")
    return text in known


def scores(draft: StepDraft) -> Scored:
    """Scores of a vote."""
    numbers, ranges = ("agreement", "count", "overall"), {"agreement": UNIT, "overall": UNIT}
    booleans = frozenset({"overall"})
    of = draft.word("of")
    return Scored(of, numbers, ("majority", "answer"), booleans, ranges=ranges, single=True)


def show(given: Vote, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    argument = "" if given.argument is None else f" {quote(given.argument)}"
    page.put(f"extract {given.extract}{argument}", f"{path}.extract")
    if given.at_least is not None:
        page.put(f"at_least {percent(given.at_least)}", f"{path}.at_least")
    if given.ties is not None:
        page.put(f"ties {given.ties}", f"{path}.ties")


KIND = StepKind(
    VOTE,
    part("vote", "Majority answers.", "vote majority { of answer, extract boxed }"),
    Vote,
    lower,
    show,
    scores=scores,
)
