"""Assigns rows to slots, without replacement.

Some axes decide which rows a slot may have (those whose values are in a column or in the name of the file): slots with
the same values of these axes draw from one *pool*. The rows of a pool are used in order of the hashes of their texts,
so that an edit of the file exchanges the rows that were edited. The slots that an earlier plan had (the bands of the
lock) get the first ones, so that a larger plan adds rows and changes none.

Among the cells of a pool, and then among the slots of each cell, rows are seated so that an edit moves few of the
others (`seating.py`). A slot is drawn as its row (`row_identity.py`), so only prompts that show where a slot is are
asked again when its row moves.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.plan.row_identity import RowIdentities
from tapc.plan.seating import Numbers, Places, seat
from tapc.plan.slots import SlotPlaces, Slots
from tapc.quota import Allocation, QuotaProblem
from tapc.quota.arrays import Words, rank_in_group, scramble
from tapc.steps import InputRow, Origin
from tapc.templates import AxisViews

Ints = npt.NDArray[np.int64]

_SHOWN = 12
"""Most pools named in one diagnostic."""

_CHUNK = 4096

_POINTS = ((1 << 8, 1 << 12), (1 << 12, 1 << 8), (1 << 16, 1 << 4), (1 << 28, 1 << 2))
"""Points of each group, for at most so many groups; see `_points_by_share`."""

NO_POOL = -1


class Rows(Protocol):
    """Rows of one input step, read and sorted by the caller."""

    @property
    def step(self) -> str:
        """Name of the input step."""
        ...

    @property
    def axes(self) -> tuple[str, ...]:
        """Axes that decide which rows a slot may have, sorted."""
        ...

    @property
    def pool_of(self) -> Mapping[tuple[str, ...], int]:
        """The pool of a combination of values (names, dotted paths) of `axes`; one without rows may be missing."""
        ...

    @property
    def pools(self) -> tuple[Ints, ...]:
        """Numbers of rows in order of the hash of their text, by pool."""
        ...

    @property
    def identities(self) -> RowIdentities:
        """What rows are drawn as."""
        ...

    @property
    def digest(self) -> bytes:
        """Hash over the content hashes of all rows and their pools."""
        ...

    @property
    def lost(self) -> tuple[str, ...]:
        """Rows that no slot can get, whatever the axes are, in words."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for a report of a shortage: missing files, rows that belong nowhere."""
        ...

    @property
    def longest(self) -> InputRow | None:
        """A row with the longest text of all rows in each field, for bounds; None if there are no rows."""
        ...

    def read(self, number: int) -> InputRow:
        """The content of one row."""
        ...


class RowAssignment(msgspec.Struct, frozen=True, dict=True):
    """The rows of one input by slot.

    Attributes:
        rows: the input.
        row_of_rank: number of the row of each planned slot, by rank.
        spare: rows left for replacements by pool, in order of their hashes.
        pool_of_axes: finds the pool of a cell.
    """

    rows: Rows
    row_of_rank: Ints
    spare: tuple[Ints, ...]
    pool_of_axes: "PoolFinder"

    def between(self, start: int, stop: int) -> Iterator[Origin]:
        """What slots are drawn as whose identity is the row of this input; see `tapc.plan.slots.Origins`."""
        for first in range(start, stop, _CHUNK):
            yield from self.rows.identities.origins(self.row_of_rank[first : min(first + _CHUNK, stop)])

    def has(self, rank: int, drawn: Origin) -> bool:
        """Whether a rank is that of the planned slot which is drawn as this."""
        return rank < len(self.row_of_rank) and self.rows.identities.matches(int(self.row_of_rank[rank]), drawn)

    def drawn_words(self) -> tuple[Words, Words]:
        """What planned slots are drawn as, by rank, as two words."""
        first, second = self.rows.identities.words[self.row_of_rank].T
        copies = self.rows.identities.copies(self.row_of_rank).astype(np.uint64)
        return first, second ^ scramble(copies)

    def rank(self, drawn: Origin) -> int | None:
        """The rank of the planned slot whose row is drawn as this; None if there is none."""
        row = self.rows.identities.find(drawn)
        if row < 0:
            return None
        rank = int(self._ranks[row])
        return None if rank < 0 else rank

    @cached_property
    def _ranks(self) -> Ints:
        """The rank of every row, -1 of those that no planned slot has."""
        size = len(self.rows.identities)
        found = np.full(size, -1, np.int64)
        found[self.row_of_rank] = np.arange(len(self.row_of_rank))
        return found


