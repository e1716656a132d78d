"""Rows about single answers with a score: `reward` and `kto`, read `from JUDGE.ASPECT` or from a pair."""

from collections.abc import Iterator
from fractions import Fraction

import msgspec

from tapc.rows import preference
from tapc.rows.common import (
    Row,
    RowContext,
    candidate,
    completion,
    lower_is_better,
    messages,
    number,
    provenance,
    score,
)
from tapc.steps import Candidate, Judged, Paired, ScoreValue, SlotState


def _scored(slot: SlotState, context: RowContext) -> Iterator[tuple[Candidate, ScoreValue]]:
    path = context.emit.source or ""
    result = slot.results.get(path.partition(".")[0])
    if isinstance(result, Judged):
        for verdict in result.verdicts:
            yield candidate(slot, result.of, verdict.candidate), score(slot, path, verdict.candidate)


def reward_rows(slot: SlotState, context: RowContext) -> list[Row]:
    """From a pair: preference rows (their margin is what a reward trainer reads). From a score: one row per answer."""
    if isinstance(slot.results.get(context.emit.source or ""), Paired):
        return preference.rows(slot, context)
    return [
        {
            "prompt": messages(c.messages, context),
            "completion": [completion(c, context)],
            "score": number(value),
            "provenance": provenance(slot, context, (c,)),
        }
        for c, value in _scored(slot, context)
        if number(value) is not None
    ]


def kto_rows(slot: SlotState, context: RowContext) -> list[Row]:
    """Unpaired preference: `label` is true at `good` or better, false at `bad` or worse; what lies between is left out.

    From a pair, the chosen answer is good and the rejected one bad.
    """
    result = slot.results.get(context.emit.source or "")
    labeled: list[tuple[Candidate, bool]] = []
    if isinstance(result, Paired):
        for pair in result.pairs:
            labeled.append((candidate(slot, result.of, pair.chosen), True))
            labeled.append((candidate(slot, result.of, pair.rejected), False))
    else:
        for c, value in _scored(slot, context):
            label = _label(value, context)
            if label is not None:
                labeled.append((c, label))
    return [
        {
            "prompt": messages(c.messages, context),
            "completion": [completion(c, context)],
            "label": label,
            "provenance": provenance(slot, context, (c,)),
        }
        for c, label in labeled
    ]


def _label(value: ScoreValue, context: RowContext) -> bool | None:
    lower = lower_is_better(context, context.emit.source or "")
    if isinstance(value, bool):
        return value is not lower
    good, bad = context.emit.good, context.emit.bad
    if not isinstance(value, Fraction) or good is None or bad is None:
        return None
    sign = -1 if lower else 1
    if sign * value >= sign * good:
        return True
    return False if sign * value <= sign * bad else None


class _Labeled(msgspec.Struct):
    label: bool


_LABELED = msgspec.json.Decoder(_Labeled)


def kto_label(row: bytes) -> str:
    """The label of an encoded row."""
    return "good" if _LABELED.decode(row).label else "bad"
