"""What a run leaves behind: nothing destroyed, nothing counted that is not there, nothing silently empty."""

import json
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from called import Called
from fake_model import real_model

HEAD = """tap 1

endpoint small { model "sim-small" }
endpoint large { model "sim-q90" }
rubric good { aspect clarity 1..5, aspect sound boolean }

dataset d {
  samples 12
  taxonomy topic { physics, biology }
  mix persona per candidate { calm, hurried }
"""
STEPS = """
  generate question { using small, prompt "Ask about {{ topic }}." }
  generate answer { using [small, large], each 2, system "You are {{ persona }}.", prompt "{{ question }}" }
  judge v { of answer, using large, rubric good }
  pair choice { of answer, by v.clarity }
"""


def spec(tapc: Called, rest: str, steps: str = STEPS) -> None:
    (tapc.folder / "d.tap").write_text(f"{HEAD}{steps}{rest}\n}}\n", encoding="utf-8")


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    return Called(tmp_path)


def header(tapc: Called) -> dict:
    return yaml.safe_load((tapc.folder / "out/d/README.md").read_text(encoding="utf-8").split("---\n")[1])


@pytest.mark.parametrize("more", ["", "  emit rejects turned_down"])
@pytest.mark.parametrize("kind", ["generate", "judge"])
def test_records_alone_accept_only_samples_with_a_result_of_every_step(tapc: Called, kind: str, more: str) -> None:
    with real_model() as url:
        steps = f'  endpoint real {{ model "real-model", url "{url}", price free }}\n'
        if kind == "generate":
            steps += '  generate answer { using real, prompt "Write.", attempts 1, returns { title text } }\n'
        else:
            steps += '  generate answer { using small, prompt "Write." }\n'
            steps += "  judge v { of answer, using real, rubric good, attempts 1 }\n"
        spec(tapc, f"  reserve 0%\n  emit records\n{more}", steps)
        said = tapc("run", "d.tap", "--yes", code=5)
    assert "0 of 12" in said.stdout
    assert tapc.manifest("d")["samples"] == {"planned": 12, "accepted": 0, "short": 12}
    assert not tapc.rows("d", "records")


def test_records_beside_another_config_accept_by_the_other_alone(tapc: Called) -> None:
    spec(tapc, "  emit records\n  emit sft { from answer }")
    shown = tapc("show", "d.tap").stdout
    assert "accept" not in shown, "the default"
    spec(tapc, "  emit records\n  emit sft { from answer }\n  accept [answer]")
    assert tapc("show", "d.tap").stdout == shown


def test_a_config_without_a_row_is_named_and_ends_with_5_unless_it_may_be_empty(tapc: Called) -> None:
    nothing = "emit kto { from v.clarity, good >= 5, bad <= 1OPTIONAL }"
    hide = STEPS.replace("rubric good", "rubric good, require score v.clarity >= 2, require score v.clarity <= 4")
    spec(tapc, f"  emit sft {{ from answer }}\n  {nothing.replace('OPTIONAL', '')}", hide)
    said = tapc("run", "d.tap", code=5)
    assert "Without a row: kto." in said.stdout
    assert "optional" in said.stdout
    assert tapc.manifest("d")["empty"] == ["kto"]
    card = (tapc.folder / "out/d/README.md").read_text(encoding="utf-8")
    assert "> Without a row: `kto`." in card
    assert [config["config_name"] for config in header(tapc)["configs"] if config["config_name"] != "rejects"] == [
        "sft"
    ]
    spec(tapc, f"  emit sft {{ from answer }}\n  {nothing.replace('OPTIONAL', ', optional')}", hide)
    said = tapc("run", "d.tap", code=0)
    assert "Without a row: kto." in said.stdout
    assert tapc.manifest("d")["empty"] == ["kto"]
    tapc("run", "d.tap", "--partial", code=0)


REJECTED = STEPS.replace(
    'prompt "Ask about {{ topic }}."', 'prompt "Ask {{ topic }}.", require length 1..2, attempts 1'
)


