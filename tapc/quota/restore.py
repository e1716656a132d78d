"""Recovers cells of the lock that the bounds do not exclude, by exchanges that keep more of them.

A row that lost a cell of the lock gives up a rounding that the lock did not have for the lost one: alone if all
constraints above have slack, or by an exchange with another row that loses nothing by it. Pair counts that are within
their bounds stay so.
"""

import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.keys import KEPT
from tapc.quota.swaps import WINDOW, Swaps
from tapc.quota.tables import ONE


def restore(swaps: Swaps) -> None:
    """Exchange roundings while that keeps more cells of the lock; one pass."""
    state = swaps.state
    kept = state.priority > KEPT // 2
    lost: Flags = np.any(kept & ~state.up, axis=1)
    for item in np.flatnonzero(lost[swaps.row] & ~kept[swaps.row, swaps.value]):
        _give_back(swaps, kept, int(item))


def _give_back(swaps: Swaps, kept: Flags, item: int) -> None:
    state, row, source = swaps.state, int(swaps.row[item]), int(swaps.value[item])
    if kept[row, source]:
        return
    wanted = kept[row] & ~state.up[row]
    for depth in range(len(state.constraints.path) - 1, -1, -1):
        constraint = int(state.constraints.path[depth, row])
        if constraint < 0:
            continue
        if not wanted.any():
            return
        partner = _partner(swaps, kept, item, constraint, wanted)
        if partner is not None:
            swaps.exchange(item, partner)
            return
        if state.load[constraint, source] <= state.low[constraint, source]:
            return
        wanted = wanted & (state.load[constraint] < state.high[constraint])
    for target in np.flatnonzero(wanted).tolist():
        if _pairs_allow(swaps, row, source, np.array([target]), None)[0]:
            swaps.shift(item, target)
            return


def _partner(swaps: Swaps, kept: Flags, item: int, constraint: int, wanted: Flags) -> int | None:
    """A rounding under a constraint that can be exchanged without loss; the one that gains most for the lock."""
    state, row, source = swaps.state, int(swaps.row[item]), int(swaps.value[item])
    first, last = int(swaps.first[constraint]), int(swaps.last[constraint])
    if last - first > WINDOW:
        first = min(max(first, item - WINDOW // 2), last - WINDOW)
        last = first + WINDOW
    rows, values = swaps.row[first:last], swaps.value[first:last]
    able = wanted[values] & state.can[rows, source] & ~state.up[rows, source]
    able &= ~kept[rows, values] | kept[rows, source]
    some = np.flatnonzero(able)
    some = some[swaps.allowed(first + some, source, int(state.constraints.depth[constraint]))]
    some = some[_pairs_allow(swaps, row, source, values[some], rows[some])]
    if not len(some):
        return None
    wins = kept[rows[some], source].astype(np.int64) - kept[rows[some], values[some]]
    return first + int(some[int(wins.argmax())])


def _pairs_allow(swaps: Swaps, row: int, source: int, targets: Ints, partners: Ints | None) -> Flags:
    """Whether pair counts stay within their bounds, or move no further away from them."""
    fine = np.ones(len(targets), np.bool_)
    for table in swaps.tables:
        own = np.full(len(targets), table.index[row])
        here = _stays(table.error[own, source], -ONE) & _stays(table.error[own, targets], ONE)
        if partners is None:
            fine &= here
            continue
        its = table.index[partners]
        there = _stays(table.error[its, targets], -ONE) & _stays(table.error[its, source], ONE)
        fine &= (here & there) | (its == own)
    return fine


def _stays(error: Ints, change: int) -> Flags:
    after = np.abs(error + change)
    return (after < ONE) | (after <= np.abs(error))
