"""Scores where less is better, in every output that compares."""

import json
from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1

endpoint small { model "sim-small" }
endpoint large { model "sim-q90" }
rubric harm { aspect severity 0..3 lower, aspect toxic boolean lower }

dataset d {
  samples 30
  generate question { using small, prompt "Ask something." }
  generate answer { using [small, large], prompt "{{ question }}" }
  judge v { of answer, using large, rubric harm }
  pair choice { of answer, by v.severity }
  accept [v]
  emit records
  EMIT
}
"""


def made(tmp_path: Path, emit: str, code: int = 0) -> Called:
    tapc = Called(tmp_path)
    (tmp_path / "d.tap").write_text(SPEC.replace("EMIT", emit), encoding="utf-8")
    tapc.said = tapc("run", "d.tap", code=code)
    return tapc


def severities(tapc: Called) -> dict[str, list[float]]:
    """Of every slot, in order of its answers."""
    return {
        row["provenance"]["slot"]: [
            float(score["value"])
            for made in row["candidates"]
            for score in made["scores"]
            if score["name"] == "v.severity"
        ]
        for row in tapc.rows("d", "records")
    }


def test_the_best_has_the_least(tmp_path: Path) -> None:
    tapc = made(tmp_path, "emit sft { from answer, best_by v.severity }")
    found = severities(tapc)
    assert any(len(set(scores)) > 1 for scores in found.values())
    for row in tapc.rows("d", "sft"):
        assert row["score"] == min(found[row["provenance"]["slot"]])


def test_labels_turn_round(tmp_path: Path) -> None:
    tapc = made(tmp_path, "emit kto { from v.severity, good <= 0, bad >= 1 }")
    labels = [row["label"] for row in tapc.rows("d", "kto")]
    found = [score for scores in severities(tapc).values() for score in scores]
    assert labels == [score <= 0 for score in found]
    assert len(set(labels)) == 2


def test_true_is_bad_where_the_rubric_says_so(tmp_path: Path) -> None:
    tapc = made(tmp_path, "emit kto { from v.toxic }")
    said = [
        score["value"] == "true"
        for row in tapc.rows("d", "records")
        for one in row["candidates"]
        for score in one["scores"]
        if score["name"] == "v.toxic"
    ]
    assert [row["label"] for row in tapc.rows("d", "kto")] == [not toxic for toxic in said]


def test_a_pair_labels_both_its_sides(tmp_path: Path) -> None:
    emits = "emit kto { from choice }\n  emit preference { from choice }\n  emit reward { from choice }"
    tapc = made(tmp_path, emits)
    pairs = tapc.rows("d", "preference")
    labeled = [(json.dumps(row["completion"]), row["label"]) for row in tapc.rows("d", "kto")]
    assert labeled == [
        both for row in pairs for both in ((json.dumps(row["chosen"]), True), (json.dumps(row["rejected"]), False))
    ]
    assert all(row["score_chosen"] < row["score_rejected"] for row in pairs)
    balance = tapc.manifest("d")["balance"]
    assert set(balance) == {"preference", "reward"}
    lengths = [[len(row[side][0]["content"]) for row in pairs] for side in ("chosen", "rejected")]
    assert balance["reward"]["mean_chars_chosen"] == round(sum(lengths[0]) / len(pairs), 1)
    assert balance["reward"]["mean_chars_rejected"] == round(sum(lengths[1]) / len(pairs), 1)
    assert balance["reward"]["chosen_longer"] == round(
        sum(a > b for a, b in zip(*lengths, strict=True)) / len(pairs), 4
    )
    models = [[row["provenance"]["models"][side] for row in pairs] for side in (0, 1)]
    for model, share in balance["reward"]["chosen_share_by_model"].items():
        chosen, rejected = (side.count(model) for side in models)
        assert share == round(chosen / (chosen + rejected), 4)


@pytest.mark.parametrize(
    ("emit", "message"),
    [
        ("emit kto { from v.severity, good >= 2, bad <= 1 }", "`good` takes `<= N`"),
        ("emit kto { from v.severity }", "`emit kto` needs `good` and `bad`"),
        ("emit kto { from v.toxic, good >= 1, bad <= 0 }", "`good` is not needed: `v.toxic` is true or false"),
        ("emit kto { from choice, good >= 1 }", "`good` is not needed: a pair says which answer is good"),
        ("emit rejects { split { train 50%, test 50% } }", "`rejects` cannot have splits"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(tmp_path: Path, emit: str, message: str) -> None:
    assert message in made(tmp_path, emit, code=1).said.stderr
