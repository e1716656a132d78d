"""What writes rows of `emit rejects`."""

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.rejects.spec import KIND
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import COUNT, FLAG, TEXT, Column, axes_columns
from tapc.rows.common import Row, RowContext, cell, slot_id
from tapc.steps import SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
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


def rejects_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:  # noqa: ARG001 - what every kind is given
    """Columns of `rejects`."""
    return (
        Column("slot", TEXT),
        Column("taxonomy", TEXT),
        *axes_columns(dataset),
        Column("step", TEXT, "The step that rejected it."),
        Column("candidate", COUNT),
        Column("attempt", COUNT),
        Column("reason", TEXT),
        Column("detail", TEXT),
        Column("text", TEXT, "The rejected text."),
        Column("endpoint", TEXT),
        Column("job", TEXT),
        Column("simulated", FLAG),
    )


RUNTIME = EmitRuntime(KIND.name, rows, rejects_columns, place=2)
