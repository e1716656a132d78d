"""`expect`: what the plan decides ends `plan` and `run` before anything is sent; the rest is computed from what was
written, here again from the files on disk."""

import json
import re
from collections import defaultdict
from fractions import Fraction

import pytest
from called import Called
from counting_server import CountingServer
from paid_spec import paid, written

SPEC = """tap 1

dataset d {
  samples 24
  taxonomy topic { physics { optics, heat }, biology }
  mix language { en 50%, sw }
  endpoint writer { model "sim-writer", price { input $1/M, output $2/M } }
  endpoint large { model "sim-large", price { input $2/M, output $4/M } }
  endpoint small { model "sim-small", price free }
  endpoint referee { model "sim-judge", price free }
  rubric clear { aspect clarity 1..5, aspect safe boolean }
  generate question { using writer, prompt "Ask about {{ topic }} in {{ language.name }}.", require unique 0.99 }
  generate answer { using [large, small], each 2, prompt "{{ question }}", attempts 9, require length 250..900 }
  judge verdict { of answer, using referee, rubric clear }
  pair choice { of answer, by verdict.overall }
  pair other { of answer, by verdict.clarity, chosen from small, rejected from large }
  emit preference { from choice }
  emit preference second { from other, optional }
  emit sft { from answer, best_by verdict.overall }
  emit records
  accept [choice]
  split { train 75%, test 25% }
  reserve 300%
  EXPECT
}
"""

LOOSE = """expect {
    samples >= 1
    every topic >= 1
    every language >= 1%
    share topic.physics >= 1%
    share language.sw >= 1%
    cost <= $9
    tokens <= 9M
    requests <= 9k
    rows preference >= 1
    rows sft.test >= 1
    short <= 99%
    rejected answer <= 99%
    length_gap -99%..900%
    length_gap -99%..900% of second
    chosen_longer <= 99% of preference
    chosen_from large 1%..99% of preference
    mean verdict.clarity >= 1.01
    mean verdict.clarity >= 1.01 per language
    mean verdict.safe >= 1% per topic
    min verdict.clarity < 5
    max verdict.clarity per_topic
  }""".replace("max verdict.clarity per_topic", "max verdict.clarity > 1 per topic")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Called:
    tapc = Called(tmp_path_factory.mktemp("expect"))
    (tapc.folder / "d.tap").write_text(SPEC.replace("EXPECT", LOOSE), encoding="utf-8")
    tapc("run", "d.tap", "-y", code=None)
    return tapc


def text_of(messages: list[dict]) -> str:
    (message,) = messages
    return message["content"]


def recomputed(tapc: Called) -> dict[str, Fraction | None]:
    """Every figure from the files of the dataset, and from run.json for what was asked."""
    records, rejects = tapc.rows("d", "records"), tapc.rows("d", "rejects")
    manifest = tapc.manifest("d")
    leaves = [record["provenance"]["taxonomy"] for record in records]
    languages = [record["provenance"]["axes"]["language"] for record in records]
    scores: dict[tuple[str, str], list[Fraction]] = defaultdict(list)
    for record in records:
        for one in record["candidates"]:
            for score in one["scores"]:
                value = {"true": "1", "false": "0"}.get(score["value"], score["value"])
                for where in ("", record["provenance"]["axes"]["language"], record["provenance"]["taxonomy"]):
                    scores[score["name"], where].append(Fraction(value))

    def mean(name: str, where: str) -> Fraction:
        return sum(scores[name, where]) / len(scores[name, where])

    def sides(config: str) -> list[tuple[str, str, str]]:
        rows = tapc.rows("d", config)
        return [(text_of(r["chosen"]), text_of(r["rejected"]), r["provenance"]["endpoints"][0]) for r in rows]

    def gap(config: str) -> Fraction:
        chosen, rejected = (sum(len(row[side]) for row in sides(config)) for side in (0, 1))
        return Fraction(chosen, rejected) - 1

    pairs = sides("preference")
    answers = sum(one["step"] == "answer" for record in records for one in record["candidates"])
    refused = sum(row["step"] == "answer" for row in rejects)
    return {
        "samples": Fraction(len(records)),
        "every topic": Fraction(min(leaves.count(leaf) for leaf in ("physics.optics", "physics.heat", "biology"))),
        "every language": min(Fraction(languages.count(tag), len(records)) for tag in ("en", "sw")),
        "share topic.physics": Fraction(sum(leaf.startswith("physics.") for leaf in leaves), len(leaves)),
        "share language.sw": Fraction(languages.count("sw"), len(languages)),
        "cost": Fraction(round(manifest["spend"]["usd"] * 10**12)),
        "tokens": Fraction(manifest["spend"]["input_tokens"] + manifest["spend"]["output_tokens"]),
        "requests": Fraction(sum(model["replies"] for model in manifest["models"])),
        "rows preference": Fraction(len(pairs)),
        "rows sft.test": Fraction(
            sum(1 for f in (tapc.folder / "out/d/data/sft").glob("test-*") for _ in f.open(encoding="utf-8"))
        ),
        "short": 1 - Fraction(len(records), 24),
        "rejected answer": Fraction(refused, refused + answers) if len(records) == 24 else None,
        "length_gap of second": gap("second"),
        "chosen_longer of preference": Fraction(sum(len(a) > len(b) for a, b, _ in pairs), len(pairs)),
        "chosen_from large of preference": Fraction(sum(author == "large" for *_, author in pairs), len(pairs)),
        "mean verdict.clarity": mean("verdict.clarity", ""),
        "mean verdict.clarity per language": min(mean("verdict.clarity", tag) for tag in ("en", "sw")),
        "mean verdict.safe per topic": min(mean("verdict.safe", leaf) for leaf in set(leaves)),
        "min verdict.clarity": min(scores["verdict.clarity", ""]),
        "max verdict.clarity per topic": min(max(scores["verdict.clarity", leaf]) for leaf in set(leaves)),
    }


