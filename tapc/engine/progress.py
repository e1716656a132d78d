"""What a run says about itself while it runs."""

from typing import Protocol

import msgspec


class StepProgress(msgspec.Struct, frozen=True):
    """Requests of one step: expected at first attempts, done in this run, served from the store, failed."""

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
        steps: those that ask somebody, in order.
        in_flight: requests sent and unanswered.
        silent_seconds: since a job ended, or since the start: a server that hangs shows here first.
        retried: requests repeated after a failure.
        tokens: input and output of this run's replies.
        spent, held: picodollars of the account, over all runs; `held` is the worst case of what is in flight.
        cap: the account's cost ceiling in picodollars, None without one.
        phase: `reading` (offline), `asking`, `stopping` (interrupted), `writing`.
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
        left = sum(max(0, step.expected - step.done - step.cached) for step in self.steps)
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
    """Watches nothing."""

    def update(self, snapshot: Snapshot) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""
