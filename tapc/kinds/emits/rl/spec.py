"""`emit rl` between spec and model."""

from typing import Any

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import TEXT, read_only_prompt, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.page import Page
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields, Ref, unknown_word
from tapc.semantics.vocabulary import Field
from tapc.syntax import quote


class Rl(Emit):
    """Prompts with a verifiable answer.

    Attributes:
        truth: score, text or field that is the reference answer.
        data_source: name of the data source in the rows; None means the dataset's.
    """

    truth: str | None = None
    data_source: str | None = None

    def reads(self) -> tuple[str, ...]:
        """See `Emit`."""
        return (*super().reads(), *(() if self.truth is None else (self.truth,)))


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return {
        "prompt": read_only_prompt(item, fields, context, several=False),
        "truth": _truth(fields, context),
        "data_source": fields.read("source"),
    }


def _truth(fields: Fields, context: LoweringContext) -> str | None:
    """A score, or a step's text or field, as the reference answer."""
    ref: Ref | None = fields.read("truth")
    if ref is None:
        return None
    name = ref.parts[0]
    if context.names.kinds.get(name) not in context.makers:
        return context.scores.named(ref.arg, comparable=False)
    draft = context.drafts[name]
    known = draft.columns if draft.returns is None else tuple(field for field, _ in draft.returns.fields)
    if len(ref.parts) == 1 or ref.parts[1] in known:
        return ref.text
    unknown_word(f"`{name}` has no field", ref.parts[1], known, ref.arg.place, context.report, code="TAP111")
    return None


def _show(emit: Rl, page: Page) -> list[tuple[str, str]]:
    lines = show_prompt(emit, page)
    lines += [] if emit.truth is None else [("truth", page.path(emit.truth))]
    return lines if emit.data_source is None else [*lines, ("source", quote(emit.data_source))]


KIND = EmitKind(
    "rl",
    instead="prompt",
    fields=(
        TEXT,
        Field("truth", "path", "The reference answer (`rl`).", "truth v.majority"),
        Field("source", "text", "Name of the data source in the rows (`rl`).", 'source "math"'),
    ),
    model=Rl,
    read=_read,
    show=_show,
)
