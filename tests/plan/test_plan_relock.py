"""A lock of a plan is the plan: whatever edits led there, and whatever is undone."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space_specs import random_space
from space_strategies import spaces

from tapc.plan.lock import lock_of, read_lock, write_lock
from tapc.plan.slots import Slots
from tapc.quota import allocate
from tapc.source import SourceFile


def read(text):
    lock = read_lock(SourceFile("x.lock", text))
    assert not hasattr(lock, "code"), lock
    return lock


def ranked(allocation):
    """What slots are drawn as; values of mixes that were added later are looked at in `test_plan_late.py`."""
    return [(key.drawn.cell, key.drawn.ordinal) for key in Slots(allocation)]


class History:
    """Plans one after another as `tapc plan --lock` makes them, and what each must be."""

    def __init__(self):
        self.text = None
        self.stack = []  # (space, samples, allocation, text) that an undone edit returns to

    def plan(self, space, samples):
        lock = None if self.text is None else read(self.text)
        found = allocate(space, samples, lock)
        if isinstance(found, list):
            return
        text = write_lock(lock_of(found))
        assert write_lock(read(text)) == text, "it reads back as it was written"
        again = allocate(space, samples, read(text))
        assert again.digest == found.digest
        assert write_lock(lock_of(again)) == text, "a lock of the plan that was locked is the same lock"
        assert ranked(again) == ranked(found)
        self.check_order(found)
        self.remember(space, samples, found, text)
        self.text = text

    def check_order(self, found):
        slots = ranked(found)
        assert len(set(slots)) == len(slots) == found.samples
        count = Counter(cell for cell, _ in slots)
        assert all(ordinal < count[cell] for cell, ordinal in slots), "no ordinal beyond the count of its cell"

    def remember(self, space, samples, found, text):
        if self.stack and self.stack[-1][2].tree.axis != found.tree.axis:
            self.stack = []
        known = [n for n, (then, size, _, _) in enumerate(self.stack) if (then, size) == (space, samples)]
        if known:
            _, _, then, before = self.stack[known[-1]]
            assert found.digest == then.digest, "an undone edit is the plan from before"
            if (
                read(text).marks[:1] == read(before).marks[:1]
            ):  # else so many plans followed that the oldest are given up
                assert text == before
            del self.stack[known[-1] + 1 :]
            return
        if self.stack:
            then = ranked(self.stack[-1][2])
            kept = set(then) & set(ranked(found))
            assert ranked(found)[: len(kept)] == [slot for slot in then if slot in kept]
        self.stack.append((space, samples, found, text))


def edited(options, data):
    """Edits lead to other spaces, to other sizes, and back."""
    history = History()
    for _ in range(data.draw(st.integers(2, 8))):
        space, samples = data.draw(st.sampled_from(options))
        factor = data.draw(st.sampled_from([1, 1, 2, 3]))
        history.plan(space, samples * factor // data.draw(st.sampled_from([1, 1, 2])))


@settings(max_examples=60, deadline=None)
@given(st.lists(spaces(), min_size=1, max_size=3), st.data())
def test_every_lock_is_the_plan_it_was_made_of(options, data):
    edited(options, data)


@pytest.mark.exhaustive
@settings(max_examples=1500, deadline=None)
@given(st.lists(spaces(), min_size=1, max_size=3), st.data())
def test_every_lock_is_the_plan_it_was_made_of_in_many_spaces(options, data):
    edited(options, data)


@pytest.mark.parametrize("seed", range(6))
def test_growing_often_keeps_all_ranks_and_the_last_plans(seed):
    """More plans than a lock returns to: the oldest are given up, the order of slots is not."""
    space, _ = random_space(seed)
    history = History()
    sizes = [20 + 7 * n - 30 * (n % 5 == 4) for n in range(24)]
    for samples in sizes:
        history.plan(space, samples)
    if history.text is None:
        pytest.skip("a space without an allocation")
    marks = read(history.text).marks
    assert len(marks) == 16
    assert marks[-1].plan == read(history.text).plans
    for samples in reversed(sizes[-16:]):
        history.plan(space, samples)
    assert len(history.stack) == 9
