"""`vote` between spec and model: how it is read, printed and seen by other steps."""

from typing import Any

from tapc.kinds.steps.vote.model import Vote
from tapc.semantics.lower.arguments import pattern_is_fine
from tapc.semantics.lower.scores import UNIT, Scored
from tapc.semantics.lower.steps import LoweringContext, StepDraft, dotted
from tapc.semantics.page import Page
from tapc.semantics.registry import StepKind
from tapc.semantics.values import unknown_word
from tapc.semantics.vocabulary.model import Field, Statement
from tapc.semantics.vocabulary.results import part
from tapc.semantics.vocabulary.steps import OF
from tapc.syntax import quote, write_name
from tapc.syntax.nodes import Path, Quoted

VOTE = Statement(
    "vote",
    "Majority over candidates. Its results are `NAME.majority` and `NAME.agreement`.",
    "vote NAME { fields }",
    (
        OF,
        Field(
            "extract",
            "shape",
            "How the answer is found in the text.",
            "extract boxed",
            shape='boxed | regex "…" | field NAME',
            words=("boxed", "regex", "field"),
            required=True,
        ),
    ),
    section="Steps",
)


def lower(draft: StepDraft, context: LoweringContext) -> Vote | None:  # noqa: PLR0911 - each refusal returns where it is found
    """Lower a vote; None where it cannot be understood (reported)."""
    fields, report = draft.fields, context.report
    of = context.step_of(fields, "of", *context.makers, what="a step with candidates")
    item = fields.get("extract")
    if item is None:
        return None
    args = item.args
    word = args[0].word if args else None
    field = fields.field("extract")
    notes = (f"write `extract {field.shape}`",)
    if word not in field.words:
        if word is None:
            report.add("TAP104", "`extract` says how the answer is found", item.place, notes=notes)
        else:
            unknown_word("`extract` cannot be", word, field.words, args[0].place, report)
        return None
    argument = args[1].follow() if len(args) == 2 else None
    text = argument.value.text if argument is not None and isinstance(argument.value, Path | Quoted) else None
    if (word == "boxed") != (not args[1:]) or (word != "boxed" and text is None) or len(args) > 2:
        report.add("TAP104", f"`extract {word}` is not complete", item.place, notes=notes)
        return None
    if word == "regex" and argument is not None and not pattern_is_fine(text or "", argument, report):
        return None
    if word == "field" and argument is not None and of is not None and of in context.drafts:
        returns = context.drafts[of].returns
        known = (*dotted(returns),) if returns is not None else context.drafts[of].columns
        if text not in known:
            unknown_word(f"`{of}` has no field", text or "", known, argument.place, report, code="TAP111")
            return None
    if of is None:
        return None
    kind: Any = word
    return Vote.trusted(name=draft.item.name, of=of, extract=kind, argument=text)


def scores(draft: StepDraft) -> Scored:
    """Scores of a vote."""
    numbers, ranges = ("agreement", "overall"), {"agreement": UNIT, "overall": UNIT}
    booleans = frozenset({"overall"})
    of = draft.word("of")
    return Scored(of, numbers, ("majority", "answer"), booleans, ranges=ranges, single=True)


def show(given: Vote, path: str, page: Page) -> None:
    """Write the fields of a step."""
    page.put(f"of {write_name(given.of)}", f"{path}.of")
    argument = "" if given.argument is None else f" {quote(given.argument)}"
    page.put(f"extract {given.extract}{argument}", f"{path}.extract")


KIND = StepKind(
    VOTE,
    part("vote", "Majority answers.", "vote majority { of answer, extract boxed }"),
    Vote,
    lower,
    show,
    scores=scores,
)
