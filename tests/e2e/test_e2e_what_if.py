"""`plan --what-if` says of each value what a spec with that value in its text says and makes."""

import json
import shutil

import pytest
from called import Called
from driving import Tapc

SPEC = """tap 1

rubric good { aspect style 1 1..5: "Is it good?" { 1 "bad", 5 "good" } }

dataset w {
  samples 60
  taxonomy topic { alpha 60%, beta 40% }
  mix language { en 3, sw }
  endpoint w { model "sim-writer", price { input $1/M, output $4/M }, max_tokens 120 }
  endpoint j { model "sim-judge", price { input $1/M, output $4/M } }
  generate question { using w, prompt "Ask about {{ topic }} in {{ language }}." }
  generate answer { using [w, j], prompt "Answer {{ question }}.", require length >= 5 chars }
  judge verdict { of answer, using j, rubric good, require score verdict.style >= 2 }
  pair choice { of answer, by verdict.style, margin >= 0.5 }
  emit preference { from choice }
  budget { cost $100 }
}
"""
EDITS = {
    "verdict.style": ("verdict.style >= 2", "verdict.style >= {}", "2,3,4"),
    "choice.margin": ("margin >= 0.5", "margin >= {}", "0.5,1.5,2"),
    "answer.length": ("length >= 5", "length >= {}", "5,80,200"),
    "topic.alpha": ("alpha 60%, beta 40%", "alpha {}, beta {rest}%", "20%,60%,90%"),
    "samples": ("samples 60", "samples {}", "30,60,90"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Called:
    tapc = Called(tmp_path_factory.mktemp("what_if"))
    (tapc.folder / "w.tap").write_text(SPEC, encoding="utf-8")
    tapc("run", "w.tap", "--yes", "-q", "--no-brake", code=None)
    return tapc


def document(tapc: Tapc, wanted: str) -> dict:
    return json.loads(tapc("plan", "w.tap", "--what-if", wanted, "--json").stdout)


@pytest.mark.parametrize("target", EDITS)
def test_each_value_is_what_a_spec_with_it_plans_and_makes(made, tmp_path, target):
    old, new, values = EDITS[target]
    before = (made.folder / ".tapc" / "store.db").read_bytes()
    found = document(made, f"{target}={values}")
    assert (made.folder / ".tapc" / "store.db").read_bytes() == before
    assert [row["shown"] for row in found["rows"]] == values.split(",")
    assert [row["now"] for row in found["rows"]].count(True) == 1
    outcomes = set()
    for row in found["rows"]:
        place = Called(shutil.copytree(made.folder, tmp_path / row["shown"].rstrip("%")))
        assert old in SPEC
        edited = new.format(row["shown"], rest=100 - float(row["shown"].rstrip("%")))
        (place.folder / "w.tap").write_text(SPEC.replace(old, edited), encoding="utf-8")
        plan = json.loads(place("plan", "w.tap", "--json", code=None).stdout)
        assert row["samples"] == plan["samples"]
        assert row["requests"] == plan["total"]["requests"]["expected"]
        assert row["cost_usd"] == plan["total"]["cost_usd"]["expected"]
        assert row["stored"] == plan["total"]["accepted"]
        assert (row["accepted"], row["rejected"]) == (plan["forecast"]["accepted"], plan["forecast"]["rejected"])
        offline = json.loads(place("run", "w.tap", "--offline", "--json", code=None).stdout)
        assert row["stored"] == offline["samples"]["accepted"]
        outcomes.add((row["stored"], row["requests"]))
    assert len(outcomes) > 1, "the values make a difference"


def test_what_cannot_be_varied_is_refused_with_what_can(made):
    refused = made("plan", "w.tap", "--what-if", "choice.margn=1", code=2).stderr
    assert "TAP883" in refused
    assert "did you mean `choice.margin`?" in refused
    for known in ("choice.margin (0.5)", "verdict.style (2)", "language.en (75%)", "topic.beta (40%)", "samples (60)"):
        assert known in " ".join(refused.split())
    for wanted in ("choice.margin", "choice.margin=", "choice.margin=$2", "language.en=4", "samples=1.5", "=3", ""):
        assert "TAP883" in made("plan", "w.tap", "--what-if", wanted, code=2).stderr


def test_a_value_that_cannot_be_planned_is_a_row_that_says_why(tmp_path):
    tapc = Called(tmp_path)
    text = SPEC.replace("alpha 60%, beta 40%", "alpha 60% at_least 30, beta 40%")
    (tmp_path / "w.tap").write_text(text, encoding="utf-8")
    rows = document(tapc, "samples=10,60")["rows"]
    assert rows[0]["problem"]
    assert rows[1]["problem"] is None
    shown = tapc("plan", "w.tap", "--what-if", "samples=10,60").stdout
    assert "Nothing is stored yet" in shown
