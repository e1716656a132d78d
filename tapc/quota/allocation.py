"""From a sample space and a number of samples to a count for every cell."""

import hashlib
from fractions import Fraction

import msgspec
import numpy as np

from tapc.ir import MAX_SAMPLES, Space
from tapc.quota.arrays import Ints, Words
from tapc.quota.bands import Band, hash_words, make_bands
from tapc.quota.batches import Batches, flips, shortened
from tapc.quota.deviation import Deviation, measure
from tapc.quota.late import Basis, Hashed, divide_late, find_basis, without
from tapc.quota.locked import Lock, kept_cells, leaf_words, value_words
from tapc.quota.mixes import MixPlan, plan_mixes, weigh
from tapc.quota.naming import count_by_identity
from tapc.quota.pairs import pair_tables
from tapc.quota.problem import QuotaError, QuotaProblem, collect
from tapc.quota.recall import Division, Stage, first_rows, recall
from tapc.quota.rounding import Chance, split
from tapc.quota.seats import count_nodes
from tapc.quota.tree import Tree, build_tree
from tapc.quota.walk import Effort

_TRIES = 8
"""Most attempts, with other priorities, for a space in which some pair stays off its target."""

_MANY = 20_000
"""Most cells for a second attempt, which takes too long above that."""

_EFFORT = 10_000_000
"""Effort of the first attempt, and of all others together: about half a second each."""


class Late(msgspec.Struct, frozen=True):
    """What the samples of an allocation with late mixes are drawn as.

    Attributes:
        mixes: the late mixes, sorted.
        base: the allocation without the late mixes; samples are drawn by its cells, and it orders them. Its names are
            identity names.
        of: base cell of every cell.
        batches: which slots of a base cell are in which cell.
    """

    mixes: tuple[str, ...]
    base: "Allocation"
    of: Ints
    batches: Batches


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
        bands: the slots of each cell in order of the plan that added them; the order of slots follows from them.
        before: the lock that it was made with, as it was at the plan that the new lock follows; None without a lock.
        basis: which mixes are late, and how the lock names the plan.
        digest: hex hash of everything that decides the slots and their order.
        presents: the same under identity names, if something was renamed.
        late: what samples are drawn as, and their order; None without late mixes.
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
    bands: tuple[Band, ...]
    before: Lock | None
    basis: Basis
    digest: str
    presents: "Allocation | None" = None
    late: Late | None = None

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

    @property
    def late_mixes(self) -> tuple[str, ...]:
        """The mixes without which samples are drawn, sorted."""
        return () if self.late is None else self.late.mixes

    @property
    def base(self) -> "Allocation":
        """What samples are drawn by: the allocation without late mixes."""
        return self if self.late is None else self.late.base

    def first_of(self, most: Ints) -> Ints:
        """Samples of every cell among the first `most` of each base cell."""
        if self.late is None:
            return np.minimum(most, self.count)
        batches, found = self.late.batches, np.zeros(len(self), np.int64)
        size = shortened(batches.base, batches.batch, batches.size, most, flips(self.base.words[0]))
        np.add.at(found, batches.cell, size)
        return found

    def by_identity(self) -> "Allocation":
        """The same under identity names, which are those of locks."""
        return self if self.presents is None else self.presents

    def deviation(self) -> Deviation:
        """The largest deviations from exact shares."""
        return self.reached


def allocate(space: Space, samples: int, lock: Lock | None = None) -> Allocation | list[QuotaProblem]:
    """Count the samples of every cell; see `count_cells`. What was renamed keeps its counts."""
    return count_by_identity(space, lambda named, _: count_cells(named, samples, lock))


