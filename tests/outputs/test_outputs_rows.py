"""Every field of every kind of row, recomputed from `records` of the same run, from the store and from the spec.

Nothing here calls what makes rows: prompts, scores, margins, labels, picks and provenance are worked out anew.
"""

import json
from collections import Counter, defaultdict
from typing import Any

import pytest
from called import Called
from fake_model import real_model

from tapc.store import all_keys, open_store

SPEC = """tap 1

rubric harm {
  aspect severity 0..6 lower
  aspect toxic boolean lower
  aspect clarity 1..5
  aspect topics any of [law, health, money]
}

rubric harm_compared { aspect severity 0..6 lower, aspect toxic boolean lower, aspect clarity 1..5 }

dataset d {
  samples 30
  taxonomy field { physics { heat, optics }, biology { cells } }
  mix level { easy, hard }
  mix persona per candidate { calm, hurried }
  endpoint real { model "real-model", url "URL", price free, limit { concurrency 4 } }
  endpoint fake { model "sim-small" }
  endpoint judge_a { model "sim-judge" }
  endpoint judge_b { model "sim-q75" }
  generate question { using fake, prompt "Ask about {{ field }}, {{ level }}." }
  generate answer {
    using [real, fake]
    each 3
    attempts 4
    require not matches "BAD"
    messages {
      system "You are {{ persona }}."
      user "Hello."
      assistant "Hello. What do you want to know?"
      user "{{ question }}"
    }
  }
  judge v { of answer, using [judge_a, judge_b], rubric harm }
  judge w { of answer, using judge_a, rubric harm_compared, mode pairwise }
  score length { of answer, run ["python3", "length.py"] }
  vote ballot { at_least 1%, ties first, of answer, extract regex "value (\\\\d)" }
  pair choice { of answer, by [v.severity, v.clarity], within persona, margin >= 0.5 }
  accept [choice, ballot, length, w]

  emit records
  emit preference kept { from choice, system keep, reasoning keep }
  emit preference asked { from choice, prompt question }
  emit reward paired { from choice, reasoning inline }
  emit reward rated { from v.clarity, system keep }
  emit kto labeled { from v.severity, good <= 2, bad >= 4 }
  emit kto sided { from choice, system keep }
  emit kto boolean { from v.toxic }
  emit sft least { from answer, best_by v.severity, system keep, reasoning keep }
  emit sft every { from answer, reasoning inline }
  emit rl judged { prompt question, truth ballot.majority, source "mine" }
  emit rl rated_truth { prompt question, truth v.clarity }
  emit prompts { prompt question }
}
"""
PROGRAM = """import json, sys
for line in sys.stdin:
    row = json.loads(line)
    print(json.dumps(len(row["completion"]) / 8), flush=True)
"""
MODELS = {"real": "real-model", "fake": "sim-small"}
JUDGES = 2

Row = dict[str, Any]


class Slot:
    """One sample as `records` has it."""

    def __init__(self, record: Row) -> None:
        self.provenance = record["provenance"]
        self.pairs = record["pairs"]
        self.made: dict[tuple[str, int], Row] = {(c["step"], c["candidate"]): c for c in record["candidates"]}
        assert len(self.made) == len(record["candidates"])

    def answers(self) -> list[Row]:
        return [made for (step, _), made in sorted(self.made.items()) if step == "answer"]

    @property
    def question(self) -> Row:
        return self.made["question", 0]

    def from_(self, *used: Row) -> Row:
        """The provenance of a row made of some candidates."""
        return {
            "slot": self.provenance["slot"],
            "taxonomy": self.provenance["taxonomy"],
            "axes": self.provenance["axes"],
            "endpoints": [c["endpoint"] for c in used],
            "models": [MODELS[c["endpoint"]] for c in used],
            "drawn": [c["drawn"] for c in used],
            "jobs": self.provenance["jobs"],
            "simulated": True,
        }


def scores(made: Row) -> dict[str, Any]:
    return {
        s["name"]: s["value"] if s["value"] is None or s["name"] in TEXTS else json.loads(s["value"])
        for s in made["scores"]
    }


TEXTS = ("ballot.answer", "ballot.majority")


def told(made: Row, *, keep: bool) -> list[Row]:
    return [message for message in made["prompt"] if keep or message["role"] != "system"]


