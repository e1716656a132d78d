"""Counts of earlier plans of a dataset: what a lock file holds, and how the allocator asks it.

A lock is a list of events, one per cell and plan that changed the count of the cell. Everything else follows from them:
the counts now, the counts at an earlier plan (`rewound`, so that an undone edit is undone), and the *bands* of each
cell, which order the slots (`tapc.quota.bands`).
"""

import hashlib

import msgspec
import numpy as np

from tapc.ir import Condition, Share, Space, TaxonomyNode
from tapc.quota.arrays import Flags, Ints, Words, content_words
from tapc.quota.divisions import Divisions
from tapc.quota.tree import MovedNode


class Events(msgspec.Struct, frozen=True):
    """Changes of counts, one per cell and plan, ascending by cell, then by plan.

    Attributes:
        cell: index of the cell.
        plan: number of the plan, from 1.
        change: samples that the plan added, or took away if negative; never 0.
    """

    cell: Ints
    plan: Ints
    change: Ints

    def select(self, chosen: Flags) -> "Events":
        """Some of the events."""
        return Events(self.cell[chosen], self.plan[chosen], self.change[chosen])


class Mark(msgspec.Struct, frozen=True):
    """A plan that `Lock.rewound` can return to.

    Attributes:
        plan: its number.
        mark: `mark_of` its space and samples.
        base: the same without late mixes; equal to `mark` if there were none.
    """

    plan: int
    mark: str
    base: str


class Lock(msgspec.Struct, frozen=True):
    """The content of a lock file; all its names are identity names (see `tapc.ir.IdentityNames`).

    Attributes:
        samples: samples of the latest plan.
        taxonomy: name of the taxonomy; empty if there is none.
        leaves: paths of leaves, sorted.
        mixes: (name, names of values), both sorted.
        identity: mixes that samples are drawn by, sorted: those that the dataset had when it was first locked, and
            those on which they depend since (see `tapc.steps.SlotKey`). Other mixes are late.
        leaf: leaf of every cell.
        values: index of the value of every cell, -1 of a mix that the spec did not have then; shape (cells, mixes).
        count: samples of every cell at the latest plan; 0 of cells that only earlier plans had.
        events: where the counts come from.
        marks: the plans that `rewound` can return to, oldest first.
        imports, prices: (name, hash) of the modules and price tables of the latest plan, sorted.
        joined: (name, number of the plan) of the mixes of `identity` that were not there from the start, sorted.
        divisions: how late mixes divide the cells; None without late mixes.
    """

    samples: int
    taxonomy: str
    leaves: tuple[tuple[str, ...], ...]
    mixes: tuple[tuple[str, tuple[str, ...]], ...]
    identity: tuple[str, ...]
    leaf: Ints
    values: Ints
    count: Ints
    events: Events
    marks: tuple[Mark, ...] = ()
    imports: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[str, str], ...] = ()
    joined: tuple[tuple[str, int], ...] = ()
    divisions: Divisions | None = None

    @property
    def plans(self) -> int:
        """Number of the latest plan; 0 without samples."""
        late = 0 if self.divisions is None else int(self.divisions.plan.max(initial=0))
        return max(late, int(self.events.plan.max(initial=0)))

    def knows(self, mark: str) -> bool:
        """Whether this is the lock of a plan with this mark."""
        return bool(self.marks) and self.marks[-1].mark == mark

    def knows_base(self, mark: str) -> bool:
        """Whether this is the lock of a plan that had this mark without late mixes."""
        return bool(self.marks) and self.marks[-1].base == mark

    def rewound(self, mark: str) -> "Lock":
        """The lock as it was at the latest plan with a mark; unchanged if it does not have the mark."""
        at = next((n for n in reversed(range(len(self.marks))) if self.marks[n].mark == mark), len(self.marks) - 1)
        if at == len(self.marks) - 1:
            return self
        marks = self.marks[: at + 1]
        last = marks[-1].plan
        late = {name for name, plan in self.joined if plan > last}
        divisions = self.divisions
        return tidied(
            msgspec.structs.replace(
                self,
                identity=tuple(name for name in self.identity if name not in late),
                joined=tuple((name, plan) for name, plan in self.joined if plan <= last),
                events=self.events.select(self.events.plan <= last),
                divisions=None if divisions is None else divisions.select(divisions.plan <= last),
                marks=marks,
            )
        )

    def parts(self) -> Divisions | None:
        """How late mixes divide the cells that have samples; None without late mixes."""
        parts = None if self.divisions is None else self.divisions.current()
        parts = None if parts is None else parts.select(self.count[parts.base] > 0)
        return parts if parts is not None and len(parts.base) else None

    def divided(self) -> "Lock":
        """The lock with one cell for each of `parts`, which has the values of late mixes, too; without its history."""
        parts = self.parts()
        if parts is None:
            return self
        rows = np.concatenate((parts.values, self.values[parts.base]), axis=1)
        columns: dict[
            str, int
        ] = {}  # of every mix that these cells have; of one that was in the identity, the late one
        names = (*parts.mixes, *self.mixes)
        for column in np.flatnonzero(np.any(rows >= 0, axis=0)).tolist():
            columns.setdefault(names[column][0], column)
        order = [columns[name] for name in sorted(columns)]
        none = np.zeros(0, np.int64)
        return msgspec.structs.replace(
            self,
            mixes=tuple(names[n] for n in order),
            leaf=self.leaf[parts.base],
            values=rows[:, order],
            count=parts.size,
            events=Events(none, none, none),
            divisions=None,
        )

    def only(self, axis: str, value: str) -> "Lock":
        """The cells of one value (name, or dotted path of a leaf) of an axis."""
        if axis == self.taxonomy:
            inside = np.array([".".join(path) == value for path in self.leaves], np.bool_)[self.leaf]
        else:
            names = [name for name, _ in self.mixes]
            column = names.index(axis) if axis in names else -1
            known = self.mixes[column][1] if column >= 0 else ()
            inside = np.zeros(len(self.leaf), np.bool_)
            if value in known:
                inside = self.values[:, column] == known.index(value)
        return tidied(msgspec.structs.replace(self, events=self.events.select(inside[self.events.cell])))


