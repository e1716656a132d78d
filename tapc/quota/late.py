"""Which mixes are late, and how they divide the samples of base cells; see `tapc.quota.batches`.

The identity of a dataset is the mixes that it had when it was first locked. A mix that is added later is *late*: it is
allocated last, samples are drawn without it, and all other counts are as without it. So a step that does not read it
asks for nothing again. Its counts are as exact as those of other mixes.
"""

from collections.abc import Collection

import msgspec
import numpy as np

from tapc.ir import Space
from tapc.quota.arrays import Ints, Words
from tapc.quota.bands import hash_words
from tapc.quota.batches import Batches, flips
from tapc.quota.dividing import Bases, Earlier, Targets, divide
from tapc.quota.locked import Lock, cell_words, find, mark_of


class Basis(msgspec.Struct, frozen=True):
    """What samples of a plan are drawn by.

    Attributes:
        late: mixes without which samples are drawn, sorted.
        mark: `mark_of` the plan.
        base: the same without the late mixes.
    """

    late: tuple[str, ...]
    mark: str
    base: str


def find_basis(
    space: Space, sizes: tuple[tuple[str, int], ...], lock: Lock | None, fixed: Collection[str] = ()
) -> tuple[Basis, Lock | None]:
    """What samples are drawn by, and the lock as it was at the latest plan like this one.

    Args:
        space: the sample space.
        sizes: samples, see `mark_of`.
        lock: the lock.
        fixed: axes that cannot be late.
    """
    mark = mark_of(space, sizes)
    lock = None if lock is None else lock.rewound(mark)
    late = late_mixes(space, lock, fixed)
    return Basis(late, mark, mark_of(without(space, late), sizes) if late else mark), lock


def late_mixes(space: Space, lock: Lock | None, fixed: Collection[str] = ()) -> tuple[str, ...]:
    """The mixes without which samples are drawn, sorted: not in the identity, and no mix of it depends on them."""
    mixes = {mix.name for mix in space.mixes if not mix.per_candidate}
    if lock is None:
        return ()
    known: set[str] = set()
    todo = mixes.intersection((*lock.identity, *fixed))
    while todo:
        name = todo.pop()
        known.add(name)
        conditions = [clause.condition for clause in (*space.rules, *space.exclusions) if clause.mix == name]
        read = {test.axis for condition in conditions if condition is not None for test in condition.tests}
        todo |= (read & mixes) - known
    return tuple(sorted(mixes - known))


def without(space: Space, mixes: Collection[str]) -> Space:
    """The space without some mixes, on which no other mix depends."""
    return space.model_copy(
        update={
            "mixes": tuple(mix for mix in space.mixes if mix.name not in mixes),
            "rules": tuple(rule for rule in space.rules if rule.mix not in mixes),
            "exclusions": tuple(exclusion for exclusion in space.exclusions if exclusion.mix not in mixes),
        }
    )


class Hashed(msgspec.Struct, frozen=True):
    """Cells by the content words (first half) of their parts.

    Attributes:
        taxonomy: its name; empty without one.
        leaf: word of the leaf of every cell.
        values: by mix, the word of the value of every cell.
        count: samples of every cell.
        words: first half of the content hash of every cell.
    """

    taxonomy: str
    leaf: Words
    values: dict[str, Words]
    count: Ints
    words: Words

    def sums(self, mixes: Collection[str]) -> Words:
        """The sums of the words of leaf and values of some mixes."""
        return sum((self.values[name] for name in sorted(mixes)), self.leaf)


def divide_late(base: Hashed, cells: Hashed, lock: Lock | None) -> tuple[Ints, Batches]:
    """Divide the slots of base cells among cells.

    Args:
        base: the base cells.
        cells: the cells, which have more mixes.
        lock: what slots should keep, as far as their counts allow.

    Returns:
        The base cell of every cell, and the parts.
    """
    own, common = base.sums(base.values), cells.sums(base.values)
    order = np.argsort(own, kind="stable")
    of = order[find(own[order], common)]
    kept, earlier = _earlier(lock, base, cells.values.keys() - base.values.keys())
    targets = Targets(of, cells.count, cells.words, cells.sums((*base.values, *kept)))
    return of, divide(Bases(base.count, flips(base.words)), targets, earlier)


def _earlier(lock: Lock | None, base: Hashed, late: Collection[str]) -> tuple[tuple[str, ...], Earlier | None]:
    """The late mixes that a lock has, too, and how it divides base cells."""
    parts = None if lock is None or lock.taxonomy != base.taxonomy else lock.parts()
    if lock is None or parts is None:
        return (), None
    divided = lock.divided()
    kept = tuple(name for name, _ in divided.mixes if name in late)
    # The cells of the lock that are base cells, the first of several that are the same one.
    words, mixes = base.words, tuple(base.values)
    order = np.argsort(words, kind="stable")
    at = find(words[order], hash_words(*cell_words(lock, mixes))[0])
    there = np.flatnonzero((at >= 0) & (lock.count > 0))
    _, first = np.unique(at[there], return_index=True)
    number = np.full(len(lock.count), -1, np.int64)
    number[there[first]] = order[at[there[first]]]
    count = np.zeros(len(words), np.int64)
    count[number[there[first]]] = lock.count[there[first]]
    group = cell_words(divided, (*mixes, *kept))[0]
    of = number[parts.base]
    rows = np.argsort(of, kind="stable")
    rows = rows[of[rows] >= 0]
    return kept, Earlier(of[rows], parts.batch[rows], parts.size[rows], group[rows], count)
