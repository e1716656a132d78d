"""Divides the slots of base cells among their cells, and moves as few of them as possible from one plan to the next."""

import msgspec
import numpy as np

from tapc.quota.arrays import Ints, Words
from tapc.quota.batches import Batches, before, extent_of, shortened
from tapc.quota.locked import find


class Bases(msgspec.Struct, frozen=True):
    """Base cells.

    Attributes:
        count: samples of each.
        flip: see `tapc.quota.batches.flips`.
    """

    count: Ints
    flip: Ints


class Targets(msgspec.Struct, frozen=True):
    """Cells, and the groups of them in which slots should stay: cells that agree on the mixes that slots had before.

    Attributes:
        base: base cell of each.
        count: samples.
        word: a hash, which decides their order.
        group: a hash of what the cells of a group agree on, their base cell included.
    """

    base: Ints
    count: Ints
    word: Words
    group: Words


class Earlier(msgspec.Struct, frozen=True):
    """How base cells were divided before: parts in order of base cell, batch and place.

    Attributes:
        base, batch, size: see `Batches`.
        group: the group of cells in which the slots of each part were.
        count: samples that every base cell had.
    """

    base: Ints
    batch: Ints
    size: Ints
    group: Words
    count: Ints


def divide(bases: Bases, targets: Targets, earlier: Earlier | None) -> Batches:
    """Divide the slots of base cells among cells.

    Slots that were there before stay in their group of cells where its count allows it; so the number of slots that
    leave their group is the least possible. Those of late batches leave first. New slots are a batch of their own.

    Args:
        bases: the base cells.
        targets: the cells; the counts of those of a base cell add up to its count.
        earlier: the division before; None without one.
    """
    order = np.lexsort((targets.word, targets.group, targets.base))
    base, group = targets.base[order], targets.group[order]
    new = np.concatenate(([True], (base[1:] != base[:-1]) | (group[1:] != group[:-1])))
    new = new if len(base) else np.zeros(0, np.bool_)
    starts = np.flatnonzero(new)
    want = np.add.reduceat(targets.count[order], starts) if len(starts) else np.zeros(0, np.int64)
    parts = _survivors(bases, earlier, group[starts])
    parts = _regrouped(bases, parts, want)
    return _refined(parts, starts, targets.count[order], order)


def _survivors(bases: Bases, earlier: Earlier | None, groups: Words) -> Batches:
    """The parts from before without slots that are gone; their `cell` is the number of the group, -1 if it is gone."""
    if earlier is None:
        none = np.zeros(0, np.int64)
        return Batches(none, none, none, none)
    most = np.minimum(earlier.count, bases.count)
    size = shortened(earlier.base, earlier.batch, earlier.size, most, bases.flip)
    by_word = np.argsort(groups, kind="stable")
    at = find(groups[by_word], earlier.group)
    number = np.where(at >= 0, by_word[at], -1) if len(groups) else at
    return Batches(earlier.base, earlier.batch, size, number).select(np.flatnonzero(size))


def _regrouped(bases: Bases, parts: Batches, want: Ints) -> Batches:
    """Parts whose sizes by group are those wanted; `cell` is the number of the group.

    Args:
        bases: the base cells.
        parts: what they had.
        want: samples of every group; groups are in order of base cells.
    """
    known = parts.cell >= 0
    ahead = before(np.maximum(parts.cell, 0), np.where(known, parts.size, 0))
    keep = np.where(known, np.clip(want[parts.cell] - ahead, 0, parts.size), 0) if len(want) else parts.size * 0
    need = want.copy()
    np.subtract.at(need, parts.cell[known], keep[known])
    had = np.zeros(len(bases.count), np.int64)
    np.add.at(had, parts.base, parts.size)
    batches = np.zeros(len(bases.count), np.int64)
    np.maximum.at(batches, parts.base, parts.batch + 1)
    # What is free, by base cell: the last slots of parts that are too large, then the new batch.
    fresh = np.flatnonzero(bases.count > had)
    loose = np.flatnonzero(parts.size > keep)
    free = Batches(
        base=np.concatenate((parts.base[loose], fresh)),
        batch=np.concatenate((parts.batch[loose], batches[fresh])),
        size=np.concatenate(((parts.size - keep)[loose], (bases.count - had)[fresh])),
        cell=np.concatenate((loose, np.full(len(fresh), len(parts.size)))),  # the part that each follows
    )
    free = free.select(np.argsort(free.base, kind="stable"))
    missing = np.flatnonzero(need)
    source, target, size = _overlaid(free.size, need[missing])
    kept = np.flatnonzero(keep)
    found = Batches(
        base=np.concatenate((parts.base[kept], free.base[source])),
        batch=np.concatenate((parts.batch[kept], free.batch[source])),
        size=np.concatenate((keep[kept], size)),
        cell=np.concatenate((parts.cell[kept], missing[target])),
    )
    follows = np.concatenate((kept, free.cell[source]))
    later = np.concatenate((np.zeros(len(kept), np.int64), 1 + np.arange(len(source))))
    return found.select(np.lexsort((later, follows, found.batch, found.base)))


def _overlaid(first: Ints, second: Ints) -> tuple[Ints, Ints, Ints]:
    """Two divisions of one range into consecutive parts as one: for each finer part the two that it is in, its size."""
    ends, others = np.cumsum(first), np.cumsum(second)
    edges = np.union1d(ends, others)
    size = np.diff(edges, prepend=0)
    start = edges - size
    return np.searchsorted(ends, start, side="right"), np.searchsorted(others, start, side="right"), size


def _refined(parts: Batches, starts: Ints, count: Ints, order: Ints) -> Batches:
    """Parts of groups divided among the cells of each group, every part by about the shares of the group.

    Args:
        parts: the parts.
        starts: first cell of every group.
        count: samples of every cell.
        order: index of every cell in the result.
    """
    sizes = np.diff(np.append(starts, len(count)))
    left, group = parts.size.copy(), parts.cell
    whole = np.zeros(len(starts), np.int64)
    np.add.at(whole, group, left)
    held: list[tuple[Ints, Ints, Ints]] = []  # part, size, cell
    for turn in range(int(sizes.max(initial=0))):
        # One cell of each group after another takes its count from what is left of the parts. Of the first x of n
        # slots it takes floor(count * x / n), so the sum is exact, and no part gives more than it has.
        has = turn < sizes
        cell = np.where(has, starts + turn, 0)
        takes = np.where(has, count[cell], 0)
        ahead = before(group, left)
        total = np.maximum(whole, 1)[group]
        took = takes[group] * (ahead + left) // total - takes[group] * ahead // total
        some = np.flatnonzero(took)
        held.append((some, took[some], cell[group[some]]))
        left = left - took
        whole = whole - takes
    part, size, cell = (np.concatenate(columns) for columns in zip(*held, strict=True)) if held else (left, left, left)
    by_part = np.argsort(part, kind="stable")
    part = part[by_part]
    return _joined(Batches(parts.base[part], parts.batch[part], size[by_part], order[cell[by_part]]))


def _joined(parts: Batches) -> Batches:
    """Parts of which none continues the one before; batches are numbered from 0."""
    if not len(parts.base):
        return parts
    extent = extent_of(parts.base, parts.batch, parts.size)
    ranks = before(extent.base, np.ones(len(extent.base), np.int64))
    batch = ranks[extent.of]
    first = np.flatnonzero(
        np.concatenate(([True], (extent.of[1:] != extent.of[:-1]) | (parts.cell[1:] != parts.cell[:-1])))
    )
    return Batches(parts.base[first], batch[first], np.add.reduceat(parts.size, first), parts.cell[first])
