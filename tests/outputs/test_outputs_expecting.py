"""Expectations on every value of an axis, where a run made no sample of one."""

from fractions import Fraction

import pytest

from tapc.outputs import Samples
from tapc.outputs.expecting import ExpectationTally, Whole
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1

dataset d {
  samples 8
  taxonomy topic { physics { optics, heat }, biology }
  mix level { easy, hard }
  endpoint w { model "sim-w" }
  generate answer { using w, prompt "{{ topic }} {{ level }}" }
  emit sft { from answer }
  expect { EXPECT }
}
"""


@pytest.mark.parametrize(
    ("expected", "left_out", "value", "where"),
    [
        ("every topic >= 1", "biology", Fraction(0), "biology"),
        ("every topic >= 1%", "physics.heat", Fraction(0), "physics.heat"),
        ("every level >= 2", "hard", Fraction(0), "hard"),
    ],
)
def test_a_value_without_a_sample_counts_as_none(tmp_path, expected, left_out, value, where):
    path = tmp_path / "d.tap"
    path.write_text(SPEC.replace("EXPECT", expected), encoding="utf-8")
    planned = count_spec(check_spec(path, settings={}, dataset=None)).planned
    assert planned is not None
    tally = ExpectationTally(planned.dataset, [])
    accepted = 0
    for key in planned.slots:
        slot = planned.open_slot(key)
        if left_out not in slot.axes.values():
            accepted += 1
            tally.add(slot, accepted=True)
    assert 0 < accepted < 8
    samples = Samples(planned=8, accepted=accepted, short=8 - accepted)
    (found,) = tally.verify(Whole(samples, (), ()))
    assert (found.value, found.where, found.holds) == (value, where, False)
