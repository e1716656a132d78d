"""A whole dataset, composed and checked."""

from math import ceil
from typing import Annotated, Literal

from pydantic import BeforeValidator, SerializeAsAny

from tapc.ir.base import Frozen, model_of_kind
from tapc.ir.endpoints import Endpoint
from tapc.ir.exact import Money, Ratio
from tapc.ir.expectations import Expectation
from tapc.ir.space import Space
from tapc.ir.steps import AnyStep, Step

MAX_SAMPLES = 1 << 28
"""Largest number of samples; up to it, counting in 64 bits is exact."""


class Emit(Frozen):
    """One config of the output, and what others may ask of it, whatever its kind.

    Fields that several kinds take are here; further ones are fields of a kind's own model, None where not given.
    Nothing outside of a kind's own package asks which kind an emit is.

    Attributes:
        kind: form of the rows.
        name: name of the config; defaults to the kind.
        source: `from`: the step (or a score of one) that it reads; None if the kind reads all.
        split: (name, share of 1), in order of declaration; empty means one split, `train`.
        best_by: score that picks one candidate.
        family: family of the models to be trained on it; texts may not contain its chat template markers.
        prompt: the text that is the prompt of the rows, `STEP` or `STEP.FIELD`; None means what the answers were asked.
        asked: whether the spec says that the prompt is what the answers were asked.
        optional: whether it may end without a row.
    """

    kind: str
    name: str
    source: str | None = None
    formats: tuple[Literal["jsonl", "parquet"], ...] = ("jsonl",)
    split: tuple[tuple[str, Ratio], ...] = ()
    best_by: str | None = None
    reasoning: Literal["keep", "drop", "inline"] = "drop"
    system: Literal["keep", "drop"] = "drop"
    family: str | None = None
    prompt: str | None = None
    asked: Literal[True] | None = None
    optional: Literal[True] | None = None

    def reads(self) -> tuple[str, ...]:
        """The steps and scores that it reads, as paths."""
        return tuple(path for path in (self.source, self.best_by, self.prompt) if path is not None)

    def reads_all(self) -> bool:
        """Whether it reads every step."""
        return False

    def turned_down(self) -> bool:
        """Whether its rows are the rejected texts, in accepted slots and others."""
        return False

    def trains(self) -> bool:
        """Whether its rows are for training, and not for people to read."""
        return True

    def shows_conversation(self) -> bool:
        """Whether its rows show what the texts that `source` names were asked."""
        return False

    def pairs_answers(self) -> bool:
        """Whether a row of a pair shows one prompt for its two answers."""
        return False


AnyEmit = Annotated[SerializeAsAny[Emit], BeforeValidator(model_of_kind("emits", "kind"))]
"""An emit of any kind; serialized with the fields of its kind's model."""


class Ceiling(Frozen):
    """Hard upper bounds; None means no bound."""

    cost: Money | None = None
    tokens: int | None = None
    requests: int | None = None


class Budget(Frozen):
    """Nested ceilings: over all runs of the dataset, per run, per endpoint and per step (sorted by name)."""

    total: Ceiling = Ceiling.trusted()
    per_run: Ceiling = Ceiling.trusted()
    endpoints: tuple[tuple[str, Ceiling], ...] = ()
    steps: tuple[tuple[str, Ceiling], ...] = ()


class Card(Frozen):
    """The texts of the dataset card."""

    title: str | None = None
    licence: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    homepage: str | None = None


class Reserve(Frozen):
    """The number of replacement slots that a cell may use: a share of its count, but at least `floor`."""

    share: Ratio
    floor: int = 5

    def most(self, planned: int) -> int:
        """Replacements that a cell of so many planned slots may use."""
        return max(self.floor, ceil(self.share * planned))


class Dataset(Frozen):
    """The root of the IR.

    Attributes:
        samples: number of slots to accept; None means `all` rows of the input.
        endpoints: endpoints that a step uses, sorted by name.
        steps: steps in a canonical topological order (dependencies first, ties by name).
        first_input: the input that is declared first, as whose rows slots are drawn; None if there are not several.
        emits: configs sorted by name, `rejects` included.
        accept: steps that must yield a result for a slot to be accepted, sorted.
        meta: canonical JSON object, copied to the card.
        expectations: what must hold of plan and dataset, in canonical order; None means nothing. Nothing that is asked
            or written depends on them.
    """

    name: str
    samples: int | None
    seed: int = 0
    space: Space
    endpoints: tuple[Endpoint, ...] = ()
    steps: tuple[AnyStep, ...] = ()
    first_input: str | None = None
    emits: tuple[AnyEmit, ...] = ()
    accept: tuple[str, ...] = ()
    reserve: Reserve
    budget: Budget = Budget.trusted()
    card: Card = Card.trusted()
    meta: str = "{}"
    expectations: tuple[Expectation, ...] | None = None

    @property
    def families(self) -> tuple[str, ...]:
        """The families of models that emits name, sorted."""
        return tuple(sorted({emit.family for emit in self.emits if emit.family is not None}))

    @property
    def remembers(self) -> bool:
        """Whether a check of some step compares texts with those of other slots."""
        return any(check.remembers() for step in self.steps for check in step.checks())

    def endpoint(self, name: str) -> Endpoint:
        """Look up an endpoint by name.

        Raises:
            KeyError: there is no such endpoint.
        """
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise KeyError(name)

    def step(self, name: str) -> Step:
        """Look up a step by name.

        Raises:
            KeyError: there is no such step.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)
