"""`require unique T [within AXIS]`: no text is nearly one that was accepted before.

Similarity is the share of shingles two texts have in common (Jaccard): pairs of neighbouring words, or triples of
letters where a writing system does not space words. MinHash with banded LSH (rensa) finds whom to compare; what it
finds is compared by the shingles themselves, so that a text is never rejected by an estimate where it has at most
`KEPT` shingles. Beyond, both texts are compared by those shingles of either that have the smallest hashes.

Memory grows with what was accepted: measured with texts of 40 words, 3 KB a text at a threshold of 0.8 (16 bands) and
6 KB at 0.5, so 0.3 to 0.6 GB for 100,000 texts and up to 6 GB for a million; longer texts add 4 bytes a shingle, up to
1 KB. `within AXIS` divides the set, not the memory. Specs without `unique` keep nothing of a text.
"""

from array import array
from collections.abc import Callable
from zlib import crc32

from tapc.checks.sketches import SketchIndex
from tapc.checks.words import is_unspaced, tokens_of
from tapc.ir import Check

KEPT = 256
"""Shingle hashes remembered of a text."""


class UniqueCheck:
    """Remembers accepted texts; see the module."""

    reason = "duplicate"

    def __init__(self, check: Check) -> None:
        self.field = check.field
        self.within = check.within
        self._threshold = float(check.threshold) if check.threshold is not None else 1.0
        self._groups: dict[str, _Group] = {}

    def weigh(self, text: str, group: str) -> tuple[str | None, Callable[[], None]]:
        """See `MemoryCheck.weigh`."""
        memory = self._groups.get(group)
        if memory is None:
            memory = self._groups[group] = _Group(self._threshold)
        return memory.weigh(text)


class _Group:
    """Accepted texts of one value of the axis."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._index = SketchIndex(threshold)
        self._kept: list[array[int]] = []

    def weigh(self, text: str) -> tuple[str | None, Callable[[], None]]:
        found = shingles(text)
        sketch = self._index.sketch(found)
        hashes = array("I", sorted({crc32(shingle.encode("utf-8", "surrogatepass")) for shingle in found})[:KEPT])
        best = 0.0
        for place in self._index.near(sketch):
            best = max(best, similarity(hashes, self._kept[place]))

        def keep() -> None:
            self._index.add(len(self._kept), sketch)
            self._kept.append(hashes)

        return (f"{best:.2f} like an accepted one" if best >= self._threshold else None), keep


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
