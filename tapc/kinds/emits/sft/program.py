"""Conversations to imitate, in the `messages` format."""

from fractions import Fraction

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.sft.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import NUMBER, Column, messages_type, provenance_column
from tapc.rows.common import (
    Row,
    RowContext,
    candidates,
    completion,
    lower_is_better,
    number,
    prompt_of,
    provenance,
    score,
)
from tapc.steps import Candidate, SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row for the best candidate by `best_by`, or one for each candidate where the spec names no score."""
    source = context.emit.source or ""
    pool = candidates(slot, source)
    best_by = context.emit.best_by
    if best_by is not None:
        pool = _best(slot, pool, best_by, context)
    return [
        {
            "messages": [*prompt, completion(c, context)],
            "score": number(score(slot, best_by, c.index)) if best_by else None,
            "provenance": provenance(slot, context, (c,)),
        }
        for c in pool
        if (prompt := prompt_of(slot, c, context)) is not None
    ]


def _best(slot: SlotState, pool: tuple[Candidate, ...], path: str, context: RowContext) -> tuple[Candidate, ...]:
    """The candidate with the best score; the first of equals; none where nothing is scored."""
    sign = -1 if lower_is_better(context, path) else 1
    scored: list[tuple[Fraction, int, Candidate]] = []
    for found in pool:
        value = score(slot, path, found.index)
        if isinstance(value, Fraction | bool):
            scored.append((sign * Fraction(value), -found.index, found))
    return (max(scored, key=lambda entry: entry[:2])[2],) if scored else ()


def sft_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `sft`."""
    return (
        Column("messages", messages_type(emit, answers=True), "The conversation, the answer last."),
        Column("score", NUMBER, "By which the answer was picked (`best_by`)."),
        provenance_column(dataset),
    )


RUNTIME = EmitRuntime(KIND.name, rows, sft_columns)
