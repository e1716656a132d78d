"""When an endpoint is given up, and what is said about it."""

import asyncio
from collections.abc import Callable

from tapc.diagnostics import Diagnostic
from tapc.jobs import Usage
from tapc.runtime.client import Failure
from tapc.runtime.dispatch.item import Item
from tapc.runtime.dispatch.lane import Lane
from tapc.runtime.dispatch.origin import Flight, Origin
from tapc.runtime.dispatch.replica import Replica

_BRIEF, _LONG = 10.0, 60.0
"""Seconds, least and most, that an endpoint may fail at once before its first reply."""

_UNREADABLE = 3
"""Replies in a row, before any other, that cannot be read, after which an endpoint is stopped: each is paid for."""

_WORTH_TELLING = 5.0
"""Seconds an endpoint asks to wait, from which on a run says so."""

_NEXT = {
    "TAP904": "check the endpoint's `key` and the value of its environment variable",
    "TAP905": "is the server running, and is its `url` right? `tapc doctor` asks it once",
    "TAP906": "check the endpoint's `url` (it usually ends in /v1) and `model`; `tapc doctor` lists its models",
    "TAP907": "write the address it redirects to as the endpoint's `url`; redirects are never followed with a key",
    "TAP916": "is its `url` that of an OpenAI-compatible API (it usually ends in /v1)? `tapc doctor` shows one reply",
    "TAP911": "raise the account's limit at the provider, then run again: what is stored is not asked again",
}


def diagnose(code: str, endpoint: str, said: str) -> Diagnostic:
    """A finding about an endpoint, with its next step."""
    return Diagnostic(code, "error", f"endpoint {endpoint!r}: {said}", notes=(_NEXT[code],))


def _given_up(endpoint: str, failure: Failure, seconds: float, row: int, *, answered: bool) -> Diagnostic:
    """A finding about an endpoint that fails and fails."""
    last = "no answer since its last one" if answered else "it has never answered"
    said = (
        f"endpoint {endpoint!r}: given up after {row:,} failures in {seconds:.0f} s, {last}; at last: {failure.detail}"
    )
    notes = [_NEXT["TAP905"]]
    if failure.kind == "timeout":
        notes.insert(0, "where its replies take longer, raise the endpoint's `transport { timeout … }`")
    return Diagnostic("TAP905" if not failure.status else "TAP910", "error", said, notes=tuple(notes))


def fault_of(failure: Failure) -> str:
    """The code of a failure that no further request can get around, or empty."""
    return {"auth": "TAP904", "missing": "TAP906", "redirect": "TAP907", "quota": "TAP911"}.get(failure.fault, "")


class Faults:
    """Watches lanes and stops those that cannot go on.

    Args:
        report: takes each finding once.
        note: takes a line for people while the run goes on.
    """

    def __init__(self, report: Callable[[Diagnostic], None], note: Callable[[str], None]) -> None:
        self._report = report
        self._note = note
        self._troubled: set[str] = set()
        self._unpriced: set[str] = set()
        self._loop = asyncio.get_running_loop()
        self._since: dict[str, float] = {}
        self._row: dict[str, int] = {}
        self._unread: dict[str, int] = {}
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
            self._stop(lane, _given_up(lane.name, failure, now - since, row, answered=self._answered(lane)))

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
            self._stop(lane, diagnose(fault_of(failure), lane.name, failure.detail))
        elif not known:
            self._report(diagnose(fault_of(failure), lane.name, f"{replica.client.origin} says {failure.detail}"))
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
        if strikes + 1 >= lane.policy.strikes:
            said = f"it refused the first {strikes + 1} requests; at last: {failure.detail}"
            note = "a parameter it does not know, or a prompt longer than its context? `tapc doctor` finds out"
            self._stop(lane, Diagnostic("TAP912", "error", f"endpoint {lane.name!r}: {said}", notes=(note,)))

    def _unreadable(self, lane: Lane, failure: Failure) -> bool:
        """Whether an endpoint is stopped because nothing it sent could be read."""
        unread = self._unread[lane.name] = self._unread.get(lane.name, 0) + 1
        if unread < _UNREADABLE or self._answered(lane):
            return False
        said = f"endpoint {lane.name!r}: none of its first {unread} replies can be read; at last: {failure.detail}"
        self._stop(lane, Diagnostic("TAP916", "error", said, notes=(_NEXT["TAP916"],)))
        return True

    def overrun(self, lane: Lane, item: Item, usage: Usage) -> None:
        """An endpoint used more than its bound: no ceiling can be promised any more."""
        worst = item.worst
        said = (
            f"it charged {usage.input:,} input and {usage.output:,} output tokens for a request of step "
            f"{item.job.recipe.step!r} that is bounded by {worst.input:,} and {worst.output:,}"
        )
        note = "raise `overhead`, or set `token_field` to the name of the limit it honours (max_completion_tokens)"
        self._stop(lane, Diagnostic("TAP908", "error", f"endpoint {lane.name!r}: {said}", notes=(note,)))

    def unpriced(self, lane: Lane, what: str, *, bounded: bool) -> None:
        """A reply reports something that has no price; under a ceiling on cost nothing can be promised any more."""
        said = f"endpoint {lane.name!r} reports {what}, which its price does not cover; charged at the dearest known"
        notes = ("add what it costs to the endpoint's `price`: `cache_write $…/M`, or `priority 200%`",)
        if bounded:
            self._stop(lane, Diagnostic("TAP913", "error", said, notes=notes))
        elif lane.name not in self._unpriced:
            self._unpriced.add(lane.name)
            self._report(Diagnostic("TAP913", "warning", said, notes=notes))

    def _stop(self, lane: Lane, finding: Diagnostic) -> None:
        if lane.stopped is None or lane.stopped[0] != "endpoint":
            self._report(finding)
            lane.stopped = None
            lane.stop("endpoint", finding.message)
