"""Recorded acceptance, as another plan reads it: by the axes both have, and only where it says something."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tapc.plan.forecast import Groups, Record, Stage, StepCounts, read_record, record_of
from tapc.plan.forecast.record import rates_from

STEP = Stage("answer", (), (("answer", "w"),), (1.0,), 1.0, 2, True, 1, (), None, "linear", True, ("duplicate",))


def groups(axes, *values, fine=True):
    return Groups(np.arange(len(values)), tuple(axes), tuple(values), {}, None, fine)  # type: ignore[arg-type]


def counted(*rows, reasons=None):
    return StepCounts(*np.array(rows, np.int64).reshape(-1, 4).T, reasons or {})


BEFORE = groups(("topic", "language"), ("a.x", "en"), ("a.x", "de"), ("b.y", "en"))
COUNTS = counted((10, 9, 20, 9), (4, 2, 6, 2), (6, 6, 6, 6), reasons={"length": {0: 7}, "duplicate": {0: 3, 1: 4}})
RECORD = record_of(BEFORE, [STEP], [COUNTS], 20)


def read(after, stage=STEP, record=RECORD):
    found = rates_from(record, stage, after)
    assert found is not None
    return [list(zip(rate.good, rate.tries, strict=True)) for rate in (found.success, found.passing, found.unlike)]


def test_equal_groups_have_their_own_counts():
    success, passing, unlike = read(BEFORE)
    assert success == [(9, 20), (2, 6), (6, 6), (0, 0)]
    assert passing == [(9, 10), (2, 4), (6, 6), (0, 0)]
    assert unlike == [(9, 12), (2, 6), (6, 6), (0, 0)]


def test_groups_are_matched_by_the_axes_both_have():
    fewer = read(groups(("language",), ("de",), ("en",), ("sw",)))
    assert fewer[0] == [(2, 6), (15, 26), (0, 0), (0, 0)]
    more = read(
        groups(
            ("level", "topic", "language"), ("1", "a.x", "en"), ("2", "a.x", "en"), ("1", "b.y", "en"), ("1", "c", "en")
        )
    )
    assert more[0] == [(4.5, 10), (4.5, 10), (6, 6), (0, 0), (2, 6)]  # what matches no group counts for all
    assert read(groups((), ()))[0] == [(17, 32), (0, 0)]


def test_strata_are_matched_by_the_first_level():
    found = read(groups(("topic", "language"), ("a", "en"), ("b", "en"), ("a", "de"), fine=False))
    assert found[0] == [(9, 20), (6, 6), (2, 6), (0, 0)]


def test_a_record_is_read_as_it_was_written():
    assert read_record(RECORD.encoded()) == RECORD
    assert read_record(b"no record") is None
    assert read_record(RECORD.encoded()[:-9]) is None


def test_simulated_models_say_nothing_about_real_ones():
    simulated = replace(STEP, simulated=True)
    record = record_of(BEFORE, [simulated], [COUNTS], 20)
    assert rates_from(record, STEP, BEFORE) is None
    assert rates_from(record, simulated, BEFORE) is not None
    assert rates_from(RECORD, simulated, BEFORE) is not None


def test_a_step_that_was_never_reached_is_not_known():
    nothing = record_of(BEFORE, [STEP], [counted(*[(0, 0, 0, 0)] * 3)], 0)
    assert rates_from(nothing, STEP, BEFORE) is None
    other = Stage("other", (), (("other", "w"),), (1.0,), 1.0, 2, True, 1, (), None, "linear", True)
    assert rates_from(RECORD, other, BEFORE) is None


ROWS = st.lists(st.tuples(*[st.integers(0, 50)] * 4), min_size=1, max_size=9)


@given(ROWS, st.data())
def test_nothing_counted_is_lost_or_made_up(rows, data):
    names = st.tuples(st.sampled_from(["a.x", "a.y", "b"]), st.sampled_from(["en", "de", "sw"]))
    before = groups(("topic", "language"), *data.draw(st.lists(names, min_size=len(rows), max_size=len(rows))))
    after = groups(("language", "topic"), *[(b, a) for a, b in data.draw(st.lists(names, min_size=1, max_size=9))])
    record = record_of(before, [STEP], [counted(*rows)], 1)
    found = rates_from(record, STEP, after)
    if found is None:
        assert not any(any(row) for row in rows)
        return
    assert isinstance(record, Record)
    for rate, (good, tries) in ((found.success, (3, 2)), (found.passing, (1, 0))):
        assert rate.good.sum() == pytest.approx(sum(row[good] for row in rows))
        assert rate.tries.sum() == pytest.approx(sum(row[tries] for row in rows))
