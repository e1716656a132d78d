"""Slots: order, random access, identity, spread."""

import tracemalloc

import numpy as np
import pytest
from space_specs import random_space, standard

from tapc.plan.lock import lock_of
from tapc.plan.slots import Slots
from tapc.quota import allocate


def test_slots_are_all_there_once_in_order_of_ordinal_and_hash():
    for seed in range(80):
        space, samples = random_space(seed)
        allocation = allocate(space, samples)
        if isinstance(allocation, list):
            continue
        slots = list(Slots(allocation))
        assert [s.rank for s in slots] == list(range(samples))
        order = [(s.ordinal, s.cell) for s in slots]
        assert order == sorted(set(order))
        expected = {
            (allocation.cell(i), k, leaf, tuple(values))
            for i, (leaf, values, count) in enumerate(
                zip(allocation.leaf.tolist(), allocation.values.tolist(), allocation.count.tolist(), strict=True)
            )
            for k in range(count)
        }
        assert {(s.cell, s.ordinal, s.leaf, s.values) for s in slots} == expected


def test_random_access_agrees_with_iteration():
    slots = Slots(allocate(standard([3, 4]), 5000))
    every = list(slots)
    assert [slots.at(rank) for rank in range(0, 5000, 37)] == every[::37]
    assert list(slots.between(1234, 2345)) == every[1234:2345]
    assert list(slots.between(4990, 6000)) == every[4990:]
    assert slots.spread(7) == every[:7]
    with pytest.raises(IndexError):
        slots.at(5000)


def test_slots_that_are_picked_are_those_of_their_ranks():
    """Over several bands and runs of a lock, too, and for ranks at the ends of each."""
    allocation = allocate(standard([3, 4]), 5000)
    locked = allocate(standard([3, 4]), 6000, lock_of(allocation))
    for slots in (Slots(allocation), Slots(locked)):
        every = list(slots)
        for ranks in (
            [],
            [0],
            [len(every) - 1],
            [*range(0, len(every), 7)],
            [*range(4990, 5000)],
            [*range(len(every))],
        ):
            assert list(slots.pick(np.array(ranks, np.int64))) == [every[rank] for rank in ranks]


def test_the_first_slots_touch_as_many_cells_as_they_can():
    allocation = allocate(standard([3, 4]), 5000)
    first = Slots(allocation).spread(min(len(allocation), 200))
    assert len({s.cell for s in first}) == len(first)


def test_slots_of_the_lock_come_first_and_keep_their_order():
    before = allocate(standard([3, 4]), 1000)
    old = list(Slots(before))
    after = allocate(standard([3, 4]), 1500, lock_of(before))
    new = list(Slots(after))
    assert [s.rank for s in new] == list(range(1500))
    there = {(s.cell, s.ordinal) for s in old} & {(s.cell, s.ordinal) for s in new}
    assert len(there) > 900
    kept = [(s.cell, s.ordinal) for s in new[: len(there)]]
    assert kept == [(s.cell, s.ordinal) for s in old if (s.cell, s.ordinal) in there]
    assert len({(s.cell, s.ordinal) for s in new}) == 1500


def test_ordinals_of_a_cell_are_counted_and_other_cells_are_unknown():
    slots = Slots(allocate(standard([3, 4]), 1000))
    key = slots.at(5)
    planned = slots.planned(key)
    assert planned == sum(s.cell == key.cell for s in slots)
    assert slots.find(bytes(16)) is None


def test_memory_does_not_grow_with_the_number_of_samples():
    def peak(samples: int) -> int:
        allocation = allocate(standard([3, 4]), samples)
        tracemalloc.start()
        slots = Slots(allocation)
        for rank in range(0, samples, samples // 50):
            slots.at(rank)
        for _, _ in zip(range(30_000), slots, strict=False):
            pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    assert peak(10_000_000) < peak(100_000) + 2_000_000
