"""Splits of finished datasets: leaf by leaf, the same in every config, and never through a prompt."""

import json
from collections import defaultdict
from pathlib import Path

from called import Called

SPEC = """tap 1

endpoint small { model "sim-small" }
endpoint large { model "sim-q90" }
rubric good { aspect clarity 1..5, aspect truth 1..5 }

dataset d {
  samples 160
  taxonomy topic { physics 50%, biology 45%, rare 5% }
  QUESTION
  generate answer { using [small, large], prompt "{{ question }}" }
  judge verdict { of answer, using large, rubric good }
  pair choice { of answer, by verdict.overall }
  accept [answer]
  emit preference { from choice, split { train 90%, test 10% } }
  emit sft { from answer, split { train 90%, test 10% } }
  emit records { split { train 90%, test 10% } }
}
"""
OWN = 'generate question { using small, prompt "Ask about {{ topic }}." }'


def splits(tapc: Called, config: str) -> dict[str, list[dict]]:
    found = defaultdict(list)
    for file in sorted((tapc.folder / "out" / "d" / "data" / config).glob("*.jsonl")):
        found[file.name.split("-")[0]] += [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return found


def made(tmp_path: Path, question: str) -> Called:
    tapc = Called(tmp_path)
    (tmp_path / "d.tap").write_text(SPEC.replace("QUESTION", question), encoding="utf-8")
    tapc("run", "d.tap")
    return tapc


def test_every_config_divides_slots_alike_and_leaves_by_their_shares(tmp_path: Path) -> None:
    tapc = made(tmp_path, OWN)
    records = splits(tapc, "records")
    test = {row["provenance"]["slot"] for row in records["test"]}
    by_topic = defaultdict(int)
    for row in records["test"]:
        by_topic[row["provenance"]["taxonomy"]] += 1
    assert by_topic["physics"] == 8
    assert by_topic["biology"] in (7, 8), "7.2"
    assert by_topic["rare"] <= 1, "0.8"
    for config in ("preference", "sft"):
        for split, rows in splits(tapc, config).items():
            assert all((row["provenance"]["slot"] in test) == (split == "test") for row in rows)


def test_prompts_shared_by_slots_stay_on_one_side(tmp_path: Path) -> None:
    rows = [{"text": f"What is {i % 40}?"} for i in range(160)]  # every text four times
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    tapc = made(tmp_path, 'input question { file "rows.jsonl" }')
    sides = defaultdict(set)
    for config in ("preference", "sft"):
        for split, found in splits(tapc, config).items():
            for row in found:
                prompt = row["prompt"] if config == "preference" else row["messages"][:-1]
                sides[prompt[0]["content"]].add(split)
    assert len(sides) == 40
    assert all(len(where) == 1 for where in sides.values())
    assert {"train"} in sides.values() and {"test"} in sides.values()


def test_a_prompt_made_once_for_a_topic_keeps_its_slots_together(tmp_path: Path) -> None:
    tapc = made(tmp_path, 'generate question { using small, per topic, prompt "Ask about {{ topic }}." }')
    where = defaultdict(set)
    for split, rows in splits(tapc, "records").items():
        for row in rows:
            where[row["provenance"]["taxonomy"]].add(split)
    assert all(len(found) == 1 for found in where.values())
