"""Fields that several kinds of outputs take."""

from tapc.ir import Emit
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.page import Page
from tapc.semantics.values import Fields, Ref
from tapc.semantics.vocabulary import Field

BEST_BY = Field("best_by", "path", "The score that picks one candidate.", "best_by verdict.overall")

PROMPT = Field(
    "prompt",
    "path",
    "The step whose text is the prompt, instead of what both sides were asked (`preference`, `reward` from a pair).",
    "prompt question",
)


def read_best_by(fields: Fields, context: LoweringContext) -> str | None:
    """The score that picks one candidate."""
    ref: Ref | None = fields.read("best_by")
    return None if ref is None else context.scores.named(ref.arg)


def read_prompt(fields: Fields, context: LoweringContext) -> str | None:
    """The step whose text is the prompt of the rows; it has one candidate."""
    ref: Ref | None = fields.read("prompt")
    if ref is None:
        return None
    found = context.names.find(ref, *context.makers, what="a step with a text")
    if found is not None and (context.drafts[found].candidates or 1) > 1:
        context.report.add("TAP413", f"`{found}` has several candidates; a prompt is one text", ref.arg.place)
        return None
    return found


def show_best_by(emit: Emit, page: Page) -> list[tuple[str, str]]:
    """See `EmitKind.show`."""
    return [] if emit.best_by is None else [("best_by", page.path(emit.best_by))]


def show_prompt(emit: Emit, page: Page) -> list[tuple[str, str]]:
    """See `EmitKind.show`."""
    return [] if emit.prompt is None else [("prompt", page.path(emit.prompt))]
