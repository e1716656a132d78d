"""Prompts with a verifiable answer, for reinforcement learning."""

from typing import cast

import msgspec

from tapc.ir import Dataset, Emit
from tapc.kinds.emits.rl.spec import KIND, Rl
from tapc.kinds.runtime import EmitRuntime
from tapc.rows.columns import NUMBER, TEXT, Column, Type, messages_type, provenance_column
from tapc.rows.common import Row, RowContext, candidates, number, provenance, score, text_of
from tapc.steps import Judged, ScoreValue, SlotState, plain

_SURE = {
    "agreement": "Share of the candidates asked that gave the answer.",
    "count": "How many gave it.",
}
_OF_VOTE: dict[str, Type] = {"agreement": NUMBER, "count": NUMBER}
"""Results of a vote that say how sure its majority is."""


def rows(slot: SlotState, context: RowContext) -> list[Row]:
    """One row: `prompt` (messages), `ground_truth` (text), `data_source`, provenance; of a vote also how sure it is."""
    emit = cast("Rl", context.emit)
    truth = _truth(slot, emit.truth or "")
    told = text_of(slot, emit.prompt or "")
    if truth is None or told is None:
        return []
    return [
        {
            "prompt": [{"role": "user", "content": told}],
            "ground_truth": truth,
            "data_source": emit.data_source or context.dataset.name,
            **{name: number(_of_vote(slot, emit, name)) for name in _sure(context.dataset, emit)},
            "provenance": provenance(slot, context, candidates(slot, (emit.prompt or "").partition(".")[0])[:1]),
        }
    ]


def _truth(slot: SlotState, path: str) -> str | None:
    result = slot.results.get(path.partition(".")[0])
    if isinstance(result, Judged) and result.verdicts:
        value = score(slot, path, result.verdicts[0].candidate)
        return None if value is None else plain(value)
    return text_of(slot, path)


def _of_vote(slot: SlotState, emit: Rl, name: str) -> ScoreValue:
    """A result of the vote that gives the truth; all its verdicts hold the same."""
    step = (emit.truth or "").partition(".")[0]
    result = slot.results.get(step)
    return score(slot, f"{step}.{name}", result.verdicts[0].candidate) if isinstance(result, Judged) else None


def _sure(dataset: Dataset, emit: Rl) -> list[str]:
    """Names of the columns that say how sure the truth is; none where it is not the result of a vote."""
    step = (emit.truth or "").partition(".")[0]
    known = {name for one in dataset.steps if one.name == step for name, _ in one.scores()}
    return [*_OF_VOTE] if known >= _OF_VOTE.keys() else []


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
        *(Column(name, _OF_VOTE[name], _SURE[name]) for name in _sure(dataset, cast("Rl", emit))),
        provenance_column(dataset),
    )


RUNTIME = EmitRuntime(KIND.name, rows, rl_columns, label)
