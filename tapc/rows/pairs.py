"""Chosen and rejected answers to one prompt, as TRL's conversational preference format has them."""

from tapc.ir import Dataset, Emit
from tapc.rows.columns import NUMBER, Column, messages_type, provenance_column, scores_type
from tapc.rows.common import (
    Row,
    RowContext,
    candidate,
    completion,
    number,
    prompt_of,
    provenance,
    score,
    scores_of,
)
from tapc.steps import Paired, SlotState


def pair_rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row per pair: `prompt`, `chosen`, `rejected` (messages), scores, margin, provenance."""
    source = context.emit.source or ""
    paired = slot.results.get(source)
    if not isinstance(paired, Paired):
        return []
    step = next((s for s in context.dataset.steps if s.name == source), None)
    first = next(iter(step.ranked_by()), "") if step is not None else ""
    found: list[Row] = []
    for pair in paired.pairs:
        chosen, rejected = (candidate(slot, paired.of, i) for i in (pair.chosen, pair.rejected))
        prompt = prompt_of(slot, chosen, context)
        if prompt is None:
            continue
        found.append(
            {
                "prompt": prompt,
                "chosen": [completion(chosen, context)],
                "rejected": [completion(rejected, context)],
                "score_chosen": number(score(slot, first, pair.chosen)),
                "score_rejected": number(score(slot, first, pair.rejected)),
                "margin": float(pair.margin),
                "scores_chosen": scores_of(slot, paired.of, pair.chosen, context),
                "scores_rejected": scores_of(slot, paired.of, pair.rejected, context),
                "provenance": provenance(slot, context, (chosen, rejected)),
            }
        )
    return found


def pair_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of these rows."""
    step = next((one for one in dataset.steps if one.name == emit.source), None)
    of = (step.paired() if step is not None else None) or ""
    return (
        Column("prompt", messages_type(emit), "What both sides answer."),
        Column("chosen", messages_type(emit, answers=True), "The better answer."),
        Column("rejected", messages_type(emit, answers=True), "The worse answer."),
        Column("score_chosen", NUMBER, "First score of the pair's `by`."),
        Column("score_rejected", NUMBER, "The same, of the worse answer."),
        Column("margin", NUMBER, "Their difference."),
        Column("scores_chosen", scores_type(dataset, of), "Every score of the better answer."),
        Column("scores_rejected", scores_type(dataset, of), "Every score of the worse answer."),
        provenance_column(dataset),
    )