def figure(entry: dict) -> str:
    return re.sub(r" (?:[<>]=? ?|-?\d+%?\.\.)\S+", "", entry["expectation"], count=1)


def test_every_figure_is_that_of_the_rows_on_disk(made: Called) -> None:
    entries = made.manifest("d")["expectations"]
    found = {figure(entry): entry["value"] and Fraction(entry["value"]) for entry in entries}
    right = recomputed(made)
    assert len(entries) == LOOSE.count("\n") - 1
    assert set(right) <= set(found)
    for name, value in right.items():
        if value is not None:
            assert found[name] == value, name
    of_configs = [entry for entry in entries if entry["config"]]
    assert {entry["config"] for entry in of_configs} == {"preference", "second"}
    assert all(entry["where"] == entry["config"] for entry in of_configs)
    for entry in entries:  # compiled: the verdict follows from the entry alone
        value, low, high = (entry[name] and Fraction(entry[name]) for name in ("value", "minimum", "maximum"))
        outside = (low is not None and value < low) or (high is not None and value > high)
        assert entry["holds"] == (not outside and not (entry["exclusive"] and value in (low, high))), entry


def test_without_a_config_the_worst_one_decides(made: Called) -> None:
    """Both configs must hold: the figure is that of the one farther out, and named."""
    gaps = {}
    for config in ("preference", "second"):
        rows = made.rows("d", config)
        chosen, rejected = (sum(len(text_of(row[side])) for row in rows) for side in ("chosen", "rejected"))
        gaps[config] = Fraction(chosen, rejected) - 1
    worst = max(gaps, key=lambda config: gaps[config])
    limit = f"{float(max(gaps.values()) * 100) - 1:.1f}%"
    spec = made.folder / "d.tap"
    before = spec.read_text(encoding="utf-8")
    try:
        spec.write_text(SPEC.replace("EXPECT", f"expect {{ length_gap <= {limit} }}"), encoding="utf-8")
        done = made("run", "d.tap", "-y", code=5)
    finally:
        spec.write_text(before, encoding="utf-8")
    (entry,) = made.manifest("d")["expectations"]
    assert (Fraction(entry["value"]), entry["where"], entry["holds"]) == (gaps[worst], worst, False)
    assert f"({worst})" in done.stderr


def expecting(tapc: Called, *lines: str, spec: str = SPEC) -> None:
    text = spec.replace("EXPECT", "expect {\n" + "\n".join(lines) + "\n}")
    (tapc.folder / "d.tap").write_text(text, encoding="utf-8")


@pytest.fixture
def tapc(made: Called, tmp_path) -> Called:
    """A copy of the store, so that nothing is asked."""
    import shutil

    shutil.copytree(made.folder, tmp_path / "copy")
    return Called(tmp_path / "copy")


