"""`emit prompts` between spec and model."""

from typing import Any

from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import TEXT, read_only_prompt, show_prompt
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return {"prompt": read_only_prompt(item, fields, context, several=True)}


KIND = EmitKind("prompts", instead="prompt", fields=(TEXT,), read=_read, show=show_prompt)
