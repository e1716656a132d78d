"""What a kind of step, check or emit gives to the front end, and the registry of all of them.

The shipped kinds are registered in `tapc.kinds.declared`; `tapc.kinds` says how to add one.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Literal

import msgspec

from tapc.ir import Check, Emit, Endpoint, Step
from tapc.semantics.compose import Item
from tapc.semantics.lower.arguments import CheckKind
from tapc.semantics.lower.names import Names
from tapc.semantics.lower.scores import Scored
from tapc.semantics.lower.steps import LoweringContext, StepDraft
from tapc.semantics.page import Page
from tapc.semantics.report import Report
from tapc.semantics.values import Fields
from tapc.semantics.vocabulary import Field, Statement, Vocabulary, endpoints, results, space, steps
from tapc.templates import Kind


def _nothing(draft: StepDraft, names: Names, report: Report) -> None:
    """A kind of which others need to know nothing before its references are followed."""


def _no_fields(draft: StepDraft) -> Mapping[str, Kind]:  # noqa: ARG001 - what every kind is given
    return {}


class StepKind(msgspec.Struct, frozen=True):
    """A kind of step: its words, its model, and how one becomes the other.

    Attributes:
        statement: its fields; named like the kind.
        part: what a dataset or pipeline says of it.
        model: holds its fields in the IR; its methods answer what others ask of a step.
        lower: makes the model of a draft; None where it cannot be understood (reported).
        show: writes the fields of a model so that they are read as the same; given the model, its path and the page.
        blocks: statements of the blocks among its fields.
        read: reads into the draft what other steps need to know of it.
        candidates: most candidates for a slot, or for each candidate of the step that `for` names; None while unknown.
            A kind without it makes no candidates.
        scores: what it gives to candidates. A kind without it gives no scores.
        fields: what templates may read of a candidate.
        deals: whether it deals existing rows to slots, which `samples all` takes as many of as there are.
        draws: whether it draws values of mixes `per candidate`, so that its templates may read them.
        made: what templates read, in a word: `text` or `row`.
        hidden: why templates cannot read it; empty where they can.
    """

    statement: Statement
    part: Field
    model: type[Step]
    lower: Callable[[StepDraft, LoweringContext], Step | None]
    show: Callable[[Any, str, Page], None]
    blocks: tuple[Statement, ...] = ()
    read: Callable[[StepDraft, Names, Report], None] = _nothing
    candidates: Callable[[StepDraft, Mapping[str, Endpoint]], int | None] | None = None
    scores: Callable[[StepDraft], Scored] | None = None
    fields: Callable[[StepDraft], Mapping[str, Kind]] = _no_fields
    deals: bool = False
    draws: bool = False
    made: str = "text"
    hidden: str = ""

    @property
    def name(self) -> str:
        """The word that a spec declares such a step with."""
        return self.statement.name


def _no_values(item: Item, fields: Fields, source: str, context: LoweringContext) -> dict[str, Any]:  # noqa: ARG001 - what every kind is given
    return {}


def _no_lines(emit: Any, page: Page) -> list[tuple[str, str]]:  # noqa: ARG001 - what every kind is given
    return []


class EmitKind(msgspec.Struct, frozen=True):
    """A kind of output.

    Attributes:
        name: the word behind `emit`.
        sources: kinds of steps that `from` may name; empty where it reads everything.
        candidates: whether `from` may name any step that makes candidates, instead of `sources`.
        instead: the field that says what it reads, where `from` does not.
        scores: which scores `from` may name instead, as `STEP.ASPECT`; `comparable` ones are numbers or flags.
        fields: those that not every kind takes.
        by_default: whether a dataset that has none gets one; it has no splits.
        model: holds its fields in the IR.
        read: values of those fields for the model, given the statement, its fields and what `from` names.
        show: those fields as (head, rest of the line), of a model.
    """

    name: str
    sources: tuple[str, ...] = ()
    candidates: bool = False
    instead: str = ""
    scores: Literal["none", "comparable", "any"] = "none"
    fields: tuple[Field, ...] = ()
    by_default: bool = False
    model: type[Emit] = Emit
    read: Callable[[Item, Fields, str, LoweringContext], dict[str, Any]] = _no_values
    show: Callable[[Any, Page], list[tuple[str, str]]] = _no_lines


class Registry:
    """The kinds that specs may use.

    Attributes:
        steps, checks, emits: by name, in the order of the reference.
    """

    def __init__(self, steps: tuple[StepKind, ...], checks: tuple[CheckKind, ...], emits: tuple[EmitKind, ...]) -> None:
        self.steps = {kind.name: kind for kind in steps}
        self.checks = {kind.name: kind for kind in checks}
        self.emits = {kind.name: kind for kind in emits}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """All words of the language with these kinds."""
        parts = [kind.part for kind in self.steps.values()]
        rows = [results.FILE, results.dataset(parts), results.pipeline(parts), *space.STATEMENTS, *endpoints.STATEMENTS]
        rows += [self._with_checks(kind.statement) for kind in self.steps.values()]
        rows += [block for kind in self.steps.values() for block in kind.blocks]
        rows += [kind.block for kind in self.checks.values() if kind.block is not None]
        own = {field.name: field for kind in self.emits.values() for field in kind.fields}
        rows += [steps.RUBRIC, results.emit(tuple(self.emits), tuple(own.values())), *results.AFTER_EMIT]
        return Vocabulary(rows, self.steps, self.checks, self.emits)

    def _with_checks(self, statement: Statement) -> Statement:
        """A statement whose field `require`, if it has one, says how each check is written."""
        if statement.field("require") is None:
            return statement
        shapes = (f"[not] {kind.shape}" if kind.negatable else kind.shape for kind in self.checks.values())
        shape, words = " | ".join(shapes) + ", then [of FIELD]", (*self.checks, "not")
        fields = (
            msgspec.structs.replace(field, shape=shape, words=words) if field.name == "require" else field
            for field in statement.fields
        )
        return msgspec.structs.replace(statement, fields=tuple(fields))

    @property
    def models(self) -> dict[str, Mapping[str, type[Step] | type[Check] | type[Emit]]]:
        """Models of the IR by kind, for reading a dataset that was written as JSON; see `tapc.ir.Dataset`."""
        return {
            "steps": {name: kind.model for name, kind in self.steps.items()},
            "checks": {name: kind.model for name, kind in self.checks.items()},
            "emits": {name: kind.model for name, kind in self.emits.items()},
        }
