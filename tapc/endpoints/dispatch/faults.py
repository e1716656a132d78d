"""When an endpoint is given up, and what is said about it."""

import asyncio
from collections.abc import Callable

import msgspec

from tapc.endpoints.client import Failure
from tapc.endpoints.dispatch.findings import NEXT, Finding, diagnose
from tapc.endpoints.dispatch.item import Item
from tapc.endpoints.dispatch.lane import Lane
from tapc.endpoints.dispatch.origin import Flight, Origin
from tapc.endpoints.dispatch.policy import ENDLESS
from tapc.endpoints.dispatch.replica import Replica
from tapc.jobs import Usage

_BRIEF, _LONG = 10.0, 60.0
"""Seconds, least and most, that an endpoint may fail at once before its first reply."""

_UNREADABLE = 3
"""Replies in a row, before any other, that cannot be read, after which an endpoint is stopped: each is paid for."""

_WORTH_TELLING = 5.0
"""Seconds an endpoint asks to wait, from which on a run says so."""


def _given_up(lane: Lane, replica: Replica, failure: Failure, seconds: float, row: int, *, answered: bool) -> Finding:
    """A finding about an endpoint that fails and fails."""
    last = "no answer since its last one" if answered else "it has never answered"
    said = f"given up after {row:,} failures in {seconds:.0f} s, {last}; at last: {failure.detail}"
    notes = [NEXT["TAP905"]]
    if failure.kind == "timeout":
        notes.insert(0, "where its replies take longer, raise the endpoint's `transport { timeout … }`")
        if answered:
            at_once = f"limit {{ concurrency {replica.origin.size} }}"
            notes.insert(1, f"where it is asked for too many at once, say how many it bears: `{at_once}`")
    server = replica.client.server if len(lane.replicas) == 1 else ""
    return Finding("TAP910" if failure.status else "TAP905", lane.name, said, tuple(notes), server=server)


def fault_of(failure: Failure) -> str:
    """The code of a failure that no further request can get around, or empty."""
    return {"auth": "TAP904", "missing": "TAP906", "redirect": "TAP907", "quota": "TAP911"}.get(failure.fault, "")


