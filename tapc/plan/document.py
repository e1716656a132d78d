"""The plan document for people and tools: `tapc plan --json`, schema `tapc.plan/1`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_PICO = 10**12


class PlanPart(BaseModel):
    """Base of all parts; immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TokenFigures(PlanPart):
    """Tokens: at least `floor`, at most `ceiling`."""

    floor: int
    expected: int
    ceiling: int


class UsdFigures(PlanPart):
    """US dollars: floor, expected, ceiling."""

    floor: float
    expected: float
    ceiling: float


class Counts(PlanPart):
    """Requests still to be sent.

    `floor` if none is rejected, or fewer if rejections are expected to spare requests of later steps; `expected` with
    the retries and replacements that are expected; `ceiling` at most.
    """

    floor: int
    expected: int
    ceiling: int


class Seconds(PlanPart):
    """Seconds at the stated limits, with the endpoints in parallel."""

    floor: float
    expected: float
    ceiling: float


class Deviation(PlanPart):
    """Largest distance of a count from its exact share, in samples."""

    node: float
    axis: float
    axis_in_node: float
    pair: float


class DrawnPlan(PlanPart):
    """A `per candidate` mix over the candidates of a step for all planned slots, if nothing is rejected."""

    mix: str
    step: str
    candidates: int = Field(description="largest number, if the endpoints of a pool give different ones")
    counts: dict[str, int] | None = Field(
        description="by value; null if they depend on the pick of a pool, or would take too long to draw"
    )
    exact: dict[str, float] | None = Field(
        default=None, description="exact shares of the candidates, by value; null if picks decide their number"
    )
    deviation: float | None = Field(description="largest distance of a count from its exact share, in candidates")
    partial: int | None = Field(
        description="cells that can deviate, each by less than one candidate per value; null if picks decide that"
    )


class StepPlan(PlanPart):
    """One step at one endpoint."""

    name: str
    kind: str
    endpoint: str | None = Field(description="null if the step sends no requests")
    model: str | None = None
    simulated: bool = False
    priced: bool = Field(default=True, description="false if neither the spec nor a shipped table has a price")
    jobs: int = Field(description="first attempts; retries and replacements are in the ceilings")
    cached: int = Field(description="replies already in the store, which cost nothing")
    requests: Counts
    input_tokens: TokenFigures
    output_tokens: TokenFigures
    cost_usd: UsdFigures
    seconds: Seconds = Field(description="time for which this step keeps its endpoint busy")


class PacePlan(PlanPart):
    """The speed of an endpoint's server with its model, as the latest runs measured it."""

    server: str = Field(description="scheme, host and port, and the path if the spec states it")
    requests: int = Field(description="answered in the latest run")
    median_seconds: float = Field(description="of a request in the latest run")
    high_seconds: float = Field(description="90th percentile of the same")
    measured: str = Field(description="when, in UTC")


class EndpointPlan(PlanPart):
    """All steps at one endpoint."""

    name: str
    model: str
    jobs: int
    cached: int
    requests: Counts
    input_tokens: TokenFigures
    output_tokens: TokenFigures
    cost_usd: UsdFigures
    seconds: Seconds = Field(description="time for which it is busy")
    at_once: int = Field(default=1, description="requests in flight that this time is computed with")
    pace: PacePlan | None = Field(
        default=None, description="null if no run measured it: then 40 output tokens per second of each request"
    )


class PartPlan(PlanPart):
    """The part of one step at one endpoint in a row of an axis."""

    step: str
    endpoint: str
    jobs: int
    cached: int
    requests: Counts
    input_tokens: TokenFigures
    output_tokens: TokenFigures
    cost_usd: UsdFigures


class AxisPlan(PlanPart):
    """One value of a mix, or one node of the taxonomy with its subtree.

    The values of a mix add up to the total, and the nodes under one parent to the parent.
    """

    value: str = Field(description="name, or dotted path")
    samples: int
    jobs: int
    cached: int
    requests: Counts
    input_tokens: TokenFigures
    output_tokens: TokenFigures
    cost_usd: UsdFigures
    seconds: Seconds = Field(description="time that the busiest endpoint spends on it")
    steps: list[PartPlan] = Field(
        default=[],
        description="by step and endpoint; of nodes only the first level, and none if there are more than 200",
    )