class PoolFinder:
    """Finds the pool of a cell by its leaf and values."""

    def __init__(self, rows: Rows, views: AxisViews) -> None:
        self._rows = rows
        self._views = views
        self._known: dict[tuple[int, tuple[int, ...]], int] = {}

    def pool(self, leaf: int, values: tuple[int, ...]) -> int:
        """The number of the pool, -1 if no row fits."""
        found = self._known.get((leaf, values))
        if found is None:
            axes = self._views.axes(leaf, values)
            name = tuple(axes[axis] for axis in self._rows.axes)
            found = self._known[leaf, values] = self._rows.pool_of.get(name, NO_POOL)
        return found


def assign_rows(
    rows: Rows, allocation: Allocation, slots: Slots, views: AxisViews
) -> RowAssignment | list[QuotaProblem]:
    """Assign the rows of one input to all planned slots, or say which pools have too few."""
    finder = PoolFinder(rows, views)
    _, first, inverse = np.unique(_relevant(rows.axes, allocation), axis=0, return_index=True, return_inverse=True)
    pools = np.array(
        [finder.pool(int(allocation.leaf[i]), tuple(allocation.values[i].tolist())) for i in first.tolist()], np.int64
    )
    pool_of_cell = pools[inverse.reshape(-1)]
    sizes = np.array([len(pool) for pool in rows.pools], np.int64)
    wanted = np.zeros(len(sizes), np.int64)
    np.add.at(wanted, pool_of_cell[pool_of_cell >= 0], allocation.count[pool_of_cell >= 0])
    problem = _shortage(rows, allocation, views, pool_of_cell, sizes, wanted)
    if problem is not None:
        return [problem]
    used = [pool[: wanted[number]] for number, pool in enumerate(rows.pools)]
    row_of_rank = _seated(
        rows.identities, np.concatenate(used or [pools[:0]]), pool_of_cell, allocation, slots.places()
    )
    spare = tuple(pool[wanted[number] :] for number, pool in enumerate(rows.pools))
    return RowAssignment(rows, row_of_rank, spare, finder)


def _seated(
    identities: RowIdentities, used: Ints, pool_of_cell: Ints, allocation: Allocation, places: SlotPlaces
) -> Ints:
    """The row of every slot, by rank.

    Args:
        identities: what rows are drawn as.
        used: the rows to be assigned, by pool, in the order in which they are used.
        pool_of_cell: pool of every cell.
        allocation: the cells.
        places: the slots.
    """
    bands = int(places.band[-1]) + 1 if len(places.band) else 1
    # The rows of a pool and band are seated in the base cells of that band, then those of each cell in its slots.
    if bands == 1 and allocation.late is None:
        index, cell, seats, pool = np.arange(len(allocation)), places.cell, allocation.count, pool_of_cell
    else:
        pools = int(pool_of_cell.max(initial=0)) + 1
        numbers = (places.base.astype(np.int64) * bands + places.band) * pools + pool_of_cell[places.cell]
        parts, cell, seats = np.unique(numbers, return_inverse=True, return_counts=True)
        index, pool, cell = (
            parts // pools // bands,
            parts % pools * bands + parts // pools % bands,
            cell.astype(np.int32),
        )
    _, group = np.unique(pool, return_inverse=True)
    words = allocation.base.words[0][index], allocation.base.words[1][index]
    sizes = np.bincount(group, seats).astype(np.int64)
    share = _points_by_share(group, seats, sizes)
    owner = np.repeat(np.arange(len(index)), share)
    own = row_points(identities, used)
    cell_of_row = seat(
        own,
        np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        Places(group, seats, slot_points(words[0][owner], words[1][owner], rank_in_group(owner)), owner),
    )
    by_cell = np.argsort(cell_of_row, kind="stable")
    own, used, cell_of_row = scramble(own[by_cell]), used[by_cell], cell_of_row[by_cell]
    del by_cell
    slots = slot_points(words[0][cell], words[1][cell], places.ordinal)
    ranks = np.arange(len(used), dtype=np.int32)
    row_of_rank = np.empty(len(used), np.int64)
    row_of_rank[seat(own, cell_of_row, Places(cell, np.ones_like(ranks), slots, ranks))] = used
    return row_of_rank


