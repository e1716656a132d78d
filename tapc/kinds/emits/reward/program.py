"""What writes rows of `emit reward`."""

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.reward.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import NUMBER, Column, answer_columns, provenance_column
from tapc.rows.common import Row, RowContext, completion, number, prompt_of, provenance, scored
from tapc.rows.pairs import pair_columns, pair_rows
from tapc.steps import Paired, SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """From a pair: preference rows (their margin is what a reward trainer reads). From a score: one row per answer."""
    if isinstance(slot.results.get(context.emit.source or ""), Paired):
        return pair_rows(slot, context)
    return [
        {
            "prompt": prompt,
            "completion": [completion(c, context)],
            "score": number(value),
            "provenance": provenance(slot, context, (c,)),
        }
        for c, value in scored(slot, context)
        if number(value) is not None and (prompt := prompt_of(slot, c, context)) is not None
    ]


def reward_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `reward`."""
    if any(step.name == emit.source and step.paired() for step in dataset.steps):
        return pair_columns(dataset, emit)
    return (*answer_columns(emit), Column("score", NUMBER, "Of the answer."), provenance_column(dataset))


RUNTIME = EmitRuntime(KIND.name, rows, reward_columns, balanced=True)
