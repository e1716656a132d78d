"""Bring every joint within its bounds by moving roundings between values of single rows, many at once.

Joints are repaired deepest first. In a round every row under a violated joint proposes its cheapest move that no joint
between forbids; proposals are accepted in order of cost as far as the capacities of all joints above the row allow.
A joint that no single move helps gets an augmenting path through several rows (`augment`), which always exists.
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, pieces, rank_in_group
from tapc.quota.joints import Joints
from tapc.quota.keys import NAT

_NONE = np.int64(1 << 60)
_HELP = np.int64(1000 * NAT)
"""Outweighs every ticket: a move that mends two violations comes before one that mends one."""


class Rounding(msgspec.Struct):
    """The state of one rounding; `up` and `load` change.

    Attributes:
        joints: the constraints.
        low, high: bounds of every joint and value.
        can: whether a row's value has a fraction at all.
        ticket: what rounding up is worth.
        up: the current choice.
        load: current sums of `up` at every joint.
    """

    joints: Joints
    low: Ints
    high: Ints
    can: Flags
    ticket: Ints
    up: Flags
    load: Ints

    def move(self, rows: Ints, source: Ints, target: Ints) -> None:
        """Take the rounding of `source` from each row and give it to `target`."""
        self.up[rows, source] = False
        self.up[rows, target] = True
        for level in self.joints.path:
            at = level[rows]
            known = at >= 0
            np.subtract.at(self.load, (at[known], source[known]), 1)
            np.add.at(self.load, (at[known], target[known]), 1)


def violated(state: Rounding, joints: Ints) -> Ints:
    """Those of the joints with a sum outside its bounds."""
    load = state.load[joints]
    wrong = ((load > state.high[joints]) | (load < state.low[joints])).any(axis=1)
    return joints[wrong]


def open_below(state: Rounding, depth: int) -> tuple[Flags, Flags]:
    """Whether a row may lose (gain) a value as far as its joints below `depth` go, by the row's deepest joint.

    The last row of both tables stands for rows without a joint and is always open.
    """
    joints = state.joints
    lose = np.ones((len(joints.depth) + 1, state.load.shape[1]), np.bool_)
    gain = lose.copy()
    for below in range(depth + 1, len(joints.path)):
        at = np.flatnonzero(joints.depth == below)
        lose[at] = (state.load[at] > state.low[at]) & lose[joints.parent[at]]
        gain[at] = (state.load[at] < state.high[at]) & gain[joints.parent[at]]
    return lose, gain


def repair_depth(state: Rounding, depth: int) -> Ints:
    """Repair the joints of one depth as far as single moves go; returns the joints that need more."""
    here = np.flatnonzero(state.joints.depth == depth)
    while len(here := violated(state, here)):
        if not _round(state, here, depth):
            break
    return here


def _round(state: Rounding, bad: Ints, depth: int) -> int:
    rows, owner = state.joints.rows_of(bad)
    lose, gain = open_below(state, depth)
    parts = [
        _proposals(state, rows[part], bad[owner[part]], lose, gain) for part in pieces(len(rows), state.load.shape[1])
    ]
    source, target, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    good = np.flatnonzero(cost < _NONE)
    good = good[np.argsort(cost[good], kind="stable")]
    good = _within_capacity(state, rows[good], source[good], target[good], depth, good)
    state.move(rows[good], source[good], target[good])
    return len(good)


def _proposals(state: Rounding, rows: Ints, joint: Ints, lose: Flags, gain: Flags) -> tuple[Ints, Ints, Ints]:
    """For each row the cheapest move that lessens its joint's violations: values to take from and give to, and cost."""
    deepest = state.joints.deepest[rows]
    load, low, high = state.load, state.low, state.high
    over, under = load > high, load < low
    up = state.up[rows]
    taking = up & lose[deepest] & (load > low)[joint]
    giving = ~up & state.can[rows] & gain[deepest] & (load < high)[joint]
    ticket = state.ticket[rows]
    loss = np.where(taking, ticket, _NONE) - np.where(over[joint], _HELP, 0)
    worth = np.where(giving, ticket, -_NONE) + np.where(under[joint], _HELP, 0)
    every = np.arange(len(rows), dtype=np.int64)
    best_source: Ints = loss.argmin(axis=1)
    best_target: Ints = worth.argmax(axis=1)
    # a useful move takes from a value that is over, or gives to one that is under
    loss_over = np.where(over[joint], loss, _NONE)
    worth_under = np.where(under[joint], worth, -_NONE)
    over_source: Ints = loss_over.argmin(axis=1)
    under_target: Ints = worth_under.argmax(axis=1)
    first = _cost(loss_over[every, over_source], worth[every, best_target])
    second = _cost(loss[every, best_source], worth_under[every, under_target])
    use_first = first <= second
    source: Ints = np.where(use_first, over_source, best_source)
    target: Ints = np.where(use_first, best_target, under_target)
    return source, target, np.where(use_first, first, second)


def _cost(loss: Ints, worth: Ints) -> Ints:
    possible = (loss < _NONE // 2) & (worth > -(_NONE // 2))
    return np.where(possible, loss - worth, _NONE)


def _within_capacity(state: Rounding, rows: Ints, source: Ints, target: Ints, depth: int, keep: Ints) -> Ints:
    """Of moves in order of cost, those that every joint from `depth` down can take together."""
    width = state.load.shape[1]
    load, low, high = state.load, state.low, state.high
    spare = np.where(load > high, load - high, load - low).reshape(-1), np.where(load < low, low, high).reshape(-1)
    spare = spare[0], spare[1] - load.reshape(-1)
    for level in range(depth, len(state.joints.path)):
        for side in (0, 1):
            at = state.joints.path[level][rows]
            fits = at < 0
            inside = np.flatnonzero(~fits)
            cell = at[inside] * width + (target if side else source)[inside]
            fits[inside] = rank_in_group(cell) < spare[side][cell]
            rows, source, target, keep = rows[fits], source[fits], target[fits], keep[fits]
    return keep
