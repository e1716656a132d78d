"""Slots of an allocation, made on demand.

A slot is a cell and an ordinal below the count of the cell. Ranks order them by the plan that added them (the *bands*
of the lock; see `tapc.quota.bands`), then by ordinal, then by content hash of the cell. So the first n ranks are spread
over the cells, and a plan that only adds slots leaves the ranks of the others.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.quota import Allocation
from tapc.steps import Origin, SlotKey

_CHUNK = 4096

_Ints = npt.NDArray[np.int64]


class Origins(Protocol):
    """What slots are drawn as, if that is not their place in a cell."""

    def between(self, start: int, stop: int) -> Iterator[Origin]:
        """Of the slots from a rank to before another."""
        ...


class SlotPlaces(msgspec.Struct, frozen=True):
    """Where all slots are, by rank.

    Attributes:
        cell: cell, as an index into the allocation.
        ordinal: ordinal in the cell.
        band: number of the band, from 0.
    """

    cell: _Ints
    ordinal: _Ints
    band: _Ints


class _Run(msgspec.Struct, frozen=True):
    """Ordinals `low <= k < high`, over which the same cells have slots, from rank `rank` on."""

    rank: int
    low: int
    high: int
    cells: int


class _Band:
    """Slots with `start <= ordinal < stop` in each of some cells, which are given in order of their hash."""

    def __init__(self, cells: _Ints, start: _Ints, stop: _Ints, rank: int) -> None:
        self._cells = cells
        self._start = start
        self._stop = stop
        self.rank = rank
        self.size = int((stop - start).sum())
        self.runs = self._find_runs()
        self._ranks = np.array([run.rank for run in self.runs], np.int64)
        self._held: tuple[int, _Ints] | None = None

    def _find_runs(self) -> list[_Run]:
        """Divide the ordinals where a cell begins or ends."""
        edges = np.unique(np.concatenate((self._start, self._stop)))
        starts, stops = np.sort(self._start), np.sort(self._stop)
        runs: list[_Run] = []
        rank = self.rank
        marks: list[int] = edges.tolist()
        for low, high in pairwise(marks):
            cells = int(np.searchsorted(starts, low, side="right") - np.searchsorted(stops, low, side="right"))
            if cells:
                runs.append(_Run(rank, low, high, cells))
                rank += cells * (high - low)
        return runs

    def members(self, number: int) -> _Ints:
        """The cells of a run, in order of hash; the last run is cached."""
        if self._held is None or self._held[0] != number:
            low = self.runs[number].low
            self._held = number, self._cells[(self._start <= low) & (self._stop > low)]
        return self._held[1]

    def pieces(self, first: int, last: int) -> Iterator[tuple[int, int, _Ints]]:
        """Ranks from `first` to before `last` as (rank, ordinal, cells) of at most `_CHUNK` slots each."""
        number = int(np.searchsorted(self._ranks, first, side="right")) - 1
        rank = first
        while rank < last:
            run = self.runs[number]
            cells = self.members(number)
            ordinal, offset = divmod(rank - run.rank, run.cells)
            while ordinal < run.high - run.low and rank < last:
                end = min(offset + _CHUNK, run.cells, offset + last - rank)
                yield rank, run.low + ordinal, cells[offset:end]
                rank += end - offset
                offset = end
                if offset == run.cells:
                    ordinal, offset = ordinal + 1, 0
            number += 1


class Slots:
    """All slots of an allocation; memory grows with the number of cells, not of slots.

    Args:
        allocation: the counts.
        origins: what slots are drawn as; by default their cell and their ordinal in it.
    """

    def __init__(self, allocation: Allocation, origins: Origins | None = None) -> None:
        self._allocation = allocation
        self._origins = origins
        first, second = allocation.words
        self._order = np.lexsort((second, first))
        self._sorted = first[self._order]
        place = np.empty(len(self._order), np.int64)
        place[self._order] = np.arange(len(self._order))
        start, rank = np.zeros(len(self._order), np.int64), 0
        bands: list[_Band] = []
        for band in allocation.bands:
            by_hash = np.argsort(place[band.cells])
            cells = band.cells[by_hash]
            bands.append(_Band(cells, start[cells], start[cells] + band.sizes[by_hash], rank))
            start[band.cells] += band.sizes
            rank += bands[-1].size
        self._bands = tuple(bands)

    def __len__(self) -> int:
        return self._allocation.samples

    def __iter__(self) -> Iterator[SlotKey]:
        return self.between()

    def between(self, start: int = 0, stop: int | None = None) -> Iterator[SlotKey]:
        """Slots in order of rank, from `start` to before `stop` (the end by default)."""
        stop = len(self) if stop is None else min(stop, len(self))
        origins = None if self._origins is None else self._origins.between(start, stop)
        for band in self._bands:
            first, last = max(start, band.rank), min(stop, band.rank + band.size)
            if first < last:
                for rank, ordinal, cells in band.pieces(first, last):
                    yield from self._keys(rank, ordinal, cells, origins)

    def places(self) -> SlotPlaces:
        """Where every slot is."""
        cell, ordinal, number = (np.empty(len(self), np.int64) for _ in range(3))
        for n, band in enumerate(self._bands):
            number[band.rank : band.rank + band.size] = n
            for m, run in enumerate(band.runs):
                ranks = slice(run.rank, run.rank + run.cells * (run.high - run.low))
                cell[ranks] = np.tile(band.members(m), run.high - run.low)
                ordinal[ranks] = np.repeat(np.arange(run.low, run.high), run.cells)
        return SlotPlaces(cell, ordinal, number)

    def _keys(self, rank: int, ordinal: int, cells: _Ints, origins: Iterator[Origin] | None) -> Iterator[SlotKey]:
        given = self._allocation
        both = np.stack((given.words[0][cells], given.words[1][cells]), axis=1).astype(">u8").tobytes()
        leaves = given.leaf[cells].tolist()
        rows = given.values[cells].tolist()
        for n, (leaf, values) in enumerate(zip(leaves, rows, strict=True)):
            cell = both[16 * n : 16 * n + 16]
            drawn = Origin(cell, ordinal) if origins is None else next(origins)
            yield SlotKey(cell, ordinal, rank + n, leaf, tuple(values), drawn)

    def at(self, rank: int) -> SlotKey:
        """The slot of a rank.

        Raises:
            IndexError: there is no such rank.
        """
        if not 0 <= rank < len(self):
            raise IndexError(rank)
        return next(self.between(rank, rank + 1))

    def spread(self, n: int) -> list[SlotKey]:
        """The first n slots, which are spread over the cells."""
        return list(self.between(0, n))

    def planned(self, key: SlotKey) -> int:
        """The number of planned slots in the cell of a slot; ordinals from there on are replacements."""
        index = self.find(key.cell)
        return 0 if index is None else int(self._allocation.count[index])

    def replacement(self, key: SlotKey, used: int, rank: int) -> SlotKey:
        """The slot that follows the planned ones of a cell and `used` others; see `SpareSlots`."""
        ordinal = self.planned(key) + used
        return SlotKey(key.cell, ordinal, rank, key.leaf, key.values, Origin(key.cell, ordinal))

    def find(self, cell: bytes) -> int | None:
        """The index of a cell in the allocation, by its content hash."""
        first, second = (np.uint64(int.from_bytes(half, "big")) for half in (cell[:8], cell[8:]))
        at = int(np.searchsorted(self._sorted, first))
        while at < len(self._sorted) and self._sorted[at] == first:
            index = int(self._order[at])
            if self._allocation.words[1][index] == second:
                return index
            at += 1
        return None
