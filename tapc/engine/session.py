"""One run: fold until a reply is missing, ask for what may be asked, repeat; then replace what failed."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, Protocol

import msgspec

from tapc.endpoints.dispatch import NoReply
from tapc.engine.fold import NO_REPLY, Finished, Fold, Pipeline, Replacements, Replies, Shortage
from tapc.engine.garbage import calm_collector
from tapc.engine.labels import Label
from tapc.engine.losses import Loss, Losses
from tapc.engine.progress import Observer, Snapshot, StepProgress
from tapc.ir import Reserve
from tapc.jobs import Job, Reply
from tapc.steps import SlotKey, SlotState, Status

_TICK = 0.125
"""Seconds between snapshots."""

_AT_ONCE = 64
"""Fibers the fold may advance before the event loop sees to the network: some milliseconds."""

Stopped = Literal["budget", "interrupt", "errors"]


class Sink(Protocol):
    """Takes what a run makes."""

    def add(self, state: SlotState, status: Status) -> None:
        """A slot is finished."""
        ...

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """A reply went into the fold, on behalf of a slot."""
        ...


class Asker(Protocol):
    """Sends jobs, within limits and ceilings; answers through the callback it was made with."""

    async def start(self) -> None:
        """See to it that jobs can be asked; called before the first one, and not at all where the store has all."""
        ...

    def submit(self, job: Job, label: str) -> None:
        """Ask for a job; the label says whose history its usage enters."""
        ...

    def stop(self) -> None:
        """Send no more; what is in flight is finished, the rest gets `NoReply("stopped")`."""
        ...


class Meter(Protocol):
    """Numbers of the asker and the ledger, for progress."""

    def __call__(self) -> "Metered":
        """Read them now."""
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


class Work(msgspec.Struct, frozen=True):
    """What a session is to do.

    Attributes:
        dataset: its name.
        pipeline: compiled steps.
        slots: planned slots in rank order.
        planned: how many they are.
        planned_in_cell: slots of the whole plan in the cell of a slot.
        reserve: replacements a cell may use.
        open_slot: makes a slot's state.
        expected: first-attempt jobs by step, for progress.
        cap: cost ceiling of the account in picodollars, for progress.
    """

    dataset: str
    pipeline: Pipeline
    slots: Iterable[SlotKey]
    planned: int
    planned_in_cell: Callable[[SlotKey], int]
    reserve: Reserve
    open_slot: Callable[[SlotKey], SlotState]
    expected: tuple[tuple[str, int], ...]
    cap: int | None


class SessionResult(msgspec.Struct, frozen=True):
    """What became of a session.

    Attributes:
        planned, accepted: slots.
        shortages: cells that lack slots.
        failures: jobs without a reply, by reason.
        lost: the same jobs by step, endpoint and message.
        stopped: why it ended early, None if it did not.
        seconds: how long it took.
    """

    planned: int
    accepted: int
    shortages: tuple[Shortage, ...]
    failures: dict[str, int]
    lost: tuple[Loss, ...]
    stopped: Stopped | None
    seconds: float


class _Steps:
    """Counts by step."""

    def __init__(self, expected: tuple[tuple[str, int], ...]) -> None:
        self.expected = dict(expected)
        self.done: Counter[str] = Counter()
        self.visited: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()

    def progress(self) -> tuple[StepProgress, ...]:
        return tuple(
            StepProgress(name, total, self.done[name], self.visited[name] - self.done[name], self.failed[name])
            for name, total in self.expected.items()
        )


class Session:
    """Drives one fold to its end.

    Args:
        work: what to do.
        replies: the store.
        sink: takes finished slots.
        observer: watches.
        in_flight: how many missing replies to keep wished for.
    """

    def __init__(self, work: Work, replies: Replies, sink: Sink, observer: Observer, *, in_flight: int = 512) -> None:
        self._work = work
        self._replies = replies
        self._sink = sink
        self._observer = observer
        self._in_flight = in_flight
        self._steps = _Steps(work.expected)
        self._replacements = Replacements(work.planned_in_cell, work.reserve, work.planned)
        self._failures: Counter[str] = Counter()
        self._losses = Losses()
        self._statuses: Counter[str] = Counter()
        self._stopped: Stopped | None = None
        self._asker: Asker | None = None
        self._starting: asyncio.Future[None] | None = None
        self._early: list[tuple[Job, str]] | None = []
        self._meter: Meter = Metered
        self._started = time.monotonic()
        self._observed = 0.0
        self._heard = self._started
        self._wake: asyncio.Event | None = None
        self._fold = self._new_fold(None)

    def offline(self) -> SessionResult:
        """Fold what the store has; ask nothing."""
        self._fold.feed(iter(self._work.slots))
        with calm_collector():
            while True:
                while self._fold.turn():
                    self._observe("reading")
                if not self._next_slots():
                    return self._result()

    async def live(self, asker: Asker, meter: Meter) -> SessionResult:
        """Fold, asking for what is missing; what `asker.start` raises ends it.

        Args:
            asker: sends jobs; its answers must come through `answer`, in this loop's thread.
            meter: numbers for progress.
        """
        self._asker, self._meter = asker, meter
        self._wake = asyncio.Event()
        self._fold = self._new_fold(self._submit)
        self._fold.feed(iter(self._work.slots))
        with calm_collector():
            while True:
                while self._fold.turn(_AT_ONCE):
                    self._observe("asking")
                    await (self._start(asker) if self._early else asyncio.sleep(0))
                if self._early:
                    await self._start(asker)
                elif self._fold.wished:
                    await self._rest()
                elif not self._next_slots():
                    return self._result()

    def answer(self, job: Job, answer: Reply | NoReply) -> None:
        """A submitted job has its reply, or none."""
        self._heard = time.monotonic()
        if isinstance(answer, NoReply):
            self._fail(job, answer)
        else:
            self._steps.done[job.recipe.step] += 1
            self._fold.deliver(job, answer)
        if self._wake is not None:
            self._wake.set()

    def interrupt(self) -> None:
        """Stop sending; finish what is in flight, and fold on with what the store has.

        So an interrupted run writes what `--offline` would, and never less than the version before it.
        """
        self._stop("interrupt")
        if self._asker is not None:
            in_flight = self._meter().in_flight
            self._observer.note(
                f"stopping: {in_flight:,} requests in flight are finished, then what is complete is written; "
                "interrupt again to leave at once"
            )
            self._asker.stop()
            if self._starting is not None:
                self._starting.cancel()  # a server that says nothing to the probe would be waited for

    def _new_fold(self, submit: Callable[[Job, SlotState], None] | None) -> Fold:
        return Fold(
            self._work.pipeline,
            self._replies,
            open_slot=self._work.open_slot,
            submit=submit,
            finish=self._finish,
            visit=self._visit,
            in_flight=self._in_flight,
        )

    def _next_slots(self) -> bool:
        """Feed the fold its next round; returns whether there is one."""
        if not self._fold.done:
            raise RuntimeError("the fold waits for nothing and is not done; this is a bug in tapc")
        more = self._replacements.next_round()
        self._fold.feed(iter(more))
        return bool(more)

    async def _rest(self) -> None:
        """Wait for an answer, drawing progress meanwhile."""
        wake = self._wake
        if wake is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), _TICK)
        wake.clear()
        self._observe("asking")

    def _submit(self, job: Job, state: SlotState) -> None:
        if self._asker is None:
            raise RuntimeError("nobody to ask; this is a bug in tapc")
        label = Label.of(self._work.dataset, job.recipe, state.axes.get("language", "")).text()
        if self._early is not None:
            self._early.append((job, label))
        else:
            self._asker.submit(job, label)

    async def _start(self, asker: Asker) -> None:
        """Some reply is missing: only now an endpoint is needed."""
        if self._stopped is None:
            self._starting = asyncio.ensure_future(asker.start())
            try:
                await self._starting
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if self._stopped is None or (task is not None and task.cancelling()):  # the run itself is cancelled
                    raise
        early = self._early or []
        if self._stopped is None:
            self._early = None
            for job, label in early:
                asker.submit(job, label)
        else:  # interrupted before anything could be asked
            self._early = []
            for job, _ in early:
                self.answer(job, NoReply("stopped", "the run was interrupted"))

    def _fail(self, job: Job, answer: NoReply) -> None:
        self._failures[answer.reason] += 1
        self._steps.failed[job.recipe.step] += answer.reason != "stopped"  # those were never asked
        self._losses.note(job, answer.reason, answer.detail)
        if answer.reason == "ceiling":
            self._stop("budget")
        elif answer.reason in ("endpoint", "stopped"):
            self._stop("errors")
        self._fold.fail(job, NO_REPLY)  # why is this run's matter; the manifest is the store's

    def _stop(self, why: Stopped) -> None:
        if self._stopped is None:
            self._stopped = why

    def _finish(self, finished: Finished) -> None:
        self._statuses[finished.status] += 1
        self._replacements.book(finished)
        self._sink.add(finished.state, finished.status)

    def _visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        self._steps.visited[job.recipe.step] += 1
        self._sink.visit(job, reply, slot)

    def _observe(self, phase: str) -> None:
        now = time.monotonic()
        if now - self._observed < _TICK and phase != "writing":
            return
        self._observed = now
        if phase == "asking" and self._stopped == "interrupt":
            phase = "stopping"
        metered = self._meter()
        self._observer.update(
            Snapshot(
                dataset=self._work.dataset,
                seconds=now - self._started,
                planned=self._work.planned,
                accepted=self._statuses["accepted"],
                rejected=self._statuses["rejected"],
                missing=self._statuses["missing"],
                steps=self._steps.progress(),
                in_flight=metered.in_flight,
                silent_seconds=now - self._heard,
                retried=metered.retried,
                tokens=metered.input_tokens + metered.output_tokens,
                spent=metered.spent,
                held=metered.held,
                cap=self._work.cap,
                phase=phase,
            )
        )

    def _result(self) -> SessionResult:
        self._observe("writing")
        return SessionResult(
            planned=self._work.planned,
            accepted=self._statuses["accepted"],
            shortages=tuple(self._replacements.shortages()),
            failures=dict(sorted(self._failures.items())),
            lost=self._losses.all(),
            stopped=self._stopped,
            seconds=time.monotonic() - self._started,
        )