def test_a_run_without_an_accepted_sample_leaves_the_dataset_as_it_was(tapc: Called) -> None:
    spec(tapc, "  emit sft { from answer }")
    tapc("run", "d.tap")
    before = tapc.bytes_of("d")
    spec(tapc, "  emit sft { from answer }\n  reserve 0%", REJECTED)
    said = tapc("run", "d.tap", code=5)
    assert tapc.bytes_of("d") == before
    assert "stays as it was" in said.stdout
    assert "data/rejects" not in said.stdout, "they are not written"


def test_what_was_turned_down_is_written_where_no_dataset_stands(tapc: Called) -> None:
    spec(tapc, "  emit sft { from answer }\n  reserve 0%", REJECTED)
    for _ in range(2):
        tapc("run", "d.tap", code=5)
        assert len(tapc.rows("d", "rejects")) == 12
        assert tapc.manifest("d")["samples"]["accepted"] == 0


def test_files_of_others_are_kept_by_a_run(tapc: Called) -> None:
    spec(tapc, "  emit sft { from answer }")
    tapc("run", "d.tap")
    root = tapc.folder / "out/d"
    (root / ".git").mkdir()
    (root / ".git/HEAD").write_text("ref")
    (root / "data/sft/mine.jsonl").write_text("{}\n")
    (root / "report.html").write_text("mine, until a version of tapc lists it")
    tapc("run", "d.tap")
    assert (root / ".git/HEAD").read_text() == "ref"
    assert (root / "data/sft/mine.jsonl").read_text() == "{}\n"
    assert (root / "report.html").exists()
    assert "mine.jsonl" not in (root / "README.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in (tapc.folder / "out").iterdir()) == ["d"], "no lock file stays"
    assert tapc.manifest("d")["documents"] == ["README.md", "manifest.json", "run.json"]


def test_what_is_in_the_way_is_refused_before_anything_is_sent(tapc: Called) -> None:
    spec(tapc, "  emit sft { from answer }")
    root = tapc.folder / "out/d"
    tapc("run", "d.tap")
    spec(tapc, "  emit sft { from answer }\n  emit prompts { prompt question }\n  seed 9")
    (root / "data/prompts").write_text("mine")
    said = tapc("run", "d.tap", code=2)
    assert "TAP920" in said.stderr
    assert "nothing was sent" in said.stderr
    assert (root / "data/prompts").read_text() == "mine"


@pytest.mark.parametrize("kind", ["link", "other", "foreign", "file"])
def test_a_place_that_is_not_the_dataset_is_refused_with_advice(tapc: Called, kind: str) -> None:
    spec(tapc, "  emit sft { from answer }")
    out = tapc.folder / "out"
    tapc("run", "d.tap")
    (out / "d").rename(out / "elsewhere")
    if kind == "link":
        (out / "d").symlink_to("elsewhere")
    elif kind == "other":
        (out / "elsewhere").rename(out / "d")
        manifest = tapc.manifest("d") | {"dataset": "e"}
        (out / "d/manifest.json").write_text(json.dumps(manifest))
    elif kind == "foreign":
        (out / "d").mkdir()
        (out / "d/manifest.json").write_text('{"name": "an extension"}')
    else:
        (out / "d").write_text("precious")
    said = tapc("run", "d.tap", code=2)
    assert "TAP920" in said.stderr
    assert "--out" in said.stderr
    assert "nothing was sent" in said.stderr


NAMES = {
    "dataset": ('dataset "../x" {', "dataset d {"),
    "config": ("emit sft con { from answer }", "emit sft { from answer }"),
    "split": ('emit sft { from answer, split { train 90%, "../../../../x/victim" 10% } }', "emit sft { from answer }"),
    "dashed split": ("emit sft { from answer, split { train 90%, hold-out 10% } }", "emit sft { from answer }"),
    "all": ("emit sft { from answer, split { train 90%, all 10% } }", "emit sft { from answer }"),
}


@pytest.mark.parametrize("what", NAMES)
def test_no_statement_names_a_path(tapc: Called, what: str) -> None:
    spec(tapc, "  emit sft { from answer }")
    path = tapc.folder / "d.tap"
    wrong, right = NAMES[what]
    path.write_text(path.read_text("utf-8").replace(right, wrong), encoding="utf-8")
    assert "TAP444" in tapc("check", "d.tap", code=1).stdout
    before = sorted(path.name for path in tapc.folder.parent.iterdir())
    tapc("run", "d.tap", code=1)
    assert sorted(path.name for path in tapc.folder.iterdir()) == ["d.tap"]
    assert sorted(path.name for path in tapc.folder.parent.iterdir()) == before


def test_names_alike_are_told_for_datasets_configs_and_splits(tapc: Called) -> None:
    steps = '  generate answer { using small, prompt "Write." }\n'
    spec(tapc, "  emit sft { from answer, split { dev 50%, Dev 50% } }", steps)
    text = (tapc.folder / "d.tap").read_text("utf-8")
    second = text[text.index("dataset d") :].replace("dataset d", "dataset D")
    (tapc.folder / "d.tap").write_text(text + second, encoding="utf-8")
    said = tapc("check", "d.tap", code=1).stdout
    assert "datasets `D` and `d`" in said
    assert "splits `Dev` and `dev`" in said
    spec(tapc, "  emit sft A { from answer }\n  emit sft a { from answer }", steps)
    assert "configs `a` and `A`" in tapc("check", "d.tap", code=1).stdout
    spec(tapc, "  emit sft Rejects { from answer }", steps)
    assert "`Rejects` and `rejects` are one folder" in tapc("check", "d.tap", code=1).stdout


def test_pairs_show_a_prompt_that_both_sides_were_asked_in_three_ways(tapc: Called) -> None:
    kept = "  emit preference { from choice, system keepMORE }\n  emit records"
    spec(tapc, kept.replace("MORE", ""))
    said = tapc("check", "d.tap", code=1).stdout
    assert all(way in said for way in ("TAP446", "`within persona`", "`system drop`", "`prompt STEP`"))
    ways = {
        "within": (kept.replace("MORE", ""), STEPS.replace("by v.clarity", "by v.clarity, within persona")),
        "drop": ("  emit preference { from choice }\n  emit records", STEPS),
        "prompt": (kept.replace("MORE", ", prompt question"), STEPS),
    }
    for name, (rest, steps) in ways.items():
        spec(tapc, rest, steps)
        tapc("run", "d.tap")
        made = {
            (row["provenance"]["slot"], c["text"]): c
            for row in tapc.rows("d", "records")
            for c in row["candidates"]
            if c["step"] == "answer"
        }
        rows = tapc.rows("d", "preference")
        assert rows
        for row in rows:
            sides = [made[row["provenance"]["slot"], row[side][0]["content"]] for side in ("chosen", "rejected")]
            for side in sides:
                asked = side["prompt"] if name == "within" else side["prompt"][1:]
                assert row["prompt"] == asked
            if name == "within":
                assert row["prompt"][0]["role"] == "system"
            assert row["provenance"]["drawn"] == [side["drawn"] for side in sides]


def test_a_mix_that_the_parent_drew_differs_for_no_side(tapc: Called) -> None:
    steps = STEPS.replace("Ask about {{ topic }}.", "As {{ persona }}: ask about {{ topic }}.").replace(
        "generate answer {", "generate answer { for question,"
    )
    spec(tapc, "  emit preference { from choice, system keep }", steps)
    tapc("check", "d.tap", code=0)


RANGES = {
    "emit kto { from v.overall, good >= 4, bad <= 0.2 }": "`v.overall` goes from 0 to 1, and 4 lies outside",
    "emit kto { from v.clarity, good >= 4, bad <= 0 }": "`v.clarity` goes from 1 to 5, and 0 lies outside",
    "emit kto { from v.clarity, good >= 3, bad <= 3 }": "both good and bad",
    "pair other { of answer, by v.clarity, margin >= 50 }": "differ by at most 4, and never by 50",
    "pair other { of answer, by v.overall, margin 0.5..2 }": "differ by at most 1, and never by 2",
    "pair other { of answer, by v.clarity, chosen_at_least 6 }": "`v.clarity` goes from 1 to 5, and 6 lies outside",
    "pair other { of answer, by v.agreement, margin >= 2 }": "`v.agreement` goes from 0 to 1",
    "judge w { of answer, using large, rubric good, require score clarity > 5 }": "nothing is more than 5",
    "judge w { of answer, using large, rubric good, require score sound >= 2 }": "`w.sound` goes from 0 to 1",
    "judge w { of answer, using large, rubric good, mode pairwise, require score clarity >= 2 }": "from 0 to 1",
    "rubric bad { aspect harm 0..3 lower }\n  judge w { of answer, using large, rubric bad }\n"
    "  emit kto { from w.overall, good <= 4, bad >= 2 }": "`w.overall` goes from 0 to 3, and 4 lies outside",
    "rubric bad { aspect harm 0..3 lower }\n  judge w { of answer, using large, rubric bad }\n"
    "  emit kto { from w.harm, good <= 2, bad >= 1 }": "both good and bad",
    "rubric whole { aspect clarity 1..5, aspect overall 1..10 asked }\n  judge w { of answer, using large, rubric whole }"
    "\n  emit kto { from w.overall, good >= 11, bad <= 2 }": "`w.overall` goes from 1 to 10, and 11 lies outside",
}


@pytest.mark.parametrize("text", RANGES)
def test_bounds_lie_in_the_range_of_their_score(tapc: Called, text: str) -> None:
    spec(tapc, f"  emit records\n  {text}")
    said = tapc("check", "d.tap", code=1).stdout
    assert "TAP447" in said
    assert RANGES[text] in " ".join(said.split())
    assert said.count("error[") == 1


@pytest.mark.parametrize(
    "text",
    [
        "emit kto { from v.clarity, good >= 5, bad <= 1 }",
        "pair other { of answer, by v.clarity, margin 0..4, chosen_at_least 5 }",
        'score r { of answer, run ["python3", "x.py"] }\n  emit kto { from r, good >= 1000, bad <= -1000 }',
        "judge w { of answer, using large, rubric good, require score clarity > 1, require score sound >= 1 }",
        (
            "rubric bad { aspect harm 0..3 lower }\n  judge w { of answer, using large, rubric bad }\n"
            "  emit kto { from w.harm, good <= 1, bad >= 2 }"
        ),
    ],
)
def test_bounds_at_the_ends_and_of_unknown_ranges_are_fine(tapc: Called, text: str) -> None:
    (tapc.folder / "x.py").write_text("")
    spec(tapc, f"  emit records\n  {text}")
    assert "TAP447" not in tapc("check", "d.tap", code=None).stdout


def split_of(tapc: Called, config: str) -> dict[str, set[str]]:
    found = defaultdict(set)
    for file in (tapc.folder / "out/d/data" / config).glob("*.jsonl"):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            found[file.name.split("-")[0]].add(row["provenance"]["slot"])
    return found


def test_a_split_of_the_dataset_holds_for_every_config(tapc: Called) -> None:
    emits = "  emit sft { from answer }\n  emit prompts { prompt question }\n  emit records\n"
    spec(tapc, emits + "  split { train 50%, test 50% }")
    tapc("run", "d.tap")
    records = split_of(tapc, "records")
    assert {name: len(slots) for name, slots in records.items()} == {"train": 6, "test": 6}
    assert split_of(tapc, "sft") == records == split_of(tapc, "prompts")
    assert set(split_of(tapc, "rejects")) <= {"train"}
    own = emits.replace("{ from answer }", "{ from answer, split { train 50%, test 50% } }")
    spec(tapc, own + "  split { train 50%, test 50% }")
    tapc("check", "d.tap", code=0)
    spec(tapc, own + "  split { train 60%, test 40% }")
    assert "TAP448" in tapc("check", "d.tap", code=1).stdout


@pytest.mark.parametrize("whole", ["emit prompts { prompt question }", "emit prompts { prompt question, SPLIT }"])
def test_slots_that_share_a_prompt_of_any_config_stay_together(tapc: Called, whole: str) -> None:
    """Questions are made once for a topic and answered twelve times: `prompts` shares them, `sft` does not."""
    steps = """
  generate question { using small, per topic, prompt "Ask about {{ topic }}." }
  generate text { using small, prompt "Write about {{ topic }}." }
  generate answer { using small, prompt "{{ text }}" }
"""
    split = "split { train 50%, test 50% }"
    spec(tapc, f"  emit sft {{ from answer, {split} }}\n  emit records\n  {whole.replace('SPLIT', split)}", steps)
    tapc("run", "d.tap")
    topics = {row["provenance"]["slot"]: row["provenance"]["taxonomy"] for row in tapc.rows("d", "records")}
    sides = defaultdict(set)
    for split_name, slots in split_of(tapc, "sft").items():
        for slot in slots:
            sides[topics[slot]].add(split_name)
    assert all(len(side) == 1 for side in sides.values()), sides


def test_the_first_config_is_what_readers_get_unasked(tapc: Called) -> None:
    spec(tapc, "  emit records\n  emit sft { from answer }\n  emit preference { from choice }")
    tapc("run", "d.tap")
    configs = header(tapc)["configs"]
    assert [config["config_name"] for config in configs if config.get("default")] == ["preference"]
    spec(tapc, "  emit records")
    tapc("run", "d.tap")
    assert [config["config_name"] for config in header(tapc)["configs"] if config.get("default")] == ["records"]


def test_samples_that_are_not_finished_leave_no_rejected_rows(tapc: Called) -> None:
    """Their attempts are stored and rejected, their verdicts are beyond the budget: the next run counts them."""
    checked = "require length 70..90 words, attempts 40"
    answers = f'  generate answer {{ using small, prompt "Write about {{{{ topic }}}}.", {checked} }}\n'
    verdicts = "  judge v { of answer, using large, rubric good }\n"
    emits = "  reserve 0%\n  emit rejects\n"
    spec(tapc, f"{emits}  emit sft {{ from answer }}", answers)
    tapc("run", "d.tap")
    rejected = {row["slot"] for row in tapc.rows("d", "rejects")}
    assert len(rejected) > 4
    spec(tapc, f"{emits}  emit records\n  budget {{ requests 5 per run }}", answers + verdicts)
    tapc("run", "d.tap", code=3)
    finished = {row["provenance"]["slot"] for row in tapc.rows("d", "records")}
    assert 0 < len(finished) <= 5
    assert rejected - finished
    assert {row["slot"] for row in tapc.rows("d", "rejects")} == rejected & finished


def test_no_config_has_a_row_of_a_sample_that_was_rejected(tapc: Called) -> None:
    """The answer of such a sample is good; its verdict is what was rejected."""
    steps = """
  generate question { using small, prompt "Ask about {{ topic }}." }
  generate answer { using small, prompt "{{ question }}" }
  judge v { of answer, using large, rubric good, attempts 1, require score v.clarity >= 3 }
"""
    emits = ("sft { from answer }", "prompts { prompt question }", "records", "reward { from v.clarity }")
    spec(tapc, "  reserve 0%\n  emit rejects\n" + "".join(f"  emit {emit}\n" for emit in emits), steps)
    tapc("run", "d.tap", code=5)
    accepted = {row["provenance"]["slot"] for row in tapc.rows("d", "records")}
    assert 0 < len(accepted) < 12
    assert {row["slot"] for row in tapc.rows("d", "rejects")} - accepted
    for name in ("sft", "prompts", "reward"):
        assert {row["provenance"]["slot"] for row in tapc.rows("d", name)} == accepted
