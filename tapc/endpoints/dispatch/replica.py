"""One URL of an endpoint: what is in flight there, and whether it is well."""

from tapc.endpoints.client import Failure, ReplicaClient
from tapc.endpoints.dispatch.origin import Origin
from tapc.endpoints.dispatch.policy import Policy, backoff


class Window:
    """Grows while it is what binds, shrinks when the server asks for less.

    Triples each round until the first sign of overload, then grows by one a round (as TCP Reno does; Jacobson 1988).
    TCP doubles; a round of requests takes seconds, and those that would have fitted are gone.
    Answers to requests sent before the last cut do not cut again: they report the same overload.
    """

    __slots__ = ("_cut_at", "_limit", "_size", "_threshold")

    def __init__(self, start: int, limit: int) -> None:
        self._limit = limit
        self._size = float(min(start, limit))
        self._threshold = float(limit)
        self._cut_at = -1.0

    @property
    def size(self) -> int:
        """Requests that may be in flight."""
        return int(self._size)

    def grow(self) -> None:
        """A success came while the window was full."""
        if self._size < self._limit:
            self._size = min(self._limit, self._size + (2.0 if self._size < self._threshold else 1.0 / self._size))

    def shrink(self, sent_at: float, now: float) -> None:
        """A request sent then was rejected for overload now."""
        if sent_at > self._cut_at:
            self._size = self._threshold = max(1.0, self._size * 0.7)
            self._cut_at = now


_LOST = frozenset({"dns", "connect", "timeout", "dropped", "malformed", "oversize"})


class Replica:
    """A client with its window, its pause (`Retry-After`) and its circuit.

    Its window follows what the server says (429, 503); how long replies take is watched by `origin`, which other
    replicas and endpoints at the same server share.

    The circuit opens after `Policy.trip` failures in a row, then lets one request through at a time, at growing
    intervals, until one succeeds. A replica of a paid endpoint (`guarded`) starts that way: its failures cost money.
    """

    def __init__(self, client: ReplicaClient, policy: Policy, limit: int, origin: Origin, *, guarded: bool) -> None:
        self.client = client
        self.origin = origin
        self.in_flight = 0
        self.window = Window(policy.start_window, limit)
        self.dead = ""
        self._policy = policy
        self._proven = not guarded
        self._failures = 0
        self._refusals = 0
        self._until = 0.0

    @property
    def open(self) -> bool:
        """Whether the circuit is open: the replica failed too often in a row."""
        return self._failures >= self._policy.trip

    @property
    def seats(self) -> int:
        """Requests that may be in flight."""
        if self.dead:
            return 0
        return self.window.size if self._proven and not self.open else 1

    @property
    def paused_until(self) -> float:
        """Nothing is sent before."""
        return self._until

    def pause(self, seconds: float, now: float) -> None:
        """Send nothing for so long, at most `Policy.wait_limit`."""
        self._until = max(self._until, now + min(seconds, self._policy.wait_limit))

    def succeeded(self, *, full: bool) -> None:
        """A reply came; `full` says that the window was what kept others waiting."""
        self._failures = self._refusals = 0
        self._proven = True
        if full:
            self.window.grow()

    def failed(self, failure: Failure, sent_at: float, now: float, *, again: bool) -> None:
        """A request failed: shrink, pause, count.

        An open circuit stays open, but does not wait longer, for jobs that failed before (`again`): what keeps failing
        may be the job, and a few such jobs at the end of a run must not take minutes.
        """
        if failure.congested and failure.status:
            self.window.shrink(sent_at, now)
        if failure.status and failure.status < 500:
            self._failures = 0  # it is there, and answers
        if failure.retry_after:
            self.pause(failure.retry_after, now)
        elif failure.congested and failure.status:
            self.pause(backoff(self._policy, self._refusals), now)
        if failure.congested and failure.status:
            self._refusals += 1
        elif failure.kind in _LOST or failure.status >= 500:
            self._failures += not (self.open and again)
            if self.open:
                self.pause(backoff(self._policy, self._failures - self._policy.trip + 1), now)
