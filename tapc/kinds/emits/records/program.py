"""What writes rows of `emit records`."""

from typing import Any

import msgspec

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.records.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import COUNT, NUMBER, TEXT, Column, Fields, Listed, drawn_type, provenance_column
from tapc.rows.common import Row, RowContext, Shown, drawn, provenance, scores_of
from tapc.steps import Candidate, Generated, Paired, SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row per accepted slot: all candidates of all steps with their scores, and the pairs."""
    steps: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    used: list[Candidate] = []
    for name, result in sorted(slot.results.items(), key=lambda item: context.order.get(item[0], 0)):
        if isinstance(result, Generated):
            used.extend(result.candidates)
            steps.extend(
                {
                    "step": name,
                    "candidate": c.index,
                    "endpoint": c.endpoint,
                    "prompt": [{"role": m.role, "content": m.content} for m in c.messages],
                    "text": c.text,
                    "reasoning": c.reasoning,
                    "attempt": c.attempt,
                    "job": c.key.hex(),
                    **({"drawn": drawn(c, context)} if context.drawn else {}),
                    "scores": [
                        {"name": path, "value": _plain(value)}
                        for path, value in scores_of(slot, name, c.index, context).items()
                    ],
                }
                for c in result.candidates
            )
        elif isinstance(result, Paired):
            pairs.extend(
                {"step": name, "of": result.of, "chosen": p.chosen, "rejected": p.rejected, "margin": float(p.margin)}
                for p in result.pairs
            )
    return [{"candidates": steps, "pairs": pairs, "provenance": provenance(slot, context, tuple(used))}]


def _plain(value: Shown) -> str | None:
    """A score as text: texts as they are, anything else as JSON."""
    return value if isinstance(value, str | None) else msgspec.json.encode(value).decode()


def prompts(row: Row, context: RowContext) -> list[object]:
    """Prompts of those candidates that no other step is prompted with: what the answers of a row answer."""
    return [
        [message for message in made["prompt"] if message["role"] != "system"]
        for made in row["candidates"]
        if made["step"] in context.answering
    ]


def records_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:  # noqa: ARG001 - what every kind is given
    """Columns of `records`."""
    drawn = drawn_type(dataset)
    candidate = (
        Column("step", TEXT),
        Column("candidate", COUNT),
        Column("endpoint", TEXT),
        Column("prompt", Listed(Fields((Column("role", TEXT), Column("content", TEXT))))),
        Column("text", TEXT),
        Column("reasoning", TEXT),
        Column("attempt", COUNT),
        Column("job", TEXT),
        *([] if drawn is None else [Column("drawn", drawn)]),
        Column("scores", Listed(Fields((Column("name", TEXT), Column("value", TEXT))))),
    )
    pair = (
        Column("step", TEXT),
        Column("of", TEXT),
        Column("chosen", COUNT),
        Column("rejected", COUNT),
        Column("margin", NUMBER),
    )
    return (
        Column("candidates", Listed(Fields(candidate)), "Everything that was made, with its scores."),
        Column("pairs", Listed(Fields(pair)), "Which candidates were paired."),
        provenance_column(dataset),
    )


RUNTIME = EmitRuntime(KIND.name, rows, records_columns, prompts=prompts, place=1)
