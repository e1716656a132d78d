"""What each project learns from an export is what the dataset says, whatever the texts; and nothing else is exported.

The readers are written from the projects' sources (`readers.py`), and know nothing of how exports are made.
"""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import BAD, GOOD, SYSTEM, USER, dataset, kto, pair, prompts, rl, scored, sft, turn
from readers import READERS, TASKS, Learned, turns

from tapc.exports import EXPORTS, export_dataset

NAMES = {export.name: export for export in EXPORTS}

TEXT = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


def exported(rows: dict, target: str, folder: Path, **more) -> Path:
    root = dataset(folder / "d", rows, **more)
    export_dataset(root, NAMES[target], folder / "x")
    return folder / "x"


def test_the_readers_know_every_export() -> None:
    assert set(NAMES) == set(READERS) == set(TASKS)


@st.composite
def asking(draw: st.DrawFn, most: int) -> list[dict]:
    """A prompt: perhaps a system message, turns that alternate, the last one of the user."""
    system = [turn("system", draw(TEXT))] if draw(st.booleans()) else []
    count = draw(st.integers(0, most)) * 2 + 1
    return system + [turn(("user", "assistant")[at % 2], draw(TEXT)) for at in range(count)]


FORMS = {
    "sft": lambda p, a, b, flag: (sft(*p, a), Learned(turns(p), (a["content"],))),
    "pair": lambda p, a, b, flag: (pair(p, a, b), Learned(turns(p), (a["content"], b["content"]))),
    "kto": lambda p, a, b, flag: (kto(p, a, flag), Learned(turns(p), (a["content"],), flag)),
    "rl": lambda p, a, b, flag: (rl(p, a["content"]), Learned(turns(p), (), a["content"])),
    "prompts": lambda p, a, b, flag: (prompts(p), Learned(turns(p), ())),
}
"""Makes a row of each form, and what is to be learned from it."""

CASES = [(target, form, task) for target in TASKS for form, tasks in TASKS[target].items() for task in tasks]

ONE_TURN = {("axolotl", "kto"), ("axolotl", "reward"), ("verl", "sft")}
"""Where prompts can have one turn only, or none of the assistant."""


@pytest.mark.parametrize(("target", "form", "task"), CASES)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_what_is_learned_is_what_the_dataset_says(target: str, form: str, task: str, data: st.DataObject) -> None:
    most = 0 if (target, task) in ONE_TURN else 2
    made, expected = {}, {}
    for split in ("train", "test"):
        drawn = [
            (data.draw(asking(most)), turn("assistant", data.draw(TEXT)), turn("assistant", data.draw(TEXT)), flag)
            for flag in data.draw(st.lists(st.booleans(), min_size=1, max_size=3))
        ]
        found = [FORMS[form](*one) for one in drawn]
        made[split], expected[split] = [row for row, _ in found], [learned for _, learned in found]
    with TemporaryDirectory() as folder:
        out = exported({"c": made}, target, Path(folder), shards=data.draw(st.integers(1, 2)))
        for split, evaluation in (("train", False), ("test", True)):
            learned = READERS[target](out, "c", task, evaluation=evaluation)
            assert [one[:3] for one in learned] == [one[:3] for one in expected[split]]
            assert not any(thought for one in learned for thought in one.reasoning)


@pytest.mark.parametrize(
    ("target", "task", "rows", "expected"),
    [
        ("trl", "sft", [sft(USER, {**GOOD, "reasoning": "Rayleigh."})], ["Rayleigh."]),
        ("axolotl", "sft", [sft(USER, {**GOOD, "reasoning": "Rayleigh."})], ["Rayleigh."]),
        ("verl", "sft", [sft(USER, {**GOOD, "reasoning": "Rayleigh."})], ["Rayleigh."]),
        ("trl", "sft", [sft(USER, {**GOOD, "reasoning": None}), sft(USER, {**GOOD, "reasoning": "R."})], [None, "R."]),
        ("verl", "sft", [sft(USER, {**GOOD, "reasoning": None}), sft(USER, {**GOOD, "reasoning": "R."})], [None, "R."]),
    ],
)
def test_a_reasoning_stands_where_chat_templates_look_for_it(tmp_path, target, task, rows, expected) -> None:
    out = exported({"c": {"train": rows}}, target, tmp_path)
    assert [one.reasoning for one in READERS[target](out, "c", task)] == [(text,) for text in expected]


@pytest.mark.parametrize("target", ["openai", "llama-factory"])
def test_an_answer_without_a_reasoning_needs_no_place_for_one(tmp_path, target) -> None:
    out = exported({"c": {"train": [sft(USER, {**GOOD, "reasoning": None})]}}, target, tmp_path)
    (learned,) = READERS[target](out, "c", TASKS[target]["sft"][0])
    assert learned == Learned((("user", USER["content"]),), (GOOD["content"],))


EVERY = {
    "conversations": {"train": [sft(SYSTEM, USER, GOOD)] * 12},
    "pairs": {"train": [pair([USER], GOOD, BAD)] * 12, "validation": [pair([USER], GOOD, BAD)], "test": []},
    "labels": {"train": [kto([USER], GOOD, True), kto([USER], BAD, False)]},
    "scores": {"train": [scored([USER], GOOD, 8.0)]},
    "truths": {"train": [rl([USER], "blue")] * 12},
    "asks": {"train": [prompts([USER])]},
    "records": {"train": [{"candidates": [], "pairs": [], "provenance": {}}]},
}
TAKEN = {
    "trl": {"conversations": "sft", "pairs": "dpo", "labels": "kto", "truths": "grpo", "asks": "grpo"},
    "openai": {"conversations": "supervised", "pairs": "dpo", "truths": "reinforcement"},
    "llama-factory": {"conversations": "sft", "pairs": "dpo", "labels": "kto"},
    "axolotl": {"conversations": "sft", "pairs": "dpo", "labels": "kto"},
    "verl": {"conversations": "sft", "truths": "rl"},
}


