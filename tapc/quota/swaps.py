"""Bring pair counts nearer to their targets by swapping the roundings of two rows.

One row gives up value i for j, another under a common joint j for i; so sums at that joint and above stay, and joints
below need slack. A swap is made only if the sum of squared pair errors over all tables falls, so the search ends.
Bounds on nodes are never touched; bounds on pairs cannot be promised (three families of constraints, De Loera and
Onn 2006), only approached.
"""

import numpy as np

from tapc.quota.arrays import Flags, Ints, rank_in_group
from tapc.quota.keys import KEPT
from tapc.quota.repair import Rounding
from tapc.quota.tables import ONE, Table

WINDOW = 8192
"""Partners looked at for one swap at one joint."""

_ROUNDS = 400
_TRIES = 2
"""Rows tried for every unit of error in one round."""


class Desk:
    """All roundings as a list of (row, value), and the tables they enter."""

    def __init__(self, state: Rounding, tables: list[Table]) -> None:
        self.state = state
        self.tables = tables
        self.row, self.value = (a.astype(np.int64) for a in np.nonzero(state.up))
        self._levels = len(state.joints.path)
        joints = state.joints
        self.first = np.searchsorted(self.row, joints.first)
        self.last = np.searchsorted(self.row, joints.last)

    def candidates(self) -> Ints:
        """Roundings worth trying: in pairs that are too frequent, or frequent where another lacks; cheapest first."""
        wanted = np.zeros(len(self.row), np.bool_)
        for table in self.tables:
            off = table.off()
            if not off.any():
                continue
            lacking = np.where(table.error > 0, np.maximum(-off, 0).sum(axis=0)[None, :], 0)
            tries = _TRIES * (np.maximum(off, 0) + lacking)
            cell = table.index[self.row] * off.shape[1] + self.value
            some = np.flatnonzero(tries.reshape(-1)[cell] > 0)
            some = some[np.argsort(self.state.ticket[self.row[some], self.value[some]], kind="stable")]
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
        """Find a partner for one rounding and swap, at the lowest joint that has one, or move it alone."""
        row, source = int(self.row[item]), int(self.value[item])
        if not self._due(row, source):
            return False
        state = self.state
        gain_here = state.can[row] & ~state.up[row]
        change = self._surplus(np.array([row]), np.arange(state.up.shape[1], dtype=np.int64)) - self._surplus(
            np.array([row]), np.array([source])
        )
        for depth in range(self._levels - 1, -1, -1):
            joint = int(state.joints.path[depth, row])
            if joint < 0:
                continue
            partner = self._partner(item, joint, change, gain_here)
            if partner is not None:
                self.exchange(item, partner)
                return True
            if state.load[joint, source] <= state.low[joint, source]:
                return False
            gain_here = gain_here & (state.load[joint] < state.high[joint])
            if not gain_here.any():
                return False
        return self._shift(item, change, gain_here)

    def _shift(self, item: int, change: Ints, gain_here: Flags) -> bool:
        """Move one rounding without a partner, where every joint above has slack."""
        total = np.where(gain_here, change + len(self.tables) * ONE, 0)
        target = int(total.argmin())
        if total[target] >= 0:
            return False
        self.shift(item, target)
        return True

    def _partner(self, item: int, joint: int, change: Ints, gain_here: Flags) -> int | None:
        """The rounding under a joint whose exchange loses least of the lock, then lowers squared errors most."""
        state, source, row = self.state, int(self.value[item]), int(self.row[item])
        first, last = int(self.first[joint]), int(self.last[joint])
        if last - first > WINDOW:
            first = min(max(first, item - WINDOW // 2), last - WINDOW)
            last = first + WINDOW
        rows, values = self.row[first:last], self.value[first:last]
        some = np.flatnonzero(gain_here[values] & state.can[rows, source] & ~state.up[rows, source])
        if not len(some):
            return None
        rows, values = rows[some], values[some]
        total = change[values] + self._surplus(rows, np.array([source])) - self._surplus(rows, values)
        for table in self.tables:
            total += np.where(table.index[rows] != table.index[row], 2 * ONE, 0)
        good = total < 0
        some, rows, values, total = some[good], rows[good], values[good], total[good]
        fits = self.open_between(rows, values, source, int(state.joints.depth[joint]))
        some, rows, values, total = some[fits], rows[fits], values[fits], total[fits]
        if not len(some):
            return None
        loss = state.ticket[row, source] + state.ticket[rows, values]
        loss -= state.ticket[row, values] + state.ticket[rows, source]
        unkept = (loss + KEPT // 2) // KEPT
        return first + int(some[np.lexsort((loss, total, unkept))[0]])

    def open_between(self, rows: Ints, values: Ints, gained: int, depth: int) -> Flags:
        """Whether joints below `depth` let each row lose its value and gain another."""
        state = self.state
        fits = np.ones(len(rows), np.bool_)
        for level in range(depth + 1, self._levels):
            at = state.joints.path[level][rows]
            loses = state.load[at, values] > state.low[at, values]
            fits &= (loses & (state.load[at, gained] < state.high[at, gained])) | (at < 0)
        return fits

    def shift(self, item: int, target: int) -> None:
        """Move one rounding to another value of its row."""
        row, source = int(self.row[item]), int(self.value[item])
        self.state.move(np.array([row]), np.array([source]), np.array([target]))
        for table in self.tables:
            table.add(row, source, target)
        self.value[item] = target

    def exchange(self, item: int, partner: int) -> None:
        """Let two roundings trade values."""
        rows = self.row[[item, partner]]
        values = self.value[[item, partner]]
        self.state.move(rows, values, values[::-1])
        for row, source, target in zip(rows.tolist(), values.tolist(), values[::-1].tolist(), strict=True):
            for table in self.tables:
                table.add(row, source, target)
        self.value[[item, partner]] = values[::-1]


def mend_pairs(desk: Desk) -> None:
    """Swap until every pair is within one of its target, or no swap helps."""
    for _ in range(_ROUNDS):
        if not any(table.off().any() for table in desk.tables):
            return
        if not sum(desk.swap(int(item)) for item in desk.candidates()):
            return
