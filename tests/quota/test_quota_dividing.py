"""Slots of base cells divided among cells: exact, stable, spread, compared with slots counted one by one."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.quota.batches import Placement, flips, ordinals_at, places_of, shortened
from tapc.quota.dividing import Bases, Earlier, Targets, divide


def reversed_bits(number, flip):
    return int(format(number ^ flip, "031b")[::-1], 2)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 90), st.integers(0, 2**31 - 1)), min_size=1, max_size=4))
def test_places_are_ordinals_in_order_of_their_reversed_bits(batches):
    for size, flip in batches:
        order = sorted(range(size), key=lambda n, f=flip: reversed_bits(n, f))
        whole, flipped = np.full(size, size), np.full(size, flip)
        assert ordinals_at(np.arange(size), whole, flipped).tolist() == order
        assert [order[place] for place in places_of(np.arange(size), whole, flipped)] == list(range(size))
    sizes, flip = (np.array(column) for column in zip(*batches, strict=True))
    together = places_of(sizes - 1, sizes, flip)  # many batches at once are as each alone
    assert together.tolist() == [int(places_of(*(np.array([x]) for x in (s - 1, s, f)))[0]) for s, f in batches]


def hashed(*parts):
    """Some hash, which is all that the order of cells depends on."""
    return hash((7, *parts)) % 2**64


class Divided:
    """Base cells of a plan, each slot with its cell, found one by one."""

    def __init__(self, counts, words, earlier=None, agree=2):
        """`counts`: samples of each base cell by (value of a first late mix, value of a second one)."""
        rows = [(base, cell, n) for base, cells in enumerate(counts) for cell, n in sorted(cells.items()) if n]
        self.flip = flips(np.array(words, np.uint64))
        self.count = np.array([sum(cells.values()) for cells in counts])
        self.cells = [(base, cell) for base, cell, _ in rows]
        self.targets = Targets(
            np.array([base for base, _, _ in rows], np.int64),
            np.array([n for _, _, n in rows], np.int64),
            np.array([hashed(base, *cell) for base, cell, _ in rows], np.uint64),
            np.array([hashed(base, *cell[:agree]) for base, cell, _ in rows], np.uint64),
        )
        self.batches = divide(Bases(self.count, self.flip), self.targets, earlier)
        place = Placement(self.batches, self.count, self.flip)
        self.slots = {}
        for base, count in enumerate(self.count.tolist()):
            cells, ordinals = place.find(np.full(count, base), np.arange(count))
            for ordinal, found in enumerate(zip(cells.tolist(), ordinals.tolist(), strict=True)):
                self.slots[base, ordinal] = found

    def earlier(self, agree=2):
        of = [self.cells[cell] for cell in self.batches.cell.tolist()]
        group = np.array([hashed(base, *cell[:agree]) for base, cell in of], np.uint64)
        return Earlier(self.batches.base, self.batches.batch, self.batches.size, group, self.count)

    def check(self):
        """Every cell has its count, and its slots have the ordinals below it."""
        held = Counter(cell for cell, _ in self.slots.values())
        assert held == Counter(dict(enumerate(self.targets.count.tolist())))
        assert len(set(self.slots.values())) == len(self.slots)
        assert all(0 <= ordinal < held[cell] for cell, ordinal in self.slots.values())
        assert all(self.cells[cell][0] == base for (base, _), (cell, _) in self.slots.items())

    def values(self, agree=2):
        return {slot: self.cells[cell][1][:agree] for slot, (cell, _) in self.slots.items()}


CELLS = [(a, b) for a in range(3) for b in range(2)]
counts = st.dictionaries(st.sampled_from(CELLS), st.integers(0, 9), max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.integers(1, 4), st.data())
def test_as_few_slots_as_possible_change_their_cell(size, data):
    """Whatever grows, shrinks or is gone in between; with a mix more, its values change freely within the others."""
    words = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=size, max_size=size))
    many = st.lists(counts, min_size=size, max_size=size)
    plan = Divided(data.draw(many), words)
    plan.check()
    for agree in data.draw(st.lists(st.integers(0, 2), min_size=1, max_size=4)):
        after = Divided(data.draw(many), words, plan.earlier(agree), agree)
        after.check()
        then, now = plan.values(agree), after.values(agree)
        both = then.keys() & now.keys()
        had = Counter((base, then[base, n]) for base, n in both)
        want = Counter((base, value) for (base, _), value in now.items())
        least = sum(max(0, n - want[group]) for group, n in had.items())
        assert sum(then[slot] != now[slot] for slot in both) == least
        plan = after


def test_equal_counts_change_nothing():
    words = [11, 12]
    first = Divided([{(0, 0): 5, (1, 0): 7}, {(0, 1): 3}], words)
    again = Divided([{(0, 0): 5, (1, 0): 7}, {(0, 1): 3}], words, first.earlier())
    assert again.slots == first.slots
    assert again.batches.size.tolist() == first.batches.size.tolist()
    assert again.batches.cell.tolist() == first.batches.cell.tolist()


def test_the_first_slots_are_spread_over_the_cells():
    """Of the first slots of 400 base cells a quarter has the value that a quarter of all has; so have the others."""
    words = [hashed(23, n) for n in range(400)]
    plan = Divided([{(0, 0): 5, (1, 0): 15} for _ in words], words)
    for ordinal in (0, 1, 7, 19):
        share = sum(plan.values()[base, ordinal] == (0, 0) for base in range(400))
        assert 65 < share < 135
    one = Divided([{(0, 0): 250, (1, 0): 750}], [hashed(24)])
    for ordinals in (8, 40, 200):
        assert abs(sum(one.values()[0, n] == (0, 0) for n in range(ordinals)) - ordinals / 4) < 4


def test_parts_lose_the_last_ordinals_only():
    size = np.array([5, 7, 3])
    base, batch = np.array([0, 0, 0]), np.array([0, 0, 1])
    flip = flips(np.array([0x1234567], np.uint64))
    order = sorted(range(12), key=lambda n: reversed_bits(n, int(flip[0])))
    for most in range(16):
        left = shortened(base, batch, size, np.array([most]), flip).tolist()
        assert left == [
            sum(n < most for n in order[:5]),
            sum(n < most for n in order[5:]),
            max(0, min(3, most - 12)),
        ]


def test_a_division_takes_no_memory_per_slot():
    plan = divide(
        Bases(np.array([1 << 27]), flips(np.array([3], np.uint64))),
        Targets(
            np.zeros(3, np.int64),
            np.array([1 << 26, 1 << 25, 1 << 25]),
            np.array([1, 2, 3], np.uint64),
            np.array([1, 2, 3], np.uint64),
        ),
        None,
    )
    assert len(plan.size) == 3
    place = Placement(plan, np.array([1 << 27]), flips(np.array([3], np.uint64)))
    cells, _ = place.find(np.zeros(1 << 12, np.int64), np.arange(1 << 12))
    assert np.bincount(cells).tolist() == [1 << 11, 1 << 10, 1 << 10]