def tidied(lock: Lock) -> Lock:
    """A lock whose events changed: with counts that follow from them, and only the cells and names that they need."""
    cells, place = np.unique(lock.events.cell, return_inverse=True)
    events = Events(place.reshape(-1).astype(np.int64), lock.events.plan, lock.events.change)
    count = np.zeros(len(cells), np.int64)
    np.add.at(count, events.cell, events.change)
    leaf, values = lock.leaf[cells], lock.values[cells]
    used = np.unique(leaf)
    numbers: list[int] = used.tolist()
    mixes: list[tuple[str, tuple[str, ...]]] = []
    columns: list[Ints] = []
    for column, (name, names) in enumerate(lock.mixes):
        index = values[:, column]
        known = np.unique(index[index >= 0])
        if len(known):
            held: list[int] = known.tolist()
            mixes.append((name, tuple(names[n] for n in held)))
            columns.append(np.where(index >= 0, np.searchsorted(known, index), -1))
    return msgspec.structs.replace(
        lock,
        samples=int(count.sum()),
        leaves=tuple(lock.leaves[n] for n in numbers),
        mixes=tuple(mixes),
        leaf=np.searchsorted(used, leaf).astype(np.int64),
        values=np.stack(columns, axis=1) if columns else np.zeros((len(cells), 0), np.int64),
        count=count,
        events=events,
        divisions=None if lock.divisions is None else lock.divisions.tidied(cells),
    )


class Kept(msgspec.Struct, frozen=True):
    """Counts of (partial) cells in the lock, by content words; ascending by the first."""

    words: Words
    second: Words
    counts: Ints

    def count(self, words: Words) -> Ints:
        """The count of each cell, found by its first word; 0 if the lock does not have it."""
        at = find(self.words, words)
        return np.where(at >= 0, self.counts[at], 0) if len(self.counts) else np.zeros(words.shape, np.int64)


