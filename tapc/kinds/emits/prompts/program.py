"""Prompts alone, for training that samples its own answers."""

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.prompts.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import Column, messages_type, provenance_column
from tapc.rows.common import Row, RowContext, candidates, provenance, text_in
from tapc.steps import SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row for each candidate of the step whose text is the prompt."""
    step, _, field = (context.emit.prompt or "").partition(".")
    return [
        {"prompt": [{"role": "user", "content": text}], "provenance": provenance(slot, context, (c,))}
        for c in candidates(slot, step)
        if (text := text_in(c, field)) is not None
    ]


def prompts_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `prompts`."""
    return (Column("prompt", messages_type(emit), "What to ask."), provenance_column(dataset))


RUNTIME = EmitRuntime(KIND.name, rows, prompts_columns)
