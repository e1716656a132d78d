"""`emit reward` between spec and model."""

from typing import Any

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import PROMPT, read_prompt, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields


class Reward(Emit):
    """Answers with a score, or pairs with a margin."""

    def shows_conversation(self) -> bool:
        """See `Emit`."""
        return self.prompt is None

    def pairs_answers(self) -> bool:
        """See `Emit`; rows of a score have one answer each, and a prompt of their own."""
        return True


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return read_prompt(fields, context)


KIND = EmitKind(
    "reward",
    ("pair", "judge", "score"),
    scores="comparable",
    fields=(PROMPT,),
    model=Reward,
    read=_read,
    show=show_prompt,
)
