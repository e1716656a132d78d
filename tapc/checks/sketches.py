"""MinHash sketches and their index, by rensa, behind types."""

from importlib import import_module
from typing import Any

PERMUTATIONS = 128
MISSED = 0.005
"""Largest share of pairs just at the threshold that the index may overlook."""

_SEED = 42
"""Any constant; equal ones make sketches comparable."""


class SketchIndex:
    """Finds earlier sketches that may be similar."""

    def __init__(self, threshold: float) -> None:
        # compiled code without type stubs, for those specs that ask for unique texts
        self._library: Any = import_module("rensa")
        bands = bands_for(threshold)
        self._index = self._library.RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=bands)

    def sketch(self, shingles: list[str]) -> Any:
        """Sketch a set of shingles."""
        sketch = self._library.RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
        sketch.update(shingles)
        return sketch

    def near(self, sketch: Any) -> list[int]:
        """Numbers of sketches that share a band."""
        return self._index.query(sketch)

    def add(self, number: int, sketch: Any) -> None:
        """Remember a sketch under a number."""
        self._index.insert(number, sketch)


def bands_for(threshold: float) -> int:
    """Fewest bands (so fewest needless comparisons) that overlook at most `MISSED` of the pairs at the threshold.

    Two sets of similarity s share a band of r rows with probability s^r (Leskovec, Rajaraman and Ullman, chapter 3).
    """
    for bands in (4, 8, 16, 32, 64):
        rows = PERMUTATIONS // bands
        if (1 - threshold**rows) ** bands <= MISSED:
            return bands
    return PERMUTATIONS
