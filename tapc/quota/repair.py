"""Brings every constraint within its bounds by moving roundings between values of single rows, many at once.

Constraints are repaired deepest first. In a round, every row under a violated constraint proposes its cheapest move
that no constraint in between forbids; proposals are accepted in order of cost as far as the capacities of all
constraints above the row allow. A constraint that no single move can repair gets an augmenting path through several
rows (`augment`), which always exists.
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, pieces, rank_in_group
from tapc.quota.constraints import Constraints
from tapc.quota.keys import NAT

_NONE = np.int64(1 << 60)
_HELP = np.int64(1000 * NAT)
"""Exceeds every priority, so that a move that repairs two violations comes before one that repairs one."""


class Rounding(msgspec.Struct):
    """The state of one rounding; `up` and `load` change.

    Attributes:
        constraints: the constraints.
        low, high: bounds of every constraint and value, shape (C, V).
        can: whether the value of a row has a fraction, shape (R, V).
        priority: value of rounding up, shape (R, V).
        up: the current choice, shape (R, V).
        load: current sums of `up` at every constraint, shape (C, V).
    """

    constraints: Constraints
    low: Ints
    high: Ints
    can: Flags
    priority: Ints
    up: Flags
    load: Ints

    def move(self, rows: Ints, source: Ints, target: Ints) -> None:
        """Take the rounding of `source` from each row and give it to `target`."""
        self.up[rows, source] = False
        self.up[rows, target] = True
        for level in self.constraints.path:
            at = level[rows]
            known = at >= 0
            np.subtract.at(self.load, (at[known], source[known]), 1)
            np.add.at(self.load, (at[known], target[known]), 1)


def violated(state: Rounding, constraints: Ints) -> Ints:
    """The constraints with a sum outside its bounds."""
    load = state.load[constraints]
    wrong = ((load > state.high[constraints]) | (load < state.low[constraints])).any(axis=1)
    return constraints[wrong]


def open_below(state: Rounding, depth: int) -> tuple[Flags, Flags]:
    """Whether the constraints below `depth` allow a row to lose (gain) a value, by the deepest constraint of the row.

    Both tables have shape (C + 1, V). Their last row stands for rows without a constraint (index -1) and is always
    true.
    """
    constraints = state.constraints
    lose = np.ones((len(constraints.depth) + 1, state.load.shape[1]), np.bool_)
    gain = lose.copy()
    for below in range(depth + 1, len(constraints.path)):
        at = np.flatnonzero(constraints.depth == below)
        lose[at] = (state.load[at] > state.low[at]) & lose[constraints.parent[at]]
        gain[at] = (state.load[at] < state.high[at]) & gain[constraints.parent[at]]
    return lose, gain


def repair_depth(state: Rounding, depth: int) -> Ints:
    """Repair the constraints of one depth as far as single moves can; returns the constraints that need more."""
    here = np.flatnonzero(state.constraints.depth == depth)
    while len(here := violated(state, here)):
        if not _round(state, here, depth):
            break
    return here


def _round(state: Rounding, bad: Ints, depth: int) -> int:
    rows, owner = state.constraints.rows_of(bad)
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


def _proposals(state: Rounding, rows: Ints, constraint: Ints, lose: Flags, gain: Flags) -> tuple[Ints, Ints, Ints]:
    """The cheapest move of each row that reduces the violations of its constraint: source, target and cost."""
    deepest = state.constraints.deepest[rows]
    load, low, high = state.load, state.low, state.high
    over, under = load > high, load < low
    up = state.up[rows]
    taking = up & lose[deepest] & (load > low)[constraint]
    giving = ~up & state.can[rows] & gain[deepest] & (load < high)[constraint]
    # cost = loss[source] - worth[target], with a bonus of _HELP for each side that repairs a violation. All tables
    # below have one row per proposal and one column per value.
    priority = state.priority[rows]
    loss = np.where(taking, priority, _NONE) - np.where(over[constraint], _HELP, 0)
    worth = np.where(giving, priority, -_NONE) + np.where(under[constraint], _HELP, 0)
    every = np.arange(len(rows), dtype=np.int64)
    best_source: Ints = loss.argmin(axis=1)
    best_target: Ints = worth.argmax(axis=1)
    # A useful move takes from a value above its bound (first), or gives to one below its bound (second).
    loss_over = np.where(over[constraint], loss, _NONE)
    worth_under = np.where(under[constraint], worth, -_NONE)
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
    """The moves, in order of cost, that every constraint from `depth` down can accept together."""
    width = state.load.shape[1]
    load, low, high = state.load, state.low, state.high
    # How many roundings of each value every constraint can lose (0) and gain (1), flattened to (C * V,). At each level
    # the first so many moves per (constraint, value) are accepted.
    spare = np.where(load > high, load - high, load - low).reshape(-1), np.where(load < low, low, high).reshape(-1)
    spare = spare[0], spare[1] - load.reshape(-1)
    for level in range(depth, len(state.constraints.path)):
        for side in (0, 1):
            at = state.constraints.path[level][rows]
            fits = at < 0
            inside = np.flatnonzero(~fits)
            cell = at[inside] * width + (target if side else source)[inside]
            fits[inside] = rank_in_group(cell) < spare[side][cell]
            rows, source, target, keep = rows[fits], source[fits], target[fits], keep[fits]
    return keep
