"""One run: fold until a reply is missing, ask for what may be asked, repeat; then replace what failed.

`Session.live` is the whole story; everything below it is a sentence of it.
"""

import asyncio
import gc
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

from tapc.endpoints import Answers, JobSender, NoReply
from tapc.engine.ask_queue import AskQueue
from tapc.engine.brake import Brake
from tapc.engine.fold import NO_REPLY, Finished, Fold, Replacements, Used
from tapc.engine.labels import Label
from tapc.engine.losses import Losses
from tapc.engine.protocol import Meter, Metered, Observer, SessionResult, Sink, Snapshot, StepProgress, Stopped, Work
from tapc.jobs import Job, Reply
from tapc.steps import Missing
from tapc.store.protocol import Replies

_TICK = 0.125
"""Seconds between snapshots."""

_AT_ONCE = 64
"""Tasks the fold may advance before the event loop sees to the network: some milliseconds."""

_COLLECTOR = (20_000, 20, 50)
"""Thresholds of Python's cycle collector while a run lasts."""


class Session:
    """Drives one fold to its end; see `tapc.engine.protocol.Engine`.

    Args:
        work: what to do.
        replies: the store.
        sink: takes finished slots.
        observer: watches.
        in_flight: how many missing replies to wait for at once.
        brake: stops asking once the samples show that the quota cannot be filled; None to go on in any case. Offline it
            has no say.
    """

    def __init__(
        self,
        work: Work,
        replies: Replies,
        sink: Sink,
        observer: Observer,
        *,
        in_flight: int = 512,
        brake: Brake | None = None,
    ) -> None:
        self._work = work
        self._sink = sink
        self._observer = observer
        self._fold = Fold(work.pipeline, replies, open_slot=work.open_slot, in_flight=in_flight)
        self._replacements = Replacements(work.spare, work.reserve, work.planned)
        self._brake = brake
        self._asks = AskQueue(work.pipeline, work.expected, brake)
        self._fed = False
        self._steps = _StepCounts(work.expected)
        self._failures: Counter[str] = Counter()
        self._losses = Losses()
        self._statuses: Counter[str] = Counter()
        self._stopped: Stopped | None = None
        self._sender: JobSender | None = None
        self._starting: asyncio.Future[None] | None = None
        self._started = False
        self._meter: Meter = Metered
        self._since = time.monotonic()
        self._observed = 0.0
        self._heard = self._since

    def offline(self) -> SessionResult:
        """See `Engine`."""
        fold = self._fold
        with _calm_collector():
            while self._next_slots():
                while not fold.idle:
                    for event in fold.turn():
                        if isinstance(event, Used):
                            self._used(event)
                        elif isinstance(event, Finished):
                            self._finished(event)
                        else:
                            fold.answer(event.job, Missing(NO_REPLY))
                    self._observe("reading")
        return self._result()

    async def live(self, sender: JobSender, answers: Answers, meter: Meter) -> SessionResult:
        """See `Engine`."""
        fold, self._sender, self._meter = self._fold, sender, meter
        with _calm_collector():
            while self._next_slots():  # the planned ones first, then those in place of what failed, round by round
                while fold.pending or not fold.idle:
                    for event in fold.turn(_AT_ONCE):
                        if isinstance(event, Used):
                            self._used(event)
                        elif isinstance(event, Finished):
                            self._finished(event)
                            self._watch(event)
                        else:
                            self._asks.add(event)
                    if self._asks:
                        await self._ask(sender, answers)
                    if not fold.idle:
                        await asyncio.sleep(0)
                    elif fold.pending:
                        await answers.wait(_TICK)
                    for job, answer in answers.take():
                        self._answer(job, answer)
                    self._observe("asking")
        return self._result()

    def interrupt(self) -> None:
        """See `Engine`."""
        self._stop("interrupt")
        if self._sender is not None:
            self._send_no_more("stopping", "interrupt again to leave at once")
            if self._starting is not None:
                self._starting.cancel()  # a server that says nothing to the probe would be waited for

    def _send_no_more(self, why: str, more: str) -> None:
        if self._sender is not None:
            in_flight = self._meter().in_flight
            self._observer.note(
                f"{why}: {in_flight:,} requests in flight are finished, then what is complete is written; {more}"
            )
            self._sender.stop()

    def _watch(self, event: Finished) -> None:
        """Show the brake a finished slot, unless the run is over anyway."""
        brake = self._brake
        if brake is None:
            return
        brake.add(event)
        if (braked := brake.braked) is not None and not self._over:
            self._stopped = "brake"
            seen = f"{braked.rejected:,} of the first {braked.tried:,} samples are rejected"
            self._send_no_more("stopping", f"{seen}, mostly by {braked.step} ({braked.reason})")

    @property
    def _over(self) -> bool:
        """Whether nothing is sent any more, whatever is wanted."""
        return self._stopped in ("interrupt", "brake")

    def _next_slots(self) -> bool:
        """Feed the fold its next round; returns whether there is one."""
        if not self._fold.done:
            raise RuntimeError("the fold waits for nothing and is not done; this is a bug in tapc")
        if not self._fed:
            self._fed = True
            self._fold.feed(iter(self._work.slots))
            return True
        more = self._replacements.next_round()
        if self._brake is not None:
            self._brake.next_round(self._statuses["accepted"])
        self._fold.feed(iter(more))
        return bool(more)

    async def _ask(self, sender: JobSender, answers: Answers) -> None:
        """Have jobs asked whose replies are not stored; only for the first of them the endpoints are looked at."""
        taken = self._asks.take_all() if self._over else self._asks.take(idle=self._fold.idle)
        if taken and not self._started and self._stopped is None:
            await self._start(sender)
        for event, order in taken:
            if self._started:
                language = event.slot.axes.get("language", "")
                sender.submit(event.job, Label.of(self._work.dataset, event.job.recipe, language).text(), order)
            else:  # stopped before anything could be asked
                answers.put(event.job, NoReply("stopped", "the run was stopped"))

    async def _start(self, sender: JobSender) -> None:
        self._starting = asyncio.ensure_future(sender.start())
        try:
            await self._starting
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if self._stopped is None or (task is not None and task.cancelling()):  # the run itself is cancelled
                raise
        self._started = self._stopped is None

    def _answer(self, job: Job, answer: Reply | NoReply) -> None:
        """A job that was asked has ended."""
        self._heard = time.monotonic()
        self._asks.ended()
        step = job.recipe.step
        if not isinstance(answer, NoReply):
            self._steps.done[step] += 1
            self._fold.answer(job, answer)
            return
        self._failures[answer.reason] += 1
        self._steps.failed[step] += answer.reason != "stopped"  # those were never asked
        self._losses.note(job, answer.reason, answer.detail)
        if answer.reason == "ceiling":
            self._stop("budget")
        elif answer.reason in ("endpoint", "stopped"):
            self._stop("errors")
        self._fold.answer(job, Missing(NO_REPLY))  # why is this run's matter; the manifest is the store's

    def _stop(self, why: Stopped) -> None:
        if self._stopped is None:
            self._stopped = why

    def _used(self, event: Used) -> None:
        steps, shared, visit = self._steps.used, self._work.shared, self._sink.visit
        for job, reply, slot in event.replies:
            step = job.recipe.step
            steps[step] += step not in shared or self._steps.is_new(job.key)
            visit(job, reply, slot)

    def _finished(self, event: Finished) -> None:
        self._statuses[event.status] += 1
        self._replacements.book(event)
        self._asks.finished += 1
        self._sink.add(event.state, event.status)

    def _observe(self, phase: str) -> None:
        now = time.monotonic()
        if now - self._observed < _TICK and phase != "writing":
            return
        self._observed = now
        if phase == "asking" and self._over:
            phase = "stopping"
        metered = self._meter()
        self._observer.update(
            Snapshot(
                dataset=self._work.dataset,
                seconds=now - self._since,
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
            braked=None if self._brake is None else self._brake.braked,
            seconds=time.monotonic() - self._since,
        )


class _StepCounts:
    """Counts by step: replies of this run, replies that went into the fold, jobs without one."""

    def __init__(self, expected: tuple[tuple[str, int], ...]) -> None:
        self.expected = dict(expected)
        self.done: Counter[str] = Counter()
        self.used: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self._met: set[bytes] = set()

    def is_new(self, key: bytes) -> bool:
        """Whether a reply that slots share is used for the first time."""
        if key in self._met:
            return False
        self._met.add(key)
        return True

    def progress(self) -> tuple[StepProgress, ...]:
        return tuple(self._of_step(name, total) for name, total in self.expected.items())

    def _of_step(self, name: str, total: int) -> StepProgress:
        """Repeated attempts and replacements raise the total once they are more than what is left of it."""
        done, failed = self.done[name], self.failed[name]
        cached = max(0, self.used[name] - done)  # a reply is done a moment before the fold uses it
        return StepProgress(name, max(total, done + cached + failed), done, cached, failed)


@contextmanager
def _calm_collector() -> Generator[None]:
    """Within it, what exists already is not looked at again, and young objects are looked at less often.

    A run makes and drops many small objects and almost no cycles; with the usual thresholds every full collection walks
    all modules, which takes a tenth of a run's CPU and stops the event loop for many milliseconds.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_COLLECTOR)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
