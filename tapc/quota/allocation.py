"""From a sample space and a number of samples to a count for every cell."""

import hashlib
from fractions import Fraction

import msgspec
import numpy as np

from tapc.ir import MAX_SAMPLES, Space
from tapc.quota.arrays import Ints, Words, scramble
from tapc.quota.deviation import Deviation, measure
from tapc.quota.locked import Lock, kept_cells, leaf_words, value_words
from tapc.quota.mixes import MixPlan, plan_mixes, weigh
from tapc.quota.pairs import pair_tables
from tapc.quota.problem import QuotaError, QuotaProblem, collect
from tapc.quota.rounding import Chance, split
from tapc.quota.rows import Rows
from tapc.quota.seats import count_nodes
from tapc.quota.tree import Tree, build_tree
from tapc.quota.walk import Effort

_TRIES = 8
"""Most attempts, with other priorities, for a space in which some pair stays off its target."""

_MANY = 20_000
"""Most cells for a second attempt, which takes too long above that."""

_EFFORT = 10_000_000
"""Effort of the first attempt, and of all others together: about half a second each."""


class Allocation(msgspec.Struct, frozen=True):
    """Counts of all cells that are not empty, in canonical order: by leaf, then by values, mixes in order of name.

    Attributes:
        samples: the total.
        tree: the taxonomy; `leaf` indexes `tree.leaves`.
        node_counts: samples of every node of the tree.
        mixes: (name, names of values) of the mixes that are allocated, sorted by name.
        leaf: leaf of every cell.
        values: index of each cell's value of each mix, shape (cells, mixes).
        count: samples of every cell, above 0.
        words: the two halves of the content hash of every cell.
        reached: the largest deviations.
        locked: samples of every cell that the lock had already; all 0 without a lock.
        digest: hex hash of everything that decides the slots and their order.
    """

    samples: int
    tree: Tree
    node_counts: Ints
    mixes: tuple[tuple[str, tuple[str, ...]], ...]
    leaf: Ints
    values: Ints
    count: Ints
    words: tuple[Words, Words]
    reached: Deviation
    locked: Ints
    digest: str

    def __len__(self) -> int:
        return len(self.count)

    def cell(self, index: int) -> bytes:
        """The 16-byte content hash of a cell; see `hash_cells`."""
        return int(self.words[0][index]).to_bytes(8, "big") + int(self.words[1][index]).to_bytes(8, "big")

    def counts(self) -> dict[str, dict[str, int]]:
        """Samples of every taxonomy node (dotted path) and of every mix value, by axis."""
        found: dict[str, dict[str, int]] = {}
        if self.tree.axis:
            found[self.tree.axis] = {self.tree.dotted(node): int(n) for node, n in enumerate(self.node_counts) if node}
        for column, (name, values) in enumerate(self.mixes):
            sums = np.zeros(len(values), np.int64)
            np.add.at(sums, self.values[:, column], self.count)
            found[name] = dict(zip(values, sums.tolist(), strict=True))
        return found

    def deviation(self) -> Deviation:
        """The largest deviations from exact shares."""
        return self.reached


def allocate(space: Space, samples: int, lock: Lock | None = None) -> Allocation | list[QuotaProblem]:
    """Count the samples of every cell.

    The total is exact; every node is within one of its share of the count of its parent; every value of every mix is
    within one of its exact share in the whole set and in every node; pairs of values are brought within one as far as a
    search succeeds. Equal input gives equal output everywhere; a lock only decides between results that keep these
    bounds.

    Args:
        space: the sample space; mixes drawn `per candidate` take no part.
        samples: number of slots.
        lock: counts of an earlier plan, to be kept where possible.

    Returns:
        The allocation, or the contradictions that prevent one.
    """
    if not 0 <= samples <= MAX_SAMPLES:
        message = f"{samples} samples cannot be counted exactly, at most {MAX_SAMPLES} can"
        return [QuotaProblem("size", message, ("samples",))]
    try:
        return _allocate(space, samples, lock)
    except QuotaError as error:
        return list(error.problems)


class _Division(msgspec.Struct, frozen=True):
    """Rows split by all mixes, the largest deviations of the values of each mix, and of pairs."""

    rows: Rows
    reached: list[tuple[Fraction, Fraction]]
    pair: Fraction


def _allocate(space: Space, samples: int, lock: Lock | None) -> Allocation:
    tree = build_tree(space.taxonomy)
    counts, order = _prepare(space, tree, samples)
    best = _divide(tree, counts, order, lock, 0, Effort(_EFFORT))
    again = Effort(_EFFORT)
    for salt in range(1, _TRIES):
        if best.pair < 1 or len(best.rows.leaf) > _MANY or again.left <= 0:
            break
        best = min(best, _divide(tree, counts, order, lock, salt, again), key=lambda found: found.pair)
    return _finish(space, tree, counts, best.rows, measure(tree, counts, best.reached, best.pair), lock)


