"""Everything a slot made, and everything that was rejected."""

from typing import Any

import msgspec

from tapc.rows.common import Row, RowContext, Shown, cell, drawn, provenance, scores_of, slot_id
from tapc.steps import Candidate, Generated, Paired, SlotState


def record_rows(slot: SlotState, context: RowContext) -> list[Row]:
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


def reject_rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row for everything rejected in a slot, in an order independent of timing."""
    if not slot.rejections:
        return []
    ordered = sorted(slot.rejections, key=lambda r: (context.order.get(r.step, 0), r.candidate, r.attempt, r.reason))
    return [
        {
            "slot": slot_id(slot),
            **cell(slot, context),
            "step": r.step,
            "candidate": r.candidate,
            "attempt": r.attempt,
            "reason": r.reason,
            "detail": r.detail,
            "text": r.text,
            "endpoint": r.endpoint,
            "job": r.key.hex(),
            "simulated": context.simulated,
        }
        for r in ordered
    ]


def _plain(value: Shown) -> str | None:
    """A score as text: texts as they are, anything else as JSON."""
    return value if isinstance(value, str | None) else msgspec.json.encode(value).decode()
