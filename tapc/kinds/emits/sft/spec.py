"""`emit sft` between spec and model."""

from typing import Any

from tapc.semantics.compose import Item
from tapc.semantics.lower.emit_fields import BEST_BY, read_best_by, show_best_by
from tapc.semantics.lower.steps import LoweringContext
from tapc.semantics.registry import EmitKind
from tapc.semantics.values import Fields


def _read(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return {"best_by": read_best_by(fields, context)}


KIND = EmitKind("sft", candidates=True, fields=(BEST_BY,), read=_read, show=show_best_by)