@pytest.mark.parametrize("target", NAMES)
def test_what_a_project_has_no_form_for_is_left_out_and_named(tmp_path, target) -> None:
    del (whole := {config: dict(splits) for config, splits in EVERY.items()})["pairs"]["test"]
    root = dataset(tmp_path / "d", whole)
    document, advice = export_dataset(root, NAMES[target], tmp_path / "x")
    assert {entry.config: entry.task for entry in document.configs} == TAKEN[target]
    assert document.skipped.keys() == whole.keys() - TAKEN[target].keys()
    assert advice == []
    listed = {entry.path for entry in document.files} | set(document.documents)
    assert {str(path.relative_to(tmp_path / "x")) for path in (tmp_path / "x").rglob("*") if path.is_file()} == listed
    assert json.loads((tmp_path / "x" / "manifest.json").read_text()) == document.model_dump(by_alias=True)


def test_a_split_for_evaluation_is_used_and_training_has_the_one_named_so_or_the_largest(tmp_path) -> None:
    big, small = [pair([USER], GOOD, BAD)] * 3, [pair([USER], BAD, GOOD)]
    out = exported({"c": {"odd": big, "test": small}}, "trl", tmp_path)
    assert len(READERS["trl"](out, "c", "dpo")) == 3
    (learned,) = READERS["trl"](out, "c", "dpo", evaluation=True)
    assert learned.answers == (BAD["content"], GOOD["content"])


def test_advice_names_what_a_reader_would_refuse(tmp_path) -> None:
    few = {"c": {"train": [sft(USER, GOOD)] * 9}}
    _, advice = export_dataset(dataset(tmp_path / "few", few), NAMES["openai"], tmp_path / "a")
    assert advice == ["c/train has 9 rows, and OpenAI refuses a job with fewer than 10"]
    own = {"c": {"train": [rl([USER], "4", "mine"), rl([USER], "4"), rl([USER], "4", "aime2024")]}}
    _, advice = export_dataset(dataset(tmp_path / "own", own), NAMES["verl"], tmp_path / "b")
    assert len(advice) == 1 and "'mine' of c" in advice[0]
    good = {"c": {"train": [kto([USER], GOOD, True)] * 2}}
    _, advice = export_dataset(dataset(tmp_path / "good", good), NAMES["llama-factory"], tmp_path / "e")
    assert advice == ["all answers of c have one label; LLaMA-Factory expects good and bad ones"]
    _, advice = export_dataset(dataset(tmp_path / "sim", good, simulated=True), NAMES["trl"], tmp_path / "f")
    assert advice == ["the texts were made by a simulated endpoint and are of no use for training"]


def test_prompts_of_several_turns_have_no_config_for_axolotl_s_reward_models(tmp_path) -> None:
    several = [USER, GOOD, turn("user", "Why not green?")]
    for name, rows, tasks in (("one", [pair([SYSTEM, USER], GOOD, BAD)], {"dpo", "reward"}),
                              ("more", [pair([USER], GOOD, BAD), pair(several, GOOD, BAD)], {"dpo"})):  # fmt: skip
        export_dataset(dataset(tmp_path / name, {"c": {"train": rows}}), NAMES["axolotl"], tmp_path / f"x-{name}")
        assert {path.name.split(".")[1] for path in (tmp_path / f"x-{name}").glob("*.yaml")} == tasks


def test_names_in_any_script_and_with_dots_and_quotes_work(tmp_path) -> None:
    names = ("数据", "a.b", "it's")
    out = exported({name: {"train": [pair([USER], GOOD, BAD)], "テスト": [pair([USER], GOOD, BAD)]} for name in names},
                   "llama-factory", tmp_path)  # fmt: skip
    for name in names:
        assert len(READERS["llama-factory"](out, name, "dpo")) == 1


@pytest.mark.slow
def test_trl_s_folder_loads_in_datasets_and_again_after_a_new_export(tmp_path) -> None:
    script = (
        "import json, sys, datasets; datasets.disable_progress_bars();"
        "print(json.dumps({split: list(rows) for split, rows in datasets.load_dataset('./data', 'c').items()}))"
    )

    def loaded() -> dict:
        environ = {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1", "PATH": ""}
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path / "x", env=environ, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    for answer in ("Air.", "Scattering."):
        said = turn("assistant", answer, reasoning=None)
        rows = {"c": {"train": [sft(USER, said)] * 2, "test": [sft(SYSTEM, USER, said)]}}
        export_dataset(dataset(tmp_path / answer, rows), NAMES["trl"], tmp_path / "x")
        found = loaded()
        assert [len(found["train"]), len(found["test"])] == [2, 1]
        completion = [{"role": "assistant", "content": answer, "reasoning_content": None}]
        assert found["test"] == [{"prompt": [SYSTEM, USER], "completion": completion}]


@pytest.mark.slow
def test_verl_s_files_load_in_datasets_with_their_types(tmp_path) -> None:
    out = exported({"c": {"train": [rl([SYSTEM, USER], "42")] * 3}}, "verl", tmp_path)
    script = (
        "import json, datasets; datasets.disable_progress_bars();"
        "print(json.dumps(datasets.load_dataset('parquet', data_files='data/c/train.parquet')['train'][2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=out, env={"HF_HOME": str(tmp_path / "cache"), "PATH": ""},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == {
        "data_source": "openai/gsm8k",
        "prompt": [SYSTEM, USER],
        "ability": "d",
        "reward_model": {"style": "rule", "ground_truth": "42"},
        "extra_info": {"split": "train", "index": 2, "slot": "ab:0"},
    }
