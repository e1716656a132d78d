"""`emit preference` between spec and model."""

from typing import Any

from tapc.ir import Emit
from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import PROMPT, read_prompt, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields


class Preference(Emit):
    """Chosen and rejected answers to one prompt."""

    def shows_conversation(self) -> bool:
        """See `Emit`."""
        return self.prompt is None

    def pairs_answers(self) -> bool:
        """See `Emit`."""
        return True


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return read_prompt(fields, context)


KIND = EmitKind("preference", ("pair",), fields=(PROMPT,), model=Preference, read=_read, show=show_prompt)
