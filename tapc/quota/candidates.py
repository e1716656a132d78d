"""Mixes drawn for each candidate of a step: exact within every cell, for any number of samples.

The candidates of the slots of a cell form one sequence (slot by slot), and in every prefix of it every value is within
one of its exact share. A sequence repeats, with new priorities, after a *period*: the common denominator of the shares,
at which counts are exact. For a short period, a priority picks one of several orders that together give every value its
share at every position (`tapc.quota.matchings`), so short cells are not biased either. Long periods are drawn position
by position (`tapc.quota.periods`).
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from fractions import Fraction

import msgspec
import numpy as np

from tapc.ir import IdentityNames, Mix, Space
from tapc.quota.allocation import Allocation
from tapc.quota.arrays import Ints, encode
from tapc.quota.mixes import MixPlan, classes, plan_mixes, shares_at
from tapc.quota.periods import DrawnPeriod, PeriodShares, count_many, prepare
from tapc.quota.problem import QuotaError, QuotaProblem
from tapc.quota.tree import Tree, build_tree

_REMEMBERED = 1 << 15
"""Most cached sequences; others are drawn again."""

COUNTED = 200_000
"""Most draws outside whole periods, about a microsecond each, for which a set is counted; see `_Part.work`."""


class DrawnCounts(msgspec.Struct, frozen=True):
    """How often a `per candidate` mix gives each value to the candidates of a step, over the planned slots.

    Attributes:
        candidates: candidates of the step, over all planned slots.
        exact: exact number of candidates by value.
        counts: number of candidates by value; None if counting would take too many draws.
        deviation: largest distance of a count from its exact number; None without counts.
        partial: number of cells that end inside a period. Only they deviate: each by less than one candidate per value.
    """

    candidates: int
    exact: dict[str, Fraction]
    counts: dict[str, int] | None
    deviation: Fraction | None
    partial: int


class _Cells(msgspec.Struct, frozen=True):
    """What has sequences of draws: the base cells of an allocation, or its cells; see `MixDraws.by_cell`.

    Attributes:
        leaf: leaf of each.
        values: by slot mix, the value of each; late mixes matter only where these are cells.
        count: samples of each.
        hashes: content hash of each.
    """

    leaf: Ints
    values: dict[str, Ints]
    count: Ints
    hashes: Callable[[int], bytes]


class _Part(msgspec.Struct, frozen=True):
    """Cells in which a mix has the same shares, with their whole periods and the remaining draws.

    Attributes:
        exact: exact shares.
        shares: shares of one period.
        cells: indexes of them.
        epochs: number of whole periods of each cell.
        rest: number of remaining draws of each cell.
    """

    exact: tuple[Fraction, ...]
    shares: PeriodShares
    cells: Ints
    epochs: Ints
    rest: Ints

    def work(self) -> int:
        """Approximate time to draw the rest, in microseconds; a short period needs one priority."""
        if self.shares.orders is not None:
            return int((self.rest > 0).sum())
        return int(self.rest.sum()) * (1 + (self.shares.period + 128 * len(self.exact)) // 2048)


class MixDraws:
    """Draws the `per candidate` mixes of a space."""

    def __init__(self, space: Space, tree: Tree, plans: list[MixPlan], identities: dict[str, str]) -> None:
        self._tree = tree
        self._identities = identities  # of the mixes, by name
        self._plans = {plan.name: plan for plan in plans}
        self._slot_mixes = tuple(sorted(m.name for m in space.mixes if not m.per_candidate))
        self._shares: dict[tuple[Fraction, ...], PeriodShares] = {}
        self._known: dict[tuple[str, int, tuple[int, ...]], PeriodShares] = {}
        self._sequences: OrderedDict[bytes, DrawnPeriod] = OrderedDict()

    def by_cell(self, mix: str, late: Collection[str]) -> bool:
        """Whether the sequences of a mix are those of cells; those of base cells, unless it depends on a late mix."""
        return any(need in late for need in self._plans[mix].needs)

    def value(
        self, cell: bytes, leaf: int, values: tuple[int, ...], mix: str, *, ordinal: int, candidate: int, width: int
    ) -> str:
        """The name of the value of one candidate.

        Args:
            cell: content hash of the base cell of the slot, or of its cell; see `by_cell`.
            leaf: leaf of its cell.
            values: values of its cell.
            mix: the `per candidate` mix.
            ordinal: ordinal of the slot there; replacements continue the sequence.
            candidate: number of the candidate, from 0, below `width`.
            width: candidates per slot of the step; another width gives other values.
        """
        plan = self._plans[mix]
        shares = self._shares_of(plan, leaf, values)
        # The candidates of a cell are numbered through all its slots, and repeat after `period` draws.
        epoch, index = divmod(ordinal * width + candidate, shares.period)
        seed = encode((self._identities[mix], str(width), str(epoch))) + cell
        if shares.orders is not None:
            return plan.values[int(shares.orders[shares.order(seed), index])]
        return plan.values[self._sequence(seed, shares)[index]]

    def count(self, allocation: Allocation, mix: str, width: int, most: int | None = COUNTED) -> DrawnCounts:
        """Count the values that `value` gives to all planned slots of a step.

        Whole periods are exact, so only the rest of each cell is drawn.

        Args:
            allocation: the planned slots.
            mix: the `per candidate` mix.
            width: candidates per slot of the step.
            most: largest number of draws; None means any number.
        """
        plan = self._plans[mix]
        cells = _cells(allocation, whole=self.by_cell(mix, allocation.late_mixes))
        parts = self._parts(plan, cells, width)
        partial = sum(int((part.rest > 0).sum()) for part in parts)
        candidates = allocation.samples * width
        ideal = [Fraction(0)] * len(plan.values)
        for part in parts:
            size = width * int(cells.count[part.cells].sum())
            ideal = [total + size * share for total, share in zip(ideal, part.exact, strict=True)]
        exact = dict(sorted(zip(plan.values, ideal, strict=True)))
        if most is not None and sum(part.work() for part in parts) > most:
            return DrawnCounts(candidates, exact, None, None, partial)
        found = sum((self._drawn(part, cells, mix, width) for part in parts), np.zeros(len(ideal), np.int64))
        counts: dict[str, int] = dict(sorted(zip(plan.values, found.tolist(), strict=True)))
        deviation = max(abs(count - exact[value]) for value, count in counts.items())
        return DrawnCounts(candidates, exact, counts, deviation, partial)

    def _drawn(self, part: _Part, given: _Cells, mix: str, width: int) -> Ints:
        """Counts of a part: whole periods by their weights, the rest by drawing it."""
        some = part.rest > 0
        epochs = part.epochs[some]
        name = self._identities[mix]
        prefix = {epoch: encode((name, str(width), str(epoch))) for epoch in np.unique(epochs).tolist()}
        cells = zip(part.cells[some].tolist(), epochs.tolist(), strict=True)
        seeds = [prefix[epoch] + given.hashes(cell) for cell, epoch in cells]
        whole = int(part.epochs.sum()) * np.array(part.shares.weights, np.int64)
        return whole + count_many(part.shares, seeds, part.rest[some])

    def _parts(self, plan: MixPlan, given: _Cells, width: int) -> list[_Part]:
        kind, rows = classes((*plan.rules, *plan.exclusions), given.leaf, given.values)
        parts: list[_Part] = []
        for number, row in enumerate(rows):
            leaf, values = int(given.leaf[row]), tuple(int(given.values[name][row]) for name in self._slot_mixes)
            shares = self._shares_of(plan, leaf, values)
            cells = np.flatnonzero(kind == number)
            epochs, rest = np.divmod(given.count[cells] * width, shares.period)
            parts.append(_Part(self._exact(plan, leaf, values), shares, cells, epochs, rest))
        return parts

    def _exact(self, plan: MixPlan, leaf: int, values: tuple[int, ...]) -> tuple[Fraction, ...]:
        return shares_at(plan, self._tree, leaf, dict(zip(self._slot_mixes, values, strict=True)))

    def _shares_of(self, plan: MixPlan, leaf: int, values: tuple[int, ...]) -> PeriodShares:
        place = plan.name, leaf, values
        known = self._known.get(place)
        if known is not None:
            return known
        exact = self._exact(plan, leaf, values)
        known = self._shares.get(exact)
        if known is None:
            known = self._shares[exact] = prepare(exact)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[place] = known
        return known

    def _sequence(self, seed: bytes, shares: PeriodShares) -> DrawnPeriod:
        known = self._sequences.get(seed)
        if known is None:
            known = self._sequences[seed] = DrawnPeriod(shares, seed)
            if len(self._sequences) > _REMEMBERED:
                self._sequences.popitem(last=False)
        else:
            self._sequences.move_to_end(seed)
        return known


def _cells(allocation: Allocation, *, whole: bool) -> _Cells:
    """The cells of an allocation, or its base cells with the values of any one cell of each."""
    columns = {name: allocation.values[:, n] for n, (name, _) in enumerate(allocation.mixes)}
    if whole or allocation.late is None:
        return _Cells(allocation.leaf, columns, allocation.count, allocation.cell)
    base = allocation.late.base
    _, first = np.unique(allocation.late.of, return_index=True)
    return _Cells(allocation.leaf[first], {name: c[first] for name, c in columns.items()}, base.count, base.cell)


def mix_draws(space: Space, samples: int) -> MixDraws | list[QuotaProblem]:
    """Prepare the draws of `per candidate` mixes.

    Args:
        space: the sample space.
        samples: samples of the dataset, to which counts and bounds on values refer.

    Returns:
        The draws, or the contradictions of the mixes.
    """
    tree = build_tree(space.taxonomy)
    names = IdentityNames(space)
    if names:  # draws depend on the order of values
        mixes = (_by_identity(mix, names) if mix.per_candidate else mix for mix in space.mixes)
        space = space.model_copy(update={"mixes": tuple(mixes)})
    try:
        plans = plan_mixes(space, tree, samples, per_candidate=True) if samples else []
    except QuotaError as error:
        return list(error.problems)
    return MixDraws(space, tree, plans, {plan.name: names.axis(plan.name) for plan in plans})


def _by_identity(mix: Mix, names: IdentityNames) -> Mix:
    values = sorted(mix.values, key=lambda value: names.point(mix.name, value.name))
    return mix.model_copy(update={"values": tuple(values)})
