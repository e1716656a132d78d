"""Array types and integer hashing shared by the allocator."""

import hashlib

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def encode(parts: tuple[str, ...]) -> bytes:
    """Injective encoding of a tuple of texts: every part is preceded by its length."""
    out = bytearray()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        out += len(data).to_bytes(4, "big") + data
    return bytes(out)


def content_words(parts: tuple[str, ...]) -> tuple[int, int]:
    """128 bits of BLAKE2b over `encode(parts)`, as two 64-bit words."""
    digest = hashlib.blake2b(encode(parts), digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


def scramble(words: Words) -> Words:
    """The finalizer of splitmix64 (Steele, Lea and Flood 2014), element by element; a bijection on 64 bits."""
    with np.errstate(over="ignore"):
        mixed = words + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def pieces(rows: int, width: int) -> list[slice]:
    """Slices of a table's rows with about a quarter of a million elements each, so that temporaries stay small."""
    step = max(1, (1 << 18) // max(width, 1))
    return [slice(start, min(start + step, rows)) for start in range(0, rows, step)]


def prefix_sums(table: npt.NDArray[np.int64] | Flags) -> Ints:
    """Sums over the first 0, 1, … rows, shape (R + 1, V); rows a to b sum to `sums[b] - sums[a]`."""
    sums = np.zeros((table.shape[0] + 1, table.shape[1]), np.int64)
    np.cumsum(table, axis=0, dtype=np.int64, out=sums[1:])
    return sums


def rank_in_group(group: Ints) -> Ints:
    """The number of earlier elements in the same group, for each element."""
    if not len(group):
        return np.zeros(0, np.int64)
    # Sort by group; the rank of an element is its position minus the start of its group.
    order = np.argsort(group, kind="stable")
    ordered = group[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(group)))
    ranks = np.empty(len(group), np.int64)
    ranks[order] = np.arange(len(group)) - np.repeat(starts, lengths)
    return ranks


def lowest(numbers: Ints, most: int) -> Ints:
    """Positions of the lowest numbers, ascending by position; among equal ones at the limit, the first are taken.

    (The choice of `argpartition` among equal ones depends on the vector width of the processor.)
    """
    if len(numbers) <= most:
        return np.arange(len(numbers))
    limit = np.partition(numbers, most - 1)[most - 1]
    below, equal = np.flatnonzero(numbers < limit), np.flatnonzero(numbers == limit)
    return np.sort(np.concatenate((below, equal[: most - len(below)])))


def ranges(first: Ints, size: Ints) -> Ints:
    """The concatenated numbers of many ranges: `size` numbers from each `first` on."""
    # Number i of the result belongs to the range whose end is the first above i, and is `first + (i - start)`.
    ends = np.cumsum(size)
    return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(first - ends + size, size)


def join(left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Positions of all pairs of equal numbers, one on the left and one on the right; by left, then by right."""
    order = np.argsort(right, kind="stable")
    first = np.searchsorted(right[order], left)
    size = np.searchsorted(right[order], left, side="right") - first
    return np.repeat(np.arange(len(left)), size), order[ranges(first, size)]
