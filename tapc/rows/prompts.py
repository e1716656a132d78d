"""Prompts alone, for training that samples its own answers."""

from tapc.jobs import Message
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
