"""Give back to the lock what the bounds turn out not to need: exchanges that keep more of its cells.

A row that lost a cell of the lock gives up a rounding the lock did not have, for the lost one: alone where all joints
above have slack, or by an exchange with another row that does not lose by it. Pair counts within their bounds stay so.
"""

import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.keys import KEPT
from tapc.quota.swaps import WINDOW, Desk
from tapc.quota.tables import ONE


def restore(desk: Desk) -> None:
    """Exchange roundings while that keeps more cells of the lock; one pass."""
    state = desk.state
    kept = state.ticket > KEPT // 2
    lost: Flags = np.any(kept & ~state.up, axis=1)
    for item in np.flatnonzero(lost[desk.row] & ~kept[desk.row, desk.value]):
        _give_back(desk, kept, int(item))


def _give_back(desk: Desk, kept: Flags, item: int) -> None:
    state, row, source = desk.state, int(desk.row[item]), int(desk.value[item])
    if kept[row, source]:
        return
    wanted = kept[row] & ~state.up[row]
    for depth in range(len(state.joints.path) - 1, -1, -1):
        joint = int(state.joints.path[depth, row])
        if joint < 0:
            continue
        if not wanted.any():
            return
        partner = _partner(desk, kept, item, joint, wanted)
        if partner is not None:
            desk.exchange(item, partner)
            return
        if state.load[joint, source] <= state.low[joint, source]:
            return
        wanted = wanted & (state.load[joint] < state.high[joint])
    for target in np.flatnonzero(wanted).tolist():
        if _pairs_allow(desk, row, source, np.array([target]), None)[0]:
            desk.shift(item, target)
            return


def _partner(desk: Desk, kept: Flags, item: int, joint: int, wanted: Flags) -> int | None:
    """A rounding under a joint that can be exchanged without loss; the one that wins most for the lock."""
    state, row, source = desk.state, int(desk.row[item]), int(desk.value[item])
    first, last = int(desk.first[joint]), int(desk.last[joint])
    if last - first > WINDOW:
        first = min(max(first, item - WINDOW // 2), last - WINDOW)
        last = first + WINDOW
    rows, values = desk.row[first:last], desk.value[first:last]
    able = wanted[values] & state.can[rows, source] & ~state.up[rows, source]
    able &= ~kept[rows, values] | kept[rows, source]
    some = np.flatnonzero(able)
    some = some[desk.open_between(rows[some], values[some], source, int(state.joints.depth[joint]))]
    some = some[_pairs_allow(desk, row, source, values[some], rows[some])]
    if not len(some):
        return None
    wins = kept[rows[some], source].astype(np.int64) - kept[rows[some], values[some]]
    return first + int(some[int(wins.argmax())])


def _pairs_allow(desk: Desk, row: int, source: int, targets: Ints, partners: Ints | None) -> Flags:
    """Whether pair counts stay within their bounds, or come no further from them."""
    fine = np.ones(len(targets), np.bool_)
    for table in desk.tables:
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
