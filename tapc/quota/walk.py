"""Continues the search after swaps, for the last pairs that are off and for cells of a lock.

A tabu search (Glover 1989): take a pair that is off, or (in small spaces) a lost cell, make the move that corrects it
at the least cost to the others, even if that puts another pair off, and do not undo it for a while. The cost of a pair
is the number of samples by which it is off, not its squared error, so that the search can cross plateaus; node bounds
always hold. The best state is kept.
"""

from collections.abc import Iterator

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, join, lowest
from tapc.quota.keys import KEPT
from tapc.quota.moves import Moves, PairSearch

_PATIENCE = 300
"""Most steps (or waits for one) without a new best state."""

_ONCE = 500
"""Fixed effort of weighing trades, in trades."""

_LOSERS, _TAKERS = 48, 1024
"""Most roundings of the pair, and partners for them, that are weighed in one step."""

FEW = 1000
"""Most rows for a search for lost cells of a lock; above, it takes long and finds little."""

_PAIR = 1 << 20
"""Cost of a pair that is off by one sample, in lost cells of a lock."""

_TENURE = 7
"""Least number of steps before a row takes back a value that it gave up; at most twice as many."""


class Effort(msgspec.Struct):
    """Remaining number of trades to weigh, times the number of tables plus two; about 50 ns each."""

    left: int


class _Step(msgspec.Struct, frozen=True, order=True):
    """A change in which each row gives up one value for another.

    Attributes:
        change: change of the cost.
        loss: loss of priorities.
        rows: one row, or two that trade.
        given, taken: a value of each.
    """

    change: int
    loss: int
    rows: tuple[int, ...]
    given: tuple[int, ...]
    taken: tuple[int, ...]