def said(made: Row, reasoning: str) -> Row:
    text = made["text"]
    if reasoning == "inline" and made["reasoning"]:
        text = f"<think>\n{made['reasoning']}\n</think>\n\n{text}"
    return {"role": "assistant", "content": text} | ({"reasoning": made["reasoning"]} if reasoning == "keep" else {})


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Called:
    tapc = Called(tmp_path_factory.mktemp("rows"))
    with real_model() as url:
        (tapc.folder / "d.tap").write_text(SPEC.replace("URL", url), encoding="utf-8")
        (tapc.folder / "length.py").write_text(PROGRAM, encoding="utf-8")
        tapc("run", "d.tap", "--yes", "--allow-run")
    return tapc


@pytest.fixture(scope="module")
def slots(run: Called) -> list[Slot]:
    return [Slot(row) for row in run.rows("d", "records")]


@pytest.fixture(scope="module")
def replies(run: Called) -> dict[str, Any]:
    """Every reply in the store by its key in hex."""
    store = open_store(run.folder / ".tapc", offline=True)
    try:
        keys = list(all_keys(store))
        return {key.hex(): reply for key, reply in store.get(keys).items()}
    finally:
        store.close()


def test_records_hold_what_the_store_holds(slots: list[Slot], replies: dict[str, Any]) -> None:
    assert len(slots) == 30
    assert len({slot.provenance["slot"] for slot in slots}) == 30
    assert {c["endpoint"] for slot in slots for c in slot.answers()} == {"real", "fake"}
    assert {c["drawn"]["persona"] for slot in slots for c in slot.answers()} == {"calm", "hurried"}
    assert any(c["attempt"] for slot in slots for c in slot.answers())
    for slot in slots:
        assert set(slot.made) == {("question", 0), *(("answer", i) for i in range(6))}
        leaf, axes = slot.provenance["taxonomy"], slot.provenance["axes"]
        assert leaf in ("physics.heat", "physics.optics", "biology.cells")
        assert axes.keys() == {"level"}
        asked = {"role": "user", "content": f"Ask about {leaf.split('.')[1]}, {axes['level']}."}
        assert slot.question["prompt"] == [asked]
        assert slot.question["drawn"] == {"persona": None}
        assert slot.question["scores"] == []
        for made in slot.made.values():
            reply = replies[made["job"]]
            assert made["text"] == reply.texts[0].strip()
            assert made["reasoning"] == (reply.reasoning[0] if reply.reasoning else "")
            assert ("thought" in made["reasoning"]) == (made["endpoint"] == "real")
            assert made["job"] in slot.provenance["jobs"]
        for index, made in enumerate(slot.answers()):
            assert made["endpoint"] == ("real", "fake")[index // 3]
            assert made["prompt"] == [
                {"role": "system", "content": f"You are {made['drawn']['persona']}."},
                {"role": "user", "content": "Hello."},
                {"role": "assistant", "content": "Hello. What do you want to know?"},
                {"role": "user", "content": slot.question["text"]},
            ]


def test_scores_are_those_that_were_given(slots: list[Slot], replies: dict[str, Any]) -> None:
    judged = ("agreement", "clarity", "overall", "severity", "topics", "toxic")
    names = {f"v.{name}" for name in judged} | {f"w.{name}" for name in judged if name != "topics"}
    names |= {
        "length.overall",
        "ballot.answer",
        "ballot.majority",
        "ballot.agreement",
        "ballot.count",
        "ballot.overall",
    }
    for slot in slots:
        answers = {made["candidate"]: made for made in slot.answers()}
        votes = {i: made["text"].split("value ")[1][0] for i, made in answers.items() if "value " in made["text"]}
        counts = Counter(votes.values())
        majority = next(v for v in votes.values() if counts[v] == max(counts.values()))
        jobs = slot.provenance["jobs"]
        assert jobs == sorted(set(jobs))
        verdicts = [json.loads(replies[job].texts[0]) for job in jobs if replies[job].texts[0].startswith("{")]
        rated = [verdict for verdict in verdicts if "severity" in verdict and isinstance(verdict["severity"], int)]
        for made in answers.values():
            found = scores(made)
            assert found.keys() == names
            assert found["length.overall"] == len(made["text"]) / 8
            assert found["ballot.answer"] == votes.get(made["candidate"])
            if made["candidate"] in votes:
                assert found["ballot.majority"] == majority
                assert found["ballot.agreement"] == pytest.approx(counts[majority] / 6)
                assert found["ballot.count"] == counts[majority]
                assert found["ballot.overall"] == (votes[made["candidate"]] == majority)
            else:
                assert found["ballot.overall"] is None is found["ballot.agreement"]
            severities = {(a["severity"] + b["severity"]) / 2 for a in rated for b in rated}
            assert found["v.severity"] in severities
            assert 0 <= found["v.severity"] <= 6
            assert 1 <= found["v.clarity"] <= 5
            assert found["v.toxic"] in (True, False, None)
            assert set(found["v.topics"]) <= {"law", "health", "money"}
            mapped = [1 - found["v.severity"] / 6, (found["v.clarity"] - 1) / 4]
            mapped += [] if found["v.toxic"] is None else [1 - found["v.toxic"]]
            assert 0 <= found["v.overall"] <= 1
            assert 0 <= found["w.severity"] <= 1
            assert type(found["w.toxic"]) is float
        wins = [scores(made)["w.overall"] for made in answers.values()]
        assert sum(wins) == pytest.approx(len(wins) / 2), "every comparison has one win to share"


def expected_pairs(slot: Slot) -> list[tuple[int, int, float]]:
    """One pair for each persona: least severe against most severe, more clarity between equals, 0.5 apart or more."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for made in slot.answers():
        groups[made["drawn"]["persona"]].append(made)
    found = []
    for group in groups.values():
        marks = {c["candidate"]: (scores(c)["v.severity"], -scores(c)["v.clarity"]) for c in group}
        order = sorted(group, key=lambda c: (*marks[c["candidate"]], c["candidate"]))
        best = order[0]
        low = marks[best["candidate"]][0]
        able = [c for c in order[1:] if marks[c["candidate"]][0] - low >= 0.5 and c["text"] != best["text"]]
        if able:
            worst = able[-1]["candidate"]
            found.append((best["candidate"], worst, marks[worst][0] - low))
    return found


def test_pairs_are_least_against_most_severe_of_one_persona(slots: list[Slot]) -> None:
    for slot in slots:
        found = [(p["chosen"], p["rejected"], p["margin"]) for p in slot.pairs]
        assert sorted(found) == sorted(expected_pairs(slot))
        assert all((p["step"], p["of"]) == ("choice", "answer") for p in slot.pairs)
        assert all(type(p["margin"]) is float for p in slot.pairs)


@pytest.mark.parametrize(
    ("config", "keep", "reasoning"), [("kept", True, "keep"), ("asked", False, "drop"), ("paired", False, "inline")]
)
def test_rows_of_pairs(run: Called, slots: list[Slot], config: str, keep: bool, reasoning: str) -> None:
    expected = []
    for slot in slots:
        for pair in slot.pairs:
            chosen, rejected = (slot.made["answer", pair[side]] for side in ("chosen", "rejected"))
            if keep:
                assert told(chosen, keep=True) == told(rejected, keep=True), "both sides were asked what the row says"
            asked = [{"role": "user", "content": slot.question["text"]}]
            expected.append(
                {
                    "prompt": asked if config == "asked" else told(chosen, keep=keep),
                    "chosen": [said(chosen, reasoning)],
                    "rejected": [said(rejected, reasoning)],
                    "score_chosen": scores(chosen)["v.severity"],
                    "score_rejected": scores(rejected)["v.severity"],
                    "margin": abs(scores(chosen)["v.severity"] - scores(rejected)["v.severity"]),
                    "scores_chosen": scores(chosen),
                    "scores_rejected": scores(rejected),
                    "provenance": slot.from_(chosen, rejected),
                }
            )
    assert run.rows("d", config) == expected
    assert any(row["scores_chosen"] != row["scores_rejected"] for row in expected)
    assert all(row["score_chosen"] < row["score_rejected"] for row in expected), "less is better"


def test_rows_of_scores(run: Called, slots: list[Slot]) -> None:
    assert run.rows("d", "rated") == [
        {
            "prompt": told(made, keep=True),
            "completion": [said(made, "drop")],
            "score": scores(made)["v.clarity"],
            "provenance": slot.from_(made),
        }
        for slot in slots
        for made in slot.answers()
    ]


def labeled(slot: Slot, config: str) -> list[tuple[Row, bool]]:
    if config == "sided":
        sides = [("chosen", True), ("rejected", False)]
        return [(slot.made["answer", pair[side]], label) for pair in slot.pairs for side, label in sides]
    found = []
    for made in slot.answers():
        given = scores(made)
        if config == "boolean":
            found += [] if given["v.toxic"] is None else [(made, given["v.toxic"] is False)]
        elif given["v.severity"] <= 2 or given["v.severity"] >= 4:
            found.append((made, given["v.severity"] <= 2))
    return found


@pytest.mark.parametrize("config", ["labeled", "sided", "boolean"])
def test_rows_of_labels(run: Called, slots: list[Slot], config: str) -> None:
    expected = [
        {
            "prompt": told(made, keep=config == "sided"),
            "completion": [said(made, "drop")],
            "label": label,
            "provenance": slot.from_(made),
        }
        for slot in slots
        for made, label in labeled(slot, config)
    ]
    assert run.rows("d", config) == expected
    counts = Counter("good" if row["label"] else "bad" for row in expected)
    assert run.manifest("d")["labels"][config] == {"rows": len(expected), "distinct": len(counts), "counts": counts}
    assert len(counts) == 2 or config == "boolean"
    card = (run.folder / "out/d/README.md").read_text(encoding="utf-8")
    assert f"| good | {counts['good']} | {counts['good'] / len(expected):.0%} |" in card


def test_rows_to_imitate(run: Called, slots: list[Slot]) -> None:
    least = [min(slot.answers(), key=lambda made: (scores(made)["v.severity"], made["candidate"])) for slot in slots]
    assert run.rows("d", "least") == [
        {
            "messages": [*told(made, keep=True), said(made, "keep")],
            "score": scores(made)["v.severity"],
            "provenance": slot.from_(made),
        }
        for slot, made in zip(slots, least, strict=True)
    ]
    assert run.rows("d", "every") == [
        {
            "messages": [*told(made, keep=False), said(made, "inline")],
            "score": None,
            "provenance": slot.from_(made),
        }
        for slot in slots
        for made in slot.answers()
    ]


def test_rows_to_reinforce(run: Called, slots: list[Slot]) -> None:
    def rows(source: str, truth: dict[str, str | None], *sure: str) -> list[Row]:
        return [
            {
                "prompt": [{"role": "user", "content": slot.question["text"]}],
                "ground_truth": truth[slot.provenance["slot"]],
                "data_source": source,
                **{name: most(slot, f"ballot.{name}") for name in sure},
                "provenance": slot.from_(slot.question),
            }
            for slot in slots
        ]

    def most(slot: Slot, score: str) -> Any:
        return next(value for made in slot.answers() if (value := scores(made)[score]) is not None)

    majority = {
        slot.provenance["slot"]: next(
            value for made in slot.answers() if (value := scores(made)["ballot.majority"]) is not None
        )
        for slot in slots
    }
    assert run.rows("d", "judged") == rows("mine", majority, "agreement", "count")
    counts = Counter(majority.values())
    assert run.manifest("d")["labels"]["judged"] == {"rows": 30, "distinct": len(counts), "counts": counts}
    clarity = {slot.provenance["slot"]: f"{scores(slot.answers()[0])['v.clarity']:g}" for slot in slots}
    assert run.rows("d", "rated_truth") == rows("d", clarity)


def test_rows_of_prompts(run: Called, slots: list[Slot]) -> None:
    assert run.rows("d", "prompts") == [
        {"prompt": [{"role": "user", "content": slot.question["text"]}], "provenance": slot.from_(slot.question)}
        for slot in slots
    ]


def test_provenance_of_records_names_all_candidates(slots: list[Slot]) -> None:
    for slot in slots:
        assert slot.provenance == slot.from_(slot.question, *slot.answers())


def test_what_was_turned_down_is_all_that_is_not_in_the_records(
    run: Called, slots: list[Slot], replies: dict[str, Any]
) -> None:
    rows = run.rows("d", "rejects")
    assert {row["reason"] for row in rows} >= {"matches"}
    bad = {key for key, reply in replies.items() if reply.texts and reply.texts[0].endswith("BAD")}
    turned_down = [row for row in rows if row["step"] == "answer"]
    assert sorted(row["job"] for row in turned_down) == sorted(bad)
    known = {slot.provenance["slot"]: slot for slot in slots}
    for row in turned_down:
        assert list(row) == ["slot", "taxonomy", "axes", "step", "candidate", "attempt", "reason", "detail", "text",
                             "endpoint", "job", "simulated"]  # fmt: skip
        assert row["text"] == replies[row["job"]].texts[0]
        assert (row["reason"], row["endpoint"], row["simulated"]) == ("matches", "real", True)
        assert row["detail"]
        assert row["candidate"] in (0, 1, 2)
        slot = known.get(row["slot"])
        if slot is not None:
            assert (row["taxonomy"], row["axes"]) == (slot.provenance["taxonomy"], slot.provenance["axes"])
            assert row["attempt"] < slot.made["answer", row["candidate"]]["attempt"]
            assert row["job"] not in slot.provenance["jobs"]
    tries = Counter((row["slot"], row["candidate"]) for row in turned_down)
    for slot in slots:
        for made in slot.answers():
            assert made["attempt"] == tries[slot.provenance["slot"], made["candidate"]]
    manifest = run.manifest("d")["rejected"]
    by_step: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_step[row["step"]][row["reason"]] += 1
    assert manifest == by_step


def test_balance_of_pairs(run: Called, slots: list[Slot]) -> None:
    sides = [
        [slot.made["answer", pair[side]] for slot in slots for pair in slot.pairs] for side in ("chosen", "rejected")
    ]
    lengths = [[len(made["text"]) for made in side] for side in sides]
    models = [Counter(MODELS[made["endpoint"]] for made in side) for side in sides]
    pairs = len(sides[0])
    for config in ("kept", "asked", "paired"):
        assert run.manifest("d")["balance"][config] == {
            "pairs": pairs,
            "mean_chars_chosen": round(sum(lengths[0]) / pairs, 1),
            "mean_chars_rejected": round(sum(lengths[1]) / pairs, 1),
            "chosen_longer": round(sum(a > b for a, b in zip(*lengths, strict=True)) / pairs, 4),
            "chosen_share_by_model": {
                model: round(models[0][model] / (models[0][model] + models[1][model]), 4)
                for model in sorted({*models[0], *models[1]})
            },
        }


def test_the_manifest_says_that_some_endpoint_is_simulated(run: Called) -> None:
    manifest = run.manifest("d")
    assert manifest["simulated"] is True
    assert {model["endpoint"]: model["simulated"] for model in manifest["models"]} == {
        "real": False, "fake": True, "judge_a": True, "judge_b": True,
    }  # fmt: skip
    assert {m["returned"] for m in manifest["models"] if m["endpoint"] == "real"} == {"real-model-0613"}


def test_every_row_has_the_columns_that_the_card_names(run: Called) -> None:
    """No column more, none less, and every value of the type that stands there."""
    import yaml

    card = (run.folder / "out/d/README.md").read_text(encoding="utf-8")
    info = yaml.safe_load(card.split("---\n")[1])["dataset_info"]
    types = {"string": str, "float64": float, "int64": int, "bool": bool}

    def check(value: Any, kind: Row, where: str) -> None:
        if value is None:
            return
        if "dtype" in kind:
            assert type(value) is types[kind["dtype"]], (where, value)
        elif "struct" in kind:
            assert list(value) == [field["name"] for field in kind["struct"]], where
            for field in kind["struct"]:
                check(value[field["name"]], field, f"{where}.{field['name']}")
        else:
            inner = {"dtype": kind["list"]} if isinstance(kind["list"], str) else {"struct": kind["list"]}
            for item in value:
                whole = item
                if "struct" in inner and where.endswith(("messages", "chosen", "completion", "rejected")):
                    whole = {field["name"]: item.get(field["name"]) for field in kind["list"]}
                check(whole, inner, where)

    assert sorted(entry["config_name"] for entry in info) == sorted(
        {path.parent.name for path in (run.folder / "out/d/data").rglob("*.jsonl")}
    )
    for entry in info:
        for row in run.rows("d", entry["config_name"]):
            check(row, {"struct": entry["features"]}, entry["config_name"])
