"""How fast a server answers, as runs have measured it: seconds per request by length of the reply and by load.

A request whose reply has t tokens, sent while m requests are in flight at the server, takes about

    seconds(t, m) = (first + each * t) * slowdown(m)

`first` and `each` are a least-squares line through all requests. `slowdown` is the mean of actual over fitted seconds
in classes of load (1, 2 to 3, 4 to 7, …); between classes it is interpolated over log m. Beyond the heaviest load that
was measured it grows as fast as between the last two classes, if these differ by more than two standard errors. So it
does not grow at a server that could take more, and grows in proportion to m at one that works on no more at once, whose
throughput then stays what was measured.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import hypot, log2, sqrt
from typing import NamedTuple

import msgspec

CLASSES = 16
"""Classes of load; the last one is open."""

_KEPT = 400
"""Requests that earlier runs count for at most, unless the new run has more: servers change."""

_OUTLIER = 10
"""Seconds count as at most so many times the median of the run: the laptop may have slept."""

_FEW = 8
"""Requests of a class that are needed for a slowdown of its own."""

_ERRORS = 2.0
"""Standard errors by which two classes must differ to be taken as different."""


class Timing(msgspec.Struct, frozen=True, gc=False):
    """One request that was answered.

    Attributes:
        load: requests in flight at the server when it was sent, itself included.
        seconds: until its reply was there.
        tokens: output tokens of the reply.
    """

    load: int
    seconds: float
    tokens: int


class LoadClass(msgspec.Struct, frozen=True):
    """Requests sent under a similar load; sums over them.

    Attributes:
        requests: number of requests; earlier runs count less.
        load: requests in flight.
        seconds, tokens: of the replies; `products` are tokens times seconds.
    """

    requests: float = 0.0
    load: float = 0.0
    seconds: float = 0.0
    tokens: float = 0.0
    seconds_squares: float = 0.0
    tokens_squares: float = 0.0
    products: float = 0.0

    def plus(self, other: "LoadClass", times: float = 1.0) -> "LoadClass":
        """The sums of both, the other one weighed."""
        names = self.__struct_fields__
        return LoadClass(*(getattr(self, name) + times * getattr(other, name) for name in names))

    def error(self, first: float, each: float) -> float:
        """Relative standard error of the mean of seconds around a line over tokens."""
        # sum of (seconds - first - each * tokens) squared, multiplied out
        squares = self.seconds_squares - 2 * (first * self.seconds + each * self.products)
        squares += first * first * self.requests + 2 * first * each * self.tokens + each * each * self.tokens_squares
        return sqrt(max(0.0, squares)) / self.seconds if self.seconds > 0 else 0.0


class Speed(msgspec.Struct, frozen=True):
    """The speed of one server with one model.

    Attributes:
        classes: requests by load, `2**i` to `2**(i + 1) - 1` in the i-th.
        median, high: seconds of a request in the latest run: median and 90th percentile.
        most: requests in flight at most, in the latest run.
        answered: requests of the latest run.
        per_second: requests per second that the server let through, if it asked for fewer; None if it did not.
    """

    classes: tuple[LoadClass, ...]
    median: float
    high: float
    most: int
    answered: int
    per_second: float | None = None

    def seconds(self, requests: float, tokens: float, in_flight: float) -> float:
        """Seconds of the requests of a run one after the other, each sent while so many are in flight."""
        first, each = self._line()
        return (first * requests + each * tokens) * self.slowdown(in_flight)

    def slowdown(self, in_flight: float) -> float:
        """How much longer a request takes under a load than on average."""
        points = self._points()
        if not points:
            return 1.0
        at = log2(max(1.0, in_flight))
        if at <= points[0].load:
            return points[0].slowdown
        for low, high in pairwise(points):
            if at <= high.load:
                part = (at - low.load) / (high.load - low.load)
                return low.slowdown + (high.slowdown - low.slowdown) * part
        return points[-1].slowdown * 2 ** (_growth(points) * (at - points[-1].load))

    def _line(self) -> tuple[float, float]:
        """Seconds per request, and per token of its reply; neither below 0."""
        whole = LoadClass()
        for one in self.classes:
            whole = whole.plus(one)
        if not whole.requests:
            return 0.0, 0.0
        seconds, tokens = whole.seconds / whole.requests, whole.tokens / whole.requests
        variance = whole.tokens_squares / whole.requests - tokens**2
        if variance <= 1e-6 * max(1.0, tokens**2):
            return seconds, 0.0
        each = (whole.products / whole.requests - seconds * tokens) / variance
        each = min(max(0.0, each), seconds / tokens)
        return seconds - each * tokens, each

    def _points(self) -> list["_Point"]:
        """The classes with enough requests, lightest first."""
        first, each = self._line()
        found: list[_Point] = []
        most = max((one.requests for one in self.classes), default=0.0)
        for one in self.classes:
            usual = first * one.requests + each * one.tokens
            if one.requests >= min(_FEW, most) and usual > 0:
                slowdown = one.seconds / usual
                error = one.error(first * slowdown, each * slowdown)
                found.append(_Point(log2(one.load / one.requests), slowdown, error))
        return found


class _Point(NamedTuple):
    """A class of load: binary logarithm of the load, slowdown, and its relative standard error."""

    load: float
    slowdown: float
    error: float


def _growth(points: Sequence[_Point]) -> float:
    """The exponent by which seconds grow with load at the heaviest loads: 0 (not at all) to 1 (in proportion)."""
    if len(points) < 2:
        return 0.0
    low, high = points[-2:]
    if low.slowdown <= 0 or high.slowdown <= low.slowdown * (1 + _ERRORS * hypot(low.error, high.error)):
        return 0.0
    return min(1.0, log2(high.slowdown / low.slowdown) / (high.load - low.load))


def measure_speed(timings: Sequence[Timing], *, answered: int, most: int, per_second: float | None = None) -> Speed:
    """The speed that one run has seen.

    Args:
        timings: answered requests, all or an even selection; at least one.
        answered: number of answered requests.
        most: requests in flight at most.
        per_second: requests per second, if the server asked for fewer than it was sent.
    """
    ordered = sorted(one.seconds for one in timings)
    median, high = (ordered[min(len(ordered) - 1, int(len(ordered) * share))] for share in (0.5, 0.9))
    sums = [[0.0] * 7 for _ in range(CLASSES)]
    for one in timings:
        seconds = min(one.seconds, _OUTLIER * median) if median > 0 else one.seconds
        row = sums[min(CLASSES, max(1, one.load).bit_length()) - 1]
        added = (1.0, one.load, seconds, one.tokens, seconds**2, float(one.tokens) ** 2, one.tokens * seconds)
        row[:] = [a + b for a, b in zip(row, added, strict=True)]
    scale = answered / len(timings)
    classes = tuple(LoadClass(*(scale * number for number in row)) for row in sums)
    return Speed(classes, median, high, most, answered, per_second)


def merge_speeds(earlier: Speed, latest: Speed) -> Speed:
    """Both together; the earlier one counts for no more requests than the latest, or a few hundred."""
    before = sum(one.requests for one in earlier.classes)
    weight = min(1.0, max(_KEPT, latest.answered) / before) if before else 0.0
    few = latest.answered < _FEW
    return Speed(
        tuple(new.plus(old, weight) for new, old in zip(latest.classes, earlier.classes, strict=True)),
        earlier.median if few else latest.median,
        earlier.high if few else latest.high,
        earlier.most if few else latest.most,
        earlier.answered if few else latest.answered,
        earlier.per_second if few else latest.per_second,
    )
