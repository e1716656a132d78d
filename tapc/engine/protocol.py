"""What an engine is given, what it tells on the way, and what it gives back.

`Session` is the engine of one process. Another one (many processes, many machines) takes the same `Work`, reads the
same stored replies, fills the same `Sink`, and has jobs asked by the same `JobSender`; the workspace knows no more of
it than `Engine`. It stands here, and not where it is used, since sinks and observers of four commands keep to it.
"""

from collections.abc import Callable, Iterable
from typing import Literal, Protocol

import msgspec

from tapc.endpoints import Answers, JobSender
from tapc.engine.brake import Braked
from tapc.engine.fold import Pipeline, Shortage, SpareSlots
from tapc.engine.losses import Loss
from tapc.ir import Reserve
from tapc.jobs import Job, Reply
from tapc.steps import SlotKey, SlotState, Status

Stopped = Literal["budget", "interrupt", "errors", "brake"]


class Work(msgspec.Struct, frozen=True):
    """What an engine is to do.

    Attributes:
        dataset: its name.
        pipeline: compiled steps.
        slots: planned slots in rank order.
        planned: how many they are.
        spare: slots that replace others.
        reserve: replacements a cell may use.
        open_slot: makes a slot's state.
        expected: first-attempt jobs by step, for progress.
        cap: cost ceiling of the account in picodollars, for progress.
        shared: steps whose replies several slots use, for progress: each reply counts once.
    """

    dataset: str
    pipeline: Pipeline
    slots: Iterable[SlotKey]
    planned: int
    spare: SpareSlots
    reserve: Reserve
    open_slot: Callable[[SlotKey], SlotState]
    expected: tuple[tuple[str, int], ...]
    cap: int | None
    shared: frozenset[str] = frozenset()


class Sink(Protocol):
    """Takes what a run makes."""

    def add(self, state: SlotState, status: Status) -> None:
        """A slot is finished."""
        ...

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """A reply went into the fold, on behalf of a slot."""
        ...


class Metered(msgspec.Struct, frozen=True):
    """Requests and money of a run so far; picodollars."""

    sent: int = 0
    retried: int = 0
    in_flight: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    spent: int = 0
    held: int = 0


Meter = Callable[[], Metered]
"""Reads the numbers of the sender and the ledger now, for progress."""


class StepProgress(msgspec.Struct, frozen=True):
    """Requests of one step: done in this run, served from the store, failed; and all that are expected.

    Expected are first attempts, and never less than there are already.
    """

    name: str
    expected: int
    done: int
    cached: int
    failed: int


class Snapshot(msgspec.Struct, frozen=True):
    """The state of a run at one moment.

    Attributes:
        dataset: its name.
        seconds: since the start.
        planned, accepted, rejected, missing: slots; rejected ones are replaced within their cell.
        steps: those that ask, in order.
        in_flight: requests sent and unanswered.
        silent_seconds: since a job ended, or since the start: a server that hangs shows here first.
        retried: requests repeated after a failure.
        tokens: input and output of this run's replies.
        spent, held: picodollars of the account, over all runs; `held` is the worst case of what is in flight.
        cap: the account's cost ceiling in picodollars, None without one.
        phase: `reading` (offline), `asking`, `stopping` (interrupted, or braked), `writing`.
    """

    dataset: str
    seconds: float
    planned: int
    accepted: int
    rejected: int
    missing: int
    steps: tuple[StepProgress, ...]
    in_flight: int
    silent_seconds: float
    retried: int
    tokens: int
    spent: int
    held: int
    cap: int | None
    phase: str

    @property
    def done(self) -> int:
        """Requests answered or served from the store."""
        return sum(step.done + step.cached for step in self.steps)

    @property
    def remaining_seconds(self) -> float | None:
        """Time left at the pace so far, over requests; None before anything is known."""
        sent = sum(step.done for step in self.steps)
        left = sum(max(0, step.expected - step.done - step.cached - step.failed) for step in self.steps)
        return self.seconds / sent * left if sent else None


class Observer(Protocol):
    """Watches a run; called often and must be quick."""

    def update(self, snapshot: Snapshot) -> None:
        """The run has come this far."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line: an endpoint slows down, a replica is gone."""
        ...


class Silent:
    """An observer that ignores everything."""

    def update(self, snapshot: Snapshot) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""


class SessionResult(msgspec.Struct, frozen=True):
    """What became of a session.

    Attributes:
        planned, accepted: slots.
        shortages: cells that lack slots.
        failures: jobs without a reply, by reason.
        lost: the same jobs by step, endpoint and message.
        stopped: why it ended early, None if it did not.
        braked: what the brake saw, where it stopped the session.
        seconds: how long it took.
    """

    planned: int
    accepted: int
    shortages: tuple[Shortage, ...]
    failures: dict[str, int]
    lost: tuple[Loss, ...]
    stopped: Stopped | None
    braked: Braked | None
    seconds: float


class Engine(Protocol):
    """Carries out one `Work`, once: either `offline` or `live`."""

    def offline(self) -> SessionResult:
        """Fold what the store has; ask nothing."""
        ...

    async def live(self, sender: JobSender, answers: Answers, meter: Meter) -> SessionResult:
        """Fold, asking for what is missing; what `sender.start` raises ends it.

        Args:
            sender: has jobs asked.
            answers: where their answers come in.
            meter: numbers for progress.
        """
        ...

    def interrupt(self) -> None:
        """Stop sending; finish what is in flight, and fold on with what the store has.

        So an interrupted run writes what `--offline` would, and never less than the version before it.
        """
        ...
