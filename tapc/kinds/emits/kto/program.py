"""What writes rows of `emit kto`, read `from JUDGE.ASPECT` or from a pair."""

from fractions import Fraction
from typing import cast

import msgspec

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.kto.spec import KIND, Kto
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import FLAG, Column, answer_columns, provenance_column
from tapc.rows.common import (
    Row,
    RowContext,
    candidate,
    completion,
    lower_is_better,
    prompt_of,
    provenance,
    scored,
)
from tapc.steps import Candidate, Paired, ScoreValue, SlotState


def rows(slot: SlotState, context: RowContext) -> list[Row]:
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
        for c, value in scored(slot, context):
            label = _label(value, context)
            if label is not None:
                labeled.append((c, label))
    return [
        {
            "prompt": prompt,
            "completion": [completion(c, context)],
            "label": label,
            "provenance": provenance(slot, context, (c,)),
        }
        for c, label in labeled
        if (prompt := prompt_of(slot, c, context)) is not None
    ]


def _label(value: ScoreValue, context: RowContext) -> bool | None:
    lower = lower_is_better(context, context.emit.source or "")
    if isinstance(value, bool):
        return value is not lower
    emit = cast("Kto", context.emit)
    good, bad = emit.good, emit.bad
    if not isinstance(value, Fraction) or good is None or bad is None:
        return None
    sign = -1 if lower else 1
    if sign * value >= sign * good:
        return True
    return False if sign * value <= sign * bad else None


class _Labeled(msgspec.Struct):
    label: bool


_LABELED = msgspec.json.Decoder(_Labeled)


def label(row: bytes) -> str:
    """The label of an encoded row."""
    return "good" if _LABELED.decode(row).label else "bad"


def kto_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `kto`."""
    return (*answer_columns(emit), Column("label", FLAG, "Whether the answer is good."), provenance_column(dataset))


RUNTIME = EmitRuntime(KIND.name, rows, kto_columns, label)
