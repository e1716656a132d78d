"""Saved plans, expectations learned from a run, `--why`, `--samples` and previews, as users meet them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from driving import Tapc


def edit(spec: Path, old: str, new: str) -> None:
    text = spec.read_text(encoding="utf-8")
    assert old in text
    spec.write_text(text.replace(old, new), encoding="utf-8")


def test_a_saved_plan_runs_as_it_is_or_not_at_all(tapc: Tapc, quickstart: Path) -> None:
    tapc("plan", "quickstart.tap", "--out", "plan.json")
    original = quickstart.read_bytes()
    for old, new, why in (
        ("input $0.05/M", "input $0.06/M", "novice.price.input $0.05/M → $0.06/M"),
        ("samples 60", "samples 61", "samples 60 → 61"),
        (
            "exam questions",
            "test questions",
            "question.system You write [-exam-]{+test+} questions for a science course.",
        ),
    ):
        edit(quickstart, old, new)
        refused = tapc("run", "plan.json", code=1).stderr
        assert "TAP881" in refused
        assert why in refused
        assert "quickstart.tap has changed" in refused
        assert not (tapc.folder / ".tapc").exists()
        quickstart.write_bytes(original)
    assert "leave them out" in tapc("run", "plan.json", "--set", "a=1", code=2).stderr
    saved = (tapc.folder / "plan.json").read_text(encoding="utf-8")
    assert saved.count('"samples": 60') == 1
    (tapc.folder / "edited.json").write_text(saved.replace('"samples": 60', '"samples": 6'), encoding="utf-8")
    assert "TAP880" in tapc("run", "edited.json", code=1).stderr
    (tapc.folder / "other.json").write_text("{}", encoding="utf-8")
    assert "TAP880" in tapc("run", "other.json", code=1).stderr
    edit(quickstart, "tap 1\n", "tap 1\n\n// a comment more, and another layout\n\n")
    elsewhere = tapc.folder / "below"
    elsewhere.mkdir()
    store = ("--store", "../.tapc", "--out", "../out")
    assert "TAP881" not in Tapc(elsewhere)("run", "../plan.json", "--limit", "2", "-q", *store).stderr
    report = tapc.run("plan.json")
    assert report["plan_digest"] == json.loads(saved)["digest"]
    assert report["samples"]["accepted"] == 60


def test_a_lock_of_another_plan_outdates_a_saved_plan(tapc: Tapc, quickstart: Path) -> None:
    tapc("plan", "quickstart.tap", "--out", "plan.json")
    tapc("plan", "quickstart.tap", "--lock")
    tapc("run", "plan.json", "--limit", "1")
    text = quickstart.read_text(encoding="utf-8")
    edit(quickstart, "samples 60", "samples 50")
    tapc("plan", "quickstart.tap", "--lock")
    lock = (tapc.folder / "quickstart.tap.lock").read_text(encoding="utf-8")
    (tapc.folder / "quickstart.tap.lock").write_text(
        "".join(line for line in lock.splitlines(keepends=True) if not line.startswith("plan 1 ")), encoding="utf-8"
    )
    quickstart.write_text(text, encoding="utf-8")
    assert "TAP881" in tapc("run", "plan.json", code=1).stderr


def test_what_a_run_teaches_the_plan(tapc: Tapc, quickstart: Path) -> None:
    first = json.loads(tapc("plan", "quickstart.tap", "--json", "--expect-no-changes", code=4).stdout)
    assert first["seen"] == []
    assert "estimate against actual" in tapc("run", "quickstart.tap").stdout
    done = json.loads(tapc("plan", "quickstart.tap", "--json", "--expect-no-changes").stdout)
    assert done["total"]["missing"] == 0
    for row in done["seen"]:
        assert row["replies"] > 0
        assert row["usd"] > 0
        assert row["output"] > 0
    edit(quickstart, "seed 7", "seed 8")
    again = json.loads(tapc("plan", "quickstart.tap", "--json").stdout)
    assert again["total"]["cached"] == 0
    actual = sum(row["output"] for row in done["seen"])
    before, after = (sum(s["output_tokens"]["expected"] for s in plan["steps"]) for plan in (first, again))
    assert abs(after - actual) < abs(before - actual)
    assert abs(after - actual) < 0.25 * actual


def test_history_belongs_to_a_dataset_a_model_and_a_language(tapc: Tapc, quickstart: Path) -> None:
    def plan() -> dict[str, Any]:
        return json.loads(tapc("plan", "quickstart.tap", "--json").stdout)

    before = plan()
    assert before["total"]["likely_usd"] is None
    assert before["budget"]["fits_likely"] is None
    tapc("run", "quickstart.tap", "--limit", "24", "-q")
    rest = plan()
    expected, likely = rest["total"]["cost_usd"]["expected"], rest["total"]["likely_usd"]
    assert rest["total"]["cached"] >= 24 * 9 * 0.9
    assert expected < likely < 1.5 * expected
    assert rest["budget"]["fits_likely"] is True
    assert "(95%: " in tapc("plan", "quickstart.tap").stdout
    for old, new in (("dataset quickstart", "dataset another"), ('"sim-referee"', '"sim-strict"')):
        edit(quickstart, old, new)
        other = plan()
        each = [
            step["output_tokens"]["expected"] / step["requests"]["expected"]
            for document in (before, other)
            for step in document["steps"]
            if step["name"] == "verdict"
        ]
        assert each[1] == pytest.approx(each[0], rel=0.01)
        assert other["total"]["likely_usd"] is None
        edit(quickstart, new, old)
    report = tapc.run("quickstart.tap")
    assert report["spend"]["usd"] <= likely
    assert report["spend"]["usd"] == pytest.approx(expected, rel=0.15)


def test_every_format_of_a_plan(tapc: Tapc, quickstart: Path) -> None:
    plan = json.loads(tapc("plan", "quickstart.tap", "--format", "json", "--samples", "2").stdout)
    jsonschema.validate(plan, json.loads(tapc("schema", "plan").stdout))
    assert {p["rank"] for p in plan["prompts"]} == {0, 1}
    for prompt in plan["prompts"]:
        assert (prompt["key"] is not None) == (prompt["step"] == "question")
        assert any("‹text of" in m["content"] for m in prompt["messages"]) == (prompt["step"] != "question")
    assert [s["name"] for s in plan["sources"]] == ["quickstart.tap"]
    table = tapc("plan", "quickstart.tap", "--samples", "1", "--by", "topic,language").stdout
    assert all(len(line) <= 100 for line in table.splitlines())
    assert "‹text of question›" in table
    markdown = tapc("plan", "quickstart.tap", "--format", "markdown", "--by", "topic").stdout
    assert "physics.mechanics" in markdown
    assert "no axis" in tapc("plan", "quickstart.tap", "--by", "color", code=2).stderr


def test_by_takes_mixes_per_candidate(tapc: Tapc, quickstart: Path) -> None:
    (quickstart.parent / "drawn.tap").write_text(
        "tap 1\ndataset d {\n  samples 9\n  mix tone per candidate { warm 2, cold 1 }\n"
        '  endpoint w { model "sim", price free }\n  generate question { using w, prompt "A {{ tone }} question" }\n'
        "  emit prompts { prompt question }\n}\n",
        encoding="utf-8",
    )
    rows = [line.split() for line in tapc("plan", "drawn.tap", "--by", "tone").stdout.splitlines()]
    assert ["cold", "3", "3.00", "+0.00"] in rows
    assert ["warm", "6", "6.00", "+0.00"] in rows
    plan = json.loads(tapc("plan", "drawn.tap", "--json").stdout)
    jsonschema.validate(plan, json.loads(tapc("schema", "plan").stdout))
    assert [(one["mix"], one["step"], one["counts"]) for one in plan["drawn"]] == [
        ("tone", "question", {"cold": 3, "warm": 6})
    ]
    assert "the dataset has tone" in tapc("plan", "drawn.tap", "--by", "color", code=2).stderr


def test_why_names_the_part_of_the_key(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap", "--limit", "6")
    assert "to be asked" not in tapc("plan", "quickstart.tap", "--why", "0").stdout
    plan = json.loads(tapc("plan", "quickstart.tap", "--json", "--samples", "1").stdout)
    key = plan["prompts"][0]["key"]
    assert "stored" in tapc("plan", "quickstart.tap", "--why", key[:12]).stdout
    edit(quickstart, "seed 7", "seed 3")
    assert "seed 7 → 3" in tapc("plan", "quickstart.tap", "--why", "0").stdout
    assert "TAP882" in tapc("plan", "quickstart.tap", "--why", key, code=2).stderr
    edit(quickstart, "seed 3", "seed 7")
    edit(quickstart, 'model "sim-writer"', 'model "sim-author"')
    assert "model sim-writer (sim) → sim-author (sim)" in tapc("plan", "quickstart.tap", "--why", "0").stdout
    assert "TAP882" in tapc("plan", "quickstart.tap", "--why", "99", code=2).stderr


def test_a_preview_shows_whole_samples_which_the_run_reuses(tapc: Tapc, quickstart: Path) -> None:
    shown = tapc("preview", "quickstart.tap", "-n", "3").stdout
    for text in ("sample 0", "question asked, user", "answer 0 by tutor", "overall", "accepted"):
        assert text in shown
    assert not (tapc.folder / "out").exists()
    assert tapc("preview", "quickstart.tap", "-n", "3", "--offline").stdout == shown
    assert tapc.run("quickstart.tap", "--limit", "3")["requests"]["sent"] == 0


def test_a_preview_asks_before_paying(tapc: Tapc, quickstart: Path) -> None:
    edit(quickstart, 'model "sim-writer"', 'model "big", url "http://127.0.0.1:9/v1"')
    assert "--yes" in tapc("preview", "quickstart.tap", code=2).stderr
