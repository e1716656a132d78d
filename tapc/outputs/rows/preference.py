"""Chosen and rejected answers to one prompt, as TRL's conversational preference format has them."""

from tapc.outputs.rows.common import (
    Row,
    RowContext,
    candidate,
    completion,
    messages,
    number,
    provenance,
    score,
    scores_of,
)
from tapc.steps import Paired, SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row a pair: `prompt`, `chosen`, `rejected` (messages), scores, margin, provenance."""
    source = context.emit.source or ""
    paired = slot.results.get(source)
    if not isinstance(paired, Paired):
        return []
    step = next((s for s in context.dataset.steps if s.name == source), None)
    first = step.by[0] if step is not None and step.kind == "pair" and step.by else ""
    found: list[Row] = []
    for pair in paired.pairs:
        chosen, rejected = (candidate(slot, paired.of, i) for i in (pair.chosen, pair.rejected))
        found.append(
            {
                "prompt": messages(chosen.messages, context),
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
