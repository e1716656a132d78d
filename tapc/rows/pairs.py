"""Chosen and rejected answers to one prompt, as TRL's conversational preference format has them."""

from tapc.ir import Dataset, Emit
from tapc.jobs import Message
from tapc.rows.columns import NUMBER, Column, messages_type, provenance_column, scores_type
from tapc.rows.common import (
    Row,
    RowContext,
    candidate,
    candidates,
    completion,
    messages,
    number,
    provenance,
    score,
    scores_of,
)
from tapc.steps import Paired, SlotState


def _prompt(slot: SlotState, context: RowContext) -> list[dict[str, str]] | None:
    """The text of the step that the spec names, as the user's message; None where it names none, or there is none."""
    made = candidates(slot, context.emit.prompt or "")
    return messages((Message("user", made[0].text),), context) if made else None


def pair_rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row per pair: `prompt`, `chosen`, `rejected` (messages), scores, margin, provenance."""
    source = context.emit.source or ""
    paired = slot.results.get(source)
    if not isinstance(paired, Paired):
        return []
    step = next((s for s in context.dataset.steps if s.name == source), None)
    told = _prompt(slot, context)
    if context.emit.prompt is not None and told is None:
        return []
    first = next(iter(step.ranked_by()), "") if step is not None else ""
    found: list[Row] = []
    for pair in paired.pairs:
        chosen, rejected = (candidate(slot, paired.of, i) for i in (pair.chosen, pair.rejected))
        found.append(
            {
                "prompt": messages(chosen.messages, context) if told is None else told,
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