def find(known: Words, words: Words) -> Ints:
    """The position of each word among known ones, which ascend; -1 if it is not there."""
    if not len(known):
        return np.full(words.shape, -1, np.int64)
    at = np.minimum(np.searchsorted(known, words), len(known) - 1).astype(np.int64)
    return np.where(known[at] == words, at, -1)


def leaf_words(taxonomy: str, leaves: tuple[tuple[str, ...], ...]) -> tuple[Words, Words]:
    """Content words of leaves; zero without a taxonomy."""
    pairs = [content_words((taxonomy, *path)) if taxonomy else (0, 0) for path in leaves]
    return np.array([a for a, _ in pairs], np.uint64), np.array([b for _, b in pairs], np.uint64)


def value_words(mix: str, values: tuple[str, ...]) -> tuple[Words, Words]:
    """Content words of the values of a mix. The empty part distinguishes a mix from a taxonomy of the same name."""
    pairs = [content_words(("", mix, value)) for value in values]
    return np.array([a for a, _ in pairs], np.uint64), np.array([b for _, b in pairs], np.uint64)


def cell_words(lock: Lock, mixes: tuple[str, ...]) -> tuple[Words, Words]:
    """Content words of the lock's cells by leaf and these mixes; a mix that a cell does not have adds nothing."""
    first, second = (words[lock.leaf] for words in leaf_words(lock.taxonomy, lock.leaves))
    for column, (name, values) in enumerate(lock.mixes):
        if name in mixes:
            own, other = value_words(name, values)
            index = lock.values[:, column]
            there = index >= 0
            first, second = first + np.where(there, own[index], 0), second + np.where(there, other[index], 0)
    return first, second


def kept_cells(lock: Lock, taxonomy: str, mixes: tuple[str, ...]) -> Kept | None:
    """Counts of the lock's cells of these mixes, summed over its other mixes; None if it lacks one of them."""
    if lock.taxonomy != taxonomy or not {name for name, _ in lock.mixes}.issuperset(mixes):
        return None
    first, second = cell_words(lock, mixes)
    words, at, inverse = np.unique(first, return_index=True, return_inverse=True)
    counts = np.zeros(len(words), np.int64)
    np.add.at(counts, inverse.reshape(-1), lock.count)
    return Kept(words, second[at], counts)


def mark_of(space: Space, sizes: tuple[tuple[str, int], ...]) -> str:
    """A hash of all that decides counts: names, shares, rules and exclusions of a space, and the samples.

    Plans of equal marks have equal counts if they have equal locks. Titles and definitions do not enter it.

    Args:
        space: the sample space; mixes drawn `per candidate` take no part.
        sizes: the samples, by a name of what has them: of the whole, or of each combination of axes of `samples all`.
    """
    mixes = {mix.name for mix in space.mixes if not mix.per_candidate}
    tree = space.taxonomy
    parts: list[object] = [
        sorted(sizes),
        [tree.name, _nodes(tree.children)] if tree else [],
        sorted([m.name, sorted([v.name, _share(v.share)] for v in m.values)] for m in space.mixes if m.name in mixes),
        sorted(
            (
                [r.mix, _tests(r.condition), sorted([v, _share(s)] for v, s in r.shares)]
                for r in space.rules
                if r.mix in mixes
            ),
            key=lambda rule: (rule[0], rule[1]),
        ),
        sorted([e.mix, _tests(e.condition), sorted(e.values)] for e in space.exclusions if e.mix in mixes),
    ]
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=16, person=b"tapc.mark").hexdigest()


def _nodes(nodes: tuple[TaxonomyNode, ...]) -> list[list[object]]:
    return sorted(([_name(node), _share(node.share), _nodes(node.children)] for node in nodes), key=lambda n: str(n[0]))


def _name(node: TaxonomyNode) -> object:
    return list(node.path) if isinstance(node, MovedNode) else node.name


def _share(share: Share) -> list[object]:
    return [share.kind, str(share.value), share.at_least, share.at_most]


def _tests(condition: Condition | None) -> list[list[str]]:
    return sorted([test.axis, *sorted(test.values)] for test in condition.tests) if condition else []
