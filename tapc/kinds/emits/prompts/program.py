"""Prompts alone, for training that samples its own answers."""

from tapc.ir import Dataset, Emit
from tapc.jobs import Message
from tapc.kinds.emits.prompts.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import Column, messages_type, provenance_column
from tapc.rows.common import Row, RowContext, candidates, messages, provenance
from tapc.steps import SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row for each candidate of the source, its text as the user's message."""
    return [
        {
            "prompt": messages((Message("user", c.text),), context),
            "provenance": provenance(slot, context, (c,)),
        }
        for c in candidates(slot, context.emit.source or "")
    ]


def prompts_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `prompts`."""
    return (Column("prompt", messages_type(emit), "What to ask."), provenance_column(dataset))


RUNTIME = EmitRuntime(KIND.name, rows, prompts_columns)
