"""Which split a slot belongs to.

Every accepted slot gets a point from 0 to 1, the same for all configs, and the splits of a config divide the line. So
two configs with the same splits agree, and 5% of one lie within the 10% of another.

Points follow from hashes of what slots are. Leaves that are large enough to give every split at least one slot are
strata: in each, slots are ordered by hash and spaced evenly from an offset of its own (systematic sampling, Cochran
1977, chapter 8), so that each split gets its share of the leaf within one slot. Smaller leaves are divided together.
Slots with a prompt in common are one unit: a prompt never crosses splits.

A slot that joins a leaf shifts its neighbors by less than one place: at most one other slot an edge changes sides.
"""

import hashlib
from array import array
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from math import ceil

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.steps import SlotKey

Ints = npt.NDArray[np.int64]
Splits = tuple[tuple[str, Fraction], ...]

_POOL = -1
"""Stratum of all leaves that are too small, and of prompts that several leaves share."""


class SplitTally:
    """Collects accepted slots with their prompts; about 40 bytes a slot.

    Args:
        splits: of every config that has some.
    """

    def __init__(self, splits: Iterable[Splits]) -> None:
        shares = [share for split in splits for _, share in split]
        self._large = ceil(1 / min(shares)) if shares else 1
        self._ranks: array[int] = array("q")
        self._hashes: array[int] = array("Q")
        self._leaves: array[int] = array("q")
        self._names: dict[int, str] = {}
        self._prompts: array[int] = array("Q")
        self._owners: array[int] = array("q")

    def add(self, key: SlotKey, leaf: str, prompts: Iterable[object]) -> None:
        """Take an accepted slot.

        Args:
            key: the slot.
            leaf: identity of its taxonomy leaf as a dotted path, empty without a taxonomy.
            prompts: messages (as rows have them) of every row it gives.
        """
        for prompt in {_hash(msgspec.json.encode(prompt), b"tapc.prompt") for prompt in prompts}:
            self._prompts.append(prompt)
            self._owners.append(len(self._ranks))
        self._ranks.append(key.rank)
        self._hashes.append(_hash(key.drawn.cell + key.drawn.ordinal.to_bytes(8, "big"), b"tapc.split"))
        self._leaves.append(key.leaf)
        self._names.setdefault(key.leaf, leaf)

    def points(self) -> "Points":
        """A point for every slot."""
        ranks = np.array(self._ranks, dtype=np.int64)
        units = _joined(len(ranks), np.array(self._prompts, np.uint64), np.array(self._owners, np.int64))
        hashes = np.array(self._hashes, dtype=np.uint64)
        strata = self._strata(units)
        # a unit's place follows from the smallest hash among its slots
        least = np.full(len(ranks), np.iinfo(np.uint64).max, dtype=np.uint64)
        np.minimum.at(least, units, hashes)
        order = np.lexsort((units, least[units], strata))
        found = np.zeros(len(ranks), dtype=np.float64)
        edges = np.flatnonzero(np.diff(strata[order], prepend=-2, append=-2))
        for start, end in pairwise(edges):
            mine = order[start:end]
            found[mine] = self._spaced(units[mine], int(strata[mine[0]]))
        by_rank = np.argsort(ranks)
        return Points(ranks[by_rank], found[by_rank])

    def _strata(self, units: Ints) -> Ints:
        """Stratum of each slot: its leaf if the whole unit lies there and the leaf is large enough."""
        leaves = np.array(self._leaves, dtype=np.int64)
        if not len(leaves):
            return leaves
        low, high = np.full_like(leaves, np.iinfo(np.int64).max), np.full_like(leaves, _POOL)
        np.minimum.at(low, units, leaves)
        np.maximum.at(high, units, leaves)
        own = np.where(low[units] == high[units], leaves, _POOL)
        heads = np.flatnonzero(units == np.arange(len(units)))
        counts = np.bincount(own[heads] + 1, minlength=int(own.max()) + 2)
        return np.where(counts[own + 1] >= self._large, own, _POOL)

    def _spaced(self, units: Ints, stratum: int) -> npt.NDArray[np.float64]:
        """Points of slots in order, those of one unit side by side: each unit stands where its own offset falls."""
        name = "" if stratum == _POOL else self._names[stratum]
        offset = _hash(f"{stratum == _POOL}\0{name}".encode(), b"tapc.strata") / 2**64
        starts = np.flatnonzero(np.diff(units, prepend=-1))
        sizes = np.diff(starts, append=len(units))
        return np.repeat((starts + offset * sizes) / len(units), sizes)


class Points:
    """Points by rank; see `SplitTally`."""

    def __init__(self, ranks: Ints, points: npt.NDArray[np.float64]) -> None:
        self._ranks = ranks
        self._points = points

    def splits(self, ranks: Ints, splits: Splits) -> Ints:
        """Position of the split each rank belongs to; the ranks are those of accepted slots."""
        edges: list[float] = []
        edge = Fraction(0)
        for _, share in splits:
            edge += share
            edges.append(float(edge))
        points = self._points[np.searchsorted(self._ranks, ranks)]
        return np.minimum(np.searchsorted(edges, points, side="right"), len(splits) - 1)


def _joined(slots: int, prompts: npt.NDArray[np.uint64], owners: Ints) -> Ints:
    """For each slot the first slot of its unit: slots that share a prompt, directly or through others."""
    unit = np.arange(slots, dtype=np.int64)
    if not len(prompts):
        return unit
    _, which = np.unique(prompts, return_inverse=True)
    while True:
        least = np.full(int(which.max()) + 1, slots, dtype=np.int64)
        np.minimum.at(least, which, unit[owners])
        joined = unit.copy()
        np.minimum.at(joined, owners, least[which])
        joined = joined[joined]
        if np.array_equal(joined, unit):
            return unit
        unit = joined


def _hash(data: bytes, person: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8, person=person).digest(), "big")
