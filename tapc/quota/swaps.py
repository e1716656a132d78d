"""Corrects pair counts by swapping the roundings of two rows.

One row gives up value i for j, another under a common constraint j for i; so the sums at that constraint and above do
not change, and constraints below need slack. A swap is made only if the sum of squared pair errors over all tables
falls, so the search ends. Bounds on nodes are always kept; bounds on pairs cannot be promised (three families of
constraints, De Loera and Onn 2006), only approached.
"""

import numpy as np

from tapc.quota.arrays import Flags, Ints, rank_in_group
from tapc.quota.keys import KEPT
from tapc.quota.moves import Moves, PairSearch
from tapc.quota.tables import ONE

WINDOW = 8192
"""Most partners considered for one swap at one constraint."""

_ROUNDS = 400
_TRIES = 2
"""Rows tried per unit of error in one round."""


class Swaps:
    """All roundings as a list of items (row, value), which swaps keep up to date.

    Attributes:
        row, value: of every item, rows ascending.
        first, last: range of items under every constraint.
    """

    def __init__(self, search: PairSearch) -> None:
        self._search = search
        self.state = state = search.state
        self.tables = search.tables
        self.row, self.value = (a.astype(np.int64) for a in np.nonzero(state.up))
        self._levels = len(state.constraints.path)
        constraints = state.constraints
        self.first = np.searchsorted(self.row, constraints.first)
        self.last = np.searchsorted(self.row, constraints.last)

    def candidates(self) -> Ints:
        """Roundings to try, cheapest first.

        They are in pairs that are too frequent, or above their target while another pair lacks the value.
        """
        wanted = np.zeros(len(self.row), np.bool_)
        for table in self.tables:
            off = table.off()
            if not off.any():
                continue
            lacking = np.where(table.error > 0, np.maximum(-off, 0).sum(axis=0)[None, :], 0)
            tries = _TRIES * (np.maximum(off, 0) + lacking)
            cell = table.index[self.row] * off.shape[1] + self.value
            some = np.flatnonzero(tries.reshape(-1)[cell] > 0)
            some = some[np.argsort(self.state.priority[self.row[some], self.value[some]], kind="stable")]
            wanted[some[rank_in_group(cell[some]) < tries.reshape(-1)[cell[some]]]] = True
        chosen = np.flatnonzero(wanted)
        surplus = self._surplus(self.row[chosen], self.value[chosen])
        return chosen[np.argsort(-surplus, kind="stable")]

    def _surplus(self, rows: Ints, values: Ints) -> Ints:
        found = np.zeros(np.broadcast(rows, values).shape, np.int64)
        for table in self.tables:
            found += table.error[table.index[rows], values]
        return found

    def _due(self, row: int, value: int) -> bool:
        """Whether a candidate is still worth trying."""
        for table in self.tables:
            error = int(table.error[table.index[row], value])
            if error > 0 and (error >= ONE or bool((table.error[:, value] <= -ONE).any())):
                return True
        return False

    def swap(self, item: int) -> bool:
        """Find a partner for one rounding and swap, at the lowest constraint that has one, or move it alone."""
        row, source = int(self.row[item]), int(self.value[item])
        if not self._due(row, source):
            return False
        state = self.state
        gain_here = state.can[row] & ~state.up[row]
        change = self._surplus(np.array([row]), np.arange(state.up.shape[1], dtype=np.int64)) - self._surplus(
            np.array([row]), np.array([source])
        )
        for depth in range(self._levels - 1, -1, -1):
            constraint = int(state.constraints.path[depth, row])
            if constraint < 0:
                continue
            partner = self._partner(item, constraint, change, gain_here)
            if partner is not None:
                self.exchange(item, partner)
                return True
            if state.load[constraint, source] <= state.low[constraint, source]:
                return False
            gain_here = gain_here & (state.load[constraint] < state.high[constraint])
            if not gain_here.any():
                return False
        return self._shift(item, change, gain_here)

    def _shift(self, item: int, change: Ints, gain_here: Flags) -> bool:
        """Move one rounding without a partner, if every constraint above has slack."""
        total = np.where(gain_here, change + len(self.tables) * ONE, 0)
        target = int(total.argmin())
        if total[target] >= 0:
            return False
        self.shift(item, target)
        return True

    def _partner(self, item: int, constraint: int, change: Ints, gain_here: Flags) -> int | None:
        """The partner under a constraint that loses the fewest cells of the lock, then lowers errors most."""
        state, source, row = self.state, int(self.value[item]), int(self.row[item])
        first, last = int(self.first[constraint]), int(self.last[constraint])
        if last - first > WINDOW:
            first = min(max(first, item - WINDOW // 2), last - WINDOW)
            last = first + WINDOW
        rows, values = self.row[first:last], self.value[first:last]
        some = np.flatnonzero(gain_here[values] & state.can[rows, source] & ~state.up[rows, source])
        if not len(some):
            return None
        rows, values = rows[some], values[some]
        # Half the change of the squared errors over all tables, for every possible partner: each count that changes by
        # d adds d * error + 1 / 2, and a table in which both rows share a value of the other mix does not change.
        total = change[values] + self._surplus(rows, np.array([source])) - self._surplus(rows, values)
        for table in self.tables:
            total += np.where(table.index[rows] != table.index[row], 2 * ONE, 0)
        good = total < 0
        some, rows, values, total = some[good], rows[good], values[good], total[good]
        gained = np.full(len(rows), source, np.int64)
        fits = self._search.slack_below(Moves(rows, values, gained), int(state.constraints.depth[constraint]))
        some, rows, values, total = some[fits], rows[fits], values[fits], total[fits]
        if not len(some):
            return None
        loss = state.priority[row, source] + state.priority[rows, values]
        loss -= state.priority[row, values] + state.priority[rows, source]
        unkept = (loss + KEPT // 2) // KEPT
        return first + int(some[np.lexsort((loss, total, unkept))[0]])

    def allowed(self, items: Ints, gained: int, depth: int) -> Flags:
        """Whether the constraints below a depth allow the row of each item to give up its value for another."""
        moves = Moves(self.row[items], self.value[items], np.full(len(items), gained, np.int64))
        return self._search.slack_below(moves, depth)

    def shift(self, item: int, target: int) -> None:
        """Move one rounding to another value of its row."""
        self._search.make([(int(self.row[item]), int(self.value[item]), target)])
        self.value[item] = target

    def exchange(self, item: int, partner: int) -> None:
        """Exchange the values of two roundings."""
        rows, values = self.row[[item, partner]], self.value[[item, partner]]
        self._search.make(zip(rows.tolist(), values.tolist(), values[::-1].tolist(), strict=True))
        self.value[[item, partner]] = values[::-1]


def mend_pairs(swaps: Swaps) -> None:
    """Swap until every pair is within one of its target, or no swap helps."""
    for _ in range(_ROUNDS):
        if not any(table.off().any() for table in swaps.tables):
            return
        if not sum(swaps.swap(int(item)) for item in swaps.candidates()):
            return
