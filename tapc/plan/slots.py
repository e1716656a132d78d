"""Slots of an allocation, made on demand.

A slot is a cell and an ordinal below the count of the cell. Ranks order them by the plan that added them (the *bands*
of the lock; see `tapc.quota.bands`), then by ordinal, then by content hash of the cell. So the first n ranks are spread
over the cells, and a plan that only adds slots leaves the ranks of the others.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.quota import Allocation, Placement, flips
from tapc.steps import Origin, SlotKey

_CHUNK = 4096

_PLACED = 1 << 18
"""Slots that are placed at once where only their places are asked for."""

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
        base: base cell, as an index into `Allocation.base`.
        ordinal: ordinal in the base cell.
        band: number of the band, from 0.
    """

    cell: npt.NDArray[np.int32]
    base: npt.NDArray[np.int32]
    ordinal: npt.NDArray[np.int32]
    band: npt.NDArray[np.int32]


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


class _Index:
    """Finds cells by content hash."""

    def __init__(self, allocation: Allocation) -> None:
        self._words = allocation.words
        self.order = np.lexsort((allocation.words[1], allocation.words[0]))
        self._sorted = allocation.words[0][self.order]

    def find(self, cell: bytes) -> int | None:
        """The index of a cell; None if there is none with this hash."""
        first, second = (np.uint64(int.from_bytes(half, "big")) for half in (cell[:8], cell[8:]))
        at = int(np.searchsorted(self._sorted, first))
        while at < len(self._sorted) and self._sorted[at] == first:
            index = int(self.order[at])
            if self._words[1][index] == second:
                return index
            at += 1
        return None


