"""The columns of every config, derived from the spec: what rows hold, whatever a run happens to make.

One description for all readers: the card's `dataset_info`, so that no reader infers types from rows, and later other
encodings. A row has every column of its config, and every field of a struct; what is missing is null.
"""

from typing import Any, Literal

import msgspec

from tapc.ir import Dataset, Emit, ScoreType, as_written

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
    """Names of the axes that every slot has a value of, the taxonomy's apart; in the order of the spec."""
    return tuple(mix.name for mix in as_written(dataset.space.mixes) if not mix.per_candidate)


def drawn_of(dataset: Dataset) -> tuple[str, ...]:
    """Names of the mixes that are drawn for each candidate; in the order of the spec."""
    return tuple(mix.name for mix in as_written(dataset.space.mixes) if mix.per_candidate)


def scores_of_step(dataset: Dataset, step: str) -> tuple[tuple[str, Type], ...]:
    """Every score that candidates of a step can have, as `judge.aspect` with its type; aspects as written."""
    found: list[tuple[str, Type]] = []
    for one in dataset.steps:
        if one.scored() == step:
            found += [(f"{one.name}.{name}", _SCORES[kind]) for name, kind in one.scores()]
    return tuple(found)


_SCORES: dict[ScoreType, Type] = {"number": NUMBER, "flag": FLAG, "text": TEXT, "texts": Listed(TEXT)}


def messages_type(emit: Emit, *, answers: bool = False) -> Type:
    """A list of chat messages; `answers` says whether assistants may have a reasoning."""
    fields = [Column("role", TEXT), Column("content", TEXT)]
    if answers and emit.reasoning == "keep":
        fields.append(Column("reasoning", TEXT))
    return Listed(Fields(tuple(fields)))


def scores_type(dataset: Dataset, step: str) -> Type:
    """Every score that candidates of a step can have."""
    return Fields(tuple(Column(name, kind) for name, kind in scores_of_step(dataset, step)))


def axes_columns(dataset: Dataset) -> list[Column]:
    """The column of the sample's axes; none where there are no axes."""
    names = axes_of(dataset)
    if not names:
        return []
    return [Column("axes", Fields(tuple(Column(name, TEXT) for name in names)), "The sample's value of each axis.")]


def drawn_type(dataset: Dataset) -> Type | None:
    """What is drawn for a candidate; None where nothing is."""
    names = drawn_of(dataset)
    return Fields(tuple(Column(name, TEXT) for name in names)) if names else None


def provenance_column(dataset: Dataset) -> Column:
    """Where a row comes from."""
    drawn = drawn_type(dataset)
    fields = [
        Column("slot", TEXT, "The sample."),
        Column("taxonomy", TEXT, "Dotted path of its leaf; empty without a taxonomy."),
        *axes_columns(dataset),
        Column("endpoints", Listed(TEXT), "Who wrote the answers, in the order of the row."),
        Column("models", Listed(TEXT), "Their models."),
        *([] if drawn is None else [Column("drawn", Listed(drawn), "What was drawn for each of those answers.")]),
        Column("jobs", Listed(TEXT), "Keys of all replies the sample is made of."),
        Column("simulated", FLAG, "Whether any endpoint of the dataset is simulated."),
    ]
    return Column("provenance", Fields(tuple(fields)), "Where the row comes from.")


def answer_columns(emit: Emit) -> tuple[Column, ...]:
    """A prompt and one answer."""
    return (
        Column("prompt", messages_type(emit), "What was asked."),
        Column("completion", messages_type(emit, answers=True), "The answer."),
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