def test_what_the_plan_decides_fails_it_with_the_number_and_the_place(tapc: Called) -> None:
    expecting(tapc, "every topic >= 7", "short <= 1%", "share language.en 10%..20%")
    done = tapc("plan", "d.tap", "--out", "plan.json", code=1)
    line = (tapc.folder / "d.tap").read_text(encoding="utf-8").split("\n").index("every topic >= 7") + 1
    assert f"d.tap:{line}:1" in done.stderr
    assert "`every topic >= 7` does not hold: 6 (physics.heat)" in done.stderr
    assert "`share language.en 10%..20%` does not hold: 50.0%" in done.stderr
    assert "short" not in done.stderr
    assert "3 expectations: 2 do not hold, 1 known after a run" in done.stdout
    assert not (tapc.folder / "plan.json").exists()
    document = json.loads(tapc("plan", "d.tap", "--json", code=1).stdout)
    shown = {one["expectation"]: (one["value"], one["holds"], one["where"]) for one in document["expectations"]}
    assert shown["every topic >= 7"] == (6.0, False, "physics.heat")
    assert shown["share language.en 10%..20%"] == (0.5, False, "")
    assert shown["short <= 1%"] == (None, None, "")
    assert [d["line"] for d in document["diagnostics"] if d["code"] == "TAP453"] == [line, line + 2]


def test_a_plan_that_is_not_as_expected_is_not_run_and_nothing_is_sent(tmp_path) -> None:
    tapc = Called(tmp_path)
    with CountingServer() as server:
        spec = paid(server.url, samples=4)
        text = spec[: spec.rindex("}")] + "  expect { samples >= 5 }\n}\n"
        name = written(tapc, text)
        done = tapc("run", name, "--yes", code=1)
        assert "`samples >= 5` does not hold: 4" in done.stderr
        assert server.asked == []
        tapc("run", name, "--yes", "--limit", "2", code=0)
        assert server.asked


def test_the_whole_cost_is_expected_whatever_the_store_has(tapc: Called, tmp_path) -> None:
    """A plan that has its replies still takes what it took: the figure is not what is left to pay."""
    expecting(tapc, "cost <= $9", "requests <= 9k")
    found = {}
    for store in (".tapc", "none"):
        document = json.loads(tapc("plan", "d.tap", "--json", "--store", store).stdout)
        found[store] = {one["expectation"]: one["value"] for one in document["expectations"]}
    left = document["total"]
    assert found["none"]["cost <= $9"] == pytest.approx(left["cost_usd"]["expected"], rel=1e-9)
    assert found["none"]["requests <= 9000"] == left["requests"]["expected"] == 24 * 9
    assert found[".tapc"]["cost <= $9"] > 0
    assert found[".tapc"]["requests <= 9000"] >= 24 * 9


def test_a_run_that_is_not_as_expected_writes_and_ends_with_5(tapc: Called) -> None:
    before = tapc.rows("d", "preference")
    expecting(tapc, "min verdict.clarity >= 5", "samples >= 24")
    done = tapc("run", "d.tap", "-y", code=5)
    assert "Not as the spec expects: 24 of 24 samples" in done.stdout
    assert "2 expectations: 1 holds, 1 does not hold" in done.stdout
    assert re.search(r"`min verdict.clarity >= 5` does not hold: [1-4]\.00", done.stderr)
    assert "d.tap:25:1" in done.stderr
    assert tapc.rows("d", "preference") == before
    assert json.loads((tapc.folder / "out/d/run.json").read_text(encoding="utf-8"))["requests"]["sent"] == 0
    quiet = tapc("run", "d.tap", "-y", "-q", code=5)
    assert "not as the spec expects" in quiet.stderr


def test_part_of_a_dataset_is_not_held_to_what_is_expected_of_it(tapc: Called) -> None:
    expecting(tapc, "min verdict.clarity >= 5", "rows sft >= 24")
    done = tapc("run", "d.tap", "-y", "--limit", "6", code=0)
    assert "TAP453" not in done.stderr
    assert "do not hold" in done.stdout
    tapc("run", "d.tap", "--partial", "--limit", "3", code=0)
    tapc("run", "d.tap", "--offline", code=5)


