"""How expectations are read: sides, units and ranges, by hand."""

from fractions import Fraction
from pathlib import Path

import pytest

from tapc.frontend import compile_spec

WORLD = """tap 1

param most = 65%
param cap = $2

dataset d {{
  samples 24
  taxonomy topic {{ physics {{ optics, heat }}, biology }}
  mix language {{ en, sw }}
  mix tone per candidate {{ kind, dry }}
  endpoint writer {{ model "sim", price free }}
  endpoint judge_model {{ model "sim-judge", price free }}
  rubric clear {{ aspect clarity 1..5, aspect safe boolean }}
  generate "my answer" {{ using writer, each 2, system "Be {{{{ tone }}}}.", prompt "Ask about {{{{ topic }}}} in {{{{ language.name }}}}." }}
  judge verdict {{ of "my answer", using judge_model, rubric clear }}
  pair choice {{ of "my answer", by verdict.overall }}
  emit preference {{ from choice }}
  emit preference again {{ from choice }}
  split {{ train 80%, test 20% }}
  expect {{ {} }}
}}
"""


class Text:
    def __init__(self, text):
        self._text = text.encode()

    def read(self, path):
        assert Path(path).name == "spec.tap"
        return self._text


def read(line):
    found = compile_spec(Path("spec.tap"), Text(WORLD.format(line)))
    wrong = [d for d in found.diagnostics if d.severity == "error"]
    return wrong[0].code if wrong else found.dataset.expectations[0]


SIDES = {
    "samples >= 4": ("count", 4, None, None),
    "samples > 4": ("count", 4, None, True),
    "samples <= 4k": ("count", None, 4000, None),
    "samples < 4": ("count", None, 4, True),
    "samples 4..6": ("count", 4, 6, None),
    "cost <= $0.25": ("money", None, Fraction(10**12, 4), None),
    "cost <= cap": ("money", None, 2 * 10**12, None),
    "chosen_from writer <= most": ("share", None, Fraction(13, 20), None),
    "short < 2": ("count", None, 2, True),
    "short <= 2.5%": ("share", None, Fraction(1, 40), None),
    "every topic >= 5%": ("share", Fraction(1, 20), None, None),
    "length_gap -15%..15%": ("share", Fraction(-3, 20), Fraction(3, 20), None),
    "mean verdict.clarity >= 2.5": ("number", Fraction(5, 2), None, None),
    "mean verdict.safe >= 0.5": ("number", Fraction(1, 2), None, None),
    "mean verdict.safe >= 50%": ("share", Fraction(1, 2), None, None),
    "mean verdict.agreement > 0.5 per topic": ("number", Fraction(1, 2), None, True),
}


@pytest.mark.parametrize("line", SIDES)
def test_sides_and_units(line):
    found = read(line)
    assert (found.unit, found.minimum, found.maximum, found.exclusive) == SIDES[line]
    assert found.per == ("topic" if "per" in line else None)


SUBJECTS = {
    "share topic.physics.optics >= 1%": ("topic", "physics", "optics"),
    "share language.en >= 1%": ("language", "en"),
    'rejected "my answer" <= 5%': ("my answer",),
    "rows preference >= 2": ("preference",),
    "rows preference.test >= 2": ("preference", "test"),
    "rows again.train >= 2": ("again", "train"),
    "mean verdict >= 2%": ("verdict", "overall"),
    "max verdict.clarity > 2": ("verdict", "clarity"),
}


@pytest.mark.parametrize("line", SUBJECTS)
def test_subjects(line):
    assert read(line).of == SUBJECTS[line]


WRONG = {
    "samples": "TAP450",
    "samples 4": "TAP104",
    "samples >= 4..6": "TAP104",
    "samples >= x": "TAP104",
    "samples >= 4 5": "TAP450",
    "samples >= 40%": "TAP450",
    "samples >= 4s": "TAP450",
    "samples >= 4.5": "TAP104",
    "samples >= 4 of preference": "TAP450",
    "cost <= $1/M": "TAP450",
    "cost <= 4 per topic": "TAP450",
    "length_gap <= 5% per topic": "TAP450",
    "length_gap <= 5% of preference.test": "TAP451",
    "mean verdict.clarity >= 2 of preference": "TAP450",
    "mean verdict.clarity >= 40%": "TAP450",
    "mean verdict.clarity >= 2 per topik": "TAP111",
    "mean verdict.clarity >= 2 per tone": "TAP451",
    "mean verdict.clarity 0.5..6": None,
    "every tone >= 1": "TAP451",
    "every topic.physics >= 1": "TAP111",
    "rows verdict >= 2": "TAP111",
    "rows preference.dev >= 2": "TAP111",
    "chosen_from judge_model >= 2%": "TAP451",
    "share topic >= 2%": "TAP450",
    "share topic.chemistry >= 2%": "TAP211",
    "share language.en 10%..20": "TAP450",
    "tokens >= 20%..4": "TAP104",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_ones_have_codes(line):
    assert read(line) == (WRONG[line] or "TAP452")


EDGES = [
    ("short >= 0%", False), ("short > 0%", True), ("short <= 100%", False), ("short < 100%", True),
    ("short > 100%", False), ("short >= 100%", True), ("short < 0%", False), ("short <= 0%", True),
    ("samples > 0", True), ("samples >= 0", False), ("samples < 0", False), ("samples <= 0", True),
    ("every topic <= 100%", False), ("every topic < 100%", True), ("every topic > 100%", False),
    ("min verdict.clarity >= 1", False), ("min verdict.clarity > 1", True), ("max verdict.clarity > 5", False),
    ("max verdict.clarity >= 5", True), ("mean verdict.clarity < 1", False), ("mean verdict.clarity <= 1", True),
    ("mean verdict.clarity <= 5", False), ("mean verdict.clarity < 5", True), ("length_gap >= -100%", False),
    ("length_gap > -100%", True), ("length_gap <= 900%", True), ("chosen_longer 0%..100%", False),
    ("chosen_longer 0%..99%", True), ("mean verdict.safe <= 1", False), ("mean verdict.safe < 1", True),
]  # fmt: skip


@pytest.mark.parametrize(("line", "decides"), EDGES)
def test_a_bound_must_be_able_to_hold_and_to_fail(line, decides):
    assert (read(line) != "TAP452") == decides


TOGETHER = [
    ("samples >= 12, samples <= 3", True), ("samples >= 3, samples <= 12", False), ("samples >= 5, samples <= 5", False),
    ("samples > 5, samples < 6", True), ("samples > 5, samples < 7", False), ("samples > 5, samples <= 6", False),
    ("samples 4..6, samples >= 7", True), ("samples 4..6, samples >= 6", False), ("samples >= 5, samples < 5", True),
    ("cost >= $5, cost <= $1", True), ("cost >= $1, cost <= $1", False), ("cost > $1, cost <= $1", True),
    ("chosen_longer > 20%, chosen_longer < 20.1%", False), ("short <= 1%, short > 2", False),
    ("share language.en >= 60%, share language.sw >= 60%", False),
    ("mean verdict.clarity >= 4, mean verdict.clarity <= 3 per topic", False),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "apart"), TOGETHER)
def test_two_bounds_of_one_figure_must_leave_room_for_it(lines, apart):
    assert (read(lines) == "TAP452") == apart
