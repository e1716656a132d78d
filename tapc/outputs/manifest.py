"""`manifest.json`: what the dataset is. `run.json`: what one run did. Both are stable documents with a schema."""

from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from tapc import __version__
from tapc.ir import Measure, Unit
from tapc.outputs.standing import DOCUMENTS
from tapc.steps import DECISIONS_VERSION


class Document(BaseModel):
    """Base of the documents people and tools read."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class FileEntry(Document):
    """One data file: path within the dataset folder, rows, and hash of its bytes."""

    path: str
    rows: int
    sha256: str


class ShortCell(Document):
    """A cell that holds fewer accepted slots than planned."""

    axes: dict[str, str]
    planned: int
    accepted: int
    reason: str = Field(description="the most frequent reason of its failed slots")


class Samples(Document):
    """Slots: planned, accepted, and still short."""

    planned: int
    accepted: int
    short: int


class Spend(Document):
    """What the replies the dataset is made of used and cost, whichever run paid."""

    usd: float
    input_tokens: int
    output_tokens: int


class SourceEntry(Document):
    """A file the spec was compiled from."""

    name: str
    sha256: str


class ModelEntry(Document):
    """A model that answered, as servers named it; aliases move, so this is what really answered."""

    endpoint: str
    model: str
    returned: str
    fingerprint: str
    origin: str
    replies: int
    input_tokens: int
    output_tokens: int
    usd: float
    simulated: bool


class Balance(Document):
    """Chosen and rejected of one preference config, compared."""

    pairs: int
    mean_chars_chosen: float
    mean_chars_rejected: float
    chosen_longer: float = Field(description="share of pairs whose chosen text is longer")
    chosen_share_by_model: dict[str, float] = Field(description="of a model's paired answers, the share chosen")


class Labels(Document):
    """What the rows of one config are labeled with: `kto` says good or bad, `rl` the right answer."""

    rows: int
    distinct: int = Field(description="different labels")
    counts: dict[str, int] = Field(description="rows by label, the most frequent ones")


class ExpectationEntry(Document):
    """A line of `expect`, taken apart, and whether the dataset is as it says."""

    expectation: str = Field(description="as the spec says it")
    measure: Measure = Field(description="the figure, see `expect` in docs/reference.md")
    of: list[str] = Field(description="what is measured, as a path; empty if the measure needs none")
    per: str | None = Field(description="axis for each of whose values it must hold")
    config: str | None = Field(description="the config of pairs that is measured; null for each of them")
    unit: Unit = Field(description="a share is of 1, money in 1e-12 dollars")
    minimum: str | None = Field(description="exact, such as `3/20`; null if there is no lower bound")
    maximum: str | None
    exclusive: bool = Field(description="whether the bound itself is outside")
    value: str | None = Field(description="the figure that decides, exact; null if there was nothing to measure")
    shown: str = Field(description="the figure for people")
    where: str = Field(description="what the figure is of: a value, a leaf, a config; empty if of the whole")
    holds: bool


class Manifest(Document):
    """What a dataset is: the same spec and store give the same bytes."""

    schema_: Literal["tapc.manifest/1"] = Field(default="tapc.manifest/1", alias="schema")
    dataset: str
    plan_digest: str
    lock: str | None = Field(
        default=None, description="SHA-256 of the lock (`SPEC.lock`) that belongs to the plan; null with `--no-lock`"
    )
    simulated: bool
    samples: Samples
    spend: Spend
    models: list[ModelEntry]
    counts: dict[str, dict[str, int]] = Field(description="accepted slots by axis and value, nodes by dotted path")
    short_cells: list[ShortCell]
    rejected: dict[str, dict[str, int]] = Field(description="rejected tries, by step and reason")
    balance: dict[str, Balance] = Field(default_factory=dict, description="by preference config")
    labels: dict[str, Labels] = Field(default_factory=dict, description="by `kto` or `rl` config")
    empty: list[str] = Field(default_factory=list, description="configs that ended without a row")
    expectations: list[ExpectationEntry] = Field(default_factory=list[ExpectationEntry], description="`expect`")
    sources: list[SourceEntry]
    versions: dict[str, str]
    rows_digest: dict[str, str] = Field(description="by config and split: a hash of the rows, whatever the encoding")
    files: list[FileEntry]
    documents: list[str] = Field(
        default_factory=lambda: list(DOCUMENTS),
        description="the other files that are tapc's; whatever neither names is not tapc's and is kept",
    )


class Requests(Document):
    """Requests of one run."""

    sent: int
    cached: int
    retried: int
    failed: int
    gave_up: int = Field(default=0, description="jobs recorded as given up in this run (`--give-up`)")


class RunSpend(Document):
    """What one run paid, in US dollars, worst cases of unknown outcomes included: these again under `unknown_`."""

    usd: float
    held_usd: float = 0.0
    input_tokens: int = 0
    output_tokens: int = 0
    unknown_usd: float = 0.0
    unknown_requests: int = 0


class LostJobs(Document):
    """Jobs of one step at one endpoint without a reply, for the same reason; `key` is the first one's."""

    step: str
    endpoint: str
    reason: str
    detail: str
    jobs: int
    key: str
    given_up: bool = Field(description="recorded for good, so that no run asks them again")


