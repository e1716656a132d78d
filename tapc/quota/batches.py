"""Which slots of a base cell are in which cell, where mixes were added later.

Samples are drawn without late mixes, as ordinals of a *base cell*: a leaf with one value of every identity mix. Late
mixes divide the samples of a base cell among *cells*, and each ordinal of the base cell is in one of them.

The ordinals of a base cell that were divided at the same time are a *batch*. They are put in an order in which any
range is spread evenly over the ordinals, their *places*: by their bits in reverse (van der Corput 1935), flipped by
bits of the hash of the base cell, so that the first ordinals of different base cells have different places. A batch is
a list of *parts*: consecutive places whose slots are in the same cell. So memory grows with the number of cells, the
first slots are spread over the values of late mixes, and a part can give up some slots without moving another one.
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Ints, Words

_FLIPPED = np.uint64((1 << 31) - 1)
"""Bits of a hash that flip places: more than the number of samples has."""


class Batches(msgspec.Struct, frozen=True):
    """Parts in order of base cell, batch and place; those of a base cell cover its ordinals from 0 on.

    Attributes:
        base: base cell of every part.
        batch: number of its batch within the base cell, from 0.
        size: slots, above 0.
        cell: cell of every part.
    """

    base: Ints
    batch: Ints
    size: Ints
    cell: Ints

    def select(self, rows: Ints) -> "Batches":
        """Some of the parts, in a given order."""
        return Batches(self.base[rows], self.batch[rows], self.size[rows], self.cell[rows])


def flips(words: Words) -> Ints:
    """The bits that flip the places of base cells, from the first half of their hashes."""
    return (words & _FLIPPED).astype(np.int64)


def places_of(ordinals: Ints, size: Ints, flip: Ints) -> Ints:
    """The places of ordinals in batches that begin at ordinal 0.

    In other words: how many of the ordinals below `size` come before them in the order of places.
    """
    found = np.zeros(ordinals.shape, np.int64)
    most = max(int(size.max(initial=0)), int(ordinals.max(initial=-1)) + 1)
    bit = 0
    while 1 << bit < most:
        # An ordinal that differs first in this bit (from the lowest on) comes before if its flipped bit is 0.
        own = (ordinals >> bit) & 1
        other = (ordinals & ((1 << bit) - 1)) | ((1 - own) << bit)
        found += np.where(own != (flip >> bit) & 1, _equal(other, size, bit), 0)
        bit += 1
    return found


def ordinals_at(places: Ints, size: Ints, flip: Ints) -> Ints:
    """The ordinals at places below `size`: the inverse of `places_of`."""
    found, left = np.zeros(places.shape, np.int64), places.copy()
    bit = 0
    while 1 << bit < int(size.max(initial=0)):
        first = found | (((flip >> bit) & 1) << bit)
        count = _equal(first, size, bit)
        later = left >= count
        left -= np.where(later, count, 0)
        found = np.where(later, first ^ (1 << bit), first)
        bit += 1
    return found


def _equal(ordinals: Ints, size: Ints, bit: int) -> Ints:
    """How many ordinals below `size` have the same bits up to `bit` as these, which have no others."""
    step = 1 << (bit + 1)
    return np.maximum(size - ordinals + step - 1, 0) // step


class Extent(msgspec.Struct, frozen=True):
    """The batches of parts.

    Attributes:
        of: batch of every part, as an index into the following.
        first: first part.
        base: base cell.
        start: first ordinal within the base cell.
        size: slots.
    """

    of: Ints
    first: Ints
    base: Ints
    start: Ints
    size: Ints


def extent_of(base: Ints, batch: Ints, size: Ints) -> Extent:
    """The batches of parts in order of base cell and batch."""
    if not len(base):
        none = np.zeros(0, np.int64)
        return Extent(none, none, none, none, none)
    new = np.concatenate(([True], (base[1:] != base[:-1]) | (batch[1:] != batch[:-1])))
    first = np.flatnonzero(new)
    sizes = np.add.reduceat(size, first)
    return Extent(np.cumsum(new) - 1, first, base[first], before(base[first], sizes), sizes)


def before(group: Ints, size: Ints) -> Ints:
    """The sum of the sizes of earlier elements of the same group; the elements of a group need not be together."""
    order = np.argsort(group, kind="stable")
    sums = np.cumsum(size[order]) - size[order]
    first = np.concatenate(([True], group[order][1:] != group[order][:-1])) if len(group) else np.zeros(0, np.bool_)
    found = np.empty(len(group), np.int64)
    found[order] = sums - np.maximum.accumulate(np.where(first, sums, 0)) if len(group) else sums
    return found


def shortened(base: Ints, batch: Ints, size: Ints, most: Ints, flip: Ints) -> Ints:
    """The sizes of parts without the ordinals from `most` of their base cell on; 0 where nothing is left.

    Args:
        base: base cell of every part, see `Batches`.
        batch: its batch.
        size: its slots.
        most: ordinals to keep, by base cell.
        flip: see `flips`, by base cell.
    """
    extent = extent_of(base, batch, size)
    left = np.clip(most[extent.base] - extent.start, 0, extent.size)
    cut = (left < extent.size)[extent.of]
    if not cut.any():
        return size
    # A part keeps the ordinals below `left`, so its first place becomes the number of those before its first ordinal.
    own, flipped = extent.of[cut], flip[base[cut]]
    start = np.cumsum(size) - size
    place = start[cut] - start[extent.first[own]]
    moved = places_of(ordinals_at(place, extent.size[own], flipped), left[own], flipped)
    ends = np.append(moved[1:], 0)
    last = np.append(own[1:] != own[:-1], np.True_)
    found = size.copy()
    found[cut] = np.where(last, left[own], ends) - moved
    return found


class Placement:
    """Finds the cell of a slot from its base cell and its ordinal there.

    Args:
        batches: the parts.
        count: samples of every base cell.
        flip: see `flips`, by base cell.
    """

    def __init__(self, batches: Batches, count: Ints, flip: Ints) -> None:
        self._flip = flip
        self._first = np.cumsum(count) - count
        extent = extent_of(batches.base, batches.batch, batches.size)
        # Slots are numbered through by base cell, batch and place.
        self._starts = np.cumsum(extent.size) - extent.size
        self._sizes = extent.size
        self._parts = np.cumsum(batches.size) - batches.size
        self._cell = batches.cell
        self._before = before(batches.cell, batches.size)

    def find(self, base: Ints, ordinal: Ints) -> tuple[Ints, Ints]:
        """The cells of slots, and their ordinals there.

        Args:
            base: their base cells.
            ordinal: ordinals in these, below their counts.
        """
        number = self._first[base] + ordinal
        batch = np.searchsorted(self._starts, number, side="right") - 1
        start = self._starts[batch]
        at = start + places_of(number - start, self._sizes[batch], self._flip[base])
        part = np.searchsorted(self._parts, at, side="right") - 1
        return self._cell[part], self._before[part] + at - self._parts[part]
