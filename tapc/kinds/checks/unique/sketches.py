"""MinHash sketches, by rensa, cut into bands: texts that are similar share one."""

from array import array
from importlib import import_module
from typing import Any

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