def count_cells(
    space: Space, samples: int, lock: Lock | None = None, basis: Basis | None = None
) -> Allocation | list[QuotaProblem]:
    """Count the samples of every cell, under the names of the space.

    The total is exact; every node is within one of its share of the count of its parent; every value of every mix is
    within one of its exact share in the whole set and in every node; pairs of values are brought within one as far as a
    search succeeds. Equal input gives equal output everywhere; a lock only decides between results that keep these
    bounds. If the lock has a plan of the same space and samples, its counts are taken as they are. Mixes that it does
    not list in its identity are late: all others are allocated as without them.

    Args:
        space: the sample space; mixes drawn `per candidate` take no part.
        samples: number of slots.
        lock: counts of earlier plans, to be kept where possible.
        basis: basis of the plan of which this is a part (see `find_basis`); by default of this space and these samples.

    Returns:
        The allocation, or the contradictions that prevent one.
    """
    if not 0 <= samples <= MAX_SAMPLES:
        message = f"{samples} samples cannot be counted exactly, at most {MAX_SAMPLES} can"
        return [QuotaProblem("size", message, ("samples",))]
    if basis is None:
        basis, lock = find_basis(space, (("", samples),), lock)
    try:
        return _allocate(space, samples, lock, basis)
    except QuotaError as error:
        return list(error.problems)


def _allocate(space: Space, samples: int, lock: Lock | None, basis: Basis) -> Allocation:
    tree = build_tree(space.taxonomy)
    counts, order = _prepare(space, tree, samples)
    first = [plan for plan in order if plan.name not in basis.late]
    known = lock is not None and lock.knows_base(basis.base)
    drawn = _known_or_found(Stage(tree, counts, first_rows(tree, counts), [], first), lock, same=known)
    base = _finish(without(space, basis.late), tree, counts, drawn, lock, basis)
    if not basis.late:
        return base
    later = [plan for plan in order if plan.name in basis.late]
    known, divided = lock is not None and lock.knows(basis.mark), None if lock is None else lock.divided()
    found = _known_or_found(Stage(tree, counts, drawn.rows, first, later), divided, same=known)
    whole = Division(found.rows, [*drawn.reached, *found.reached], max(drawn.pair, found.pair))
    return with_base(_finish(space, tree, counts, whole, None, basis), base, lock)


def with_base(cells: Allocation, base: Allocation, lock: Lock | None) -> Allocation:
    """An allocation with what its samples are drawn as.

    Args:
        cells: counts of all cells.
        base: the allocation without late mixes.
        lock: the lock that it was made with.
    """
    of, batches = divide_late(_hashed(base), _hashed(cells), lock)
    state = hashlib.blake2b(b"tapc.late/1", digest_size=16)
    state.update(base.digest.encode() + cells.digest.encode())
    for column in (batches.base, batches.batch, batches.size, batches.cell):
        state.update(column.astype(">i8").tobytes())
    late = Late(cells.basis.late, base, of, batches)
    return msgspec.structs.replace(cells, bands=(), before=lock, digest=state.hexdigest(), late=late)


def _hashed(given: Allocation) -> Hashed:
    tree = given.tree
    nodes: list[int] = tree.leaves.tolist()
    leaves = leaf_words(tree.axis, tuple(tree.parts[node] for node in nodes))[0]
    values = {
        name: value_words(name, names)[0][given.values[:, column]] for column, (name, names) in enumerate(given.mixes)
    }
    return Hashed(tree.axis, leaves[given.leaf], values, given.count, given.words[0])


def _known_or_found(stage: Stage, lock: Lock | None, *, same: bool) -> Division:
    """Rows split by more mixes, as the lock has them or as a search finds them.

    Args:
        stage: the rows and mixes.
        lock: the lock.
        same: whether it is of this very plan.
    """
    known = None if lock is None else recall(stage, lock)
    # Counts that a search left off may be worth another one, unless the search was for this very plan.
    return _search(stage, lock) if known is None or (known.pair >= 1 and not same) else known


def _search(stage: Stage, lock: Lock | None) -> Division:
    """Divide the samples of every row, several times if pairs of values stay off."""
    best = _divide(stage, lock, 0, Effort(_EFFORT))
    again = Effort(_EFFORT)
    for salt in range(1, _TRIES):
        if best.pair < 1 or len(best.rows.leaf) > _MANY or again.left <= 0:
            break
        best = min(best, _divide(stage, lock, salt, again), key=lambda found: found.pair)
    return best


