"""Steps: the DAG that turns a slot into samples. One model per kind, told apart by `kind`."""

from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal, Self

import msgspec
from pydantic import BeforeValidator, Field, SerializeAsAny

from tapc.ir.base import Frozen, Placed, Template, model_of_kind
from tapc.ir.endpoints import Sampling
from tapc.ir.exact import Ratio


class TextLength(msgspec.Struct, frozen=True):
    """Bounds of the length of a text; None where there is none."""

    minimum: Fraction | None
    maximum: Fraction | None
    unit: Literal["chars", "words", "tokens"]


class Check(Frozen):
    """A `require`: which check, on what, with which arguments; and what others may ask of it, whatever its kind.

    Arguments that several kinds have are here, and those that the digests of all checks hold, whatever they are.
    Further ones are fields of a kind's own model, None where they are not given, and so in no digest of another check.
    Nothing outside of a kind's own package asks which kind a check is.

    Attributes:
        check: name of the kind.
        field: field of a structured result, or a score such as `verdict.overall`; None means the text.
        negated: whether it follows `not`.
        minimum, maximum: inclusive bounds (exact); `exclusive` names the strict ones.
        unit: of a length.
        pattern: a regular expression or a glob.
        command: a program and its arguments.
    """

    check: str
    field: str | None = None
    negated: bool = False
    minimum: Ratio | None = None
    maximum: Ratio | None = None
    exclusive: tuple[Literal["minimum", "maximum"], ...] = ()
    unit: Literal["chars", "words", "tokens"] = "chars"
    pattern: str | None = None
    command: tuple[str, ...] = ()

    def named(self) -> tuple[str, ...]:
        """Scores and axes it names."""
        return ()

    def axes(self) -> tuple[str, ...]:
        """Axes that it depends on."""
        return ()

    def thresholds(self) -> tuple[str, ...]:
        """Fields with numbers that decide what passes; None where not given."""
        return "minimum", "maximum"

    def glob(self) -> str | None:
        """Pattern of the names of files that it reads; None where it reads none."""
        return None

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """Programs that it runs."""
        return ()

    def reads_files(self) -> bool:
        """Whether it depends on files besides the spec, which the spec names."""
        return self.glob() is not None or bool(self.commands())

    def turned_off(self) -> bool:
        """Whether it says that a check which holds by default does not hold."""
        return False

    def remembers(self) -> bool:
        """Whether it rejects texts that are too similar to accepted ones."""
        return False

    def text_length(self) -> TextLength | None:
        """Bounds of the length of the whole text; None where it sets none."""
        return None

    def told(self) -> str:
        """What messages call it."""
        return self.check


AnyCheck = Annotated[SerializeAsAny[Check], BeforeValidator(model_of_kind("checks", "check"))]
"""A check of any kind; serialized with the fields of its kind's model."""


class FieldType(Frozen):
    """Type of one `returns` field.

    Attributes:
        kind: `text`, `integer`, `number`, `boolean`, `one_of`, `list` (of `item`) or `object` (of `fields`).
        definition: goes into the JSON Schema as description.
    """

    kind: Literal["text", "integer", "number", "boolean", "one_of", "list", "object"]
    definition: str | None = None
    minimum: Ratio | None = None
    maximum: Ratio | None = None
    options: tuple[str, ...] = ()
    item: "FieldType | None" = None
    fields: tuple[tuple[str, "FieldType"], ...] = ()

    def holds_text(self) -> bool:
        """Whether a text is among its values."""
        inner = (*(field for _, field in self.fields), *(() if self.item is None else (self.item,)))
        return self.kind == "text" or any(field.holds_text() for field in inner)


