"""The acceptance test of checks: an endpoint with every content fault, and a dataset without any."""

import json
from collections import Counter
from pathlib import Path

from driving import Tapc

from tapc.checks import CheckTools, Subject, compile_check
from tapc.checks.unique import shingles
from tapc.ir import Check

SPEC = """tap 1

endpoint writer {
  model "sim-q70"
  extra { sim { rate_wrong_language 10%, rate_duplicate 5%, rate_refusal 3% } }
}
endpoint small { model "sim-small" }
endpoint referee { model "sim-judge", extra { sim { rate_malformed 5% } } }

rubric good { aspect clarity 1..5: "Is it clear?", aspect truth 1..5: "Is it true?" }

dataset faults {
  samples 120
  taxonomy topic { physics 40%, biology 35%, chemistry 25% }
  mix language { en 50%, de 30%, zh-Hans 20% }
  generate question {
    using writer
    prompt "Write one exam question about {{ topic }} in {{ language.name }} ({{ language.tag }})."
    require language
    require no_refusal
    require unique 0.8
    attempts 4
  }
  generate answer {
    using [writer, small]
    prompt "{{ question }} Answer in {{ language.name }}."
    require language
    require no_refusal
    attempts 4
  }
  judge verdict { of answer, using referee, rubric good }
  pair choice { of answer, by verdict.overall, margin >= MARGIN }
  reserve 300% at_least 20
  emit preference { from choice }
}
"""
TOPICS = {"physics": 48, "biology": 42, "chemistry": 30}
NAMES = {"en": "English", "de": "German", "zh-Hans": "Chinese"}
LANGUAGES = {"en": 60, "de": 36, "zh-Hans": 24}


def write(folder: Path, margin: str = "0.25") -> None:
    (folder / "faults.tap").write_text(SPEC.replace("MARGIN", margin), encoding="utf-8")


def written_in(text: str, language: str) -> bool:
    check = compile_check(Check(check="language"), CheckTools())
    return check.check(Subject(text, None, {"language": language})) is None  # type: ignore[union-attr]


def alike(texts: list[str]) -> float:
    sets = [set(shingles(text)) for text in texts]
    return max(len(a & b) / len(a | b) for i, a in enumerate(sets) for b in sets[:i])


def test_the_finished_dataset_is_exact_and_clean_at_any_concurrency(tapc: Tapc) -> None:
    write(tapc.folder)
    tapc.run("faults.tap", "--concurrency", "64")
    rows = tapc.rows("faults", "preference")
    assert len(rows) == 120
    assert Counter(r["provenance"]["taxonomy"] for r in rows) == TOPICS
    assert Counter(r["provenance"]["axes"]["language"] for r in rows) == LANGUAGES
    for row in rows:
        language = row["provenance"]["axes"]["language"]
        for text in (row["prompt"][0]["content"], row["chosen"][0]["content"], row["rejected"][0]["content"]):
            assert written_in(text.removesuffix(f" Answer in {NAMES[language]}."), language), text
        assert row["margin"] >= 0.25
    for language in LANGUAGES:
        mine = [r["prompt"][0]["content"] for r in rows if r["provenance"]["axes"]["language"] == language]
        assert alike(mine) < 0.8

    manifest = tapc.manifest("faults")
    turned_down = manifest["rejected"]
    assert {"language", "refusal", "duplicate"} <= set(turned_down["question"])
    assert {"language"} <= set(turned_down["answer"])
    assert sum(turned_down["verdict"].values()) > 0, "malformed verdicts are asked again"
    assert turned_down["choice"]["tie"] > 0
    rejects = tapc.rows("faults", "rejects")
    counted: dict[str, Counter[str]] = {}
    for row in rejects:
        counted.setdefault(row["step"], Counter())[row["reason"]] += 1
    assert {step: dict(sorted(reasons.items())) for step, reasons in counted.items()} == turned_down
    assert all(row["reason"] for row in rejects)

    alone = Tapc(tapc.folder / "alone")
    alone.folder.mkdir()
    write(alone.folder)
    alone.run("faults.tap", "--concurrency", "1")
    assert alone.bytes_of("faults") == tapc.bytes_of("faults")


def test_a_changed_threshold_filters_anew_and_asks_for_replacements_only(tapc: Tapc) -> None:
    write(tapc.folder)
    first = tapc.run("faults.tap")
    before = {json.dumps(row["prompt"]) for row in tapc.rows("faults", "preference") if row["margin"] >= 0.75}
    write(tapc.folder, "0.75")
    second = tapc.run("faults.tap")
    rows = tapc.rows("faults", "preference")
    assert len(rows) == 120
    assert Counter(r["provenance"]["axes"]["language"] for r in rows) == LANGUAGES
    assert all(row["margin"] >= 0.75 for row in rows)
    assert before <= {json.dumps(row["prompt"]) for row in rows}, "what still passes stays"
    assert second["requests"]["cached"] >= first["requests"]["sent"] - first["requests"]["retried"] - 1
    assert second["requests"]["sent"] > 0
    again = tapc.run("faults.tap")
    assert again["requests"]["sent"] == 0
