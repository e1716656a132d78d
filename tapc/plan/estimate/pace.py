"""Time of a run: the busiest endpoint at its stated limits, or at a stated default speed."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from tapc.ir import Endpoint
from tapc.plan.estimate.totals import Sums

CONCURRENCY = 64
"""Requests in flight at once if no limit is stated."""

TOKENS_PER_SECOND = 40
"""Output tokens per second of one request, at every endpoint."""

Which = Literal["floor", "expected", "ceiling"]
WHICH: tuple[Which, ...] = ("floor", "expected", "ceiling")


def seconds_of(endpoint: Endpoint, left: Sums, which: Which) -> float:
    """Seconds for which some jobs keep an endpoint busy; 0 for simulated ones in this process."""
    if endpoint.simulated and not endpoint.urls:
        return 0.0
    requests, into, out = (int(getattr(f, which)) for f in (left.requests, left.input, left.output))
    limit = endpoint.limit
    found = [out / TOKENS_PER_SECOND / (limit.concurrency or CONCURRENCY)]
    if limit.requests_per_minute:
        found.append(requests * 60 / limit.requests_per_minute)
    if limit.tokens_per_minute:
        found.append((into + out) * 60 / limit.tokens_per_minute)
    return max(found)


class Pace:
    """Time by step at an endpoint, and of the whole.

    Args:
        endpoints: endpoint of each element of `sums`.
        sums: what is left of each step at each endpoint.
    """

    def __init__(self, endpoints: Sequence[Endpoint], sums: Sequence[Sums]) -> None:
        self._endpoints = endpoints
        self._sums = sums
        self.by_endpoint: dict[str, dict[Which, float]] = defaultdict(lambda: dict.fromkeys(WHICH, 0.0))
        for endpoint, left in zip(endpoints, sums, strict=True):
            for which in WHICH:
                self.by_endpoint[endpoint.name][which] += seconds_of(endpoint, left, which)

    def busiest(self, which: Which) -> str:
        """The endpoint that is busy longest; empty if there is none."""
        return max(self.by_endpoint, key=lambda name: (self.by_endpoint[name][which], name), default="")

    def total(self) -> dict[Which, float]:
        """Time of the whole, with endpoints in parallel."""
        return {w: self.by_endpoint[self.busiest(w)][w] if self.by_endpoint else 0.0 for w in WHICH}

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
                found += seconds_of(endpoint, left, which) * mine / whole
        return found
