"""The difference document for people and tools: `tapc diff --format json`, schema `tapc.diff/1`."""

from typing import Literal

from pydantic import Field

from tapc.plan.document import ForecastPlan, PlanPart

Severity = Literal["none", "settings", "refilter", "extend", "regenerate"]
SEVERITIES: tuple[Severity, ...] = ("none", "settings", "refilter", "extend", "regenerate")
"""Effects of a change, from none to the greatest."""

EFFECTS: dict[Severity, str] = {
    "none": "the same plan",
    "settings": "nothing is asked again",
    "refilter": "recomputed from stored replies; only replacements of samples newly rejected are asked",
    "extend": "only new jobs are asked",
    "regenerate": "the step and what depends on it are asked again",
}


class DiffSide(PlanPart):
    """One of the two specs."""

    spec: str
    dataset: str
    digest: str
    samples: int
    cells: int


class Slots(PlanPart):
    """Numbers of samples, which are identified by cell and ordinal."""

    before: int
    after: int
    kept: int
    added: int
    dropped: int


class AxisValue(Slots):
    """Numbers of samples of one taxonomy node (with its subtree) or one value of a mix."""

    name: str = Field(description="dotted path, or value")


class Change(PlanPart):
    """One difference."""

    what: str = Field(description="the declaration it is in, such as `endpoint writer` or `mix language`; or `dataset`")
    field: str = Field(
        description="names from the declaration to the statement, such as `price.input` or `en`; empty if the "
        "declaration itself was added, removed or became another one; `name` if it was renamed"
    )
    severity: Severity
    before: str | None = Field(description="what a spec writes behind the last name; null if nothing was written")
    after: str | None
    default: str = Field(default="", description="what holds where nothing is written, if that is one value")
    reordered: bool = Field(
        default=False,
        description="whether only the order in the spec is another one, which has no effect on samples and requests; "
        "`before` and `after` are the names that moved",
    )


class DiffStep(PlanPart):
    """Jobs of one step at one endpoint, first attempts."""

    name: str
    endpoint: str
    before: int = Field(description="jobs of the earlier plan")
    jobs: int = Field(description="jobs of the later plan")
    reused: int = Field(description="those of them whose key the earlier plan has too")
    stored: int | None = Field(description="those of them that the store has; null without a store")
    to_pay: int = Field(description="requests that a run of the later plan is expected to send")
    severity: Severity
    cost_usd: float = Field(description="expected cost of `to_pay`")


class DiffLost(PlanPart):
    """Replies that a step had for kept samples and does not use any more, for the same reasons."""

    count: int
    why: list[str] = Field(
        description="what differs, in the words of the spec: `prompt changed`, `temperature 0.5 → 0.6`"
    )


class DiffProof(PlanPart):
    """What becomes of the replies of one step: distinct requests at the first attempt, of the samples compared."""

    name: str
    before: int = Field(description="requests of the earlier plan: `kept`, `dropped`, and those in `lost`")
    kept: int = Field(description="those that the later plan makes, too")
    dropped: int = Field(description="those of samples that the later plan does not have")
    lost: list[DiffLost] = Field(description="those of samples that it has, but asks something else, or nothing")
    new: int = Field(description="requests of the later plan that the earlier one does not make")


class DiffTotal(PlanPart):
    """Sums over all steps."""

    jobs: int
    reused: int
    stored: int | None
    to_pay: int
    cost_usd: float


class DiffExpectation(PlanPart):
    """A line of `expect` of the later spec that its plan decides, and its figure in the plan of each."""

    expectation: str = Field(description="as the later spec says it")
    before: str | None = Field(description="the same figure of the earlier plan, for people; null if it has none")
    after: str
    where: str = Field(description="what the later figure is of: a value, a leaf; empty if of the whole")
    holds: bool = Field(description="whether it holds for the later plan")


class DiffMoved(PlanPart):
    """Lines that say what was renamed, and what the later spec would keep with them."""

    lines: list[str] = Field(description="statements for the later spec, such as `moved topic.old = topic.new`")
    reused: int = Field(description="jobs whose key the earlier plan has too, with the lines")
    jobs: int = Field(description="all jobs of the later plan")


class DiffDocument(PlanPart):
    """The whole difference."""

    schema_: Literal["tapc.diff/1"] = Field(default="tapc.diff/1", alias="schema")
    before: DiffSide
    after: DiffSide
    severity: Severity
    exact: bool = Field(description="whether every slot was compared; false if jobs are extrapolated from a sample")
    slots: Slots
    anew: int = Field(
        default=0,
        description="samples that both plans have by the axes they share, but which an axis that was added, removed or "
        "renamed makes other samples, so that all of them are asked again",
    )
    axes: dict[str, list[AxisValue]]
    changes: list[Change]
    steps: list[DiffStep]
    proof: list[DiffProof] = Field(
        default=[], description="what becomes of the replies of each step, and why; the severities follow from it"
    )
    compared: int = Field(default=0, description="number of samples of the later plan in `proof`")
    total: DiffTotal
    expectations: list[DiffExpectation] = Field(default=[], description="those of `expect` that plans decide")
    forecast: ForecastPlan | None = Field(
        default=None, description="what a run of the later plan is expected to send; null without a store"
    )
    moved: DiffMoved | None = Field(
        default=None, description="what was probably renamed, if replies stay that are lost otherwise"
    )
    notes: list[str] = Field(default=[], description="origin of the files of a revision, if it is another")


def worst(severities: "list[Severity]") -> Severity:
    """The severity with the greatest effect; `none` if there are no changes."""
    found: Severity = "none"
    for severity in severities:
        if SEVERITIES.index(severity) > SEVERITIES.index(found):
            found = severity
    return found
