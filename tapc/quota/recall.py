"""Takes the counts of a lock as they are, if they keep every bound of the space.

A search for the counts of a space is not repeated exactly by a search that starts from them (it may find a better one).
So a plan that is made again, and a plan that an undone edit returns to, take their counts from the lock.
"""

from fractions import Fraction

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.constraints import build_constraints
from tapc.quota.locked import Lock, kept_cells, leaf_words, value_words
from tapc.quota.mixes import MixPlan, weigh
from tapc.quota.pairs import pair_tables
from tapc.quota.rounding import refine, worst
from tapc.quota.rows import Rows
from tapc.quota.tree import Tree


class Division(msgspec.Struct, frozen=True):
    """Rows split by all mixes, the largest deviations of the values of each mix, and of pairs."""

    rows: Rows
    reached: list[tuple[Fraction, Fraction]]
    pair: Fraction


class Stage(msgspec.Struct, frozen=True):
    """Rows, and the mixes by which they are to be split.

    Attributes:
        tree: the taxonomy.
        counts: samples of its nodes.
        rows: the rows.
        done: mixes by which they are split already.
        order: the mixes.
    """

    tree: Tree
    counts: Ints
    rows: Rows
    done: list[MixPlan]
    order: list[MixPlan]


def first_rows(tree: Tree, counts: Ints) -> Rows:
    """One row per leaf that has samples, before any mix is split."""
    leaf_counts = counts[tree.leaves]
    leaf = np.flatnonzero(leaf_counts)
    words = leaf_words(tree.axis, tuple(tree.parts[int(node)] for node in tree.leaves[leaf].tolist()))
    return Rows(leaf, {}, leaf_counts[leaf], words)


def recall(stage: Stage, lock: Lock) -> Division | None:
    """The counts of the lock; None if they break a bound of the space, or are of other samples."""
    tree, counts, rows = stage.tree, stage.counts, stage.rows
    samples = int(counts[0])
    reach: list[tuple[Fraction, Fraction]] = []
    pair = Fraction(0)
    done = list(stage.done)
    for plan in stage.order:
        weights = weigh(plan, rows.leaf, rows.values, (1 << 62) // samples, tree)
        tables = pair_tables(tree, counts[tree.leaves], rows, done, plan, weights, (1 << 62) // samples)
        done.append(plan)
        kept = kept_cells(lock, tree.axis, tuple(p.name for p in done))
        if kept is None:
            return None
        words = value_words(plan.name, plan.values)
        found = kept.count(rows.words[0][:, None] + words[0][None, :])
        # As in `split`: the share of value v in row r is exact[r, v] / scale; floors, and what is rounded up.
        exact = rows.count[:, None] * weights.table[weights.kind]
        up = found - exact // weights.scale
        fractions = exact % weights.scale
        if not _holds(tree, rows, found, up, fractions, weights.scale):
            return None
        reach.append(worst(tree, rows.leaf, fractions - up * np.int64(weights.scale), weights.scale))
        rows = refine(rows, plan.name, found, words)
        pair = max([pair, *(table.deviation(rows, plan.name) for table in tables)])
    return Division(rows, reach, pair)


def _holds(tree: Tree, rows: Rows, found: Ints, up: Ints, fractions: Ints, scale: int) -> bool:
    """Whether counts of values are the samples of every row, and every share of row, node and whole is rounded."""
    rounded: Flags = (up == 0) | ((up == 1) & (fractions > 0))
    if not rounded.all() or (found.sum(axis=1) != rows.count).any():
        return False
    constraints = build_constraints(tree, rows.leaf)
    share, load = constraints.sums(fractions), constraints.sums(up)
    return bool(((load >= share // scale) & (load <= -(-share // scale))).all())
