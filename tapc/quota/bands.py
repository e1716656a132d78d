"""Bands: the slots of each cell in order of the plan that added them.

The slots of a cell are numbered by ordinals, and a plan that lowers the count of a cell takes away its highest
ordinals. So the plan that added an ordinal follows from the events of the lock. Slots are ordered by that plan before
anything else (`tapc.plan.slots`): a larger plan appends slots, and those of earlier plans keep their order.
"""

from collections.abc import Callable

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints, Words, scramble
from tapc.quota.divisions import Divisions, together
from tapc.quota.locked import Events, Lock, cell_words, find, tidied


class Band(msgspec.Struct, frozen=True):
    """Slots that one plan added.

    Attributes:
        cells: indices of the cells that have some, ascending.
        sizes: number of slots of each of these cells, above 0.
    """

    cells: Ints
    sizes: Ints


def make_bands(lock: Lock | None, taxonomy: str, mixes: tuple[str, ...], words: Words, count: Ints) -> tuple[Band, ...]:
    """The bands of a plan, oldest first; the last has what the lock did not have.

    Args:
        lock: the lock that the plan was made with.
        taxonomy: name of the taxonomy of the plan.
        mixes: mixes of its cells.
        words: the first half of the content hash of every cell.
        count: samples of every cell.
    """
    had = np.zeros(len(count), np.int64)
    bands: list[Band] = []
    if lock is not None and lock.taxonomy == taxonomy and len(count):
        first, second = cell_words(lock, mixes)
        group = _cells_of(hash_words(first, second)[0], words)
        for cells, sizes in surviving(group[lock.events.cell], lock.events.plan, lock.events.change, len(count)):
            left = np.minimum(sizes, (count - had)[cells])
            had[cells] += left
            bands.append(Band(cells[left > 0], left[left > 0]))
    fresh = np.flatnonzero(count > had)
    bands.append(Band(fresh, (count - had)[fresh]))
    return tuple(band for band in bands if len(band.cells))


def hash_words(first: Words, second: Words) -> tuple[Words, Words]:
    """The content hash of cells, from the sums of the content words of their parts."""
    return scramble(first ^ scramble(second)), scramble(second)


def _cells_of(theirs: Words, words: Words) -> Ints:
    """The cell of the plan that each cell of a lock belongs to, -1 if there is none."""
    order = np.argsort(words, kind="stable")
    at = find(words[order], theirs)
    return np.where(at >= 0, order[at], -1)


def surviving(cell: Ints, plan: Ints, change: Ints, cells: int) -> list[tuple[Ints, Ints]]:
    """Cells and sizes of every band after all events, in order of the plans.

    Args:
        cell: cell of every event, -1 of events to be ignored.
        plan: its plan.
        change: what it adds; events of one cell and plan are added up.
        cells: number of cells.
    """
    per_plan: list[tuple[Ints, Ints, Ints]] = []
    count = np.zeros(cells, np.int64)
    for number in np.unique(plan[cell >= 0]).tolist():
        chosen = (plan == number) & (cell >= 0)
        touched, place = np.unique(cell[chosen], return_inverse=True)
        added = np.zeros(len(touched), np.int64)
        np.add.at(added, place.reshape(-1), change[chosen])
        before = count[touched]
        count[touched] = before + added
        per_plan.append((touched, before, before + added))
    # Backwards: an ordinal that plan j added is still there if it is below the least count from j on, `low`.
    low = count
    found: list[tuple[Ints, Ints]] = []
    for touched, before, after in reversed(per_plan):
        low[touched] = np.minimum(low[touched], after)
        size = np.maximum(low[touched] - before, 0)
        some = size > 0
        found.append((touched[some], size[some]))
    return found[::-1]


def flattened(lock: Lock, plan: int) -> Lock:
    """A lock that of early plans remembers only which slots each of them added, and cannot return before `plan`.

    The bands of the latest plan stay as they are. (They are bands of cells of its mixes, so if the mixes changed in
    between, all plans but the latest are given up.)
    """
    early, parts = lock.events.plan <= plan, lock.divisions
    mixes = _mixes_of(lock, np.ones(len(early), np.bool_))
    if _mixes_of(lock, early) != mixes:
        plan, early = lock.plans, np.ones(len(early), np.bool_)
    then = lock.events.select(early)
    alive = _alive(lock, early)
    words = cell_words(lock, mixes)[0]
    group = _cells_of(words, words[alive])
    bands = surviving(group[then.cell], then.plan, then.change, len(alive))
    late = lock.events.select(~early)
    shift = len(bands) - plan  # of the numbers of later plans; then those of bands that are all gone fall out
    raw = np.concatenate((*(np.full(len(cells), n) for n, (cells, _) in enumerate(bands, 1)), late.plan + shift))
    later = np.zeros(0, np.int64) if parts is None else parts.plan[parts.plan > plan]
    numbers = np.unique(np.concatenate((raw, later + shift)))
    cell = np.concatenate((*(alive[cells] for cells, _ in bands), late.cell))
    change = np.concatenate((*(sizes for _, sizes in bands), late.change))
    order = np.lexsort((raw, cell))

    def number(old: Ints) -> Ints:
        return np.searchsorted(numbers, old + shift, side="right").astype(np.int64)

    return tidied(
        msgspec.structs.replace(
            lock,
            events=Events(cell[order], np.searchsorted(numbers, raw[order]).astype(np.int64) + 1, change[order]),
            marks=tuple(
                msgspec.structs.replace(mark, plan=int(number(np.array(mark.plan))))
                for mark in lock.marks
                if mark.plan >= plan
            ),
            joined=tuple((name, int(number(np.array(since)))) for name, since in lock.joined if since > plan),
            divisions=None if parts is None else _renumbered(parts, plan, number),
        )
    )


def _renumbered(parts: Divisions, plan: int, number: Callable[[Ints], Ints]) -> Divisions:
    """Versions with other numbers of plans, and one version of each cell up to a plan."""
    state = parts.select(parts.plan <= plan).current()
    state = msgspec.structs.replace(state, plan=np.full(len(state.plan), plan))
    found = together(state, parts.select(parts.plan > plan))
    return msgspec.structs.replace(found, plan=number(found.plan))


def _alive(lock: Lock, chosen: Flags) -> Ints:
    """Cells that have samples after some of the events."""
    count = np.zeros(len(lock.count), np.int64)
    np.add.at(count, lock.events.cell[chosen], lock.events.change[chosen])
    return np.flatnonzero(count)


def _mixes_of(lock: Lock, chosen: Flags) -> tuple[str, ...]:
    """Mixes of the cells that have samples after some of the events."""
    used: list[bool] = np.any(lock.values[_alive(lock, chosen)] >= 0, axis=0).tolist()
    return tuple(name for (name, _), there in zip(lock.mixes, used, strict=True) if there)