class Slots:
    """All slots of an allocation; memory grows with the number of cells, not of slots.

    Args:
        allocation: the counts.
        origins: what slots are drawn as; by default their base cell and their ordinal in it.
    """

    def __init__(self, allocation: Allocation, origins: Origins | None = None) -> None:
        self._allocation = allocation
        self._origins = origins
        self._index = _Index(allocation)
        late = allocation.late
        base = self._base = allocation.base
        self._base_index = self._index if late is None else _Index(base)
        self._placement = None if late is None else Placement(late.batches, base.count, flips(base.words[0]))
        order = self._base_index.order
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        start, rank = np.zeros(len(order), np.int64), 0
        bands: list[_Band] = []
        for band in base.bands:
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
        for rank, ordinals, cells in self._chunks(start, stop):
            yield from self._keys(range(rank, rank + len(cells)), ordinals, cells, origins)

    def pick(self, ranks: _Ints) -> Iterator[SlotKey]:
        """Slots of some ranks, which ascend; many of them at once are cheaper than with `at`."""
        if self._origins is not None:  # what slots are drawn as is known in order of rank alone
            yield from map(self.at, ranks.tolist())
            return
        for band in self._bands:
            for m, run in enumerate(band.runs):
                first, last = np.searchsorted(ranks, (run.rank, run.rank + run.cells * (run.high - run.low)))
                if first < last:
                    mine = ranks[first:last]
                    ordinals, offsets = np.divmod(mine - run.rank, run.cells)
                    yield from self._keys(mine.tolist(), run.low + ordinals, band.members(m)[offsets], None)

    def places(self) -> SlotPlaces:
        """Where every slot is."""
        cell, base, ordinal, number = (np.empty(len(self), np.int32) for _ in range(4))  # all are below 2^31
        for n, band in enumerate(self._bands):
            number[band.rank : band.rank + band.size] = n
            for m, run in enumerate(band.runs):
                ranks = slice(run.rank, run.rank + run.cells * (run.high - run.low))
                base[ranks] = np.tile(band.members(m), run.high - run.low)
                ordinal[ranks] = np.repeat(np.arange(run.low, run.high), run.cells)
        for part in (slice(n, n + _PLACED) for n in range(0, len(self), _PLACED)):
            cell[part] = self._placed(base[part].astype(np.int64), ordinal[part].astype(np.int64))[0]
        return SlotPlaces(cell, base, ordinal, number)

    def _chunks(self, start: int, stop: int) -> Iterator[tuple[int, _Ints, _Ints]]:
        """Ranks from `start` to before `stop` as (rank, ordinals, base cells) of about `_CHUNK` slots each."""
        held: list[tuple[int, _Ints]] = []
        begin = start
        for band in self._bands:
            first, last = max(start, band.rank), min(stop, band.rank + band.size)
            for rank, ordinal, cells in band.pieces(first, last) if first < last else ():
                held.append((ordinal, cells))
                if rank + len(cells) - begin >= _CHUNK:
                    yield begin, *_together(held)
                    held, begin = [], rank + len(cells)
        if held:
            yield begin, *_together(held)

    def _placed(self, cells: _Ints, ordinals: _Ints) -> tuple[_Ints, _Ints]:
        """The cells in which slots are counted, and their ordinals there, by base cell and ordinal there."""
        return (cells, ordinals) if self._placement is None else self._placement.find(cells, ordinals)

    def _keys(
        self, ranks: Iterable[int], ordinals: _Ints, cells: _Ints, origins: Iterator[Origin] | None
    ) -> Iterator[SlotKey]:
        own, given = _hashes(self._base, cells), self._allocation
        numbers: list[int] = ordinals.tolist()
        names, places = own, numbers
        if self._placement is not None:
            cells, ordinals = self._placement.find(cells, ordinals)
            names, places = _hashes(given, cells), ordinals.tolist()
        leaves: list[int] = given.leaf[cells].tolist()
        rows: list[list[int]] = given.values[cells].tolist()
        for n, cell, place, leaf, values, base, number in zip(
            ranks, names, places, leaves, rows, own, numbers, strict=True
        ):
            at = Origin(base, number)
            if origins is None:
                yield SlotKey(cell, place, n, leaf, tuple(values), at)
            else:
                yield SlotKey(cell, place, n, leaf, tuple(values), next(origins), at)

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

    def find(self, cell: bytes) -> int | None:
        """The index of a cell in the allocation, by its content hash."""
        return self._index.find(cell)

    def same(self, key: SlotKey) -> SlotKey | None:
        """The planned slot that is drawn as a slot of another plan is, with its rank there; None if there is none."""
        index = self._base_index.find(key.drawn.cell)
        if index is None or key.drawn.ordinal >= int(self._base.count[index]):
            return None
        cells, ordinals = self._placed(np.array([index]), np.array([key.drawn.ordinal]))
        cell, given = int(cells[0]), self._allocation
        values = tuple(given.values[cell].tolist())
        return SlotKey(given.cell(cell), int(ordinals[0]), key.rank, int(given.leaf[cell]), values, key.drawn)

    def base_of(self, key: SlotKey) -> tuple[bytes, int]:
        """The base cell of the cell of a slot, and the number of its planned slots."""
        index = self.find(key.cell)
        if index is None:
            return key.cell, 0
        late = self._allocation.late
        base = index if late is None else int(late.of[index])
        return self._base.cell(base), int(self._base.count[base])


def _together(held: list[tuple[int, _Ints]]) -> tuple[_Ints, _Ints]:
    """Ordinals and cells of several pieces."""
    ordinals = np.repeat([ordinal for ordinal, _ in held], [len(cells) for _, cells in held])
    return ordinals, held[0][1] if len(held) == 1 else np.concatenate([cells for _, cells in held])


def _hashes(allocation: Allocation, cells: _Ints) -> list[bytes]:
    """The content hashes of cells."""
    words = allocation.words
    both = np.stack((words[0][cells], words[1][cells]), axis=1).astype(">u8").tobytes()
    return [both[n : n + 16] for n in range(0, len(both), 16)]


class SpareSlots:
    """The slots behind the planned ones, for one fold; see `tapc.engine.SpareSlots`.

    Replacements in cells of one base cell are drawn with consecutive ordinals in the order in which they are admitted,
    so that no two slots are drawn as the same.
    """

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._used: dict[bytes, int] = {}

    def planned(self, key: SlotKey) -> int:
        """The number of planned slots in the cell of a slot."""
        return self._slots.planned(key)

    def replacement(self, key: SlotKey, used: int, rank: int) -> SlotKey:
        """The slot that follows the planned ones of a cell and `used` others."""
        base, planned = self._slots.base_of(key)
        drawn = planned + self._used.get(base, 0)
        self._used[base] = drawn - planned + 1
        ordinal = self._slots.planned(key) + used
        return SlotKey(key.cell, ordinal, rank, key.leaf, key.values, Origin(base, drawn))
