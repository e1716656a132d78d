"""The kernel of the pair searches: single-row moves, their losses, the check of node bounds, and making them.

A rounding chooses, for each row, the values that are rounded up (`Rounding.up`). A move takes the choice of one value
of a row and gives it to another value of that row. The stages that correct pair counts (`exchanges`, `swaps`, `walk`,
`restore`) differ in the moves they consider and in their order; everything they share is here.
"""

from collections.abc import Iterable

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.repair import Rounding
from tapc.quota.tables import Table


class Moves(msgspec.Struct, frozen=True):
    """Moves of single rows, as three arrays of one length: each row gives up `source` for `target`."""

    row: Ints
    source: Ints
    target: Ints

    def __len__(self) -> int:
        return len(self.row)

    def keep(self, which: Flags | Ints) -> "Moves":
        """Some of the moves, by flags or positions."""
        return Moves(self.row[which], self.source[which], self.target[which])


class PairSearch:
    """The roundings of one mix and the pair tables to which they belong; every move changes both.

    Attributes:
        state: the roundings, with the bounds of nodes.
        tables: pair counts with each earlier mix.
    """

    def __init__(self, state: Rounding, tables: list[Table]) -> None:
        self.state = state
        self.tables = tables

    def off(self) -> int:
        """The number of samples by which pairs are off their targets, over all tables."""
        return sum(int(np.abs(table.off()).sum()) for table in self.tables)

    def loss(self, moves: Moves) -> Ints:
        """Priority that each move gives away."""
        priority = self.state.priority
        return priority[moves.row, moves.source] - priority[moves.row, moves.target]

    def slack(self, moves: Moves, level: Ints) -> Flags:
        """Whether the constraint at one level allows each row to lose its source and gain its target.

        Args:
            moves: moves to check.
            level: constraint of every row at a depth, -1 if there is none; then everything is allowed.
        """
        state, at = self.state, level[moves.row]
        if not len(state.load):  # there are no constraints
            return at < 0
        loses = state.load[at, moves.source] > state.low[at, moves.source]
        return (at < 0) | (loses & (state.load[at, moves.target] < state.high[at, moves.target]))

    def slack_below(self, moves: Moves, depth: int) -> Flags:
        """Whether all constraints below a depth allow each move."""
        fits = np.ones(len(moves), np.bool_)
        for level in self.state.constraints.path[depth + 1 :]:
            fits &= self.slack(moves, level)
        return fits

    def make(self, moves: Iterable[tuple[int, int, int]]) -> None:
        """Make moves (row, source, target) of different rows: update roundings, sums of nodes and pair tables."""
        some = list(moves)
        rows, sources, targets = (np.array(column) for column in zip(*some, strict=True))
        self.state.move(rows, sources, targets)
        for row, source, target in some:
            for table in self.tables:
                table.add(row, source, target)
