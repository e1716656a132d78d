"""Finds a path through several rows that reduces the violations of one constraint.

The search is breadth first in the residual graph (Ford and Fulkerson 1956, on the network of `constraints`). A state is
a pair (constraint, value): the constraint has one rounding of the value too many. From there, the rounding can move
down to a child constraint that has more than its lower bound, change to another value in a row directly below the
constraint, or move up to the parent if the constraint may keep it. A path ends at the constraint to repair, in a value
of which it may have more.
"""

from collections import deque

import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.repair import Rounding

_State = tuple[int, int]


class Paths:
    """Finds paths in one rounding; stores the shape of its network."""

    def __init__(self, state: Rounding) -> None:
        constraints = state.constraints
        self._state = state
        order = np.argsort(constraints.deepest, kind="stable")
        deepest = constraints.deepest[order]
        self._order = order
        self._low = np.searchsorted(deepest, np.arange(len(constraints.depth)))
        self._high = np.searchsorted(deepest, np.arange(len(constraints.depth)), side="right")
        by_parent = np.argsort(constraints.parent, kind="stable")
        parents = constraints.parent[by_parent]
        self._children = by_parent
        self._child_low = np.searchsorted(parents, np.arange(len(constraints.depth)))
        self._child_high = np.searchsorted(parents, np.arange(len(constraints.depth)), side="right")

    def mend(self, constraint: int) -> None:
        """Repair one constraint; those below it stay within their bounds.

        Raises:
            AssertionError: never, if the bounds come from one fractional solution.
        """
        state = self._state
        while True:
            load, low, high = state.load[constraint], state.low[constraint], state.high[constraint]
            over, under = np.flatnonzero(load > high), np.flatnonzero(load < low)
            if not len(over) and not len(under):
                return
            sources = over if len(over) else np.flatnonzero(load > low)
            targets = np.flatnonzero(load < high) if len(over) else under
            self._apply(self._search(constraint, sources, set(targets.tolist())))

    def _search(self, top: int, sources: Ints, targets: set[int]) -> list[tuple[int, int, int]]:
        """The moves (row, from, to) of a shortest path."""
        came: dict[_State, tuple[_State, int] | None] = {(top, int(x)): None for x in sources}
        queue = deque(came)
        used = np.zeros(len(self._order), np.bool_)
        while queue:
            at = queue.popleft()
            if at[0] == top and at[1] in targets and came[at] is not None:
                return self._moves(came, at)
            for after, row in self._steps(top, at, used):
                if after not in came:
                    came[after] = (at, row)
                    queue.append(after)
        raise AssertionError("no augmenting path")

    def _steps(self, top: int, at: _State, used: Flags) -> list[tuple[_State, int]]:
        constraint, value = at
        state = self._state
        steps: list[tuple[_State, int]] = []
        if constraint != top and state.load[constraint, value] < state.high[constraint, value]:
            steps.append(((int(state.constraints.parent[constraint]), value), -1))
        rows = self._order[self._low[constraint] : self._high[constraint]]
        rows = rows[state.up[rows, value] & ~used[rows]]
        used[rows] = True
        open_values = state.can[rows] & ~state.up[rows]
        steps.extend(
            ((constraint, int(other)), int(rows[int(open_values[:, other].argmax())]))
            for other in np.flatnonzero(open_values.any(axis=0))
        )
        children = self._children[self._child_low[constraint] : self._child_high[constraint]]
        spare = children[state.load[children, value] > state.low[children, value]]
        steps.extend(((int(child), value), -1) for child in spare)
        return steps

    @staticmethod
    def _moves(came: dict[_State, tuple[_State, int] | None], end: _State) -> list[tuple[int, int, int]]:
        moves: list[tuple[int, int, int]] = []
        at = end
        while (step := came[at]) is not None:
            before, row = step
            if row >= 0:
                moves.append((row, before[1], at[1]))
            at = before
        return moves

    def _apply(self, moves: list[tuple[int, int, int]]) -> None:
        rows, source, target = (np.array(column, np.int64) for column in zip(*moves, strict=True))
        self._state.move(rows, source, target)
