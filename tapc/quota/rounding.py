"""Splits rows by one mix, with every row, every node and every value within one of its exact share."""

from fractions import Fraction

import msgspec
import numpy as np

from tapc.quota.arrays import Ints, Words, pieces, prefix_sums, scramble
from tapc.quota.augment import Paths
from tapc.quota.constraints import build_constraints
from tapc.quota.exchanges import Exchanges
from tapc.quota.keys import KEPT, priorities
from tapc.quota.locked import Kept
from tapc.quota.mixes import Weights
from tapc.quota.moves import PairSearch
from tapc.quota.pairs import PairTable
from tapc.quota.repair import Rounding, repair_depth
from tapc.quota.restore import restore
from tapc.quota.rows import Rows
from tapc.quota.swaps import Swaps, mend_pairs
from tapc.quota.tables import build_tables
from tapc.quota.tree import Tree
from tapc.quota.walk import FEW, Effort, Walk

_RESTORING = 1_000_000
"""Effort to recover cells of a lock: about 50 ms."""

_IMPOSSIBLE = np.int64(-(1 << 60))


class Chance(msgspec.Struct, frozen=True):
    """The data that decides which fractions of a mix are rounded up if the bounds leave a choice.

    Attributes:
        words: content words of its values.
        salt: changes the priorities.
        kept: cells of the lock, which are preferred.
        effort: limit of the tabu search.
    """

    words: tuple[Words, Words]
    salt: int
    kept: Kept | None
    effort: Effort


def split(
    tree: Tree, rows: Rows, name: str, weights: Weights, chance: Chance, pairs: list[PairTable]
) -> tuple[Rows, tuple[Fraction, Fraction]]:
    """Divide the samples of every row among the values of a mix.

    Returns:
        The finer rows, and the largest deviations of a value over the whole set and in any node.
    """
    # The exact share of value v in row r is exact[r, v] / scale, shape (R, V). Its floor goes to `counts`, the
    # numerator of the remaining fraction stays in `exact`, and `need` fractions of each row must be rounded up.
    exact = rows.count[:, None] * weights.table[weights.kind]
    counts = exact // weights.scale
    exact -= counts * weights.scale
    need = rows.count - counts.sum(axis=1)
    active = np.flatnonzero(need > 0)
    reached = (Fraction(0), Fraction(0))
    if len(active):
        fractions = exact[active]
        del exact
        priority = _priorities(rows, active, fractions, chance, counts)
        state = _start(tree, rows.leaf[active], need[active], fractions, weights.scale, priority)
        _settle(tree, state)
        index = [rows.values[table.other][active] for table in pairs]
        search = PairSearch(state, build_tables(index, pairs, _whole(rows, counts, pairs), state.up))
        Exchanges(search).run()
        mend_pairs(Swaps(search))
        Walk(search, chance.effort).run()
        if chance.kept is not None:
            restore(Swaps(search))
            if len(active) <= FEW:
                Walk(search, Effort(_RESTORING), lost=True).run()
        counts[active] += state.up
        fractions -= state.up * np.int64(weights.scale)
        reached = worst(tree, rows.leaf[active], fractions, weights.scale)
    return refine(rows, name, counts, chance.words), reached


def refine(rows: Rows, name: str, counts: Ints, words: tuple[Words, Words]) -> Rows:
    """Rows divided among the values of a mix, without those that get nothing.

    Args:
        rows: the rows.
        name: the mix.
        counts: samples of every row and value, shape (R, V).
        words: content words of the values.
    """
    row, value = np.nonzero(counts)
    return Rows(
        leaf=rows.leaf[row],
        values={**{known: index[row] for known, index in rows.values.items()}, name: value.astype(np.int64)},
        count=counts[row, value],
        words=(rows.words[0][row] + words[0][value], rows.words[1][row] + words[1][value]),
    )


def _priorities(rows: Rows, active: Ints, fractions: Ints, chance: Chance, counts: Ints) -> Ints:
    found = np.empty(fractions.shape, np.int64)
    for part in pieces(*fractions.shape):
        words = rows.words[0][active[part]][:, None] + chance.words[0][None, :]
        found[part] = priorities(np.maximum(fractions[part], 1), scramble(words ^ np.uint64(chance.salt)))
        if chance.kept is not None:
            found[part] += np.where(chance.kept.count(words) > counts[active[part]], KEPT, 0)
    found[fractions == 0] = _IMPOSSIBLE
    return found


def _start(tree: Tree, leaf: Ints, need: Ints, fractions: Ints, scale: int, priority: Ints) -> Rounding:
    """Round up the best priorities of every row.

    The bounds are floor and ceiling of the exact share of every constraint.
    """
    up = np.zeros(priority.shape, np.bool_)
    rank = np.arange(priority.shape[1], dtype=np.int64)
    for part in pieces(*priority.shape):
        # In each row, the `need` values with the highest priority are rounded up.
        order = np.argsort(-priority[part], axis=1, kind="stable")
        np.put_along_axis(up[part], order, rank[None, :] < need[part][:, None], axis=1)
    constraints = build_constraints(tree, leaf)
    share = constraints.sums(fractions)
    low = share // scale
    return Rounding(constraints, low, -(-share // scale), fractions > 0, priority, up, constraints.sums(up))


def _settle(tree: Tree, state: Rounding) -> None:
    """Bring all constraints within their bounds, deepest first."""
    paths: Paths | None = None
    for depth in range(tree.levels - 1, -1, -1):
        for constraint in repair_depth(state, depth):
            paths = paths or Paths(state)
            paths.mend(int(constraint))


def _whole(rows: Rows, counts: Ints, pairs: list[PairTable]) -> list[Ints]:
    """Pair counts before any rounding up."""
    found: list[Ints] = []
    for table in pairs:
        fixed = np.zeros(table.numerator.shape, np.int64)
        np.add.at(fixed, rows.values[table.other], counts)
        found.append(fixed)
    return found


def worst(tree: Tree, leaf: Ints, off: Ints, scale: int) -> tuple[Fraction, Fraction]:
    """The largest deviation of a value over the whole set, and in any node.

    Args:
        tree: the taxonomy.
        leaf: leaf of every row, ascending.
        off: (exact - count) * scale for each row and value, so that sums over the rows of a node give its deviation.
        scale: the common denominator.
    """
    if not len(leaf):
        return Fraction(0), Fraction(0)
    sums = prefix_sums(off)
    nodes = np.abs(sums[np.searchsorted(leaf, tree.last)] - sums[np.searchsorted(leaf, tree.first)])
    return Fraction(int(nodes[0].max()), scale), Fraction(int(nodes.max()), scale)
