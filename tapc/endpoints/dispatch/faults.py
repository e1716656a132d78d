"""When an endpoint is given up, and what is said about it."""

import asyncio
from collections.abc import Callable

import msgspec

from tapc.endpoints.client import Failure
from tapc.endpoints.dispatch.endpoint_queue import EndpointQueue
from tapc.endpoints.dispatch.findings import NEXT, Finding, diagnose
from tapc.endpoints.dispatch.origin import Flight, Origin
from tapc.endpoints.dispatch.policy import ENDLESS
from tapc.endpoints.dispatch.queued_job import QueuedJob
from tapc.endpoints.dispatch.replica import Replica
from tapc.jobs import Usage

_BRIEF, _LONG = 10.0, 60.0
"""Seconds, least and most, that an endpoint may fail at once before its first reply."""

_UNREADABLE = 3
"""Replies in a row, before any other, that cannot be read, after which an endpoint is stopped: each is paid for."""

_WORTH_TELLING = 5.0
"""Seconds an endpoint asks to wait, from which on a run says so."""


def _given_up(
    queue: EndpointQueue, replica: Replica, failure: Failure, seconds: float, row: int, *, answered: bool
) -> Finding:
    """A finding about an endpoint that fails and fails."""
    last = "no answer since its last one" if answered else "it has never answered"
    said = f"given up after {row:,} failures in {seconds:.0f} s, {last}; at last: {failure.detail}"
    notes = [NEXT["TAP905"]]
    if failure.kind == "timeout":
        notes.insert(0, "where its replies take longer, raise the endpoint's `transport { timeout … }`")
        if answered:
            at_once = f"limit {{ concurrency {replica.origin.size} }}"
            notes.insert(1, f"where it is asked for too many at once, say how many it bears: `{at_once}`")
    server = replica.client.server if len(queue.replicas) == 1 else ""
    return Finding("TAP910" if failure.status else "TAP905", queue.name, said, tuple(notes), server=server)


def fault_of(failure: Failure) -> str:
    """The code of a failure that no further request can get around, or empty."""
    return {"auth": "TAP904", "missing": "TAP906", "redirect": "TAP907", "quota": "TAP911"}.get(failure.fault, "")


