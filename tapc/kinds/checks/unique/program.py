"""`require unique T [within AXIS]`: no text is nearly one that was accepted before.

Similarity is the share of shingles two texts have in common (Jaccard): pairs of neighboring words, or triples of
letters where a writing system does not space words. MinHash with banded LSH (rensa) finds whom to compare; what it
finds is compared by the shingles themselves, so that a text is never rejected by an estimate where it has at most
`KEPT` shingles. Beyond, both texts are compared by those shingles of either that have the smallest hashes.

What is remembered goes to scratch files beyond some tens of megabytes (see `lsh_index`). Measured by
`bench/dedup.py` with texts of 40 words at 0.8: 44 MB of memory for 100,000 texts and 37 MB for a million, whose mapped
files are 400 MB that the system may drop; every one of 50,000 planted repeats was found. `within AXIS` divides the set.
Specs without `unique` keep nothing of a text.
"""

from array import array
from collections.abc import Callable
from importlib import import_module
from typing import Any
from zlib import crc32

from tapc.checks import CheckRuntime, CheckTools
from tapc.checks.words import is_unspaced, tokens_of
from tapc.kinds.checks.unique.lsh_index import BandIndex, Scratch
from tapc.kinds.checks.unique.spec import KIND, Unique

PERMUTATIONS = 128
MISSED = 0.005
"""Largest share of pairs just at the threshold that share no band."""

_SEED = 42
"""Any constant; equal ones make sketches comparable."""

_BYTES = 4
"""Of one minimum."""


class Sketcher:
    """Makes the keys under which a text is looked for.

    Attributes:
        bands: keys a text.
    """

    def __init__(self, threshold: float) -> None:
        # compiled code without type stubs, for those specs that ask for unique texts
        self._library: Any = import_module("rensa")
        self.bands = bands_for(threshold)
        self._width = PERMUTATIONS // self.bands * _BYTES

    def keys(self, shingles: list[str], group: str) -> list[int]:
        """A number of 64 bits for each band; equal ones only within a group. They hold in this process alone."""
        sketch = self._library.RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
        sketch.update(shingles)
        minima = array("I", sketch.digest()).tobytes()
        head, width = group.encode("utf-8", "surrogatepass"), self._width
        # every key has as many bytes of minima at its end, so the parts cannot run into each other
        return [hash(b"%d\0%b%b" % (at, head, minima[at : at + width])) for at in range(0, len(minima), width)]


def bands_for(threshold: float) -> int:
    """Fewest bands (so fewest needless comparisons) that overlook at most `MISSED` of the pairs at the threshold.

    Two sets of similarity s share a band of r rows with probability s^r (Leskovec, Rajaraman and Ullman, chapter 3).
    """
    for bands in (4, 8, 16, 32, 64):
        rows = PERMUTATIONS // bands
        if (1 - threshold**rows) ** bands <= MISSED:
            return bands
    return PERMUTATIONS


KEPT = 256
"""Shingle hashes remembered of a text."""


class UniqueCheck:
    """Remembers accepted texts; see the module."""

    reason = "duplicate"

    def __init__(self, check: Unique, tools: CheckTools) -> None:
        self.field = check.field
        self.within = check.within
        self._threshold = float(check.threshold) if check.threshold is not None else 1.0
        self._sketcher = Sketcher(self._threshold)
        self._index = BandIndex(tools.scratch)
        self._kept = _Kept(tools.scratch)

    def weigh(self, text: str, group: str) -> tuple[str | None, Callable[[], None]]:
        """See `MemoryCheck.weigh`."""
        found = shingles(text)
        keys = self._sketcher.keys(found, group)
        hashes = array("I", sorted({crc32(shingle.encode("utf-8", "surrogatepass")) for shingle in found})[:KEPT])
        best = 0.0
        for number in self._index.near(keys):
            best = max(best, similarity(hashes, self._kept.read(number)))

        def keep() -> None:
            self._index.add(self._kept.add(hashes), keys)

        return (f"{best:.2f} like an accepted one" if best >= self._threshold else None), keep


class _Kept:
    """Shingle hashes of accepted texts by number, in a scratch file; 8 bytes a text in memory."""

    def __init__(self, scratch: Scratch) -> None:
        self._file = scratch()
        self._ends: array[int] = array("Q", [0])

    def add(self, hashes: "array[int]") -> int:
        """Keep a text's hashes; returns its number."""
        self._file.seek(self._ends[-1])
        self._ends.append(self._ends[-1] + self._file.write(hashes.tobytes()))
        return len(self._ends) - 2

    def read(self, number: int) -> "array[int]":
        """Hashes of a text."""
        start, end = self._ends[number], self._ends[number + 1]
        self._file.seek(start)
        return array("I", self._file.read(end - start))


def shingles(text: str) -> list[str]:
    """Distinct shingles in order of appearance; a text without letters is its own."""
    tokens = tokens_of(text)
    size = 3 if is_unspaced(tokens) else 2
    if len(tokens) <= size:
        return [" ".join(tokens) or text.strip()]
    return list(dict.fromkeys(" ".join(tokens[i : i + size]) for i in range(len(tokens) - size + 1)))


def similarity(a: "array[int]", b: "array[int]") -> float:
    """Jaccard similarity from ascending hashes; exact while the union has at most `KEPT` members.

    Beyond, it is estimated over the `KEPT` smallest of the union (bottom-k sketch, Cohen and Kaplan 2007).
    """
    i = j = common = union = 0
    while union < KEPT and (i < len(a) or j < len(b)):
        union += 1
        x = a[i] if i < len(a) else -1
        y = b[j] if j < len(b) else -1
        if x == y:
            common += 1
            i += 1
            j += 1
        elif y < 0 or 0 <= x < y:
            i += 1
        else:
            j += 1
    return common / union if union else 1.0


RUNTIME = CheckRuntime(KIND.name, UniqueCheck)
