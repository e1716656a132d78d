"""Assigns rows to slots: rows in order of their hashes to slots in order of rank, without replacement.

Some axes decide which rows a slot may have (those whose values are in a column or in the name of the file): slots with
the same values of these axes draw from one *pool*. So the row of a slot depends only on its position among the slots of
its pool, and a larger set of slots does not change the rows of the earlier ranks.
"""

from collections.abc import Mapping
from typing import Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.plan.slots import Slots
from tapc.quota import Allocation, QuotaProblem
from tapc.steps import InputRow, SlotKey
from tapc.templates import AxisViews

Ints = npt.NDArray[np.int64]

_SHOWN = 12
"""Most pools named in one diagnostic."""

_NO_POOL = -1


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
        """Numbers of rows in order of their content hash, by pool."""
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


class RowAssignment(msgspec.Struct, frozen=True):
    """The rows of one input by slot.

    Attributes:
        rows: the input.
        row_of_rank: number of the row of each planned slot, by rank; -1 if there is none.
        spare: rows left for replacements by pool, in hash order.
    """

    rows: Rows
    row_of_rank: Ints
    spare: tuple[Ints, ...]
    pool_of_axes: "PoolFinder"


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
            found = self._known[leaf, values] = self._rows.pool_of.get(name, _NO_POOL)
        return found


class RowAssigner:
    """Gives slots their rows; see `tapc.steps.RowSource`.

    Each fold needs its own: replacements get rows in the order in which they are admitted, which is by rank.
    """

    def __init__(self, assignment: RowAssignment) -> None:
        self._assignment = assignment
        self._taken = [0] * len(assignment.spare)
        self._replaced: dict[tuple[bytes, int], int] = {}

    def row(self, key: SlotKey) -> InputRow | None:
        """The row of a slot, None if none is left."""
        of_rank = self._assignment.row_of_rank
        number = self._replacement(key) if key.rank >= len(of_rank) else int(of_rank[key.rank])
        return None if number < 0 else self._assignment.rows.read(number)

    def _replacement(self, key: SlotKey) -> int:
        known = self._replaced.get((key.cell, key.ordinal))
        if known is None:
            known = self._draw(self._assignment.pool_of_axes.pool(key.leaf, key.values))
            self._replaced[key.cell, key.ordinal] = known
        return known

    def _draw(self, pool: int) -> int:
        if pool == _NO_POOL or self._taken[pool] >= len(self._assignment.spare[pool]):
            return -1
        self._taken[pool] += 1
        return int(self._assignment.spare[pool][self._taken[pool] - 1])


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
    pool_of_rank = pool_of_cell[slots.cells()]
    order = np.argsort(pool_of_rank, kind="stable")
    row_of_rank = np.full(len(pool_of_rank), -1, np.int64)
    at = int((pool_of_rank < 0).sum())
    for number, pool in enumerate(rows.pools):
        row_of_rank[order[at : at + wanted[number]]] = pool[: wanted[number]]
        at += int(wanted[number])
    spare = tuple(pool[wanted[number] :] for number, pool in enumerate(rows.pools))
    return RowAssignment(rows, row_of_rank, spare, finder)


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