def test_a_change_of_expectations_asks_and_changes_nothing(tapc: Called) -> None:
    (tapc.folder / "old.tap").write_text(SPEC.replace("EXPECT", ""), encoding="utf-8")
    expecting(tapc, "short <= 1%", "every topic >= 2")
    document = json.loads(tapc("diff", "old.tap", "d.tap", "--format", "json").stdout)
    assert document["severity"] == "settings"
    assert document["total"]["to_pay"] == 0
    assert {(c["what"], c["field"]) for c in document["changes"]} == {("expect", "short"), ("expect", "every")}
    assert all(step["reused"] == step["jobs"] for step in document["steps"])
    (one,) = document["expectations"]
    assert one == {
        "expectation": "every topic >= 2",
        "before": "6",
        "after": "6",
        "where": "physics.heat",
        "holds": True,
    }
    tapc("run", "old.tap", "-y", "-q", "--out", "a")
    tapc("run", "d.tap", "-y", "-q", "--out", "b")
    for file in (tapc.folder / "a/d/data").rglob("*.jsonl"):
        assert file.read_bytes() == (tapc.folder / "b" / file.relative_to(tapc.folder / "a")).read_bytes()


def test_diff_shows_the_figures_of_both_plans(tapc: Called) -> None:
    expecting(tapc, "every language >= 11")
    text = (tapc.folder / "d.tap").read_text(encoding="utf-8")
    (tapc.folder / "e.tap").write_text(text.replace("en 50%", "en 75%"), encoding="utf-8")
    done = tapc("diff", "d.tap", "e.tap")
    assert re.search(r"every language >= 11 +12 +6 +does not hold \(sw\)", done.stdout)
    assert (
        "| every language \\>= 11 | 12 | 6 | sw | does not hold |"
        in tapc("diff", "d.tap", "e.tap", "--format", "markdown").stdout
    )


SHORT = """tap 1

dataset d {
  samples 40
  endpoint w { model "sim" }
  generate a { using w, prompt "Say something about number {{ slot }}.", attempts 1, require length 1..RANGE }
  emit sft { from a }
  reserve 0% at_least 0
  expect { short <= BOUND }
}
""".replace(" about number {{ slot }}", "")


def test_a_shortage_within_what_is_expected_is_none(tmp_path) -> None:
    """Without `expect` any missing sample is exit code 5; `short` says how many may be."""
    tapc = Called(tmp_path)

    def ends(bound: str, code: int) -> dict:
        text = SHORT.replace("BOUND", bound).replace("RANGE", "480")
        (tmp_path / "d.tap").write_text(text, encoding="utf-8")
        tapc("run", "d.tap", "-y", code=code)
        return tapc.manifest("d")

    found = ends("97%", 0)
    missing = found["samples"]["short"]
    assert 0 < missing < 40
    (entry,) = found["expectations"]
    assert Fraction(entry["value"]) == Fraction(missing, 40)
    percent = float(Fraction(missing * 100, 40))
    ends(f"{percent:g}%", 0)
    ends(f"{missing}", 0)
    assert not ends(f"{percent - 0.1:g}%", 5)["expectations"][0]["holds"]
    assert not ends(f"{missing - 1}" if missing > 1 else "0.5%", 5)["expectations"][0]["holds"]


def test_a_dataset_extends_what_another_expects(tmp_path) -> None:
    tapc = Called(tmp_path)
    text = """tap 1
import "./base.tap" as base
dataset d extends base.one {
  expect { samples >= 8, every language >= 4, short <= 5% }
}
"""
    base = """tap 1
dataset one {
  samples 8
  mix language { en, sw }
  endpoint w { model "sim" }
  generate a { using w, prompt "Say it in {{ language.name }}." }
  emit sft { from a }
  expect { samples <= 6, every language >= 9, cost <= $1, share language.en >= 40%, share language.sw >= 41% }
}
"""
    (tmp_path / "base.tap").write_text(base, encoding="utf-8")
    (tmp_path / "d.tap").write_text(text, encoding="utf-8")
    shown = tapc("show", "d.tap", "--plain").stdout
    assert re.findall(r"^    (.*[<>].*)$", shown, re.MULTILINE) == [
        "cost <= $1", "every language >= 4", "samples >= 8", "share language.en >= 40%", "share language.sw >= 41%",
        "short <= 5%",
    ]  # fmt: skip
    (tmp_path / "d.tap").write_text(text.replace("expect {", "drop expect\n  expect {"), encoding="utf-8")
    shown = tapc("show", "d.tap", "--plain").stdout
    assert "cost" not in shown
    assert "short <= 5%" in shown
