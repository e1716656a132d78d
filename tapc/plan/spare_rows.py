"""Rows of slots while a plan is run: those that were assigned, and those that replacements get.

A slot that fails is replaced by one with a row that is left in the pool of its cell, in the order in which they are
admitted. Each replacement takes the nearest row after a point of its own on a circle of all that are left. So which
rows other slots failed with, and what is edited in the file, moves few of the others. A replacement without a row is
short.
"""

from collections.abc import Mapping

import numpy as np

from tapc.plan.assignment import NO_POOL, Ints, RowAssignment, row_points, slot_points
from tapc.plan.slots import Slots, SpareSlots
from tapc.quota.arrays import Words
from tapc.steps import InputRow, Origin, SlotKey


class SpareRows:
    """The rows of an input that are left, with those that are taken. Each fold needs its own."""

    def __init__(self, assignment: RowAssignment) -> None:
        self._assignment = assignment
        self._circles: dict[int, tuple[Ints, Words]] = {}
        self._next: dict[tuple[int, int], int] = {}

    def take(self, key: SlotKey, point: np.uint64) -> int:
        """The number of a row that fits into the cell of a slot, -1 if none is left."""
        pool = self._assignment.pool_of_axes.pool(key.leaf, key.values)
        if pool == NO_POOL or not len(self._assignment.spare[pool]):
            return -1
        rows, points = self._circle(pool)
        start = int(np.searchsorted(points, point))
        at = self._free(pool, start)
        if at == len(rows):
            at = self._free(pool, 0)
        if at == len(rows):
            return -1
        self._next[pool, at] = at + 1
        return int(rows[at])

    def _circle(self, pool: int) -> tuple[Ints, Words]:
        """The rows of a pool in order of their points."""
        found = self._circles.get(pool)
        if found is None:
            rows = self._assignment.spare[pool]
            points = row_points(self._assignment.rows.identities, rows)
            order = np.argsort(points, kind="stable")
            found = self._circles[pool] = rows[order], points[order]
        return found

    def _free(self, pool: int, at: int) -> int:
        """The first row from a place on that is not taken. Taken ones refer to a later place, ever further."""
        passed: list[int] = []
        while (later := self._next.get((pool, at))) is not None:
            passed.append(at)
            at = later
        for place in passed:
            self._next[pool, place] = at
        return at


def _point(drawn: Origin) -> np.uint64:
    """The point of a slot from two words and a number."""
    first, second = (np.array([int.from_bytes(half, "big")], np.uint64) for half in (drawn.cell[:8], drawn.cell[8:]))
    return slot_points(first, second, np.array([drawn.ordinal]))[0]


class RowSlots:
    """Replacements where slots are drawn as rows; see `tapc.engine.SpareSlots`. Each fold needs its own."""

    def __init__(self, slots: Slots, assignment: RowAssignment) -> None:
        self._slots = slots
        self._places = SpareSlots(slots)
        self._identities = assignment.rows.identities
        self._spare = SpareRows(assignment)

    def planned(self, key: SlotKey) -> int:
        """See `tapc.engine.SpareSlots`."""
        return self._slots.planned(key)

    def replacement(self, key: SlotKey, used: int, rank: int) -> SlotKey:
        """A replacement with a row of its own; one without, if none is left, is drawn as its place in the cell."""
        made = self._places.replacement(key, used, rank)
        base, planned = self._slots.base_of(key)
        # A larger plan leaves the rows of replacements, so they are numbered apart from what is planned.
        row = self._spare.take(made, _point(Origin(base, made.drawn.ordinal - planned)))
        if row < 0:
            return made
        drawn = self._identities.origins(np.array([row]))[0]
        return SlotKey(made.cell, made.ordinal, made.rank, made.leaf, made.values, drawn, made.drawn)


class OwnRows:
    """Rows of the input whose rows slots are drawn as; see `tapc.steps.RowSource`."""

    def __init__(self, assignment: RowAssignment) -> None:
        self._row_of_rank = assignment.row_of_rank
        self._identities = assignment.rows.identities
        self._read = assignment.rows.read

    def row(self, key: SlotKey) -> InputRow | None:
        """The row that a slot is drawn as, None if it has none."""
        if key.rank < len(self._row_of_rank):
            number = int(self._row_of_rank[key.rank])
            if self._identities.matches(number, key.drawn):  # as for every planned slot
                return self._read(number)
        number = self._identities.find(key.drawn)
        return None if number < 0 else self._read(number)


class FurtherRows:
    """Rows of another input; see `tapc.steps.RowSource`. Each fold needs its own.

    Args:
        assignment: of this input.
        own: of the input whose rows slots are drawn as.
    """

    def __init__(self, assignment: RowAssignment, own: RowAssignment) -> None:
        self._assignment = assignment
        self._own = own
        self._spare = SpareRows(assignment)
        self._taken: dict[Origin, int] = {}

    def row(self, key: SlotKey) -> InputRow | None:
        """The row of a slot, None if none is left."""
        if self._own.has(key.rank, key.drawn):
            number = int(self._assignment.row_of_rank[key.rank])
        else:
            number = self._replacement(key)
        return None if number < 0 else self._assignment.rows.read(number)

    def _replacement(self, key: SlotKey) -> int:
        known = self._taken.get(key.drawn)
        if known is None:
            known = self._taken[key.drawn] = self._spare.take(key, _point(key.drawn))
        return known


def row_sources(assignments: Mapping[str, RowAssignment], own: str) -> dict[str, OwnRows | FurtherRows]:
    """Where slots get the rows of every input.

    Args:
        assignments: by name of the input.
        own: the input whose rows slots are drawn as.
    """
    return {
        name: OwnRows(given) if name == own else FurtherRows(given, assignments[own])
        for name, given in assignments.items()
    }
