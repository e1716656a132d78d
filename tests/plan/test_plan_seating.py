"""Seats: the rule computed at once is the rule row by row; seats are exact; edits move few rows."""

import random
from math import log

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from row_tables import seated_one_by_one

from tapc.plan.seating import Places, seat

groups_of_seats = st.lists(
    st.lists(st.sampled_from([1, 1, 2, 3, 9, 40]), min_size=1, max_size=6), min_size=1, max_size=4
)


def arrays(seats_by_group):
    """Places and groups of all seats, and the seats of every place."""
    sizes = [size for group in seats_by_group for size in group]
    places = [place for place, size in enumerate(sizes) for _ in range(size)]
    group_of = [number for number, group in enumerate(seats_by_group) for _ in group]
    return np.array(places), np.array([group_of[place] for place in places]), np.array(sizes)


def seated(rows, row_groups, points, groups, places, seats):
    """`seat` for one point per seat."""
    group = np.zeros(len(seats), np.int64)
    group[places] = groups
    return seat(np.array(rows, np.uint64), row_groups, Places(group, seats, np.array(points, np.uint64), places))


@settings(max_examples=300, deadline=None)
@given(groups_of_seats, st.integers(0, 2**32), st.sampled_from([1, 1 << 50]))
def test_rows_are_seated_as_one_by_one(seats_by_group, seed, apart):
    places, groups, seats = arrays(seats_by_group)
    # Few different words make rows meet; points of seats differ.
    chance, most = random.Random(seed), 2**64 // apart
    rows = [chance.randrange(most) % (200 if apart > 1 else most) * apart for _ in places]
    points = [n * apart for n in chance.sample(range(1000), len(places))]
    points = points if apart > 1 else [chance.randrange(most) for _ in places]
    found = seated(rows, groups, points, groups, places, seats)
    expected = seated_one_by_one(rows, groups.tolist(), points, groups.tolist(), places.tolist(), seats.tolist())
    assert found.tolist() == expected
    assert np.bincount(found, minlength=len(seats)).tolist() == seats.tolist()


def test_nothing_is_seated_nowhere():
    none = np.zeros(0, np.int64)
    assert seated([], none, [], none, none, none).tolist() == []


def test_places_that_are_nearly_full_long_before_the_others_do_not_matter():
    # Every row wants the first place, which has one seat more than the rows that come first; the others are far away.
    seats = np.array([3000, 1, 1, 1])
    places = np.repeat(np.arange(4), seats)
    points = np.concatenate((np.arange(3000) * 7, 2**62 + np.arange(3))).astype(np.uint64)
    rows = np.zeros(3003, np.uint64)
    groups = np.zeros(3003, np.int64)
    found = seated(rows, groups, points, groups, places, seats)
    assert found.tolist() == [0] * 3000 + [1, 2, 3]


def moved_rows(size: int, count: int, seed: int) -> int:
    """Rows that change their place when one of them is exchanged for one that comes last."""
    chance = random.Random(seed)
    seats = np.full(count, size // count)
    places = np.repeat(np.arange(count), seats)
    points = np.array([chance.getrandbits(64) for _ in places], np.uint64)
    rows = [chance.getrandbits(64) for _ in range(len(places) + 1)]
    zero = np.zeros(len(places), np.int64)
    before = seated(rows[:-1], zero, points, zero, places, seats).tolist()
    gone = chance.randrange(len(places))
    left = rows[:gone] + rows[gone + 1 :]
    after = seated(left, zero, points, zero, places, seats).tolist()
    return sum(a != b for a, b in zip(before[:gone] + before[gone + 1 :], after[:-1], strict=True))


def test_an_exchanged_row_moves_few_others():
    for count in (2, 4, 16, 64):
        found = [moved_rows(960, count, seed) for seed in range(60)]
        assert sum(found) / len(found) <= 1 + log(count), count
