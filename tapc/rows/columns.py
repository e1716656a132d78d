"""The columns of every config, derived from the spec: what rows hold, whatever a run happens to make.

One description for all readers: the card's `dataset_info`, so that no reader infers types from rows, and later other
encodings. A row has every column of its config, and every field of a struct; what is missing is null.
"""

from typing import Any, Literal

import msgspec

from tapc.ir import Dataset, Emit, ScoreType

ScalarName = Literal["string", "float64", "int64", "bool"]


class Scalar(msgspec.Struct, frozen=True):
    """One value; null where it is missing."""

    name: ScalarName


class Listed(msgspec.Struct, frozen=True):
    """A list of values of one type."""

    item: "Type"


class Fields(msgspec.Struct, frozen=True):
    """A struct with fixed fields."""

    columns: tuple["Column", ...]


Type = Scalar | Listed | Fields


class Column(msgspec.Struct, frozen=True):
    """A column, or a field of a struct."""

    name: str
    type: Type
    definition: str = ""


TEXT = Scalar("string")
NUMBER = Scalar("float64")
COUNT = Scalar("int64")
FLAG = Scalar("bool")


def axes_of(dataset: Dataset) -> tuple[str, ...]:
    """Names of the axes that every slot has a value of, the taxonomy's apart; sorted."""
    return tuple(sorted(mix.name for mix in dataset.space.mixes if not mix.per_candidate))


def drawn_of(dataset: Dataset) -> tuple[str, ...]:
    """Names of the mixes that are drawn for each candidate; sorted."""
    return tuple(sorted(mix.name for mix in dataset.space.mixes if mix.per_candidate))


def scores_of_step(dataset: Dataset, step: str) -> tuple[tuple[str, Type], ...]:
    """Every score that candidates of a step can have, as `judge.aspect` with its type; sorted by name."""
    found: list[tuple[str, Type]] = []
    for one in dataset.steps:
        if one.scored() == step:
            found += [(f"{one.name}.{name}", _SCORES[kind]) for name, kind in one.scores()]
    return tuple(sorted(found, key=lambda entry: entry[0]))


_SCORES: dict[ScoreType, Type] = {"number": NUMBER, "flag": FLAG, "text": TEXT, "texts": Listed(TEXT)}


def _messages(emit: Emit, *, answers: bool = False) -> Type:
    fields = [Column("role", TEXT), Column("content", TEXT)]
    if answers and emit.reasoning == "keep":
        fields.append(Column("reasoning", TEXT))
    return Listed(Fields(tuple(fields)))


def _scores(dataset: Dataset, step: str) -> Type:
    return Fields(tuple(Column(name, kind) for name, kind in scores_of_step(dataset, step)))


def _axes(dataset: Dataset) -> list[Column]:
    names = axes_of(dataset)
    if not names:
        return []
    return [Column("axes", Fields(tuple(Column(name, TEXT) for name in names)), "The sample's value of each axis.")]


def _drawn(dataset: Dataset) -> Type | None:
    names = drawn_of(dataset)
    return Fields(tuple(Column(name, TEXT) for name in names)) if names else None


def _provenance(dataset: Dataset) -> Column:
    drawn = _drawn(dataset)
    fields = [
        Column("slot", TEXT, "The sample."),
        Column("taxonomy", TEXT, "Dotted path of its leaf; empty without a taxonomy."),
        *_axes(dataset),
        Column("endpoints", Listed(TEXT), "Who wrote the answers, in the order of the row."),
        Column("models", Listed(TEXT), "Their models."),
        *([] if drawn is None else [Column("drawn", Listed(drawn), "What was drawn for each of those answers.")]),
        Column("jobs", Listed(TEXT), "Keys of all replies the sample is made of."),
        Column("simulated", FLAG, "Whether any endpoint of the dataset is simulated."),
    ]
    return Column("provenance", Fields(tuple(fields)), "Where the row comes from.")


def preference_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `preference`."""
    step = next((one for one in dataset.steps if one.name == emit.source), None)
    of = (step.paired() if step is not None else None) or ""
    return (
        Column("prompt", _messages(emit), "What both sides answer."),
        Column("chosen", _messages(emit, answers=True), "The better answer."),
        Column("rejected", _messages(emit, answers=True), "The worse answer."),
        Column("score_chosen", NUMBER, "First score of the pair's `by`."),
        Column("score_rejected", NUMBER, "The same, of the worse answer."),
        Column("margin", NUMBER, "Their difference."),
        Column("scores_chosen", _scores(dataset, of), "Every score of the better answer."),
        Column("scores_rejected", _scores(dataset, of), "Every score of the worse answer."),
        _provenance(dataset),
    )


def sft_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `sft`."""
    return (
        Column("messages", _messages(emit, answers=True), "The conversation, the answer last."),
        Column("score", NUMBER, "By which the answer was picked (`best_by`)."),
        _provenance(dataset),
    )


def reward_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `reward`."""
    if any(step.name == emit.source and step.paired() for step in dataset.steps):
        return preference_columns(dataset, emit)
    return (*_answered(emit), Column("score", NUMBER, "Of the answer."), _provenance(dataset))


def kto_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `kto`."""
    return (*_answered(emit), Column("label", FLAG, "Whether the answer is good."), _provenance(dataset))


def _answered(emit: Emit) -> tuple[Column, ...]:
    return (
        Column("prompt", _messages(emit), "What was asked."),
        Column("completion", _messages(emit, answers=True), "The answer."),
    )


def rl_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `rl`."""
    return (
        Column("prompt", _messages(emit), "What to ask."),
        Column("ground_truth", TEXT, "The right answer."),
        Column("data_source", TEXT, "Where the prompt comes from."),
        _provenance(dataset),
    )


def prompts_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:
    """Columns of `prompts`."""
    return (Column("prompt", _messages(emit), "What to ask."), _provenance(dataset))


def records_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:  # noqa: ARG001 - what every kind is given
    """Columns of `records`."""
    drawn = _drawn(dataset)
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
        _provenance(dataset),
    )


def rejects_columns(dataset: Dataset, emit: Emit) -> tuple[Column, ...]:  # noqa: ARG001 - what every kind is given
    """Columns of `rejects`."""
    return (
        Column("slot", TEXT),
        Column("taxonomy", TEXT),
        *_axes(dataset),
        Column("step", TEXT, "Where it was turned down."),
        Column("candidate", COUNT),
        Column("attempt", COUNT),
        Column("reason", TEXT),
        Column("detail", TEXT),
        Column("text", TEXT, "What was turned down."),
        Column("endpoint", TEXT),
        Column("job", TEXT),
        Column("simulated", FLAG),
    )


def features(found: tuple[Column, ...]) -> list[dict[str, Any]]:
    """Columns as `dataset_info` of a card has them (`Features._to_yaml_list` of `datasets`)."""
    return [{"name": column.name, **_feature(column.type)} for column in found]


def _feature(kind: Type) -> dict[str, Any]:
    if isinstance(kind, Scalar):
        return {"dtype": kind.name}
    if isinstance(kind, Fields):
        return {"struct": features(kind.columns)}
    item = _feature(kind.item)
    if "dtype" in item:
        return {"list": item["dtype"]}
    return {"list": item.get("struct", item)}
