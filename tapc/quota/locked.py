"""Cell counts of an earlier plan, which the allocator prefers if the bounds leave a choice."""

import msgspec
import numpy as np

from tapc.quota.arrays import Ints, Words, content_words


class Lock(msgspec.Struct, frozen=True):
    """The content of a lock file.

    Attributes:
        samples: samples of the earlier plan.
        taxonomy: name of its taxonomy; empty if there was none.
        leaves: paths of leaves.
        mixes: (name, names of values), sorted by name.
        leaf: leaf of every cell.
        values: index of the value of every cell, shape (cells, mixes).
        count: samples of every cell, above 0.
        imports, prices: (name, hash) of the modules and price tables of the plan, sorted.
    """

    samples: int
    taxonomy: str
    leaves: tuple[tuple[str, ...], ...]
    mixes: tuple[tuple[str, tuple[str, ...]], ...]
    leaf: Ints
    values: Ints
    count: Ints
    imports: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[str, str], ...] = ()


class Kept(msgspec.Struct, frozen=True):
    """Counts of (partial) cells in the lock, by content words; ascending by the first."""

    words: Words
    second: Words
    counts: Ints

    def count(self, words: Words) -> Ints:
        """The count of each cell, found by its first word; 0 if the lock does not have it."""
        if not len(self.words):
            return np.zeros(words.shape, np.int64)
        at = np.minimum(np.searchsorted(self.words, words), len(self.words) - 1)
        return np.where(self.words[at] == words, self.counts[at], 0)


def leaf_words(taxonomy: str, leaves: tuple[tuple[str, ...], ...]) -> tuple[Words, Words]:
    """Content words of leaves; zero without a taxonomy."""
    pairs = [content_words((taxonomy, *path)) if taxonomy else (0, 0) for path in leaves]
    return np.array([a for a, _ in pairs], np.uint64), np.array([b for _, b in pairs], np.uint64)


def value_words(mix: str, values: tuple[str, ...]) -> tuple[Words, Words]:
    """Content words of the values of a mix. The empty part distinguishes a mix from a taxonomy of the same name."""
    pairs = [content_words(("", mix, value)) for value in values]
    return np.array([a for a, _ in pairs], np.uint64), np.array([b for _, b in pairs], np.uint64)


def kept_cells(lock: Lock, taxonomy: str, mixes: tuple[str, ...]) -> Kept | None:
    """Counts of the lock's cells of these mixes, summed over its other mixes; None if it lacks one of them."""
    columns = {name: n for n, (name, _) in enumerate(lock.mixes)}
    if lock.taxonomy != taxonomy or any(name not in columns for name in mixes):
        return None
    first, second = (words[lock.leaf] for words in leaf_words(taxonomy, lock.leaves))
    for name in mixes:
        own, other = value_words(name, lock.mixes[columns[name]][1])
        index = lock.values[:, columns[name]]
        first, second = first + own[index], second + other[index]
    words, at, inverse = np.unique(first, return_index=True, return_inverse=True)
    counts = np.zeros(len(words), np.int64)
    np.add.at(counts, inverse.reshape(-1), lock.count)
    return Kept(words, second[at], counts)