def _divide(tree: Tree, counts: Ints, order: list[MixPlan], lock: Lock | None, salt: int, effort: Effort) -> _Division:
    """Split the samples of every leaf by one mix after another.

    Args:
        tree: the taxonomy.
        counts: samples of its nodes.
        order: the mixes.
        lock: cells to keep where possible.
        salt: changes the priorities, and so the preferred roundings.
        effort: limit of the tabu search.
    """
    samples, leaf_counts = int(counts[0]), counts[tree.leaves]
    leaf = np.flatnonzero(leaf_counts)
    words = leaf_words(tree.axis, tuple(tree.parts[int(node)] for node in tree.leaves[leaf].tolist()))
    rows = Rows(leaf, {}, leaf_counts[leaf], words)
    reach: list[tuple[Fraction, Fraction]] = []
    pair = Fraction(0)
    done: list[MixPlan] = []
    for plan in order:
        weights = weigh(plan, rows.leaf, rows.values, (1 << 62) // samples, tree)
        tables = pair_tables(tree, leaf_counts, rows, done, plan, weights, (1 << 62) // samples)
        done.append(plan)
        kept = kept_cells(lock, tree.axis, tuple(p.name for p in done)) if lock else None
        chance = Chance(value_words(plan.name, plan.values), salt, kept, effort)
        rows, reached = split(tree, rows, plan.name, weights, chance, tables)
        reach.append(reached)
        pair = max([pair, *(table.deviation(rows, plan.name) for table in tables)])
    return _Division(rows, reach, pair)


def _prepare(space: Space, tree: Tree, samples: int) -> tuple[Ints, list[MixPlan]]:
    """Counts of nodes, and mixes in order; problems of both are reported together."""
    counts = np.zeros(0, np.int64)
    order: list[MixPlan] = []

    def count() -> None:
        nonlocal counts
        counts = count_nodes(tree, samples)

    def plan() -> None:
        nonlocal order
        order = plan_mixes(space, tree, samples) if samples else []

    collect((count, plan))
    return counts, order


def _finish(space: Space, tree: Tree, counts: Ints, rows: Rows, reached: Deviation, lock: Lock | None) -> Allocation:
    mixes = tuple((m.name, tuple(v.name for v in m.values)) for m in space.mixes if not m.per_candidate)
    mixes = tuple(sorted(mixes))
    columns = [rows.values.get(name, np.zeros(0, np.int64)) for name, _ in mixes]
    order = np.lexsort((*reversed(columns), rows.leaf)) if columns else np.arange(len(rows.leaf))
    values = np.stack([c[order] for c in columns], axis=1) if columns else np.zeros((len(order), 0), np.int64)
    count = rows.count[order]
    sums = rows.words[0][order], rows.words[1][order]
    words = hash_cells(sums)
    locked = np.zeros(len(count), np.int64)
    kept = kept_cells(lock, tree.axis, tuple(name for name, _ in mixes)) if lock else None
    if kept is not None:
        locked = np.minimum(kept.count(sums[0]), count)
    state = hashlib.blake2b(b"tapc.cells/1", digest_size=16)
    for column, kind in ((words[0], ">u8"), (words[1], ">u8"), (count, ">i8"), (locked, ">i8")):
        state.update(column.astype(kind).tobytes())
    return Allocation(
        samples=int(counts[0]),
        tree=tree,
        node_counts=counts,
        mixes=mixes,
        leaf=rows.leaf[order],
        values=values,
        count=count,
        words=words,
        reached=reached,
        locked=locked,
        digest=state.hexdigest(),
    )


def hash_cells(sums: tuple[Words, Words]) -> tuple[Words, Words]:
    """Content hashes of cells from the sums, modulo 2**64 each, of two words of BLAKE2b of every part.

    The parts are the path of the leaf and each (mix, value), encoded injectively, so the hash does not depend on any
    order or index. Sums of independent hashes collide with probability 2**-128 per pair; since names may come from
    untrusted files, this function checks that no two cells of a plan collide.

    Raises:
        AssertionError: two cells have the same hash.
    """
    first, second = scramble(sums[0] ^ scramble(sums[1])), scramble(sums[1])
    both = np.stack((first, second), axis=1)
    order = np.lexsort((second, first))
    same = (both[order][1:] == both[order][:-1]).all(axis=1)
    if bool(same.any()):
        raise AssertionError("two cells have the same content hash")
    return first, second
