"""`tapc run`: everything between a plan and a dataset folder."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.endpoints import Answers
from tapc.endpoints.client import secrets_of
from tapc.endpoints.dispatch import Dispatcher, Policy
from tapc.engine import Engine, Metered, Observer, Session, SessionResult, Shortage
from tapc.engine.programs import JobRouter, Programs
from tapc.ir import Endpoint
from tapc.outputs import DatasetWriter, LockEntry, Manifest, Requests, RunDocument, RunSpend, Samples, ShortCell
from tapc.plan import Planned
from tapc.sim.embedded import embedded_endpoint
from tapc.store import Store, open_store
from tapc.store.protocol import Amount, StoreProtocol
from tapc.workspace.acceptance import Counted
from tapc.workspace.event_loop import interruptible, run_loop
from tapc.workspace.refused import Refused
from tapc.workspace.run.braking import brake_entry, brake_of
from tapc.workspace.run.give_up import GivingUp
from tapc.workspace.run.locking import keep_lock
from tapc.workspace.run.report import RunOptions, RunReport, RunStatus, lost_jobs, unknown_ends
from tapc.workspace.spec.lock import NextLock
from tapc.workspace.speeds import record_speeds
from tapc.workspace.stored import work_of
from tapc.workspace.tracking import Tracking, predict

_PICO = 10**12
_ENDLESS = 2**31
"""Consecutive refusals that stop an endpoint while jobs are given up: all jobs that are left may be refused."""

_UNSTATED = 256
"""Concurrency of an endpoint that states none: the most that the dispatcher allows."""

_UNBOUNDED = ("TAP908", "TAP913")
"""Findings about endpoints that used or charged more than their bound."""


def run_plan(
    planned: Planned,
    options: RunOptions,
    *,
    sources: tuple[tuple[str, str], ...],
    environ: Mapping[str, str],
    observer: Observer,
    lock: NextLock | None = None,
) -> RunReport:
    """Make the dataset.

    Args:
        planned: the plan.
        options: options of the run.
        sources: (name, sha256) of the files the spec was compiled from.
        environ: where keys and URLs are read; not touched when offline.
        observer: receives progress and notes.
        lock: the lock that the plan makes; None if there is none to be read or written.

    Raises:
        Refused: an endpoint cannot be used, a program may not run, or another process has changed the lock; nothing
            was sent.
        FolderError: the output folder cannot be used.
        SecretError: a file would hold a key from the environment; the old folder is unchanged.
        StoreError: the store cannot be used, or the disk is full; what was finished is kept.
    """
    if not options.silent and not options.allow_run and planned.resources.programs:
        raise Refused([_not_allowed(planned)], "incomplete")
    writer = DatasetWriter(planned.dataset, options.out, planned.kinds.emits)
    store: Store | None = None
    try:
        store = open_store(options.store, offline=options.silent)
        kept = keep_lock(lock, store, planned.dataset.name) if lock and options.keep_lock else False
        run = _Run(planned, options, store, writer, observer)
        result = run.session.offline() if options.silent else run_loop(lambda: run.live(environ))
        report = run.finish(result, sources, lock)
    except BaseException:  # Ctrl-C included: the half-made folder goes, the old one stands
        writer.discard()
        raise
    else:
        if not options.silent:
            run.acceptance.record(store)
        if lock is None or kept is False:
            return report
        if kept is True:
            return msgspec.structs.replace(report, lock=lock.path)
        return msgspec.structs.replace(report, problems=(kept, *report.problems))
    finally:
        if store is not None:
            store.close()


class _Run:
    """The parts of one run: session, writer, store, and what they counted."""

    def __init__(
        self, planned: Planned, options: RunOptions, store: StoreProtocol, writer: DatasetWriter, observer: Observer
    ) -> None:
        self._planned = planned
        self._options = options
        self._store = store
        self._writer = writer
        self._work = work_of(planned, None, limit=options.limit)
        self._started = datetime.now(UTC)
        self._metered = Metered()
        self._done = 0
        self._failed = 0
        self._oddities: dict[str, dict[str, int]] = {}
        self._spent = Amount()
        self._unknown = Amount()
        self._problems: list[Diagnostic] = []
        self._note = observer.note
        self._tracking: Tracking | None = None
        self._predicting = 0.0
        self._giving_up = GivingUp(writer) if options.give_up else None
        self.acceptance = Counted(self._giving_up or writer, planned)
        self.session: Engine = Session(
            self._work,
            store,
            self.acceptance,
            observer,
            in_flight=_in_flight(planned, options),
            brake=brake_of(planned, self._work) if options.brake else None,
        )

    async def live(self, environ: Mapping[str, str]) -> SessionResult:
        """Run against endpoints."""
        dataset, options = self._planned.dataset, self._options
        account = self._store.account(dataset.name, dataset.budget, options.max_cost)

        def broken(error: Exception) -> None:
            dispatcher.fail(error)

        answers = Answers()
        ends = answers if self._giving_up is None else self._giving_up.between(account, answers, broken)
        secrets = self._writer.secrets = secrets_of(dataset.endpoints, environ)
        folder = self._planned.resources.folder
        programs = Programs(account, ends, folder=folder, environ=environ, secrets=secrets)
        dispatcher = Dispatcher(
            dataset.endpoints,
            account,
            ends,
            environ=environ,
            embedded=embedded_endpoint(environ) if _embeds(dataset.endpoints) else None,
            concurrency=options.concurrency,
            policy=Policy(consecutive_failures=_ENDLESS) if options.give_up else None,
            note=self._note,
        )

        def meter() -> Metered:
            tallies = dispatcher.counts.values()
            totals = account.totals()
            return Metered(
                sent=sum(t.sent for t in tallies),
                retried=sum(t.retried for t in tallies),
                in_flight=sum(t.in_flight for t in tallies),
                input_tokens=sum(t.input_tokens for t in tallies),
                output_tokens=sum(t.output_tokens for t in tallies),
                spent=totals.spent.cost,
                held=totals.held.cost,
            )

        async def start() -> None:
            problems = await dispatcher.start()
            if problems:
                raise Refused(problems, "incomplete")
            if options.track:
                self._track(account.id)

        try:
            with interruptible(self.session.interrupt):
                result = await self.session.live(JobRouter(dispatcher, programs, start), answers, meter)
            await dispatcher.drain()
            if programs.error is not None:
                raise programs.error
            self._metered = meter()
            self._done = sum(t.done for t in dispatcher.counts.values())
            self._failed = programs.failed + sum(t.failed for t in dispatcher.counts.values())
            self._oddities = dispatcher.oddities
            self._problems = [*dispatcher.problems, *unknown_ends(self._oddities)]
            record_speeds(self._store, dispatcher.timings)
            return result
        finally:
            await programs.aclose()
            await dispatcher.aclose()
            account.close()
            totals = account.totals()  # now that what was open is charged
            self._spent, self._unknown = totals.run_spent, totals.run_unknown

    def _track(self, run: str) -> None:
        """Keep what this run is expected to send, pay and take; before its first request."""
        planned, options, since = self._planned, self._options, time.monotonic()
        started = self._started.isoformat(timespec="seconds")
        forecast = predict(planned, options.store, options.limit)
        self._tracking = Tracking(self._store, planned.dataset.name, run, started, planned.digest, forecast)
        self._predicting = time.monotonic() - since

    def finish(self, result: SessionResult, sources: tuple[tuple[str, str], ...], lock: NextLock | None) -> RunReport:
        """Write the dataset and return the report.

        Args:
            result: result of the session.
            sources: (name, sha256) of the files the spec was compiled from.
            lock: the lock that the plan makes.
        """
        samples = Samples(planned=result.planned, accepted=result.accepted, short=result.planned - result.accepted)
        gave_up = self._giving_up.count if self._giving_up else 0
        given = self._giving_up.losses.all() if self._giving_up else ()
        run = RunDocument(
            dataset=self._planned.dataset.name,
            plan_digest=self._planned.digest,
            lock=None if lock is None else LockEntry(sha256=lock.digest, saved=lock.is_saved()),
            started=self._started.isoformat(timespec="seconds"),
            seconds=round(result.seconds, 3),
            requests=Requests(
                sent=self._metered.sent,
                cached=max(0, self._writer.distinct_replies() - self._done - gave_up),
                retried=self._metered.retried,
                failed=self._failed,
                gave_up=gave_up,
            ),
            spend=RunSpend(
                usd=self._spent.cost / _PICO,
                unknown_usd=self._unknown.cost / _PICO,
                unknown_requests=self._unknown.requests,
                input_tokens=self._metered.input_tokens,
                output_tokens=self._metered.output_tokens,
            ),
            samples=samples,
            failures=result.failures,
            lost=[lost_jobs(loss, given_up=False) for loss in result.lost]
            + [lost_jobs(loss, given_up=True) for loss in given],
            oddities=self._oddities,
            mode="offline" if self._options.offline else "partial" if self._options.partial else "live",
            stopped=result.stopped,
            brake=None if result.braked is None else brake_entry(result.braked),
            forecast=None if self._tracking is None else self._tracking.forecast,
        )
        manifest = self._writer.commit(
            plan_digest=self._planned.digest,
            planned=result.planned,
            short_cells=[self._short(shortage) for shortage in result.shortages],
            sources=(*sources, *self._planned.resources.files),
            run=run,
        )
        if self._tracking is not None:
            self._tracking.end(run, round(result.seconds - self._predicting, 3))
        folder = self._options.out / self._planned.dataset.name
        problems = tuple(self._problems)
        status = self._status(result)
        if status == "ok" and not self._options.partial and self._lacking(manifest):
            status = "empty"
        if status == "ok" and self._options.whole and any(not one.holds for one in manifest.expectations):
            status = "unexpected"
        return RunReport(folder, self._writer.written, manifest, run, result, problems, status)

    def _lacking(self, manifest: Manifest) -> bool:
        """Whether a config ended without a row, and the spec does not say that it may."""
        optional = {emit.name for emit in self._planned.dataset.emits if emit.optional}
        return manifest.samples.accepted > 0 and not optional.issuperset(manifest.empty)

    def _short(self, shortage: Shortage) -> ShortCell:
        key = shortage.key
        planned = self._planned.slots.planned(key)
        return ShortCell(
            axes=self._planned.views.axes(key.leaf, key.values),
            planned=planned,
            accepted=planned - shortage.missing,
            reason=shortage.reason,
        )

    def _status(self, result: SessionResult) -> RunStatus:
        if result.stopped == "interrupt":
            return "interrupt"
        if result.stopped == "budget":
            return "budget"
        if result.stopped == "brake":
            return "brake"
        if any(problem.code in _UNBOUNDED and problem.severity == "error" for problem in self._problems):
            return "short"  # even where it was the last request: no ceiling could be promised any more
        if self._options.partial:
            return "ok"
        return (
            "ok" if self._may_lack(result.planned - result.accepted, result.planned) and not result.stopped else "short"
        )

    def _may_lack(self, missing: int, planned: int) -> bool:
        """Whether so many samples may be missing: by `--allow-short`, or as the spec expects."""
        if missing <= self._options.allow_short * planned:
            return True
        rules = [one for one in self._planned.dataset.expectations or () if one.measure == "short"]
        return bool(rules) and all(one.holds(Fraction(missing, planned if one.unit == "share" else 1)) for one in rules)


def _not_allowed(planned: Planned) -> Diagnostic:
    commands = [" ".join(command) for command in sorted(planned.resources.programs)]
    shown = ", ".join(f"`{command}`" for command in commands[:3])
    advice = "read what they do, then run with --allow-run; nothing was sent"
    return Diagnostic("TAP927", "error", f"the spec runs programs: {shown}", (), (advice,))


def _embeds(endpoints: Sequence[Endpoint]) -> bool:
    return any(not endpoint.urls for endpoint in endpoints)


def _in_flight(planned: Planned, options: RunOptions) -> int:
    """Number of requests to keep pending: enough that no endpoint waits for the fold."""
    limits = [e.limit.concurrency or options.concurrency or _UNSTATED for e in planned.dataset.endpoints]
    return max(256, 4 * sum(limits))
