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

    def pairs_answers(self) -> bool:
        """See `Emit`; rows of a score have one answer each, and a prompt of their own."""
        return True


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    given = fields.get("prompt")
    if given is not None and context.names.kinds.get(source.partition(".")[0]) in context.scorers:
        message = "`prompt` is for rows of a pair: each answer has its own"
        context.report.add("TAP441", message, given.args[0].place if given.args else given.place)
        return {}
    return {"prompt": read_prompt(fields, context)}


KIND = EmitKind(
    "reward",
    ("pair", "judge", "score"),
    scores="comparable",
    fields=(PROMPT,),
    model=Reward,
    read=_read,
    show=show_prompt,
)
