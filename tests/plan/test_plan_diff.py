"""Slots and jobs of two plans against what counting by hand says; Markdown that always fits."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.plan import Side, compare, cost_plan
from tapc.plan.diff.comparison import compare_slots
from tapc.plan.estimate import Rates
from tapc.ui.markdown import MAX_CHARACTERS, diff_markdown, plan_markdown
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1

dataset d {{
  samples {samples}
  taxonomy topic {{ {leaves} }}
  mix level {{ {levels} }}
  endpoint w {{ model "sim-w" }}
  generate question {{ using w, prompt "{prompt}" }}
  generate answer {{ using w, each {each}, prompt "{{{{ question }}}}" }}
  emit sft {{ from answer }}
}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("diff")


def planned(folder: Path, **parts):
    given = {"samples": 40, "leaves": "a, b", "levels": "easy, hard", "prompt": "{{ topic }} {{ level }}", "each": 1}
    path = folder / "d.tap"
    path.write_text(SPEC.format(**{**given, **parts}), encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return found.planned


def side(plan):
    return Side("x", plan, cost_plan(plan, Rates({}), {}))


def slots(plan):
    return {(key.cell, key.ordinal): plan.views.axes(key.leaf, key.values) for key in plan.slots}


SIDES = st.fixed_dictionaries(
    {
        "samples": st.integers(1, 60),
        "leaves": st.lists(st.sampled_from(["a", "b", "c { x, y }", "d 3"]), min_size=1, unique=True).map(", ".join),
        "levels": st.lists(st.sampled_from(["easy", "hard 2", "odd"]), min_size=1, unique=True).map(", ".join),
    }
)


@settings(max_examples=25, deadline=None)
@given(SIDES, SIDES)
def test_slots_are_those_that_counting_finds(folder, first, second):
    before, after = planned(folder, **first), planned(folder, **second)
    old, new = slots(before), slots(after)
    whole, axes = compare_slots(before, after)
    assert (whole.kept, whole.added, whole.dropped) == (
        len(old.keys() & new.keys()),
        len(new.keys() - old.keys()),
        len(old.keys() - new.keys()),
    )
    kept = Counter(new[key]["topic"] for key in old.keys() & new.keys())
    for row in axes["topic"]:
        assert row.kept == sum(n for topic, n in kept.items() if f"{topic}.".startswith(f"{row.name}."))
        assert row.kept + row.added == row.after
        assert row.kept + row.dropped == row.before


def test_more_candidates_extend(folder):
    document = compare(side(planned(folder, each=1)), side(planned(folder, each=3)))
    assert document.severity == "extend"
    rows = {step.name: (step.reused, step.to_pay, step.severity) for step in document.steps}
    assert rows == {"question": (40, 0, "none"), "answer": (40, 80, "extend")}


def test_a_prompt_regenerates_and_equal_text_does_not(folder):
    document = compare(side(planned(folder)), side(planned(folder, prompt="About {{ topic }} {{ level }}")))
    assert document.severity == "regenerate"
    assert document.total.to_pay == 80
    same = compare(side(planned(folder)), side(planned(folder, prompt="{{ topic }} {{level}}")))
    assert same.severity == "settings"
    assert same.total.to_pay == 0


def test_of_large_plans_a_sample_is_compared(folder):
    document = compare(side(planned(folder, samples=20_000)), side(planned(folder, samples=40_000)))
    assert not document.exact
    assert document.slots.kept == 20_000
    question = document.steps[0]
    assert abs(question.reused - 20_000) <= 800


def test_fewer_samples_ask_nothing(folder):
    document = compare(side(planned(folder, samples=40)), side(planned(folder, samples=20)))
    assert document.severity in ("refilter", "extend")
    assert document.total.to_pay == 2 * document.slots.added


def test_markdown_fits_whatever_the_spec(folder):
    from tapc.plan import describe

    wide = ", ".join(f'"leaf|`{n}` <b>"' for n in range(4000))
    before, after = planned(folder, samples=8000), planned(folder, samples=8000, leaves=wide)
    document = compare(side(before), side(after))
    text = diff_markdown(document, ["topic", "level"])
    assert len(text) <= MAX_CHARACTERS
    assert text.count("<details") == text.count("</details>")
    assert "<b>" not in text.replace("\\<b\\>", "")
    costs = cost_plan(after, Rates({}), {})
    plan = describe(after, costs, spec="d.tap")
    text = plan_markdown(plan, ["topic"])
    assert len(text) <= MAX_CHARACTERS
    assert text.count("<details") == text.count("</details>")
    assert "left out" in text


def test_every_other_leaf_renamed_is_one_dropped_and_one_added(folder):
    before = side(planned(folder, samples=400, leaves=", ".join(f"a{n}" for n in range(400))))
    after = side(planned(folder, samples=400, leaves=", ".join(f"a{n}" if n % 2 else f"b{n}" for n in range(400))))
    found = compare(before, after)
    assert sum(c.what == "taxonomy topic" for c in found.changes) == 400


def test_a_sample_of_a_large_plan_has_every_leaf_and_value(folder):
    leaves = 'a 99.99%, b: "{}"'
    prompt = "{{ topic.definition | default('plain') }} {{ level }}"
    before = side(planned(folder, samples=30_000, leaves=leaves.format("old"), prompt=prompt))
    after = side(planned(folder, samples=30_000, leaves=leaves.format("new"), prompt=prompt))
    document = compare(before, after)
    assert not document.exact
    assert document.severity == "regenerate"
    question = document.proof[0]
    assert [group.why for group in question.lost] == [["topic.b.definition changed"]]
    assert 1 <= document.steps[0].to_pay <= 6, "three samples of the rare leaf"


def test_an_axis_that_is_renamed_makes_all_samples_others(folder):
    before = planned(folder, samples=30)
    path = folder / "d.tap"
    path.write_text(path.read_text(encoding="utf-8").replace("mix level", "mix grade"), encoding="utf-8")
    text = path.read_text(encoding="utf-8").replace("{{ level }}", "{{ grade }}")
    path.write_text(text, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    document = compare(side(before), side(found.planned))
    assert (document.slots.kept, document.anew) == (0, 30)
    assert document.severity == "regenerate"
    assert {step.severity for step in document.steps} == {"regenerate"}
    assert document.total.to_pay == document.total.jobs
    assert [(row.kept, row.dropped, row.new) for row in document.proof] == [(0, 30, 30), (0, 30, 30)]


@pytest.mark.parametrize("leaves", ["a, c", "a 70%, b", "a, b, c"])
def test_other_values_of_the_same_axes_make_no_sample_another(folder, leaves):
    document = compare(side(planned(folder)), side(planned(folder, leaves=leaves)))
    assert (document.anew, document.severity) == (0, "extend")
    assert all(row.kept + row.dropped == row.before and not row.lost for row in document.proof)
