"""How many requests may be in flight at one server (scheme, host and port), whatever endpoints they belong to.

A server that answers slowly works on a few requests and lets the others wait, or works on all and slows down for each.
Either way a reply that comes after the time limit is lost and charged. Replies are not streamed, so the only signs are
how long whole replies take. Write T for the time limit, L for the seconds a reply took, m for the requests in flight
when it was sent (itself included). Three rules follow.

1. *Never more than the server is known to get through.* If it gained nothing from more requests at once, a reply would
   take L/m for each request in flight (Little's law: throughput is m/L). With u the smoothed L/m, the window may grow
   while

       window x u <= T / 2

   by two for each reply, at once up to 64, and never beyond 3 m, since a reply tells nothing of heavier loads. A fast
   server passes: after one reply of 0.2 s, 300 requests fit half of 120 s. Short replies come first and would look
   fast, so L is scaled up to the usual length, and to the whole token limit for the first eight replies and wherever
   a token has come to take half as long again as at best: there requests slow each other down.

2. *Beyond that, only as the server shows that it can.* A request more than the window (a trial) goes when, even if it
   waits for the one before it to be finished, it is answered in time: with H = mean + 2 deviations of L (at most
   0.68 T, unless the mean alone is more), and a the age of the oldest request in flight (of the k-th oldest for the
   k-th trial; the age of a trial counts from when it is begun, if it had to wait),

       max(0, H - a) + H <= 0.9 T

   The second and further trials also want (requests in flight + 1) x u <= 0.7 T. If a trial took no longer a token than
   replies at the best of times (x 1.1), although it would have had to wait for 15% of the mean, the server works on one
   more at once than was known, and the window grows by one. So a server whose replies take 60 of 120 seconds for
   anybody is still asked for many at once, and one with four slots, whose replies take as long, for four or five.

3. *What went wrong counts.* On a time-out, the replies that came while that request waited are what the server gets
   through in T: the window becomes half of them, and at most half of what it was. Where four times the window were
   answered meanwhile, one request was odd, and nothing is cut. A reply that took more than 0.6 T, and half as long
   again a token as at best, has waited: the window shrinks by 30% before there is a time-out. Afterwards growth is
   slow, one a round.

The constants were chosen by playing servers of exact speeds (`tests/endpoints/dispatch/virtual_server.py`).
Rule 1 resembles TCP's slow start with a bound, rule 2 the delay-based TCP Vegas (Brakmo and Peterson 1995); smoothing
is Jacobson's (1988).
"""

from itertools import islice
from typing import Protocol

_HALF = 0.5
_IN_TIME = 0.9
_LATE = 0.6
_LONG = 0.68
_MANY = 0.7
_SAME_PACE = 1.1
_WAITED_PACE = 1.5
_TELLING = 0.15
_FEW = 8
_START_TOKENS = 16
"""Tokens that a reply's start (prompt, network) is worth."""


class Waiter(Protocol):
    """Who waits for a place."""

    def pump(self) -> None:
        """Take places, if any can be used."""
        ...


class Flight:
    """A request in flight.

    Attributes:
        sent: when, loop time.
        load: requests in flight when it was sent, itself included.
        mark: replies that had come before.
        trial: whether it is beyond the window.
        begins, soon: when the server gets to it (at the latest, usually), if it works on no more at once than is known.
        telling: whether its time will show whether it had to wait.
    """

    __slots__ = ("begins", "load", "mark", "sent", "soon", "telling", "trial")

    def __init__(self, sent: float, load: int, mark: int) -> None:
        self.sent = self.begins = self.soon = sent
        self.load = load
        self.mark = mark
        self.trial = self.telling = False


class _Smoothed:
    """Mean and mean deviation, the first eight values weighing alike."""

    __slots__ = ("count", "deviation", "mean")

    def __init__(self) -> None:
        self.count = 0
        self.mean = self.deviation = 0.0

    def take(self, value: float) -> None:
        self.count += 1
        if self.count == 1:
            self.mean, self.deviation = value, value / 8
            return
        away = value - self.mean
        self.mean += away / min(self.count, 8)
        self.deviation += ((away if away > 0 else -away) - self.deviation) / 4

    @property
    def high(self) -> float:
        return self.mean + 2 * self.deviation


