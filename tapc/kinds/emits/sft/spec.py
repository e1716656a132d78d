"""`emit sft` between spec and model."""

from typing import Any

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import BEST_BY, PROMPT, read_best_by, read_prompt, show_best_by, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.page import Page
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields


class Sft(Emit):
    """Conversations to imitate."""

    def shows_conversation(self) -> bool:
        """See `Emit`."""
        return self.prompt is None


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return {**read_prompt(fields, context), "best_by": read_best_by(fields, context)}


def _show(emit: Sft, page: Page) -> list[tuple[str, str]]:
    return [*show_prompt(emit, page), *show_best_by(emit, page)]


KIND = EmitKind("sft", candidates=True, fields=(PROMPT, BEST_BY), model=Sft, read=_read, show=_show)