def _points_by_share(group: Ints, seats: Ints, sizes: Ints) -> Ints:
    """The number of points of each cell, by its share of the seats of its group, so that more seats hardly change it.

    With more points, fewer rows find their cell full; for many groups they would take too much memory.
    """
    several = int((np.bincount(group) > 1).sum())
    points = next(most for groups, most in _POINTS if several <= groups)
    return np.maximum(1, (2 * points * seats + sizes[group]) // (2 * sizes[group]))


def slot_points(first: Words, second: Words, ordinal: Numbers) -> Words:
    """Points of slots for `seat`, from the hash of their cell and their ordinal."""
    return scramble(first ^ scramble(second ^ scramble(ordinal.astype(np.uint64))))


def row_points(identities: RowIdentities, rows: Ints) -> Words:
    """Points of rows for `seat`; not the word that rows are sorted by."""
    return scramble(identities.words[rows, 1] ^ scramble(identities.copies(rows).astype(np.uint64)))


def _relevant(axes: tuple[str, ...], allocation: Allocation) -> Ints:
    """The columns of the cells that decide the pool."""
    names = [name for name, _ in allocation.mixes]
    columns = [allocation.values[:, names.index(axis)] if axis in names else allocation.leaf for axis in axes]
    return np.stack(columns or [np.zeros(len(allocation), np.int64)], axis=1)


def _shortage(
    rows: Rows, allocation: Allocation, views: AxisViews, pool_of_cell: Ints, sizes: Ints, wanted: Ints
) -> QuotaProblem | None:
    """The problem of too few rows, with the numbers by combination of values."""
    short = (pool_of_cell < 0) | (wanted > sizes)[np.maximum(pool_of_cell, 0)] if len(sizes) else pool_of_cell < 0
    if not short.any():
        return None
    need: dict[tuple[str, ...], int] = {}
    have: dict[tuple[str, ...], int] = {}
    for i in np.flatnonzero(short).tolist():
        axes = views.axes(int(allocation.leaf[i]), allocation.values[i].tolist())
        name = tuple(axes[axis] for axis in rows.axes)
        need[name] = need.get(name, 0) + int(allocation.count[i])
        pool = int(pool_of_cell[i])
        have[name] = 0 if pool < 0 else int(sizes[pool])
    if not rows.axes:
        there = sum(have.values())
        message = f"`{rows.step}` has {there:,} rows, and {allocation.samples:,} slots need one each"
        return _problem(rows, message, ())
    lines = [
        f"{_name(rows.axes, name)}: {have[name]:,} rows for {count:,} slots" for name, count in sorted(need.items())
    ]
    more = [f"and {len(lines) - _SHOWN:,} more"] if len(lines) > _SHOWN else []
    where = " and ".join(rows.axes)
    message = f"`{rows.step}` has too few rows for {len(lines):,} value{'s' if len(lines) > 1 else ''} of {where}"
    return _problem(rows, message, (*lines[:_SHOWN], *more))


def _problem(rows: Rows, message: str, lines: tuple[str, ...]) -> QuotaProblem:
    paths = (f"step.{rows.step}.file", f"step.{rows.step}.hub")
    return QuotaProblem(
        "rows", message, paths, (*lines, *rows.notes, "lower `samples`, add rows, or write `samples all`")
    )


def _name(axes: tuple[str, ...], values: tuple[str, ...]) -> str:
    return ", ".join(f"{axis} {value}" for axis, value in zip(axes, values, strict=True))
