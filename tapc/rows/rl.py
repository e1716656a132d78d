"""Prompts with a verifiable answer, for reinforcement learning."""

import msgspec

from tapc.jobs import Message
from tapc.rows.common import Row, RowContext, candidates, messages, provenance, score
from tapc.steps import Generated, Judged, SlotState, plain


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row: `prompt` (messages), `ground_truth` (text, from `truth`), `data_source`, provenance.

    The prompt is what the source's text answers; a row of an `input` is asked itself.
    """
    truth = _truth(slot, context.emit.truth or "")
    if truth is None:
        return []
    pool = candidates(slot, context.emit.source or "")
    return [
        {
            "prompt": messages(c.messages if c.key else (*c.messages, Message("user", c.text)), context),
            "ground_truth": truth,
            "data_source": context.emit.data_source or context.dataset.name,
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