class Walk:
    """A search over the roundings of one mix.

    Args:
        search: its roundings and their pairs.
        effort: limit, which is used up.
        lost: whether to recover lost cells of the lock; then only pairs that this puts off are corrected.
    """

    def __init__(self, search: PairSearch, effort: Effort, *, lost: bool = False) -> None:
        self._search = search
        self._state = state = search.state
        self._tables = search.tables
        self._effort = effort
        self._bearable = search.off() if lost else 0
        self._kept: Flags = (state.priority > KEPT // 2) & lost
        self._barred = np.zeros(state.up.shape, np.int64)
        self._step = 0

    def run(self) -> None:
        """Search until nothing is off or lost, or the effort is used up; ends in the best state."""
        cost = best = self._cost()
        since: list[_Step] = []
        idle = 0
        while best and idle < _PATIENCE and self._effort.left > 0:
            idle += 1
            step = self._next(best - cost)
            if step is None:
                waiting = self._barred[self._barred > self._step]
                if not len(waiting):
                    break
                self._step = int(waiting.min())
                continue
            self._make(step.rows, step.given, step.taken)
            cost += step.change
            since.append(step)
            if cost < best:
                best, since, idle = cost, [], 0
        for step in reversed(since):
            self._make(step.rows, step.taken, step.given)

    def _cost(self) -> int:
        return self._search.off() * _PAIR + int((self._kept & ~self._state.up).sum())

    def _make(self, rows: tuple[int, ...], given: tuple[int, ...], taken: tuple[int, ...]) -> None:
        self._search.make(zip(rows, given, taken, strict=True))
        self._step += 1
        for row, source in zip(rows, given, strict=True):
            self._barred[row, source] = self._step + _TENURE + (self._step * 5 + row) % _TENURE

    def _next(self, wanted: int) -> _Step | None:
        """The best step for the first target that has one."""
        tolls = [table.tolls() for table in self._tables]
        aims = self._pairs() if self._search.off() > self._bearable else self._lost_cells()
        steps = (self._best(giving, value, tolls, wanted) for giving, value in aims)
        return next((step for step in steps if step is not None), None)

    def _pairs(self) -> Iterator[tuple[Flags, int]]:
        """Rows that should lose a value to the other rows: first for pairs that are off, in turn, then for any."""
        off = [table.off() for table in self._tables]
        wrong = [(number, *cell) for number, some in enumerate(off) for cell in np.argwhere(some).tolist()]
        right = [(number, *cell) for number, some in enumerate(off) for cell in np.argwhere(some == 0).tolist()]
        for pairs in (wrong, right):
            for turn in range(len(pairs)):
                number, other, value = pairs[(self._step + turn) % len(pairs)]
                inside = self._tables[number].index == other
                yield inside if off[number][other, value] >= 0 else ~inside, value

    def _lost_cells(self) -> Iterator[tuple[Flags, int]]:
        """All rows but one, which should get a value back from them, for each lost cell in turn."""
        cells: list[list[int]] = np.argwhere(self._kept & ~self._state.up).tolist()
        rows = np.arange(len(self._kept))
        for turn in range(len(cells)):
            row, value = cells[(self._step + turn) % len(cells)]
            yield rows != row, value

    def _best(self, giving: Flags, value: int, tolls: list[tuple[Ints, Ints]], wanted: int) -> _Step | None:
        """The best way for a row on the giving side to lose a value, for one on the other side to take it, or for both.

        Args:
            giving: rows on the giving side.
            value: value that they should lose.
            tolls: tolls of all tables.
            wanted: a change below this gives a new best state, for which no move is barred.
        """
        state = self._state
        losers = np.flatnonzero(state.up[:, value] & giving)
        losers = losers[lowest(state.priority[losers, value], _LOSERS)]
        at, targets = np.nonzero(state.can[losers] & ~state.up[losers])
        losing = Moves(losers[at], np.full(len(at), value), targets)
        takers, sources = np.nonzero(state.up & (state.can[:, value] & ~state.up[:, value] & ~giving)[:, None])
        some = lowest(state.priority[takers, sources] - state.priority[takers, value], _TAKERS)
        taking = Moves(takers[some], sources[some], np.full(len(some), value))
        here, there = join(losing.target, taking.source)
        self._effort.left -= (len(here) + _ONCE) * (2 + len(self._tables))
        ways = ((losing,), (taking,), (losing.keep(here), taking.keep(there)))
        found = [step for way in ways if (step := self._weigh(way, tolls, wanted)) is not None]
        return min(found, default=None)

    def _weigh(self, moves: tuple[Moves, ...], tolls: list[tuple[Ints, Ints]], wanted: int) -> _Step | None:
        """The best of some moves of single rows, or of some trades of two rows, that the node bounds allow."""
        change = self._change(moves, tolls)
        free = np.logical_and.reduce([self._barred[m.row, m.target] <= self._step for m in moves])
        possible = np.flatnonzero((free | (change < wanted)) & self._fits(moves))
        if not len(possible):
            return None
        moves = tuple(m.keep(possible) for m in moves)
        loss = np.add.reduce([self._search.loss(m) for m in moves])
        best = int(np.lexsort((loss, change[possible]))[0])
        row, source, target = (
            tuple(int(column[best]) for column in columns)
            for columns in zip(*((m.row, m.source, m.target) for m in moves), strict=True)
        )
        return _Step(int(change[possible][best]), int(loss[best]), row, source, target)

    def _change(self, moves: tuple[Moves, ...], tolls: list[tuple[Ints, Ints]]) -> Ints:
        """The change of the cost for each move, or trade."""
        total = np.zeros(len(moves[0].row), np.int64)
        for table, (fall, rise) in zip(self._tables, tolls, strict=True):
            places = [table.index[m.row] for m in moves]
            parts = [fall[at, m.source] + rise[at, m.target] for at, m in zip(places, moves, strict=True)]
            # a trade of rows with one value of the other mix does not change its pairs
            total += np.where(places[0] == places[-1], 0, np.add.reduce(parts)) if len(moves) > 1 else parts[0]
        total *= _PAIR
        for m in moves:
            total += self._kept[m.row, m.source] * 1 - self._kept[m.row, m.target]
        return total

    def _fits(self, moves: tuple[Moves, ...]) -> Flags:
        """Whether each constraint has slack, or is above both rows of a trade."""
        fits = np.ones(len(moves[0]), np.bool_)
        for level in self._state.constraints.path:
            at = [level[m.row] for m in moves]
            both = at[0] == at[-1] if len(moves) > 1 else at[0] < 0
            fits &= both | np.logical_and.reduce([self._search.slack(m, level) for m in moves])
        return fits