class Origin:
    """The window of one server.

    Args:
        limit: most requests in flight; the largest limit of the endpoints there.
        seconds: the shortest time limit of the endpoints there.
        first: requests in flight before the first reply.
        start: most requests in flight before replies have shown that more do no harm (rule 1 may allow fewer).

    Attributes:
        in_flight: requests under way.
        wanted: whether a queue found no place since the last reply.
        shared: whether several endpoints are asked here.
    """

    __slots__ = (
        "_answered", "_best", "_cut_at", "_each", "_flights", "_high", "_limit", "_pace", "_rapid", "_seconds", "_size",
        "_start", "_tokens", "_waiting", "_whole", "in_flight", "shared", "wanted",
    )  # fmt: skip

    def __init__(self, limit: int, seconds: float, *, first: int, start: int) -> None:
        self._limit = limit
        self._seconds = seconds
        self._size = float(min(first, limit))
        self._start = min(start, limit)
        self._rapid = True
        self._cut_at = -1.0
        self._answered = 0
        self._whole, self._pace = _Smoothed(), _Smoothed()
        self._each = self._high = self._best = self._tokens = 0.0
        self._flights: dict[Flight, None] = {}
        self._waiting: dict[Waiter, None] = {}
        self.in_flight = 0
        self.wanted = self.shared = False

    @property
    def size(self) -> int:
        """Requests that the server is known to bear at once."""
        return int(self._size)

    def free(self, now: float) -> int:
        """Requests that may be sent now."""
        spare = int(self._size) - self.in_flight
        if spare > 0:
            return spare
        return 1 if (wait := self._wait(now)) is not None and wait + self._high <= _IN_TIME * self._seconds else 0

    def opens(self, now: float) -> float | None:
        """When a trial may go if nothing is answered until then; None where there is none to come."""
        if (wait := self._wait(now)) is None:
            return None
        late = wait + self._high - _IN_TIME * self._seconds
        return now + late if 0 < late <= wait else None

    def _wait(self, now: float) -> float | None:
        """Seconds the next request beyond the window would wait at most; None where none may go."""
        ahead = self._ahead()
        return None if ahead is None else max(0.0, self._high - (now - ahead.begins))

    def _ahead(self) -> Flight | None:
        """The request that must be finished before the next one beyond the window; None where none may go."""
        size = int(self._size)
        trials = self.in_flight - size
        if not self._answered or trials >= size or self.in_flight >= self._limit:
            return None
        if trials > 0 and (self.in_flight + 1) * self._each > _MANY * self._seconds:
            return None
        return next(islice(self._flights, max(0, trials), None), None)

    def take(self, now: float) -> Flight:
        """A request is sent."""
        flight = Flight(now, self.in_flight + 1, self._answered)
        if self.in_flight >= int(self._size) and (ahead := self._ahead()) is not None:
            mean = self._whole.mean
            soon = max(0.0, mean - (now - ahead.soon))
            flight.trial, flight.telling = True, soon >= _TELLING * mean
            flight.begins, flight.soon = now + max(0.0, self._high - (now - ahead.begins)), now + soon
        self.in_flight += 1
        self._flights[flight] = None
        return flight

    def leave(self, flight: Flight) -> None:
        """It has ended, in whatever way."""
        if self._flights.pop(flight, flight) is None:
            self.in_flight -= 1

    def answered(self, flight: Flight, now: float, tokens: int, limit: int) -> None:
        """A reply came.

        Args:
            flight: of its request.
            now: loop time.
            tokens: output tokens it had.
            limit: output tokens it could have had.
        """
        seconds = now - flight.sent
        self._answered += 1
        pace = seconds / (tokens + _START_TOKENS)
        slows = self._answered <= _FEW or self._pace.mean > _WAITED_PACE * self._best
        self._tokens += (tokens - self._tokens) / min(self._answered, 64)
        usual = max(limit if slows and tokens else self._tokens, tokens)
        each = seconds * (usual + _START_TOKENS) / (tokens + _START_TOKENS) / flight.load
        self._each += (each - self._each) / 4 if self._each else each
        if not flight.trial:
            self._took(seconds)
            self._pace.take(pace)
            self._best = min(self._best or self._pace.mean, self._pace.mean)
        elif (late := now - flight.begins) > self._whole.mean:
            self._took(late)
        wanted, self.wanted = self.wanted, False
        if flight.trial:
            if flight.telling and pace <= _SAME_PACE * self._best:
                self._size = min(self._limit, self._size + 1)
        elif seconds > _LATE * self._seconds and pace > _WAITED_PACE * self._best:
            self._cut(flight, now, 0.7 * self._size)
            return
        if wanted:
            self._grow(flight.load)

    def _took(self, seconds: float) -> None:
        self._whole.take(seconds)
        self._high = min(self._whole.high, max(self._whole.mean, _LONG * self._seconds))

    def _grow(self, load: int) -> None:
        """By rule 1; a reply says something of three times the load it was sent under, and not of more."""
        if self._size >= self._limit:
            return
        bearable = min(self._limit, _HALF * self._seconds / max(self._each, 1e-9))
        if self._size + 1 > bearable:
            return
        if not self._rapid:
            self._size += 1 / self._size
        else:
            known = max(3.0 * load, float(self._start) if self._answered <= _FEW else 0.0)
            self._size = max(self._size, min(bearable, known, max(self._size + 2, float(self._start))))

    def timed_out(self, flight: Flight, now: float) -> bool:
        """No reply came in time; returns whether the window was cut."""
        meanwhile = self._answered - flight.mark
        if meanwhile >= 4 * self._size:
            return False
        self._took(now - flight.sent)
        self._each += ((now - flight.sent) / flight.load - self._each) / 4
        return self._cut(flight, now, min(self._size, meanwhile) / 2)

    def _cut(self, flight: Flight, now: float, size: float) -> bool:
        """Shrink, unless the request was sent before the last time: it tells of the same overload."""
        if flight.sent <= self._cut_at:
            return False
        self._size = max(1.0, size)
        self._cut_at = now
        self._rapid = False
        return True

    def wait_for_place(self, waiter: Waiter) -> None:
        """Be called when there is a place; those who wait longest first."""
        self._waiting[waiter] = None

    def turn(self, now: float) -> None:
        """Let those who wait take the places there are."""
        for waiter in list(self._waiting):
            if self.free(now) <= 0:
                return
            del self._waiting[waiter]
            waiter.pump()
