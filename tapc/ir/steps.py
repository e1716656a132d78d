"""Steps: the DAG that turns a slot into samples. One model a kind, discriminated by `kind`."""

from typing import Annotated, Literal

from pydantic import Field

from tapc.ir.base import Frozen, Template
from tapc.ir.endpoints import Sampling
from tapc.ir.exact import Ratio


class Check(Frozen):
    """A `require`: which check, on what, with which arguments.

    Attributes:
        check: `language`, `length`, `unique`, `matches`, `json`, `no_refusal`, `no_reasoning`, `score`, `clean_of`,
            `run`.
        field: field of a structured result, a score such as `verdict.overall` for `score`; None means the text.
        negated: `not matches`.
        off: of `no_reasoning`, which holds for texts unless it is turned off; None where it is not.
        minimum, maximum: inclusive bounds of `length` and `score` (exact); `exclusive` names the strict ones.
        unit: of `length`.
        threshold: of `unique`, 0..1.
        within: axis of `unique`; None means the whole set.
        pattern: of `matches`; glob of `clean_of`.
        ngram: of `clean_of`.
        command: of `run`.
    """

    check: str
    field: str | None = None
    negated: bool = False
    off: bool | None = None
    minimum: Ratio | None = None
    maximum: Ratio | None = None
    exclusive: tuple[Literal["minimum", "maximum"], ...] = ()
    unit: Literal["chars", "words", "tokens"] = "chars"
    threshold: Ratio | None = None
    within: str | None = None
    pattern: str | None = None
    ngram: int | None = None
    command: tuple[str, ...] = ()

    def named(self) -> tuple[str, ...]:
        """Scores and axes it names."""
        score = self.field if self.check == "score" else None
        return tuple(path for path in (score, self.within) if path is not None)


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


class Message(Frozen):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: Template


class Step(Frozen):
    """What every step has. Each kind says here, and only here, what it reads."""

    name: str

    def templates(self) -> tuple[Template, ...]:
        """Every template in it, in a fixed order."""
        return ()

    def named(self) -> tuple[str, ...]:
        """Steps, scores and axes it names outside of templates and checks, as paths."""
        return ()

    def reads(self) -> tuple[str, ...]:
        """Names of steps and axes it reads, sorted; itself excluded."""
        checks: tuple[Check, ...] = getattr(self, "require", ())
        paths = [*self.named(), *(path for check in checks for path in check.named())]
        found = {name for template in self.templates() for name in template.reads}
        found.update(path.partition(".")[0] for path in paths)
        return tuple(sorted(found - {self.name}))


class Input(Step):
    """Existing rows dealt to slots.

    Attributes:
        columns: further columns by the names the spec gives them, sorted.
        match: columns that say where a row belongs, by axis, sorted.
        optional: names among `columns` that some of several files may lack; None means none.
    """

    kind: Literal["input"] = "input"
    file: Template | None = None
    hub: str | None = None
    revision: str | None = None
    split: str | None = None
    field: str | None = None
    columns: tuple[tuple[str, str], ...] = ()
    match: tuple[tuple[str, str], ...] = ()
    optional: tuple[str, ...] | None = None

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return () if self.file is None else (self.file,)

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return tuple(axis for axis, _ in self.match)


class Generate(Step):
    """One text, or structure, a candidate.

    Attributes:
        using: endpoints, in order; each makes `each` candidates.
        pick: `N of [pool]`: N endpoints drawn for the slot; None means all.
        messages: system, user and assistant messages in order.
        returns: structured output, as an object type.
        per: axes; the step is made once for each combination of their values.
        for_step: the step whose candidates each get a job.
        attempts: total tries a candidate.
        need: candidates the slot needs to go on; None means all.
        expect_tokens: expected output tokens, for the plan.
    """

    kind: Literal["generate"] = "generate"
    using: tuple[str, ...]
    pick: int | None = None
    each: int = 1
    messages: tuple[Message, ...]
    returns: FieldType | None = None
    per: tuple[str, ...] = ()
    for_step: str | None = None
    attempts: int = 3
    need: int | None = None
    require: tuple[Check, ...] = ()
    expect_tokens: int | None = None
    sampling: Sampling = Sampling.trusted()

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return tuple(message.content for message in self.messages)

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return self.per if self.for_step is None else (self.for_step, *self.per)


class Aspect(Frozen):
    """One aspect of a rubric.

    Attributes:
        scale: `range` (minimum..maximum, integers), `boolean`, `category` (any subset of `options`).
        weight: in the overall mean.
        lower: whether lower is better.
        optional: `or na`.
        asked: for `overall`: asked from the judge instead of computed.
        anchors: (score, what it means), sorted by score.
    """

    name: str
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


class Rubric(Frozen):
    """What a judge scores by; `definition` introduces the whole."""

    name: str
    definition: Template | None = None
    aspects: tuple[Aspect, ...]

    def templates(self) -> tuple[Template, ...]:
        """Its texts, in a fixed order."""
        found = [self.definition]
        for aspect in self.aspects:
            found += [aspect.definition, *(anchor for _, anchor in aspect.anchors)]
        return tuple(text for text in found if text is not None)


class Judge(Step):
    """Scores candidates by a rubric."""

    kind: Literal["judge"] = "judge"
    of: str
    using: tuple[str, ...]
    panel: Literal["mean", "median", "majority"] = "mean"
    rubric: Rubric
    mode: Literal["pointwise", "listwise", "pairwise"] = "pointwise"
    prompt_of: str | None = None
    given: tuple[str, ...] = ()
    system: Template | None = None
    attempts: int = 3
    require: tuple[Check, ...] = ()
    sampling: Sampling = Sampling.trusted()

    def templates(self) -> tuple[Template, ...]:
        """See `Step`."""
        return self.rubric.templates() if self.system is None else (self.system, *self.rubric.templates())

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of, *self.given) if self.prompt_of is None else (self.of, self.prompt_of, *self.given)


class Score(Step):
    """Scores by a reward model (`using`) or by a program (`run`)."""

    kind: Literal["score"] = "score"
    of: str
    using: str | None = None
    reward: bool = False
    run: tuple[str, ...] = ()
    require: tuple[Check, ...] = ()

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of,)


class Vote(Step):
    """Majority over candidates after extracting an answer."""

    kind: Literal["vote"] = "vote"
    of: str
    extract: Literal["boxed", "regex", "field"]
    argument: str | None = None

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of,)


class Pair(Step):
    """Chosen and rejected.

    Attributes:
        by: scores, lexicographic.
        chosen, rejected: `best`/`worst`/`random`/`quantile`/`endpoint`, with their argument in `*_of`.
        margin: least (and most) difference on the first score.
        within: `endpoint` pairs only candidates of one endpoint.
        within_drawn: `per candidate` mixes; only candidates with the same values of them are paired. Sorted.
        all: every admissible pair instead of one.
    """

    kind: Literal["pair"] = "pair"
    of: str
    by: tuple[str, ...]
    chosen: Literal["best", "endpoint"] = "best"
    chosen_of: str | None = None
    rejected: Literal["worst", "random", "quantile", "endpoint"] = "worst"
    rejected_of: str | None = None
    chosen_at_least: Ratio | None = None
    margin: Ratio | None = None
    margin_at_most: Ratio | None = None
    within: Literal["endpoint"] | None = None
    within_drawn: tuple[str, ...] | None = None
    all: bool = False

    def named(self) -> tuple[str, ...]:
        """See `Step`."""
        return (self.of, *self.by, *(self.within_drawn or ()))


AnyStep = Annotated[Input | Generate | Judge | Score | Vote | Pair, Field(discriminator="kind")]
