"""Dealing rows: each once, by pool, stable when there are more slots; properties over random spaces and rows."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.ir import Dataset, Mix, MixValue, Reserve, Space
from tapc.plan import Planned, PlanResources, plan_dataset
from tapc.steps import InputRow, Origin, SlotKey

MIXES = (
    Mix(name="language", values=(MixValue(name="de"), MixValue(name="en"), MixValue(name="sw"))),
    Mix(name="level", values=(MixValue(name="easy"), MixValue(name="hard"))),
)


class Table:
    """Rows of one input, numbered through its pools."""

    step = "rows"
    notes = ()

    def __init__(self, axes, sizes):
        self.axes = axes
        self.pool_of = {name: i for i, name in enumerate(sizes)}
        edges = np.cumsum([0, *sizes.values()])
        self.pools = tuple(np.arange(a, b)[::-1] for a, b in pairwise(edges.tolist()))
        self.digest = repr(sizes).encode()

    def read(self, number):
        return InputRow(str(number), {})


def planned(samples, table):
    data = Dataset(name="d", samples=samples, space=Space(mixes=MIXES), reserve=Reserve(share=Fraction(1)))
    return plan_dataset(data, resources=PlanResources(rows=(table,)))


def dealt(plan, replacements=()):
    hand = plan.tools().rows["rows"]
    found = {}
    for key in (*plan.slots, *replacements):
        row = hand.row(key)
        found[key.cell, key.ordinal] = (plan.views.axes(key.leaf, key.values), None if row is None else int(row.text))
    return found


sizes_by_language = st.fixed_dictionaries({(n,): st.integers(0, 40) for n in ("de", "en", "sw")})


@settings(max_examples=40, deadline=None)
@given(sizes_by_language, st.integers(1, 60))
def test_every_slot_has_a_row_of_its_own_from_its_pool_or_the_plan_says_which_lacks_some(sizes, samples):
    table = Table(("language",), sizes)
    plan = planned(samples, table)
    if not isinstance(plan, Planned):
        assert [p.kind for p in plan] == ["rows"]
        assert any(
            f"language {name}: {size} rows for" in note for (name,), size in sizes.items() for note in plan[0].notes
        )
        return
    found = dealt(plan)
    rows = [row for _, row in found.values()]
    assert len(set(rows)) == len(rows) == samples
    for axes, row in found.values():
        assert row in table.pools[table.pool_of[axes["language"],]]
    assert dealt(plan) == found, "a second hand deals the same"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(0, 60))
def test_more_slots_leave_earlier_ranks_their_rows(samples, more):
    table = Table(("language",), {(n,): 60 for n in ("de", "en", "sw")})
    small, large = dealt(planned(samples, table)), dealt(planned(samples + more, table))
    small_rows = {row for _, row in small.values()}
    assert small_rows <= {row for _, row in large.values()}


def test_replacements_take_what_is_left_in_order_and_then_nothing():
    table = Table((), {(): 13})
    plan = planned(10, table)
    keys = list(plan.slots)
    extra = [
        SlotKey(key.cell, 100 + i, 10 + i, key.leaf, key.values, Origin(key.cell, 100 + i))
        for i, key in enumerate(keys[:5])
    ]
    found = [row for _, row in dealt(plan, extra).values()]
    assert found == [*range(12, -1, -1), None, None]
    hand = plan.tools().rows["rows"]
    assert [hand.row(extra[0]).text, hand.row(extra[0]).text] == ["2", "2"], "asked twice, the same row"


@settings(max_examples=40, deadline=None)
@given(sizes_by_language)
def test_all_rows_of_one_axis_are_dealt(sizes):
    plan = planned(None, Table(("language",), sizes))
    if not any(sizes.values()):
        assert [p.kind for p in plan] == ["rows"]
        return
    assert plan.allocation.counts()["language"] == {name: n for (name,), n in sizes.items()}
    easy, hard = plan.allocation.counts()["level"].values()
    assert abs(easy - hard) <= 1
    assert len({row for _, row in dealt(plan).values()}) == sum(sizes.values())


@settings(max_examples=40, deadline=None)
@given(st.fixed_dictionaries({(a, b): st.integers(0, 9) for a in ("de", "en", "sw") for b in ("easy", "hard")}))
def test_all_rows_of_several_axes_are_dealt(sizes):
    plan = planned(None, Table(("language", "level"), sizes))
    if not any(sizes.values()):
        assert [p.kind for p in plan] == ["rows"]
        return
    found = dealt(plan)
    made = [(axes["language"], axes["level"]) for axes, _ in found.values()]
    assert {name: made.count(name) for name in sizes} == sizes
    assert plan.allocation.samples == sum(sizes.values()) == len({row for _, row in found.values()})
