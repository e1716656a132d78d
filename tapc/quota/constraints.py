"""The constraints of one rounding: how many rows under a taxonomy node may round a value up.

A constraint is a node above at least two rows with fractions, unless its parent is above the same rows. Each row rounds
up a fixed number of its values; each constraint bounds, for each value, the number of its rows that do. Rows and
constraints are two laminar families, so integral solutions exist (Hoffman and Kruskal 1956; Budish, Che, Kojima and
Milgrom 2013).
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, prefix_sums, ranges
from tapc.quota.tree import Tree


class Constraints(msgspec.Struct, frozen=True):
    """Constraints in depth-first order over rows sorted by leaf.

    Attributes:
        first, last: range of rows of every constraint.
        depth: depth of its node in the taxonomy.
        parent: constraint above, -1 at the top.
        path: constraint above every row at each depth of the taxonomy, -1 if there is none; shape (levels, R).
        deepest: lowest constraint of every row, -1 if there is none.
    """

    first: Ints
    last: Ints
    depth: Ints
    parent: Ints
    path: Ints
    deepest: Ints

    def sums(self, table: Ints | Flags) -> Ints:
        """Sums of a table of rows, shape (R, V), over the rows of every constraint, shape (C, V)."""
        sums = prefix_sums(table)
        return sums[self.last] - sums[self.first]

    def rows_of(self, constraints: Ints) -> tuple[Ints, Ints]:
        """Rows under some constraints of one depth, and for each row the position of its constraint."""
        sizes = self.last[constraints] - self.first[constraints]
        return ranges(self.first[constraints], sizes), np.repeat(np.arange(len(constraints)), sizes)


def build_constraints(tree: Tree, leaf: Ints) -> Constraints:
    """Constraints above rows, given the leaf of every row in ascending order."""
    # Rows are sorted by leaf, so the rows under a node are one range [low, high).
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
    # The parent of a constraint is the nearest node above it that is a constraint too.
    above = np.full(len(chosen), -1, np.int64)
    for depth in range(1, tree.levels):
        mine = chosen[tree.depth[chosen] == depth]
        higher = parent[mine]
        while bool((pending := (higher > 0) & (number[higher] < 0)).any()):
            higher = np.where(pending, parent[higher], higher)
        above[number[mine]] = number[higher]
    return Constraints(low[chosen], high[chosen], tree.depth[chosen], above, path, deepest)