class Faults:
    """Watches queues and stops those that cannot go on.

    Args:
        report: takes each finding once.
        note: takes a line for people while the run goes on.
    """

    def __init__(self, report: Callable[[Finding], None], note: Callable[[str], None]) -> None:
        self._report = report
        self._note = note
        self._troubled: set[str] = set()
        self._unpriced: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._since: dict[str, float] = {}
        self._row: dict[str, int] = {}
        self._unread: dict[str, int] = {}
        self._refusal: dict[str, str] = {}
        self._consecutive_failures: dict[str, int] = {}  # -1 once there was a reply

    def well(self, queue: EndpointQueue) -> None:
        """A reply came."""
        if queue.name in self._row:
            self._since.pop(queue.name, None)
            self._row.pop(queue.name, None)
            if queue.name in self._troubled:
                self._troubled.discard(queue.name)
                self._note(f"endpoint {queue.name!r} answers again")
        self._consecutive_failures[queue.name] = -1

    def failed(self, queue: EndpointQueue, replica: Replica, item: QueuedJob, failure: Failure, sent_at: float) -> None:
        """A request failed; stops the queue when there is no point in going on."""
        if failure.kind == "timeout" and item.flight is not None:
            self._timed_out(queue, replica.origin, item.flight)
        if failure.fault:
            self._dead(queue, replica, failure)
            return
        if not failure.retry:
            self._refused(queue, failure)
            return
        if failure.changed:
            return
        if failure.kind == "malformed" and failure.most is not None and self._unreadable(queue, failure):
            return
        now = self._loop.time()
        since = self._since.setdefault(queue.name, sent_at)
        row = self._row[queue.name] = self._row.get(queue.name, 0) + 1
        if queue.name not in self._troubled and (replica.open or (failure.retry_after or 0) >= _WORTH_TELLING):
            self._troubled.add(queue.name)
            wait = (
                f"asks to wait {failure.retry_after:.0f} s" if failure.retry_after else f"fails {row:,} times in a row"
            )
            self._note(f"endpoint {queue.name!r} {wait}: {failure.detail}")
        if row > 1 and now - since >= self._patience(queue, replica, failure):
            self._stop(queue, _given_up(queue, replica, failure, now - since, row, answered=self._answered(queue)))

    def _timed_out(self, queue: EndpointQueue, origin: Origin, flight: Flight) -> None:
        """Tell how many requests the server answers in time, once it turns out that they were too many."""
        before = origin.size
        if origin.timed_out(flight, self._loop.time()) and origin.size < before:
            self._note(
                f"endpoint {queue.name!r} answers too slowly for {before:,} requests at once; going on with "
                f"{origin.size:,} (`limit {{ concurrency {origin.size} }}` would never send more)"
            )

    def _dead(self, queue: EndpointQueue, replica: Replica, failure: Failure) -> None:
        """A replica that can answer nothing any more; without another one the endpoint is stopped."""
        known, replica.dead = replica.dead, failure.detail
        if all(r.dead for r in queue.replicas):
            self._stop(queue, diagnose(fault_of(failure), queue.name, failure.detail, keys=queue.keys))
        elif not known:
            said = f"{replica.client.origin} says {failure.detail}"
            self._report(diagnose(fault_of(failure), queue.name, said, keys=queue.keys))
            self._note(f"endpoint {queue.name!r} goes on without {replica.client.origin}: {failure.detail}")

    def _answered(self, queue: EndpointQueue) -> bool:
        return self._consecutive_failures.get(queue.name) == -1

    def _patience(self, queue: EndpointQueue, replica: Replica, failure: Failure) -> float:
        """Seconds an endpoint may go on failing like this.

        One that has answered before may be restarting, and one that asks to wait is there. One that has never answered
        is told by two time limits of silence, or by failing at once for as long (within bounds).
        """
        limits = 2 * replica.client.seconds
        if self._answered(queue):
            return max(queue.policy.patience_seconds, limits)
        if failure.kind == "timeout":
            return min(queue.policy.patience_seconds, limits)
        if failure.congested:
            return queue.policy.patience_seconds
        return min(queue.policy.patience_seconds, _LONG, max(_BRIEF, limits))

    def _refused(self, queue: EndpointQueue, failure: Failure) -> None:
        """Requests refused for good, one after the other, before any success: the endpoint takes none of them."""
        refusals = self._consecutive_failures.get(queue.name, 0)
        if refusals < 0:
            return
        self._consecutive_failures[queue.name] = refusals + 1
        self._refusal[queue.name] = failure.detail
        if refusals + 1 >= queue.policy.consecutive_failures:
            self._stop(queue, self._refuses(queue, f"the first {refusals + 1} requests"))

    def _refuses(self, queue: EndpointQueue, what: str) -> Finding:
        return diagnose("TAP912", queue.name, f"it refused {what}; at last: {self._refusal[queue.name]}")

    def ended(self, queue: EndpointQueue) -> None:
        """Nothing more is asked: an endpoint that took none of a few requests is told of as one that refused many."""
        refusals = self._consecutive_failures.pop(queue.name, 0)
        if refusals > 0 and queue.policy.consecutive_failures < ENDLESS and queue.stopped is None:
            self._report(self._refuses(queue, f"all {refusals} requests" if refusals > 1 else "its only request"))

    def _unreadable(self, queue: EndpointQueue, failure: Failure) -> bool:
        """Whether an endpoint is stopped because nothing it sent could be read."""
        unread = self._unread[queue.name] = self._unread.get(queue.name, 0) + 1
        if unread < _UNREADABLE or self._answered(queue):
            return False
        said = f"none of its first {unread} replies can be read; at last: {failure.detail}"
        self._stop(queue, diagnose("TAP916", queue.name, said))
        return True

    def overrun(self, queue: EndpointQueue, item: QueuedJob, usage: Usage) -> None:
        """An endpoint used more than its bound: no ceiling can be promised any more."""
        worst = item.worst
        said = (
            f"it charged {usage.input:,} input and {usage.output:,} output tokens for a request of step "
            f"{item.job.recipe.step!r} that is bounded by {worst.input:,} and {worst.output:,}"
        )
        self._stop(queue, diagnose("TAP908", queue.name, said))

    def unpriced(self, queue: EndpointQueue, what: str, *, bounded: bool) -> None:
        """A reply reports something that has no price; under a ceiling on cost nothing can be promised any more."""
        said = f"it reports {what}, which its price does not cover; charged at the dearest known"
        finding = diagnose("TAP913", queue.name, said)
        if bounded:
            self._stop(queue, finding)
        elif queue.name not in self._unpriced:
            self._unpriced.add(queue.name)
            self._report(msgspec.structs.replace(finding, severity="warning"))

    def _stop(self, queue: EndpointQueue, finding: Finding) -> None:
        if queue.stopped is None or queue.stopped[0] != "endpoint":
            self._report(finding)
            queue.stopped = None
            queue.stop("endpoint", finding.message)
