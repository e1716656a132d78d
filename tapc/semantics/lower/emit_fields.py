"""Fields that several kinds of outputs take."""

from typing import Any

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.report import Report
from tapc.semantics.values import Fields, Ref, read_ref, unknown_word
from tapc.semantics.vocabulary import Field

BEST_BY = Field("best_by", "path", "The score that picks one candidate.", "best_by verdict.overall")

ASKED = "asked"
"""The word for the conversation that the answer was given, where it holds more than the prompt of the row."""

PROMPT = Field(
    "prompt",
    "shape",
    "The text that is the row's prompt: a step's, a field's of its structure, or a column of its rows. `asked` says "
    "that the conversation which was sent is meant, where it holds other answers.",
    "prompt question",
    shape="STEP | STEP.FIELD | asked",
    words=(ASKED,),
    default="the conversation that was sent",
)

TEXT = Field(
    "prompt",
    "shape",
    "The text that is the row's prompt: a step's, a field's of its structure, or a column of its rows.",
    "prompt question",
    shape="STEP | STEP.FIELD",
    default="the only step that makes texts",
)


def read_best_by(fields: Fields, context: LoweringContext) -> str | None:
    """The score that picks one candidate."""
    ref: Ref | None = fields.read("best_by")
    return None if ref is None else context.scores.named(ref.arg)


def read_prompt(fields: Fields, context: LoweringContext) -> dict[str, Any]:
    """What the prompt of the rows is: `prompt`, a path, or that it is what was `asked`."""
    item = fields.get("prompt")
    if item is None:
        return {}
    if len(item.args) == 1 and item.args[0].word == ASKED and ASKED not in context.names.kinds:
        return {"asked": True}
    return {"prompt": read_text(item, "prompt", context, several=False)}


def read_only_prompt(item: Item, fields: Fields, context: LoweringContext, *, several: bool) -> str | None:
    """The text that is the prompt of rows without answers; by default that of the only step that makes texts."""
    given = fields.get("prompt")
    if given is not None:
        return read_text(given, "prompt", context, several=several)
    if fields.get("from") is not None:  # reported already
        return None
    known = context.names.of(*context.makers)
    if len(known) == 1 and (several or (context.drafts[known[0]].candidates or 1) == 1):
        return known[0]
    notes = (f"steps it can read: {', '.join(known) or 'none yet'}", f"for example `{TEXT.example}`")
    message = f"`emit {item.args[0].word}` does not say which text is the prompt"
    context.report.add("TAP442", message, item.name_place, notes=notes)
    return None


def read_text(item: Item, role: str, context: LoweringContext, *, several: bool) -> str | None:
    """A path to a text, `STEP` or `STEP.FIELD`; None where it names none (reported).

    Args:
        item: the field.
        role: what the text is, in a word.
        context: see there.
        several: whether the step may have several candidates for a sample.
    """
    report = context.report
    if len(item.args) != 1:
        report.add("TAP104", f"`{item.head}` takes one text", item.place, notes=(f"for example `{PROMPT.example}`",))
        return None
    ref = read_ref(item.args[0].follow(), PROMPT, report)
    if ref is None:
        return None
    step = Ref(ref.parts[0], ref.parts[:1], ref.arg)
    found = context.names.find(step, *context.makers, what="a step with a text")
    if found is None:
        return None
    if not several and (context.drafts[found].candidates or 1) > 1:
        report.add("TAP413", f"`{found}` has several candidates; a {role} is one text", ref.arg.place)
        return None
    if len(ref.parts) == 1:
        return found
    return ref.text if _is_text(ref, role, context.drafts[found], report) else None


def _is_text(ref: Ref, role: str, draft: StepDraft, report: Report) -> bool:
    """Whether a step has a field, and that is a text; otherwise reported."""
    field = ".".join(ref.parts[1:])
    types = dict(draft.returns.fields) if draft.returns is not None else dict.fromkeys(draft.columns)
    if field not in types:
        unknown_word(f"`{ref.parts[0]}` has no field", field, types, ref.arg.place, report, code="TAP111")
        return False
    kind = types[field]
    if kind is None or kind.kind in ("text", "one_of"):
        return True
    report.add("TAP441", f"`{ref.text}` is of type {kind.kind}; a {role} is a text", ref.arg.place)
    return False


def show_best_by(emit: Emit, page: Page) -> list[tuple[str, str]]:
    """See `EmitKind.show`."""
    return [] if emit.best_by is None else [("best_by", page.path(emit.best_by))]


def show_prompt(emit: Emit, page: Page) -> list[tuple[str, str]]:
    """See `EmitKind.show`."""
    if emit.asked:
        return [("prompt", ASKED)]
    return [] if emit.prompt is None else [("prompt", page.path(emit.prompt))]