class RejectedText(Document):
    """A text that was rejected, its first 500 characters."""

    text: str
    detail: str
    endpoint: str
    attempt: int


class BrakeEntry(Document):
    """What the brake saw when it stopped a run: too few samples pass for the reserve to suffice."""

    step: str = Field(description="the step that rejected most of the samples")
    reason: str = Field(description="its most frequent reason")
    samples: int = Field(description="samples that were counted, the first by rank")
    rejected: int = Field(description="those of them that were rejected")
    blamed: int = Field(description="those of them that `step` rejected for `reason`")
    needed: float = Field(description="share of samples that must pass for the reserve of the plan to suffice")
    examples: list[RejectedText] = Field(description="the first texts that `step` rejected for `reason`, three at most")


class LockEntry(Document):
    """The lock (`SPEC.lock`) that belongs to the plan of a run."""

    sha256: str
    saved: bool = Field(description="whether the file next to the spec has it, written by this run or before")


class Bounds(Document):
    """A 95% interval: of 100 runs, about 95 end within it."""

    low: float
    high: float


class RunForecast(Document):
    """What a run was expected to send, pay and take, before its first request."""

    requests: int
    requests_interval: Bounds | None = Field(description="null if the acceptance of some step was not known")
    usd: float
    usd_interval: Bounds | None = Field(description="null as well if the tokens of some step were not known")
    seconds: float = Field(description="0 if no endpoint takes time")
    pace: Literal["measured", "assumed", "none"] = Field(
        description="whether earlier runs had measured the speed of every endpoint that takes time; `none` if none does"
    )


class RunDocument(Document):
    """What one run did; the only file with a clock."""

    schema_: Literal["tapc.run/1"] = Field(default="tapc.run/1", alias="schema")
    dataset: str
    plan_digest: str
    lock: LockEntry | None = Field(default=None, description="null with `--no-lock`")
    started: str
    seconds: float
    requests: Requests
    spend: RunSpend
    samples: Samples
    failures: dict[str, int] = Field(description="jobs without a reply, by reason")
    lost: list[LostJobs] = Field(default_factory=list[LostJobs], description="the same jobs, and those given up")
    oddities: dict[str, dict[str, int]] = Field(
        default_factory=dict, description="what was unusual in replies, by endpoint and kind"
    )
    mode: Literal["live", "offline", "partial"] = "live"
    stopped: Literal["budget", "interrupt", "errors", "brake"] | None = None
    brake: BrakeEntry | None = Field(default=None, description="where `stopped` is `brake`")
    forecast: RunForecast | None = Field(
        default=None, description="made before the first request; null if nothing was sent, or none was made"
    )


_DECIDING = ("jinja2", "jsonschema", "msgspec", "pycld2", "regex", "rensa")


def versions(*, decisions: bool) -> dict[str, str]:
    """tapc, and the libraries whose behavior rows depend on: rendering, validation, checks.

    Args:
        decisions: whether there are decisions that depend on other samples; then the version of their order, too.
    """
    found = {"tapc": __version__} | ({"decisions": str(DECISIONS_VERSION)} if decisions else {})
    for name in _DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # an optional checker that is not installed decided nothing
    return found
