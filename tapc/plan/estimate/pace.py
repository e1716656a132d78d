"""Time of a run: the busiest endpoint at its stated limits, at the speed that runs have measured or a stated default.

At measured speeds, a run that has J requests in S steps keeps at most F = J / 5 S of them in flight (at least 16; see
`tapc.engine.ask_queue`), and no more than its endpoints allow. So it takes

    max(seconds of all requests / F, those of each server / what it may have in flight, stated rates) + start

with the seconds of a request under that load. The start is a sample alone, one request of each step after the other,
since few requests are sent before a sample is accepted, and one more request, since the first of a server is sent
alone. At the end, the last samples take half as long again, as they cannot wait for each other's places.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from tapc.ir import Endpoint
from tapc.plan.estimate.speed import Speed
from tapc.plan.estimate.totals import Sums

CONCURRENCY = 64
"""Requests in flight at once if no limit is stated and no speed was measured."""

TOKENS_PER_SECOND = 40
"""Output tokens per second of one request, at every endpoint whose speed was not measured."""

MOST = 256
"""Requests in flight that a run allows an endpoint without a stated limit."""

_PART, _LEAST = 5, 16
"""Requests in flight are at most the plan's per step divided by the first, at least the second."""

Which = Literal["floor", "expected", "ceiling"]
WHICH: tuple[Which, ...] = ("floor", "expected", "ceiling")


class ServerSpeed(msgspec.Struct, frozen=True):
    """The speed of an endpoint's server, as measured.

    Attributes:
        server: scheme, host and path, as far as they may be shown.
        speed: measured speed.
        at: when it was measured last, in seconds since 1970.
        replicas: number of URLs of the endpoint.
    """

    server: str
    speed: Speed
    at: int
    replicas: int = 1


Speeds = Mapping[str, ServerSpeed]
"""Measured speeds by name of endpoint."""


class Pace:
    """Time by step at an endpoint, and of the whole.

    Args:
        endpoints: endpoint of each element of `sums`.
        sums: what is left of each step at each endpoint.
        steps: step of each element of `sums`.
        speeds: measured speeds.
    """

    def __init__(
        self, endpoints: Sequence[Endpoint], sums: Sequence[Sums], steps: Sequence[str], speeds: Speeds
    ) -> None:
        self._endpoints = endpoints
        self._sums = sums
        self._steps = steps
        self._speeds = speeds
        self._in_flight = self._bound()
        self.by_endpoint: dict[str, dict[Which, float]] = defaultdict(lambda: dict.fromkeys(WHICH, 0.0))
        for endpoint, left in zip(endpoints, sums, strict=True):
            for which in WHICH:
                self.by_endpoint[endpoint.name][which] += self.seconds_of(endpoint, left, which)

    def _bound(self) -> int:
        """Requests in flight that the run allows, whatever endpoints would."""
        asking = len(set(self._steps))
        jobs = sum(left.jobs for left in self._sums)
        return max(_LEAST, jobs // (_PART * asking)) if asking > 1 else max(1, jobs)

    def in_flight(self, endpoint: Endpoint) -> int:
        """Requests in flight at once at an endpoint, at most; without a measured speed, as assumed."""
        if endpoint.name not in self._speeds:
            return endpoint.limit.concurrency or CONCURRENCY
        return min(endpoint.limit.concurrency or MOST, self._in_flight)

    def seconds_of(self, endpoint: Endpoint, left: Sums, which: Which) -> float:
        """Seconds for which some jobs keep an endpoint busy; 0 for simulated ones in this process."""
        if endpoint.simulated and not endpoint.urls:
            return 0.0
        requests, into, out = (int(getattr(f, which)) for f in (left.requests, left.input, left.output))
        limit, known, at_once = endpoint.limit, self._speeds.get(endpoint.name), self.in_flight(endpoint)
        if known is None:
            found = [out / TOKENS_PER_SECOND / at_once]
        else:
            found = [known.speed.seconds(requests, out, at_once / known.replicas) / at_once]
            if known.speed.per_second:
                found.append(requests / known.speed.per_second)
        if limit.requests_per_minute:
            found.append(requests * 60 / limit.requests_per_minute)
        if limit.tokens_per_minute:
            found.append((into + out) * 60 / limit.tokens_per_minute)
        return max(found)

    def busiest(self, which: Which) -> str:
        """The endpoint that is busy longest; empty if there is none."""
        return max(self.by_endpoint, key=lambda name: (self.by_endpoint[name][which], name), default="")

    def total(self) -> dict[Which, float]:
        """Time of the whole, with endpoints in parallel."""
        return {which: self._whole(which) for which in WHICH}

    def _whole(self, which: Which) -> float:
        if not self.by_endpoint:
            return 0.0
        # Requests of all measured endpoints share what the run allows in flight; those of one server its window.
        shared: dict[str, float] = defaultdict(float)
        bounds: dict[str, int] = {"": self._in_flight}
        start = 0.0
        alone: dict[str, float] = {}
        for endpoint, left, step in zip(self._endpoints, self._sums, self._steps, strict=True):
            known, requests = self._speeds.get(endpoint.name), int(getattr(left.requests, which))
            if known is None or not requests:
                continue
            at_once = self.in_flight(endpoint)
            tokens = int(getattr(left.output, which))
            work = known.speed.seconds(requests, tokens, at_once / known.replicas)
            for name in ("", known.server):
                shared[name] += work
            bounds[known.server] = max(bounds.get(known.server, 0), at_once)
            alone[step] = max(alone.get(step, 0.0), known.speed.seconds(1, tokens / requests, 1))
        if alone:
            start = 1.5 * sum(alone.values()) + min(alone.values())
        busy = self.by_endpoint[self.busiest(which)][which]
        return max(busy, *(shared[name] / bounds[name] for name in shared), 0.0) + start

    def part(self, rows: Sequence[Sums]) -> dict[Which, float]:
        """The part of the whole for some jobs: the time that the busiest endpoint spends on them.

        Args:
            rows: jobs of each step at each endpoint, parallel to those of the plan.
        """
        return {which: self._part(rows, which) for which in WHICH}

    def _part(self, rows: Sequence[Sums], which: Which) -> float:
        name, found = self.busiest(which), 0.0
        for endpoint, left, row in zip(self._endpoints, self._sums, rows, strict=True):
            if endpoint.name != name:
                continue
            whole = sum(int(getattr(f, which)) for f in (left.requests, left.input, left.output))
            mine = sum(int(getattr(f, which)) for f in (row.requests, row.input, row.output))
            if whole:
                found += self.seconds_of(endpoint, left, which) * mine / whole
        return found
