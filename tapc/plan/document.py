"""The plan as people and tools read it: `tapc plan --json`, schema `tapc.plan/1`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

_PICO = 10**12


class PlanPart(BaseModel):
    """Base of all parts; frozen, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class TokenFigures(PlanPart):
    """Tokens: nothing goes under `floor`, `ceiling` cannot be passed."""

    floor: int
    expected: int
    ceiling: int


class UsdFigures(PlanPart):
    """US dollars: floor, expected, ceiling."""

    floor: float
    expected: float
    ceiling: float


class Seconds(PlanPart):
    """Time at the stated limits."""

    expected: int


class Deviation(PlanPart):
    """Greatest distance of a count from its exact share, in samples."""

    node: float
    axis: float
    axis_in_node: float
    pair: float


class StepPlan(PlanPart):
    """One step at one endpoint."""

    name: str
    kind: str
    endpoint: str | None = Field(description="null where the step asks nobody")
    model: str | None = None
    simulated: bool = False
    priced: bool = Field(default=True, description="false where neither the spec nor a shipped table has a price")
    jobs: int = Field(description="first attempts; retries and replacements are in the ceilings")
    cached: int = Field(description="replies the store has already, which cost nothing")
    input_tokens: TokenFigures
    output_tokens: TokenFigures
    cost_usd: UsdFigures


class TotalPlan(PlanPart):
    """All steps."""

    jobs: int
    cached: int
    cached_exact: bool = Field(default=True, description="false where `cached` is extrapolated from a sample of slots")
    missing: int | None = Field(default=None, description="planned samples that lack replies; null if not counted")
    cost_usd: UsdFigures
    tokens: TokenFigures
    seconds: Seconds


class StepSeen(PlanPart):
    """Estimate against actual: replies that are stored, and what was expected of so many before the first run."""

    name: str
    endpoint: str
    replies: int
    expected_output: int
    output: int = Field(description="tokens, as the endpoint reported them")
    expected_input: int
    input: int
    expected_usd: float
    usd: float = Field(description="at the prices when they were asked")


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
    key: str | None = Field(description="of the job; null where texts stand in that are yet to be written")
    messages: list[PromptMessage]


class SourcePlan(PlanPart):
    """A file the plan was made from, price tables among them."""

    name: str
    sha256: str


class BudgetPlan(PlanPart):
    """The spec's budget against the estimate; null where the spec sets none."""

    cost_usd: float | None
    tokens: int | None
    requests: int | None = None
    spent_usd: float = 0.0
    fits_expected: bool
    fits_ceiling: bool
    smallest_cap_usd: float = Field(description="spent + expected + the largest single worst case")


class PlanDiagnostic(PlanPart):
    """A warning about the spec."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    file: str | None = None
    line: int | None = None
    column: int | None = None


class PlanDocument(PlanPart):
    """The whole plan."""

    schema_: Literal["tapc.plan/1"] = Field(default="tapc.plan/1", alias="schema")
    spec: str
    dataset: str
    digest: str
    samples: int
    cells: int
    simulated: bool
    counts: dict[str, dict[str, int]] = Field(description="by axis: nodes by dotted path, or values")
    deviation: Deviation
    steps: list[StepPlan]
    total: TotalPlan
    budget: BudgetPlan
    diagnostics: list[PlanDiagnostic]
    seen: list[StepSeen] = Field(default=[], description="estimate against actual, once the store has replies")
    prompts: list[PromptPlan] = Field(default=[], description="with `--samples`")
    sources: list[SourcePlan] = []


def usd(picodollars: int) -> float:
    """Picodollars as dollars, for documents only; nothing is computed with the result."""
    return picodollars / _PICO
