"""The constraints of one rounding: how many rows under a taxonomy node may round a value up.

A constraint is a node above at least two rows that have something to round, unless its parent stands above the same
rows. Each row rounds up a fixed number of its values; each constraint bounds, for each value, the number of its rows
that do. Rows on one side and constraints on the other are two laminar families, so integral solutions exist (Hoffman
and Kruskal 1956; Budish, Che, Kojima and Milgrom 2013).
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, prefix_sums, ranges
from tapc.quota.tree import Tree


class Constraints(msgspec.Struct, frozen=True):
    """Constraints in depth-first order over rows sorted by leaf.

    Attributes:
        first, last: range of rows of every constraint.
        depth: in the taxonomy.
        parent: constraint above, -1 at the top.
        path: constraint above every row at each depth of the taxonomy, -1 where there is none; shape (levels, rows).
        deepest: lowest constraint of every row, -1 where there is none.
    """

    first: Ints
    last: Ints
    depth: Ints
    parent: Ints
    path: Ints
    deepest: Ints

    def sums(self, table: Ints | Flags) -> Ints:
        """Sums of a table of rows over the rows of every constraint."""
        sums = prefix_sums(table)
        return sums[self.last] - sums[self.first]

    def rows_of(self, constraints: Ints) -> tuple[Ints, Ints]:
        """Rows under some constraints of one depth (so no row twice), and for each the position of its constraint."""
        sizes = self.last[constraints] - self.first[constraints]
        return ranges(self.first[constraints], sizes), np.repeat(np.arange(len(constraints)), sizes)


def build_constraints(tree: Tree, leaf: Ints) -> Constraints:
    """Constraints above rows, given the leaf of every row in ascending order."""
    low = np.searchsorted(leaf, tree.first)
    high = np.searchsorted(leaf, tree.last)
    parent = tree.parent
    repeated = np.zeros(len(low), np.bool_)
    repeated[1:] = (low[1:] == low[parent[1:]]) & (high[1:] == high[parent[1:]])
    chosen = np.flatnonzero((high - low >= 2) & ~repeated)
    number = np.full(len(low), -1, np.int64)
    number[chosen] = np.arange(len(chosen))
    path = np.full((tree.levels, len(leaf)), -1, np.int64)
    deepest = np.full(len(leaf), -1, np.int64)
    for depth, nodes in enumerate(tree.ancestors()):
        at = nodes[leaf]
        path[depth] = np.where(at >= 0, number[at], -1)
        deepest = np.where(path[depth] >= 0, path[depth], deepest)
    above = np.full(len(chosen), -1, np.int64)
    for depth in range(1, tree.levels):
        mine = chosen[tree.depth[chosen] == depth]
        higher = parent[mine]
        while bool((pending := (higher > 0) & (number[higher] < 0)).any()):
            higher = np.where(pending, parent[higher], higher)
        above[number[mine]] = number[higher]
    return Constraints(low[chosen], high[chosen], tree.depth[chosen], above, path, deepest)
