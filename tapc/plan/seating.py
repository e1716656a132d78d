"""Seats rows on places such that an edit of the rows or of the places moves few of the others.

Every place has points on a circle, about as many as its share of the seats (consistent hashing: Karger et al. 1997).
Rows come in order, and each takes the nearest place after its own point on the circle that still has a seat. So seats
are exact, and what a row gets depends on the rows before it and on the points near it. If a row is taken away, one of
the later rows that had wanted its seat takes it, then one of the rows after that takes the seat that became free, and
so on: with `k` places about ln(k) rows move. A seat that is added or taken away moves about as many, and seats that
grow in proportion move only rows that had not found the nearest place open.

The rule is sequential; it is computed for many rows at once. In each turn the first half of the rows that are left
propose to the nearest open place, and a place with more proposals than seats keeps the earliest rows; the others
propose to the next place (deferred acceptance: Gale and Shapley 1962, which does not depend on the order of proposals).
Half of the seats stay free meanwhile, so that rows find theirs soon.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.quota.arrays import Flags, Ints, Words

_ROUNDS = 128
"""Most proposals of a row in one turn; rows before the first without a place are seated, the others begin again."""


Numbers = npt.NDArray[np.integer]
"""Numbers of rows, places or groups; 32 bits are enough, and take half of the memory."""


class Places(msgspec.Struct, frozen=True):
    """Places, and their points on circles.

    Attributes:
        group: group of every place; groups have nothing to do with each other.
        seats: seats of every place, above 0.
        points: the points.
        owner: place of every point; every place has some.
    """

    group: Numbers
    seats: Numbers
    points: Words
    owner: Numbers


def seat(points: Words, groups: Numbers, places: Places) -> Numbers:
    """The place of every row.

    Args:
        points: points of the rows, in order of their group, then in the order in which they choose.
        groups: groups of the rows, from 0; a group has as many rows as seats.
        places: the places.
    """
    count = int(groups[-1]) + 1 if len(groups) else 0
    several = np.bincount(places.group, minlength=count) > 1
    only = np.empty(count, np.int32)
    only[places.group] = np.arange(len(places.seats))
    found = only[groups]
    left = np.flatnonzero(several[groups]).astype(np.int32)
    ring = _Ring(places, several)
    free = places.seats.copy()
    while len(left):
        ring.close(free[ring.places] == 0)
        group = groups[left]
        sizes = np.bincount(group, minlength=count)
        starts = np.cumsum(sizes) - sizes
        now = np.arange(len(left)) - starts[group] < ((sizes + 1) // 2)[group]
        rows = left[now]
        place, pending = _propose(ring, points[rows], groups[rows], free)
        done = _before(pending, groups[rows], count)
        found[rows[done]] = place[done]
        np.subtract.at(free, place[done], 1)
        seated = np.zeros(len(left), np.bool_)
        seated[np.flatnonzero(now)[done]] = True
        left = left[~seated]
    return found


class _Ring:
    """The points of open places, by group and then by point."""

    def __init__(self, places: Places, inside: Flags) -> None:
        count = len(inside)
        points, owner = places.points, places.owner
        if not inside.all():
            chosen = inside[places.group[owner]]
            points, owner = points[chosen], owner[chosen]
        groups = places.group[owner]
        order = np.lexsort((points, groups)) if count > 1 else np.argsort(points, kind="stable")
        self._count = count
        self._bits = np.uint64(max(count - 1, 0).bit_length())
        self._groups, self.places = groups[order], owner[order]
        self._keys = self._key(points[order], self._groups)
        self._limit()

    def _key(self, points: Words, groups: Numbers) -> Words:
        """One word that sorts by group, then by point; of the points only the bits that are left."""
        if not self._bits:
            return points
        return (groups.astype(np.uint64) << (np.uint64(64) - self._bits)) | (points >> self._bits)

    def _limit(self) -> None:
        sizes = np.bincount(self._groups, minlength=self._count)
        self._ends = np.cumsum(sizes)
        self._starts = self._ends - sizes

    def close(self, full: Flags) -> None:
        """Take the points of places away."""
        if full.any():
            self._keys, self._groups, self.places = self._keys[~full], self._groups[~full], self.places[~full]
            self._limit()

    def nearest(self, points: Words, groups: Numbers) -> Ints:
        """The first point at or after each of these, around the circle of its group."""
        keys = self._key(points, groups)
        order = np.argsort(keys)  # a sorted search is several times as fast
        at = np.empty(len(keys), np.int64)
        at[order] = np.searchsorted(self._keys, keys[order])
        return self._around(at, groups)

    def following(self, at: Ints, groups: Numbers) -> Ints:
        """The next points."""
        return self._around(at + 1, groups)

    def _around(self, at: Ints, groups: Numbers) -> Ints:
        return np.where(at >= self._ends[groups], self._starts[groups], at)


def _propose(ring: _Ring, points: Words, groups: Numbers, free: Numbers) -> tuple[Numbers, Ints]:
    """The place of every row, and the rows that have none yet."""
    at = ring.nearest(points, groups)
    place = ring.places[at]
    pending = np.arange(len(at))
    if (np.bincount(place, minlength=len(free)) <= free).all():
        return place, pending[:0]
    asked = np.zeros(len(free), np.bool_)
    single = bool((free[ring.places] == 1).all())
    holder = np.full(len(free) if single else 0, len(at))
    for _ in range(_ROUNDS):
        pending = _refused_by_one(place, pending, holder) if single else _refused(place, pending, free, asked)
        if not len(pending):
            break
        at[pending] = ring.following(at[pending], groups[pending])
        place[pending] = ring.places[at[pending]]
    return place, pending


def _refused(place: Numbers, asking: Ints, free: Numbers, asked: Flags) -> Ints:
    """Rows without a seat at their place; only the places of those that ask now can have refused one."""
    asked[place[asking]] = True
    rivals = np.flatnonzero(asked[place])
    asked[place[asking]] = False
    rivals = rivals[np.argsort(place[rivals], kind="stable")]
    theirs = place[rivals]
    first = np.flatnonzero(np.concatenate(([True], theirs[1:] != theirs[:-1])))
    before = np.arange(len(rivals)) - np.repeat(first, np.diff(np.append(first, len(rivals))))
    return rivals[before >= free[theirs]]


def _refused_by_one(place: Numbers, asking: Ints, holder: Ints) -> Ints:
    """The same where every place has one seat; `holder` is the row that has it, and is updated."""
    asked = place[asking]
    had = holder[asked]
    np.minimum.at(holder, asked, asking)
    won = holder[asked] == asking
    lost = had[won]
    return np.concatenate((asking[~won], lost[lost < len(place)]))


def _before(pending: Ints, groups: Numbers, count: int) -> Flags:
    """Rows before the first pending one of their group: no later row can take their seat."""
    first = np.full(count, len(groups), np.int64)
    np.minimum.at(first, groups[pending], pending)
    return np.arange(len(groups)) < first[groups]