class TotalPlan(PlanPart):
    """Sums over all steps."""

    jobs: int
    cached: int
    cached_exact: bool = Field(default=True, description="false if `cached` is extrapolated from a sample of slots")
    missing: int | None = Field(default=None, description="planned samples that lack replies; null if not counted")
    accepted: int | None = Field(default=None, description="samples that stored replies complete; null if not counted")
    requests: Counts
    cost_usd: UsdFigures
    likely_usd: float | None = Field(
        default=None, description="95th percentile of the cost; null until each step to be paid has a history"
    )
    tokens: TokenFigures
    seconds: Seconds


class Interval(PlanPart):
    """A 95% interval: of 100 runs, about 95 end within it."""

    low: float
    high: float


class AcceptanceBasis(PlanPart):
    """What was taken for the acceptance of a step that is still to be asked."""

    step: str
    source: Literal["stored", "earlier", "both", "assumed"] = Field(
        description="`stored`: replies of this form of the step, under the rules of now; `earlier`: a run of an "
        "earlier form; `both`: too few of the first; `assumed`: none, so nothing is expected to be rejected"
    )
    tries: int = Field(description="replies that were counted, or samples if the step judges")
    accepted: float = Field(description="share of them that was accepted")
    plan: str | None = Field(default=None, description="digest of the plan whose run recorded it, if it is another")
    unrecorded: list[str] = Field(
        default=[],
        description="reasons for which it rejects samples that are like others; no run recorded how often, and a "
        "sample of the replies cannot show it, so none is expected",
    )


class ForecastPlan(PlanPart):
    """What a run is expected to send and to pay, with what is not known about it."""

    requests: Interval | None = Field(description="null if the acceptance of some step is not known yet")
    cost_usd: Interval | None = Field(description="null as well if the tokens of some step are not known yet")
    accepted: int = Field(description="samples expected to be accepted in the end")
    accepted_interval: Interval
    rejected: int = Field(description="samples that stored replies reject, under the rules of now")
    replacements: int = Field(description="samples expected to be asked in place of rejected ones")
    sampled: bool = Field(description="whether stored replies of a part of the samples stand for all")
    basis: list[AcceptanceBasis]


class StepSeen(PlanPart):
    """Estimate against actual: stored replies, and what was expected of as many before the first run."""

    name: str
    endpoint: str
    replies: int
    expected_output: int
    output: int = Field(description="tokens, as the endpoint reported them")
    expected_input: int
    input: int
    expected_usd: float
    usd: float = Field(description="at the prices of the time of the requests")


class PromptMessage(PlanPart):
    """One message as it would be sent."""

    role: Literal["system", "user", "assistant"]
    content: str


class PromptPlan(PlanPart):
    """A request of a sample slot."""

    rank: int
    axes: dict[str, str]
    step: str
    endpoint: str
    key: str | None = Field(
        description="key of the job; null if the prompt contains placeholders for texts that do not exist yet"
    )
    messages: list[PromptMessage]


class SourcePlan(PlanPart):
    """A file from which the plan was made, including price tables."""

    name: str
    sha256: str


class FileTouched(PlanPart):
    """A file that is read, already by `check` and `plan`."""

    path: str
    use: str


class HostTouched(PlanPart):
    """A server to which requests are sent."""

    host: str | None = Field(description="scheme, host and port; null if only the environment defines them")
    variable: str | None = Field(default=None, description="the environment variable that may name another")
    use: str
    when: Literal["check", "run"] = Field(description="`check`: by check, plan and run; `run`: by run and doctor only")


class VariableTouched(PlanPart):
    """An environment variable that is read before a run sends its first request."""

    name: str
    use: str
    needed: bool = Field(description="false if the spec has a default")


