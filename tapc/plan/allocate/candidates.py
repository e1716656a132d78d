"""Mixes drawn for each candidate of a step: exact within every cell, whatever the number of samples.

The candidates of a cell's slots form one sequence (slot by slot), and every prefix of it has every value within one of
its exact share. The next value is drawn by ticket among those that keep that promise possible: a value may be drawn
when its share of the prefix exceeds its count, and unless another would then miss its deadline (Horn 1974; Tijdeman
1980). Sequences repeat, with new tickets, after the common denominator of the shares, where counts are exact.
"""

import hashlib
from collections import OrderedDict
from fractions import Fraction

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.ir import Space
from tapc.plan.allocate.arrays import encode
from tapc.plan.allocate.keys import ticket
from tapc.plan.allocate.mixes import MixPlan, common_weights, plan_mixes, shares_at
from tapc.plan.allocate.problem import Problem, ProblemError
from tapc.plan.allocate.tree import Tree, build_tree

_LONGEST = 1 << 16
"""Longest period; shares with a larger denominator are rounded to this grid."""

_REMEMBERED = 1 << 15
"""Sequences kept at hand; a forgotten one is drawn again when it is needed."""


class _Shares(msgspec.Struct, frozen=True):
    """Integer shares of one period, and `slack`: how many draws the first t can spare beyond what must be drawn."""

    weights: tuple[int, ...]
    period: int
    slack: npt.NDArray[np.int32]


def _prepare(shares: tuple[Fraction, ...]) -> _Shares:
    table, period = common_weights([shares], _LONGEST)
    weights = tuple(table[0].tolist())
    times = np.arange(period + 1, dtype=np.int64)
    slack = times.copy()
    for weight in weights:
        slack -= times * weight // period
    return _Shares(weights, period, slack.astype(np.int32))


class _Sequence:
    """One period of draws, made as far as asked for."""

    __slots__ = ("_counts", "_drawn", "_seed", "_shares", "_slack")

    def __init__(self, shares: _Shares, seed: bytes) -> None:
        self._shares = shares
        self._seed = seed
        self._counts = [0] * len(shares.weights)
        self._slack = shares.slack.copy()
        self._drawn: list[int] = []

    def __getitem__(self, index: int) -> int:
        while len(self._drawn) <= index:
            self._drawn.append(self._draw(len(self._drawn)))
        return self._drawn[index]

    def _draw(self, at: int) -> int:
        counts, period, weights = self._counts, self._shares.period, self._shares.weights
        tight = at + 1 + int((self._slack[at + 1 :] == 0).argmax())
        words = hashlib.shake_128(self._seed + at.to_bytes(4, "big")).digest(4 * len(weights))
        chosen, most, due = -1, 0, 0
        for value, weight in enumerate(weights):
            missing = weight * (at + 1) - counts[value] * period
            if missing <= 0:
                continue
            deadline = -(-(counts[value] + 1) * period // weight)
            if deadline > tight:
                continue
            worth = ticket(missing, int.from_bytes(words[4 * value : 4 * value + 4], "big"))
            if chosen < 0 or worth > most:
                chosen, most, due = value, worth, deadline
        self._slack[at + 1 : due] -= 1
        counts[chosen] += 1
        return chosen


class MixDraws:
    """Draws the `per candidate` mixes of a space."""

    def __init__(self, space: Space, tree: Tree, plans: list[MixPlan]) -> None:
        self._tree = tree
        self._plans = {plan.name: plan for plan in plans}
        self._slot_mixes = tuple(sorted(m.name for m in space.mixes if not m.per_candidate))
        self._shares: dict[tuple[Fraction, ...], _Shares] = {}
        self._known: dict[tuple[str, int, tuple[int, ...]], _Shares] = {}
        self._sequences: OrderedDict[bytes, _Sequence] = OrderedDict()

    def value(
        self, cell: bytes, leaf: int, values: tuple[int, ...], mix: str, *, ordinal: int, candidate: int, width: int
    ) -> str:
        """Name of the value one candidate gets.

        Args:
            cell: content hash of the slot's cell.
            leaf: the cell's leaf.
            values: the cell's values.
            mix: the `per candidate` mix.
            ordinal: of the slot; replacements continue the sequence.
            candidate: from 0, below `width`.
            width: candidates a slot of the step; with another width other values are drawn.
        """
        plan = self._plans[mix]
        shares = self._shares_of(plan, leaf, values)
        epoch, index = divmod(ordinal * width + candidate, shares.period)
        seed = encode((mix, str(width), str(epoch))) + cell
        return plan.values[self._sequence(seed, shares)[index]]

    def _shares_of(self, plan: MixPlan, leaf: int, values: tuple[int, ...]) -> _Shares:
        place = plan.name, leaf, values
        known = self._known.get(place)
        if known is not None:
            return known
        exact = shares_at(plan, self._tree, leaf, dict(zip(self._slot_mixes, values, strict=True)))
        known = self._shares.get(exact)
        if known is None:
            known = self._shares[exact] = _prepare(exact)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[place] = known
        return known

    def _sequence(self, seed: bytes, shares: _Shares) -> _Sequence:
        known = self._sequences.get(seed)
        if known is None:
            known = self._sequences[seed] = _Sequence(shares, seed)
            if len(self._sequences) > _REMEMBERED:
                self._sequences.popitem(last=False)
        else:
            self._sequences.move_to_end(seed)
        return known


def mix_draws(space: Space, samples: int) -> MixDraws | list[Problem]:
    """Prepare the draws of `per candidate` mixes.

    Args:
        space: the sample space.
        samples: of the dataset, which counts and bounds on values are resolved over.

    Returns:
        The draws, or why the mixes contradict themselves.
    """
    tree = build_tree(space.taxonomy)
    try:
        plans = plan_mixes(space, tree, samples, per_candidate=True) if samples else []
    except ProblemError as error:
        return list(error.problems)
    return MixDraws(space, tree, plans)