class Aspect(Placed):
    """One aspect of a rubric.

    Attributes:
        options_as_written: `options`, which are sorted, in the order of the spec.
        scale: `range` (minimum..maximum, integers), `boolean`, `category` (any subset of `options`).
        weight: in the overall mean.
        lower: whether lower is better.
        optional: `or na`.
        asked: for `overall`: asked from the judge instead of computed.
        anchors: (score, what it means), sorted by score.
    """

    scale: Literal["range", "boolean", "category"]
    weight: Ratio
    minimum: int = 0
    maximum: int = 1
    options: tuple[str, ...] = ()
    lower: bool = False
    optional: bool = False
    asked: bool = False
    definition: Template | None = None
    anchors: tuple[tuple[int, Template], ...] = ()
    options_as_written: tuple[str, ...] = Field(default=(), exclude=True)


class Rubric(Frozen):
    """What a judge scores by; `definition` introduces the whole, aspects are sorted by name."""

    name: str
    definition: Template | None = None
    aspects: tuple[Aspect, ...]

    def templates(self) -> tuple[Template, ...]:
        """Its texts, in a fixed order."""
        found = [self.definition]
        for aspect in self.aspects:
            found += [aspect.definition, *(anchor for _, anchor in aspect.anchors)]
        return tuple(text for text in found if text is not None)


class RowFiles(Frozen):
    """Existing rows: where they are, and which columns are read.

    Attributes:
        name: of the step that reads them.
        file: path of a file, or of several by the values of axes; None where the rows are from `hub`.
        hub: name of a dataset on the hub.
        field: column that is the step's text; None means the only one that can be.
        columns: further columns by the names the spec gives them, sorted.
        match: columns that say where a row belongs, by axis, sorted.
        optional: names among `columns` that some of several files may lack; None means none.
    """

    name: str
    file: Template | None = None
    hub: str | None = None
    revision: str | None = None
    split: str | None = None
    field: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    match: tuple[tuple[str, str], ...] = ()
    optional: tuple[str, ...] | None = None


class Writing(msgspec.Struct, frozen=True):
    """How chat models write the candidates of a step.

    Attributes:
        using: endpoints, in order; each writes `each` candidates.
        pick: number of those endpoints that a slot draws; None means all.
        each: candidates from each endpoint, for the slot or for each candidate of the step's `parent`.
        attempts: total tries per candidate.
        expect_tokens: expected output tokens; None where the spec does not say.
        prose: whether candidates hold text in some language: a structure of labels and numbers does not.
        need: candidates without which a slot is rejected; None means all.
    """

    using: tuple[str, ...]
    pick: int | None
    each: int
    attempts: int
    expect_tokens: int | None
    prose: bool
    need: int | None = None


class Judging(msgspec.Struct, frozen=True):
    """What chat models see of the candidates that a step judges.

    Attributes:
        of: step whose candidates they judge.
        prompt_of: step shown as the prompt; None means what the candidates were asked.
        given: steps, results and axes shown in addition, as paths.
        at_once: answers in one request; None means all of a slot.
    """

    of: str
    prompt_of: str | None
    given: tuple[str, ...]
    at_once: int | None


ScoreType = Literal["number", "flag", "text", "texts"]
"""Type of a score in rows."""