class ProgramTouched(PlanPart):
    """A program that `run --allow-run` starts, with the whole environment."""

    command: list[str]
    use: str = Field(description="steps")


class TouchesPlan(PlanPart):
    """What the spec reads and contacts apart from the store and its output folder."""

    files: list[FileTouched] = Field(description="without modules that ship with tapc")
    hosts: list[HostTouched] = []
    environment: list[VariableTouched] = []
    programs: list[ProgramTouched] = []


class CapPlan(PlanPart):
    """A ceiling inside that of the dataset: of one run, of a step, of an endpoint."""

    kind: Literal["run", "step", "endpoint"]
    name: str = Field(description="name of the step or endpoint; empty for a run")
    cost_usd: float | None
    tokens: int | None
    requests: int | None
    spent_usd: float = Field(description="over all runs; 0 for a run, which starts at 0")
    expected_usd: float = Field(description="still to be paid under this ceiling")
    fits_expected: bool
    fits_ceiling: bool


class BudgetPlan(PlanPart):
    """The budget of the spec against the estimate; null if the spec sets none."""

    cost_usd: float | None
    tokens: int | None
    requests: int | None = None
    spent_usd: float = 0.0
    spent_tokens: int = 0
    spent_requests: int = 0
    fits_expected: bool = Field(description="under every ceiling, including those in `caps`")
    fits_likely: bool | None = Field(
        default=None,
        description="whether the 95th percentile of the cost fits; null without it or without a cost budget",
    )
    fits_ceiling: bool
    smallest_cap_usd: float = Field(description="spent + expected + the largest single worst case")
    caps: list[CapPlan] = []


class ExpectationPlan(PlanPart):
    """One line of `expect`, and what the plan or a run found."""

    expectation: str = Field(description="as the spec says it")
    unit: Literal["count", "share", "money", "number"] = Field(
        description="of `value`; a share is of 1, money in dollars"
    )
    value: float | None = Field(description="the figure that decides; null if it is not known, or there is none")
    shown: str = Field(description="the figure for people")
    where: str = Field(description="what the figure is of: a value, a leaf, a config; empty if of the whole")
    holds: bool | None = Field(description="null if only a run can tell")


class PlanDiagnostic(PlanPart):
    """A warning about the spec."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    allowed: str | None = Field(default=None, description="why the spec allows it (`allow`); null if it does not")


class PlanDocument(PlanPart):
    """The whole plan."""

    schema_: Literal["tapc.plan/1"] = Field(default="tapc.plan/1", alias="schema")
    spec: str
    dataset: str
    digest: str
    samples: int
    cells: int
    simulated: bool
    taxonomy: str | None = Field(default=None, description="the axis of `counts` that is a tree")
    counts: dict[str, dict[str, int]] = Field(description="by axis: nodes by dotted path, or values")
    late: list[str] = Field(default=[], description="mixes that were added later: samples are drawn without them")
    deviation: Deviation
    drawn: list[DrawnPlan] = Field(default=[], description="mixes drawn for each candidate of a step, by step")
    steps: list[StepPlan]
    total: TotalPlan
    budget: BudgetPlan
    expectations: list[ExpectationPlan] = Field(default=[], description="`expect` of the spec")
    diagnostics: list[PlanDiagnostic]
    forecast: ForecastPlan | None = Field(default=None, description="null without a store")
    seen: list[StepSeen] = Field(default=[], description="estimate against actual, once the store has replies")
    endpoints: list[EndpointPlan] = []
    by: dict[str, list[AxisPlan]] = Field(default={}, description="cost by axis: taxonomy nodes and values of mixes")
    prompts: list[PromptPlan] = Field(default=[], description="with `--samples`")
    sources: list[SourcePlan] = []
    touches: TouchesPlan | None = Field(default=None, description="null in plans of earlier versions")


def usd(picodollars: int) -> float:
    """Picodollars as dollars, for documents only; nothing is computed with the result."""
    return picodollars / _PICO
