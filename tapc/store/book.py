"""Accounts in memory: what is spent, what is held, and whether one more request fits.

Pure arithmetic. The database is the authority; a book is loaded from it at the start of a transaction whenever another
process has written, and its changed lines are written back at the end.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tapc.ir import Budget, Ceiling
from tapc.store.protocol import Amount, Resource, ScopeKind

MOST = 2**62
"""Where sums saturate; a hostile usage report must not overflow the database's integers."""


class Line:
    """One account: of the dataset, a run, a step or an endpoint."""

    __slots__ = (
        "changed",
        "cost",
        "held_cost",
        "held_requests",
        "held_tokens",
        "kind",
        "name",
        "requests",
        "tokens",
        "unknown_cost",
        "unknown_requests",
    )

    def __init__(self, kind: ScopeKind, name: str) -> None:
        self.kind: ScopeKind = kind
        self.name = name
        self.set((0,) * 8)

    def set(self, numbers: Iterable[int]) -> None:
        """Take the numbers of a database row."""
        (
            self.cost,
            self.tokens,
            self.requests,
            self.held_cost,
            self.held_tokens,
            self.held_requests,
            self.unknown_cost,
            self.unknown_requests,
        ) = numbers
        self.changed = False

    def row(self, dataset: str) -> tuple[Any, ...]:
        """As a database row."""
        return (
            dataset,
            self.kind,
            self.name,
            min(self.cost, MOST),
            min(self.tokens, MOST),
            min(self.requests, MOST),
            self.held_cost,
            self.held_tokens,
            self.held_requests,
            min(self.unknown_cost, MOST),
            self.unknown_requests,
        )

    def spent(self) -> Amount:
        """What is gone for good."""
        return Amount(self.cost, self.tokens, self.requests)

    def held(self) -> Amount:
        """What open intents may use."""
        return Amount(self.held_cost, self.held_tokens, self.held_requests)


class CeilingBlock(msgspec.Struct, frozen=True):
    """A ceiling in the way.

    Attributes:
        final: whether what is spent alone leaves too little, whatever becomes of what is held.
    """

    line: Line
    resource: Resource
    cap: int
    spent: int
    worst: int
    final: bool


class Route:
    """The accounts one kind of request is booked on, with the ceilings of its run; `bounded` if one is on cost."""

    __slots__ = ("bounded", "capped", "lines")

    def __init__(self, lines: tuple[Line, ...], ceilings: tuple[Ceiling, ...]) -> None:
        self.lines = lines
        self.capped = tuple(
            (line, ceiling.cost, ceiling.tokens, ceiling.requests)
            for line, ceiling in zip(lines, ceilings, strict=True)
            if ceiling != Ceiling()
        )
        self.bounded = any(cost is not None for _, cost, _, _ in self.capped)

    def blocks(self, cost: int, tokens: int) -> Iterator[CeilingBlock]:
        """Ceilings that one more request would cross."""
        for line, cost_cap, token_cap, request_cap in self.capped:
            if cost_cap is not None and line.cost + line.held_cost + cost > cost_cap:
                yield CeilingBlock(line, "cost", cost_cap, line.cost, cost, line.cost + cost > cost_cap)
            if token_cap is not None and line.tokens + line.held_tokens + tokens > token_cap:
                yield CeilingBlock(line, "tokens", token_cap, line.tokens, tokens, line.tokens + tokens > token_cap)
            if request_cap is not None and line.requests + line.held_requests + 1 > request_cap:
                yield CeilingBlock(line, "requests", request_cap, line.requests, 1, line.requests + 1 > request_cap)

    def beyond(self, cost: int, tokens: int) -> CeilingBlock | None:
        """What one more request would hold that the database cannot sum: $4.6 million, or as many tokens; else None.

        Only absurd prices and limits lead there. Requests then wait for others to be settled.
        """
        line = self.lines[0]
        if line.held_cost + cost > MOST:
            return CeilingBlock(line, "cost", MOST, line.held_cost, cost, cost > MOST)
        if line.held_tokens + tokens > MOST:
            return CeilingBlock(line, "tokens", MOST, line.held_tokens, tokens, tokens > MOST)
        return None

    def hold(self, cost: int, tokens: int) -> None:
        """T1: one more request in flight."""
        for line in self.lines:
            line.held_cost += cost
            line.held_tokens += tokens
            line.held_requests += 1
            line.changed = True

    def free(self, cost: int, tokens: int) -> None:
        """T2r: it was never billed."""
        for line in self.lines:
            line.held_cost -= cost
            line.held_tokens -= tokens
            line.held_requests -= 1
            line.changed = True

    def settle(self, cost: int, tokens: int, used_cost: int, used_tokens: int) -> None:
        """T2: it used so much."""
        for line in self.lines:
            line.held_cost -= cost
            line.held_tokens -= tokens
            line.held_requests -= 1
            line.cost += used_cost
            line.tokens += used_tokens
            line.requests += 1
            line.changed = True

    def unknown(self, cost: int, tokens: int) -> None:
        """T2u: it may have used all it could."""
        self.settle(cost, tokens, cost, tokens)
        for line in self.lines:
            line.unknown_cost += cost
            line.unknown_requests += 1


class Book:
    """All accounts of one dataset."""

    def __init__(self, dataset: str) -> None:
        self.dataset = dataset
        self._lines: dict[tuple[ScopeKind, str], Line] = {}

    def line(self, kind: ScopeKind, name: str) -> Line:
        """An account; a new one is empty."""
        line = self._lines.get((kind, name))
        if line is None:
            line = self._lines[kind, name] = Line(kind, name)
        return line

    def route(self, run: str, step: str, endpoint: str, ceilings: "Ceilings") -> Route:
        """Where a request of a run, step and endpoint is booked."""
        lines = (
            self.line("dataset", self.dataset),
            self.line("run", run),
            self.line("step", step),
            self.line("endpoint", endpoint),
        )
        return Route(
            lines,
            (
                ceilings.total,
                ceilings.run,
                ceilings.steps.get(step, Ceiling()),
                ceilings.endpoints.get(endpoint, Ceiling()),
            ),
        )

    def load(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Take what the database says: rows of kind, name and numbers. Lines keep their identity.

        Raises:
            ValueError: a row holds what is not an amount; says which.
        """
        rows = list(rows)
        for row in rows:
            if not all(type(number) is int and number >= 0 for number in row[2:]):
                raise ValueError(f"the account of {row[0]} {row[1]} of {self.dataset} holds what is not an amount")
        fresh = {(row[0], row[1]): row[2:] for row in rows}
        for key, line in self._lines.items():
            line.set(fresh.pop(key, (0,) * 8))
        for (kind, name), numbers in fresh.items():
            self.line(kind, name).set(numbers)

    def changed(self) -> list[Line]:
        """Lines to write back."""
        return [line for line in self._lines.values() if line.changed]


class Ceilings(msgspec.Struct, frozen=True):
    """Ceilings of one run."""

    total: Ceiling
    run: Ceiling
    steps: dict[str, Ceiling]
    endpoints: dict[str, Ceiling]


def ceilings(budget: Budget, max_cost: int | None) -> Ceilings:
    """Ceilings of a budget, with the run's cost bounded by `max_cost` picodollars as well."""
    run = budget.per_run
    if max_cost is not None:
        run = Ceiling(
            cost=max_cost if run.cost is None else min(max_cost, run.cost), tokens=run.tokens, requests=run.requests
        )
    return Ceilings(budget.total, run, dict(budget.steps), dict(budget.endpoints))