class Step(Frozen):
    """Base of all steps: what others may ask of a step, whatever its kind.

    Each kind has a field `kind` that names it, and answers differently where it has more to say. Nothing outside of a
    kind's own package asks which kind a step is.

    Attributes:
        asked: statements that can change what is asked of endpoints, programs and hubs, by their first word, sampling
            parameters apart; none of a kind that asks nothing.
    """

    asked: ClassVar[frozenset[str]] = frozenset()

    name: str
    kind: Any  # a literal in each kind

    def templates(self) -> tuple[Template, ...]:
        """Every template in it, in a fixed order."""
        return ()

    def named(self) -> tuple[str, ...]:
        """Steps, scores and axes it names outside of templates and checks, as paths."""
        return ()

    def checks(self) -> tuple[Check, ...]:
        """What its results must pass."""
        return ()

    def reads(self) -> tuple[str, ...]:
        """Names of steps and axes it reads, sorted; itself excluded."""
        paths = [*self.named(), *(path for check in self.checks() for path in check.named())]
        found = {name for template in self.templates() for name in template.reads}
        found.update(path.partition(".")[0] for path in paths)
        return tuple(sorted(found - {self.name}))

    def with_checks(self, checks: tuple[Check, ...]) -> Self:  # noqa: ARG002 - what every kind is given
        """The same step with other checks; those that have none stay as they are."""
        return self

    def unchecked(self) -> Self:
        """The same step without checks."""
        return self.with_checks(())

    def thresholds(self) -> tuple[str, ...]:
        """Fields with numbers that decide over stored results without asking anything; None where not given."""
        return ()

    def alone(self) -> Self:
        """The same step without the checks that depend on other samples."""
        return self

    def read_by_others(self, paths: frozenset[str]) -> Self:  # noqa: ARG002 - what every kind is given
        """The same step, told what other steps and configs read of it.

        Args:
            paths: `STEP` or `STEP.RESULT`, as they are named.
        """
        return self

    def asking(self) -> str:
        """What distinguishes its requests, apart from its name and endpoints; see `tapc.steps.draw_groups`."""
        return self.model_dump_json(exclude={"name"}, exclude_none=True)

    def chats_with(self) -> tuple[str, ...]:
        """Endpoints that it asks as chat models, in order."""
        return ()

    def endpoints(self) -> tuple[str, ...]:
        """All endpoints that it asks."""
        return self.chats_with()

    def chat_sampling(self) -> Sampling:
        """Its own sampling parameters of chat requests."""
        return Sampling.trusted()

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """Programs that it runs, its checks' apart."""
        return ()

    def rows(self) -> RowFiles | None:
        """Existing rows that it deals to slots; None where it reads none."""
        return None

    def makes_candidates(self) -> bool:
        """Whether its results are candidates, which others may judge, score and pair."""
        return False

    def writing(self) -> Writing | None:
        """How chat models write its candidates; None where none do."""
        return None

    def system_reads(self) -> frozenset[str]:
        """Names that system messages of its candidates read."""
        return frozenset()

    def embeds(self) -> frozenset[str]:
        """Names that its prompt holds among words of its own, system messages apart.

        A message that is one text, `{{ question }}`, embeds nothing, and neither does what an assistant has said.
        """
        return frozenset()

    def answers(self) -> frozenset[str]:
        """Names whose texts, each alone, are what the user asks it."""
        return frozenset()

    def parent(self) -> str | None:
        """The step whose candidates each get candidates of this one; None where a slot has them."""
        return None

    def shared_by(self) -> tuple[str, ...]:
        """Axes for whose values it is made once each; empty where each slot has its own results."""
        return ()

    def scored(self) -> str | None:
        """The step whose candidates it scores."""
        return None

    def judging(self) -> Judging | None:
        """What chat models see of the candidates it judges; None where they judge none."""
        return None

    def rubrics(self) -> tuple[Rubric, ...]:
        """Rubrics that it scores by."""
        return ()

    def scores(self) -> tuple[tuple[str, ScoreType], ...]:
        """Names and types of the scores that each candidate gets."""
        return ()

    def lower_is_better(self, score: str) -> bool:  # noqa: ARG002 - what every kind is given
        """Direction of one of its scores."""
        return False

    def paired(self) -> str | None:
        """The step whose candidates it pairs."""
        return None

    def ranked_by(self) -> tuple[str, ...]:
        """Scores by which it ranks candidates, the first deciding, as paths."""
        return ()

    def alike_in(self) -> tuple[str, ...]:
        """Mixes `per candidate` whose values both sides of its pairs share."""
        return ()


AnyStep = Annotated[SerializeAsAny[Step], BeforeValidator(model_of_kind("steps", "kind"))]
"""A step of any kind; serialized with the fields of its kind's model: those of `Step` alone would give two different
pairs one digest."""
