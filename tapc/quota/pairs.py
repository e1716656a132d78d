"""Pairs of values of two mixes: exact targets, and distances of counts from them."""

from fractions import Fraction

import msgspec
import numpy as np

from tapc.quota.arrays import Ints
from tapc.quota.mixes import MixPlan, Weights, weigh
from tapc.quota.rows import Rows
from tapc.quota.tree import Tree


class PairTable(msgspec.Struct, frozen=True):
    """Exact targets of the pairs (value of an earlier mix, value of the mix being split).

    Attributes:
        other: the earlier mix.
        numerator: shape (values of the other mix, V), Python integers.
        scale: common denominator.
    """

    other: str
    numerator: "np.ndarray[tuple[int, int], np.dtype[np.object_]]"
    scale: int

    def deviation(self, rows: Rows, name: str) -> Fraction:
        """Largest distance of the pair counts from their targets."""
        found = np.zeros(self.numerator.shape, np.int64)
        np.add.at(found, (rows.values[self.other], rows.values[name]), rows.count)
        off = np.abs(found.astype(object) * self.scale - self.numerator)
        return Fraction(int(off.max()), self.scale)


def pair_tables(
    tree: Tree, leaf_counts: Ints, rows: Rows, done: list[MixPlan], plan: MixPlan, weights: Weights, limit: int
) -> list[PairTable]:
    """Targets of the pairs of this mix with each earlier one.

    If neither mix depends on another mix, the exact shares are the products of both in every leaf, summed over leaves:

        numerator[i, j] = sum over leaves l of count[l] * its[l, i] * mine[l, j]

    Otherwise they are the conditional shares of this mix, applied to the actual counts of the other.
    """
    tables: list[PairTable] = []
    every = np.arange(len(tree.leaves))
    for other in done:
        if plan.needs or other.needs:
            # `sizes` has shape (kinds of rows, values of the other mix) and counts samples.
            kind = weights.kind * len(other.values) + rows.values[other.name]
            sizes = np.zeros((len(weights.table), len(other.values)), np.int64)
            np.add.at(sizes.reshape(-1), kind, rows.count)
            tables.append(PairTable(other.name, sizes.T.astype(object) @ weights.table.astype(object), weights.scale))
            continue
        # Leaves with equal weights are added first: `sizes` has shape (kinds of its, kinds of mine).
        mine, its = weigh(plan, every, {}, limit, tree), weigh(other, every, {}, limit, tree)
        sizes = np.zeros((len(its.table), len(mine.table)), np.int64)
        np.add.at(sizes, (its.kind, mine.kind), leaf_counts)
        left = its.table.T.astype(object) @ sizes.astype(object)
        tables.append(PairTable(other.name, left @ mine.table.astype(object), its.scale * mine.scale))
    return tables