class Faults:
    """Watches lanes and stops those that cannot go on.

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
        self._strikes: dict[str, int] = {}  # -1 once there was a reply

    def well(self, lane: Lane) -> None:
        """A reply came."""
        if lane.name in self._row:
            self._since.pop(lane.name, None)
            self._row.pop(lane.name, None)
            if lane.name in self._troubled:
                self._troubled.discard(lane.name)
                self._note(f"endpoint {lane.name!r} answers again")
        self._strikes[lane.name] = -1

    def failed(self, lane: Lane, replica: Replica, item: Item, failure: Failure, sent_at: float) -> None:
        """A request failed; stops the lane when there is no point in going on."""
        if failure.kind == "timeout" and item.flight is not None:
            self._timed_out(lane, replica.origin, item.flight)
        if failure.fault:
            self._dead(lane, replica, failure)
            return
        if not failure.retry:
            self._refused(lane, failure)
            return
        if failure.changed:
            return
        if failure.kind == "malformed" and failure.most is not None and self._unreadable(lane, failure):
            return
        now = self._loop.time()
        since = self._since.setdefault(lane.name, sent_at)
        row = self._row[lane.name] = self._row.get(lane.name, 0) + 1
        if lane.name not in self._troubled and (replica.open or (failure.retry_after or 0) >= _WORTH_TELLING):
            self._troubled.add(lane.name)
            wait = (
                f"asks to wait {failure.retry_after:.0f} s" if failure.retry_after else f"fails {row:,} times in a row"
            )
            self._note(f"endpoint {lane.name!r} {wait}: {failure.detail}")
        if row > 1 and now - since >= self._patience(lane, replica, failure):
            self._stop(lane, _given_up(lane, replica, failure, now - since, row, answered=self._answered(lane)))

    def _timed_out(self, lane: Lane, origin: Origin, flight: Flight) -> None:
        """Tell how many requests the server answers in time, once it turns out that they were too many."""
        before = origin.size
        if origin.timed_out(flight, self._loop.time()) and origin.size < before:
            self._note(
                f"endpoint {lane.name!r} answers too slowly for {before:,} requests at once; going on with "
                f"{origin.size:,} (`limit {{ concurrency {origin.size} }}` would never send more)"
            )

    def _dead(self, lane: Lane, replica: Replica, failure: Failure) -> None:
        """A replica that can answer nothing any more; without another one the endpoint is stopped."""
        known, replica.dead = replica.dead, failure.detail
        if all(r.dead for r in lane.replicas):
            self._stop(lane, diagnose(fault_of(failure), lane.name, failure.detail, keys=lane.keys))
        elif not known:
            said = f"{replica.client.origin} says {failure.detail}"
            self._report(diagnose(fault_of(failure), lane.name, said, keys=lane.keys))
            self._note(f"endpoint {lane.name!r} goes on without {replica.client.origin}: {failure.detail}")

    def _answered(self, lane: Lane) -> bool:
        return self._strikes.get(lane.name) == -1

    def _patience(self, lane: Lane, replica: Replica, failure: Failure) -> float:
        """Seconds an endpoint may go on failing like this.

        One that has answered before may be restarting, and one that asks to wait is there. One that has never answered
        is told by two time limits of silence, or by failing at once for as long (within bounds).
        """
        limits = 2 * replica.client.seconds
        if self._answered(lane):
            return max(lane.policy.patience_seconds, limits)
        if failure.kind == "timeout":
            return min(lane.policy.patience_seconds, limits)
        if failure.congested:
            return lane.policy.patience_seconds
        return min(lane.policy.patience_seconds, _LONG, max(_BRIEF, limits))

    def _refused(self, lane: Lane, failure: Failure) -> None:
        """Requests refused for good, one after the other, before any success: the endpoint takes none of them."""
        strikes = self._strikes.get(lane.name, 0)
        if strikes < 0:
            return
        self._strikes[lane.name] = strikes + 1
        self._refusal[lane.name] = failure.detail
        if strikes + 1 >= lane.policy.strikes:
            self._stop(lane, self._refuses(lane, f"the first {strikes + 1} requests"))

    def _refuses(self, lane: Lane, what: str) -> Finding:
        return diagnose("TAP912", lane.name, f"it refused {what}; at last: {self._refusal[lane.name]}")

    def ended(self, lane: Lane) -> None:
        """Nothing more is asked: an endpoint that took none of a few requests is told of as one that refused many."""
        strikes = self._strikes.pop(lane.name, 0)
        if strikes > 0 and lane.policy.strikes < ENDLESS and lane.stopped is None:
            self._report(self._refuses(lane, f"all {strikes} requests" if strikes > 1 else "its only request"))

    def _unreadable(self, lane: Lane, failure: Failure) -> bool:
        """Whether an endpoint is stopped because nothing it sent could be read."""
        unread = self._unread[lane.name] = self._unread.get(lane.name, 0) + 1
        if unread < _UNREADABLE or self._answered(lane):
            return False
        said = f"none of its first {unread} replies can be read; at last: {failure.detail}"
        self._stop(lane, diagnose("TAP916", lane.name, said))
        return True

    def overrun(self, lane: Lane, item: Item, usage: Usage) -> None:
        """An endpoint used more than its bound: no ceiling can be promised any more."""
        worst = item.worst
        said = (
            f"it charged {usage.input:,} input and {usage.output:,} output tokens for a request of step "
            f"{item.job.recipe.step!r} that is bounded by {worst.input:,} and {worst.output:,}"
        )
        self._stop(lane, diagnose("TAP908", lane.name, said))

    def unpriced(self, lane: Lane, what: str, *, bounded: bool) -> None:
        """A reply reports something that has no price; under a ceiling on cost nothing can be promised any more."""
        said = f"it reports {what}, which its price does not cover; charged at the dearest known"
        finding = diagnose("TAP913", lane.name, said)
        if bounded:
            self._stop(lane, finding)
        elif lane.name not in self._unpriced:
            self._unpriced.add(lane.name)
            self._report(msgspec.structs.replace(finding, severity="warning"))

    def _stop(self, lane: Lane, finding: Finding) -> None:
        if lane.stopped is None or lane.stopped[0] != "endpoint":
            self._report(finding)
            lane.stopped = None
            lane.stop("endpoint", finding.message)
