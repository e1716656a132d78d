"""What may be varied, how values are written, and what another value makes of a dataset."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapc.plan.varying import MOST, Target, WrongValueError, find_targets, read_values
from tapc.workspace.spec.checked import check_spec

SPEC = """tap 1

rubric good {
  aspect style 1 1..5: "Is it good?" { 1 "bad", 5 "good" }
  aspect truth 1 1..5: "Is it true?" { 1 "no", 5 "yes" }
}

dataset d {
  samples 120
  taxonomy topic { science 60% { physics 3, biology 1 }, arts 40% }
  mix language { en 50%, sw 30%, fi 20% }
  mix level { low 2, high }
  mix source { web count 30, book }
  mix only { one }
  endpoint w { model "sim" }
  generate answer {
    using [w, w2]
    prompt "About {{ topic }}."
    require length 10..4000 chars
    require unique 0.9
  }
  endpoint w2 { model "sim-2" }
  judge verdict { of answer, using w, rubric good, require score verdict.overall >= 3.5, require score verdict.style > 2 }
  pair choice { of answer, by verdict.overall, margin 0.5..2 }
  emit preference { from choice }
}
"""


@pytest.fixture(scope="module")
def targets(tmp_path_factory) -> dict[str, Target]:
    path = tmp_path_factory.mktemp("varying") / "d.tap"
    path.write_text(SPEC, encoding="utf-8")
    dataset = check_spec(path, settings={}, dataset=None).dataset
    assert dataset is not None
    return {target.name: target for target in find_targets(dataset)}


def test_thresholds_margins_shares_and_samples_may_be_varied(targets):
    """By the names that the spec has for them, with their values now; counts, and shares of one alone, may not."""
    now = {name: target.shown(target.current) for name, target in targets.items()}
    assert now == {
        "answer.length.minimum": "10",
        "answer.length.maximum": "4000",
        "answer.unique": "0.9",
        "verdict.overall": "3.5",
        "verdict.style": "2",
        "choice.margin": "0.5",
        "choice.margin_at_most": "2",
        "language.en": "50%",
        "language.sw": "30%",
        "language.fi": "20%",
        "level.low": "66.666667%",
        "level.high": "33.333333%",
        "topic.science": "60%",
        "topic.arts": "40%",
        "topic.science.physics": "75%",
        "topic.science.biology": "25%",
        "samples": "120",
    }


def shares(dataset, mix):
    (found,) = [one for one in dataset.space.mixes if one.name == mix]
    return {value.name: (value.share.kind, value.share.value) for value in found.values}


def test_the_siblings_of_a_share_keep_their_proportions(targets):
    changed = targets["language.en"].change(Fraction(1, 5))
    assert shares(changed, "language") == {
        "en": ("percent", Fraction(1, 5)), "sw": ("percent", Fraction(12, 25)), "fi": ("percent", Fraction(8, 25)),
    }  # fmt: skip
    whole = targets["language.sw"].change(Fraction(1))
    assert sorted(value for _, value in shares(whole, "language").values()) == [0, 0, 1]
    weights = targets["level.low"].change(Fraction(9, 10))
    assert shares(weights, "level") == {"low": ("percent", Fraction(9, 10)), "high": ("percent", Fraction(1, 10))}


def test_a_share_inside_the_taxonomy_changes_only_its_siblings(targets):
    changed = targets["topic.science.physics"].change(Fraction(1, 2)).space.taxonomy
    below = {node.name: node.share.value for node in changed.children}
    assert below == {"science": Fraction(3, 5), "arts": Fraction(2, 5)}
    (science,) = [node for node in changed.children if node.name == "science"]
    assert {node.name: node.share.value for node in science.children} == {
        "physics": Fraction(1, 2), "biology": Fraction(1, 2),
    }  # fmt: skip


def test_a_threshold_changes_that_bound_and_nothing_else(targets):
    target = targets["verdict.style"]
    changed = target.change(Fraction(4))
    assert target.change(target.current) == targets["samples"].change(Fraction(120)), "the same value, the same dataset"
    (verdict,) = [step for step in changed.steps if step.name == "verdict"]
    bounds = {check.field: (check.minimum, check.exclusive) for check in verdict.checks()}
    assert bounds == {"verdict.overall": (Fraction(7, 2), ()), "verdict.style": (Fraction(4), ("minimum",))}
    longer = targets["answer.length.maximum"].change(Fraction(90))
    (answer,) = [step for step in longer.steps if step.name == "answer"]
    assert [(check.minimum, check.maximum) for check in answer.checks() if check.check == "length"] == [(10, 90)]


def values(target, text):
    return [target.shown(value) for value in read_values(target, text)]


def test_ranges_have_round_values_between_their_ends(targets):
    overall, share, samples = targets["verdict.overall"], targets["language.en"], targets["samples"]
    assert values(overall, "3.5..4.5") == ["3.5", "3.6", "3.7", "3.8", "3.9", "4", "4.1", "4.2", "4.3", "4.4", "4.5"]
    assert values(overall, "1..5") == ["1", "1.5", "2", "2.5", "3", "3.5", "4", "4.5", "5"]
    assert values(overall, "0.37..1") == ["0.37", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9", "1"]
    assert values(share, "20%..50%") == ["20%", "25%", "30%", "35%", "40%", "45%", "50%"]
    assert values(samples, "100..1000") == ["100", "200", "300", "400", "500", "600", "700", "800", "900", "1,000"]
    assert values(samples, "3..7") == ["3", "4", "5", "6", "7"]
    assert values(overall, "4.5, 3.5,4") == ["3.5", "4", "4.5"]
    assert values(overall, "1, 2..3") == ["1", "2", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3"]


@given(low=st.decimals("-1000", "1000", places=3), apart=st.decimals("0.001", "100000", places=3))
def test_a_range_has_its_ends_and_few_even_steps(targets, low, apart):
    found = read_values(targets["verdict.overall"], f"{low}..{low + apart}")
    assert found[0] == Fraction(low)
    assert found[-1] == Fraction(low) + Fraction(apart)
    assert 4 <= len(found) <= 12
    inner = found[1:-1]
    assert len({b - a for a, b in pairwise(inner)}) <= 1


WRONG = {
    ("verdict.overall", "4%"): "wrong unit",
    ("verdict.overall", "much"): "`much` is not a number: write for example `verdict.overall=3.5`",
    ("verdict.overall", "$4"): "not a number",
    ("verdict.overall", "5..4"): "the range 5..4 is empty",
    ("verdict.overall", "4.."): "`` is not a number",
    ("verdict.overall", "1e40"): "too large",
    ("verdict.overall", ",".join(map(str, range(40)))): f"40 values are too many: give at most {MOST}",
    ("language.en", "20"): "wrong unit",
    ("language.en", "120%"): "not between 0% and 100%",
    ("samples", "2.5"): "not a number of samples",
    ("samples", "0"): "not a number of samples",
    ("samples", "nan"): "not a number",
}


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_a_value_that_cannot_be_is_refused_with_how_to_write_it(targets, name, text):
    with pytest.raises(WrongValueError) as caught:
        read_values(targets[name], text)
    assert WRONG[name, text] in str(caught.value)
