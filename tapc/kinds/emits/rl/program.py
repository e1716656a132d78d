"""Prompts with a verifiable answer, for reinforcement learning."""

from typing import cast

import msgspec

from tapc.ir import Dataset, Emit
from tapc.jobs import Message
from tapc.kinds.emits.rl.spec import KIND, Rl
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import TEXT, Column, messages_type, provenance_column
from tapc.rows.common import Row, RowContext, candidates, messages, provenance, score
from tapc.steps import Generated, Judged, SlotState, plain


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row: `prompt` (messages), `ground_truth` (text, from `truth`), `data_source`, provenance.

    The prompt is what the source's text answers; a row of an `input` is asked itself.
    """
    emit = cast("Rl", context.emit)
    truth = _truth(slot, emit.truth or "")
    if truth is None:
        return []
    pool = candidates(slot, context.emit.source or "")
    return [
        {
            "prompt": messages(c.messages if c.key else (*c.messages, Message("user", c.text)), context),
            "ground_truth": truth,
            "data_source": emit.data_source or context.dataset.name,
            "provenance": provenance(slot, context, (c,)),
        }
        for c in pool[:1]
    ]


def _truth(slot: SlotState, path: str) -> str | None:
    step, _, field = path.partition(".")
    result = slot.results.get(step)
    if isinstance(result, Judged) and result.verdicts:
        value = score(slot, path, result.verdicts[0].candidate)
        return None if value is None else plain(value)
    if isinstance(result, Generated) and result.candidates:
        first = result.candidates[0]
        if not field:
            return first.text
        return _text(first.fields[field]) if first.fields is not None and field in first.fields else None
    return None


def _text(value: object) -> str:
    """A field as a truth to compare with: texts as they are, anything else as JSON, never as Python writes it."""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


class _Labeled(msgspec.Struct):
    ground_truth: str


_LABELED = msgspec.json.Decoder(_Labeled)


def label(row: bytes) -> str:
    """The right answer of an encoded row."""
    return _LABELED.decode(row).ground_truth


def rl_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `rl`."""
    return (
        Column("prompt", messages_type(emit), "What to ask."),
        Column("ground_truth", TEXT, "The right answer."),
        Column("data_source", TEXT, "Where the prompt comes from."),
        provenance_column(dataset),
    )


RUNTIME = EmitRuntime(KIND.name, rows, rl_columns, label)