def _divide(stage: Stage, lock: Lock | None, salt: int, effort: Effort) -> Division:
    """Split the samples of every row by one mix after another.

    Args:
        stage: the rows and mixes.
        lock: cells to keep where possible.
        salt: changes the priorities, and so the preferred roundings.
        effort: limit of the tabu search.
    """
    tree, rows = stage.tree, stage.rows
    samples, leaf_counts = int(stage.counts[0]), stage.counts[tree.leaves]
    reach: list[tuple[Fraction, Fraction]] = []
    pair = Fraction(0)
    done = list(stage.done)
    for plan in stage.order:
        weights = weigh(plan, rows.leaf, rows.values, (1 << 62) // samples, tree)
        tables = pair_tables(tree, leaf_counts, rows, done, plan, weights, (1 << 62) // samples)
        done.append(plan)
        kept = kept_cells(lock, tree.axis, tuple(p.name for p in done)) if lock else None
        chance = Chance(value_words(plan.name, plan.values), salt, kept, effort)
        rows, reached = split(tree, rows, plan.name, weights, chance, tables)
        reach.append(reached)
        pair = max([pair, *(table.deviation(rows, plan.name) for table in tables)])
    return Division(rows, reach, pair)


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


def _finish(space: Space, tree: Tree, counts: Ints, found: Division, lock: Lock | None, basis: Basis) -> Allocation:
    rows, reached = found.rows, measure(tree, counts, found.reached, found.pair)
    mixes = tuple((m.name, tuple(v.name for v in m.values)) for m in space.mixes if not m.per_candidate)
    mixes = tuple(sorted(mixes))
    columns = [rows.values.get(name, np.zeros(0, np.int64)) for name, _ in mixes]
    order = np.lexsort((*reversed(columns), rows.leaf)) if columns else np.arange(len(rows.leaf))
    values = np.stack([c[order] for c in columns], axis=1) if columns else np.zeros((len(order), 0), np.int64)
    count = rows.count[order]
    sums = rows.words[0][order], rows.words[1][order]
    words = hash_cells(sums)
    bands = make_bands(lock, tree.axis, tuple(name for name, _ in mixes), words[0], count)
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
        bands=bands,
        before=lock,
        basis=basis,
        digest=digest_of(words, count, bands),
    )


def digest_of(words: tuple[Words, Words], count: Ints, bands: tuple[Band, ...]) -> str:
    """Hex hash of cells, their counts and bands; the last band is what the others leave."""
    state = hashlib.blake2b(b"tapc.cells/1", digest_size=16)
    first = np.zeros(len(count), np.int64)
    if len(bands) > 1:
        first[bands[0].cells] = bands[0].sizes
    for column, kind in ((words[0], ">u8"), (words[1], ">u8"), (count, ">i8"), (first, ">i8")):
        state.update(column.astype(kind).tobytes())
    for band in bands[1:-1]:
        state.update(len(band.cells).to_bytes(8, "big"))
        for column in (band.cells, band.sizes):
            state.update(column.astype(">i8").tobytes())
    return state.hexdigest()


def hash_cells(sums: tuple[Words, Words]) -> tuple[Words, Words]:
    """Content hashes of cells from the sums, modulo 2**64 each, of two words of BLAKE2b of every part.

    The parts are the path of the leaf and each (mix, value), encoded injectively, so the hash does not depend on any
    order or index. Sums of independent hashes collide with probability 2**-128 per pair; since names may come from
    untrusted files, this function checks that no two cells of a plan collide.

    Raises:
        AssertionError: two cells have the same hash.
    """
    first, second = hash_words(*sums)
    both = np.stack((first, second), axis=1)
    order = np.lexsort((second, first))
    same = (both[order][1:] == both[order][:-1]).all(axis=1)
    if bool(same.any()):
        raise AssertionError("two cells have the same content hash")
    return first, second
