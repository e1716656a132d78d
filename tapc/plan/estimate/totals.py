"""What is left to ask and to pay, cell by cell, so that all tables of a plan add up.

Cells have whole numbers of jobs and tokens; every row (a step, a language, a branch of the taxonomy) is a sum of cells,
and money follows from tokens by the price. So rows of one kind always sum to the total.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from tapc.plan.estimate.estimation import Cost, Figures, money
from tapc.plan.estimate.strata import Cells, Floats, Ints

StepEndpoint = tuple[str, str]
"""Step and endpoint."""

ENOUGH = 20
"""Fewest samples of a stratum for its own share of stored replies; below, the share of all strata applies."""


class Tuning(msgspec.Struct, frozen=True):
    """Corrections of the estimated input from stored replies.

    Attributes:
        input: reported input tokens per expected one.
        cached: share of the input that came from the provider's cache.
        own: whether there are replies to requests of this form; else their length is less certain.
    """

    input: float = 1.0
    cached: float = 0.0
    own: bool = True


class Kept(msgspec.Struct, frozen=True):
    """The replies of a plan in a store.

    Attributes:
        by_cell: distinct replies by step and endpoint, and cell.
        looked: number of examined slots by cell; None if all were examined.
        missing: planned samples that lack replies; None if not counted.
        accepted: number of accepted samples among those examined.
        tuning: corrections by step and endpoint.
        left: requests still to be sent by step and endpoint, and cell, if none is rejected; None if they follow from
            the replies alone.
        expected: expected requests, likewise.
    """

    by_cell: Mapping[StepEndpoint, Ints] = {}
    looked: Ints | None = None
    missing: int | None = None
    accepted: int = 0
    tuning: Mapping[StepEndpoint, Tuning] = {}
    left: Mapping[StepEndpoint, Ints] | None = None
    expected: Mapping[StepEndpoint, Floats] = {}


class Sums(msgspec.Struct, frozen=True):
    """Sums over some cells of one step at one endpoint; tokens and requests are those still to come.

    Attributes:
        jobs: first attempts.
        cached: number of them in the store.
        requests: requests to be sent.
        input, output: tokens.
        money: picodollars.
    """

    jobs: int
    cached: int
    requests: Figures
    input: Figures
    output: Figures
    money: Figures


class StepTotals:
    """One step at one endpoint, by cell.

    Args:
        cost: its estimate.
        kept: replies in the store.
        open: whether anything is left to ask; if not, nothing is to be paid.
    """

    def __init__(self, cost: Cost, kept: Kept, *, open: bool) -> None:  # noqa: A002 - the word for it
        self.cost = cost
        jobs, most = cost.jobs_of_cells()
        have, stored = _have(cost, jobs, kept)
        self.most, self.stored, self.open = most, stored, open
        left = jobs - have if kept.left is None else kept.left[cost.place]
        self.left = left = left if open else np.zeros_like(jobs)
        self.ceiling = ceiling = np.maximum(most - stored, left) if open else left
        likely = cost.cells.whole(np.maximum(0.0, kept.expected.get(cost.place, left.astype(np.float64))))
        expected = np.minimum(np.maximum(likely, 0), ceiling)
        # Arrays below have one element per cell. Of its jobs, `have` are in the store and `left` are to be asked; with
        # retries and replacements, and without what rejected samples do not ask any more, these become `expected`, and
        # at most `ceiling` requests.
        floor = np.minimum(left, expected)
        self._columns = (jobs, have, floor, expected, ceiling, *self._tokens(floor, expected, ceiling, kept))

    def _tokens(self, left: Ints, expected: Ints, ceiling: Ints, kept: Kept) -> list[Ints]:
        """Input and output by cell, floor, expected and ceiling of each; then the cached input."""
        unit, cells, tuning = self.cost.unit, self.cost.cells, kept.tuning.get(self.cost.place, Tuning())
        found: list[Ints] = []
        sides = (
            (unit.least_in, unit.mean_in * tuning.input, unit.most_in),
            (unit.least_out, unit.mean_out, unit.most_out),
        )
        for least, mean, most in sides:
            low, high = left * least, ceiling * most
            middle = cells.whole(expected * mean[cells.strata.of_cell])
            found += [low, np.clip(middle, low, np.maximum(low, high)), high]
        return [*found, cells.whole(found[1] * tuning.cached)]

    def total(self) -> Sums:
        """Sums over all cells."""
        return self._sums([int(column.sum()) for column in self._columns])

    def rows(self, gather: Callable[[Ints], Ints]) -> list[Sums]:
        """Sums by row; `gather` sums a column of cells into rows."""
        columns = [gather(column).tolist() for column in self._columns]
        return [self._sums(row) for row in zip(*columns, strict=True)]

    def _sums(self, row: Sequence[int]) -> Sums:
        jobs, cached, *rest = row
        requests, into, out = (Figures(*rest[n : n + 3]) for n in (0, 3, 6))
        return Sums(jobs, cached, requests, into, out, money(self.cost.prices, into, out, rest[-1]))


def _have(cost: Cost, jobs: Ints, kept: Kept) -> tuple[Ints, Ints]:
    """First attempts in the store, and all replies that count against the ceiling, by cell."""
    nothing = np.zeros(len(jobs), np.int64)
    found = kept.by_cell.get(cost.place)
    if found is None:
        return nothing, nothing
    if kept.looked is None:
        return _spread(cost, jobs, found), found
    return cost.cells.whole(jobs * _extrapolated(cost, jobs, found, kept.looked)), nothing


def _spread(cost: Cost, jobs: Ints, found: Ints) -> Ints:
    """Replies by cell, at most the number of its jobs.

    Jobs that slots share are divided among cells, and those of pools are expected numbers, while a reply is recorded in
    the cell where it was read first: replies above the number of jobs of a cell are moved to other cells.
    """
    have = np.minimum(found, jobs)
    if not cost.made.per and not cost.made.pooled:
        return have
    # Fill the remaining jobs of cells in order, until `rest` replies are placed: a cell gets what the cumulated free
    # places before it leave over.
    free = jobs - have
    rest = min(int(found.sum()), int(jobs.sum())) - int(have.sum())
    return have + np.clip(rest - (np.cumsum(free) - free), 0, free)


def _extrapolated(cost: Cost, jobs: Ints, found: Ints, looked: Ints) -> Floats:
    """The share of the jobs of a cell that the store has, from the examined slots of its stratum."""
    strata, cells = cost.cells.strata, cost.cells
    asked = looked * jobs / np.maximum(cells.count, 1)
    size = len(strata)
    have = np.bincount(strata.of_cell, weights=found.astype(np.float64), minlength=size)
    wanted = np.bincount(strata.of_cell, weights=asked, minlength=size)
    slots = np.bincount(strata.of_cell, weights=looked.astype(np.float64), minlength=size)
    whole = float(have.sum() / max(1.0, wanted.sum()))
    share = np.where(slots >= ENOUGH, have / np.maximum(wanted, 1e-9), whole)
    return np.clip(share, 0.0, 1.0)[strata.of_cell]


def step_totals(costs: Sequence[Cost], kept: Kept) -> list[StepTotals]:
    """The totals of each cost; if stored replies decide every sample, nothing is left to pay."""
    settled = kept.looked is None and kept.missing == 0 and not _any(kept.left)
    found = [StepTotals(cost, kept, open=not settled) for cost in costs]
    if settled or any(totals.total().requests.floor for totals in found) or kept.missing:
        return found
    return [StepTotals(cost, kept, open=False) for cost in costs]


def _any(left: Mapping[StepEndpoint, Ints] | None) -> bool:
    return left is not None and any(column.any() for column in left.values())


class AxisRows(msgspec.Struct, frozen=True):
    """Rows of an axis: nodes by dotted path, or values.

    Attributes:
        names: names of the rows.
        depth: 1 for values and for nodes of the first level.
        gather: sums a column of cells into the rows.
    """

    names: list[str]
    depth: list[int]
    gather: Callable[[Ints], Ints]


def axis_rows(cells: Cells, axis: str) -> AxisRows:
    """The rows of an axis."""
    allocation = cells.allocation
    tree = allocation.tree
    if axis == tree.axis:
        names = [tree.dotted(node) for node in range(1, len(tree.parts))]

        def nodes(column: Ints) -> Ints:
            leaves = np.zeros(len(tree.leaves), np.int64)
            np.add.at(leaves, allocation.leaf, column)
            below = np.concatenate((np.zeros(1, np.int64), np.cumsum(leaves)))
            return (below[tree.last] - below[tree.first])[1:]

        return AxisRows(names, tree.depth[1:].tolist(), nodes)
    position = [name for name, _ in allocation.mixes].index(axis)
    values = allocation.mixes[position][1]

    def of_value(column: Ints) -> Ints:
        sums = np.zeros(len(values), np.int64)
        np.add.at(sums, allocation.values[:, position], column)
        return sums

    return AxisRows(list(values), [1] * len(values), of_value)
