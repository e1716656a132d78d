"""How each project reads rows, written down from its source: what it takes, what it skips, what it learns.

A reader gets the folder of an export, reads the config as the project does, and gives for each row what the project
would train on: `Learned`. It raises where the project raises, skips a row or would read something else. The revisions
are those that were read; none of their code is here.

| project | read at revision | files |
|---|---|---|
| LLaMA-Factory | ff6d4d12 (2026-08-18) | src/llamafactory/data/parser.py, converter.py, loader.py, processor/*.py |
| Axolotl | 067b021c (2026-07-24) | src/axolotl/prompt_strategies/{chat_template,dpo/chat_template,kto/chatml,\
bradley_terry/chat_template}.py, utils/data/shared.py, utils/schemas/datasets.py |
| verl | b178a3cd (2026-01-29) | verl/utils/dataset/{rl_dataset,multiturn_sft_dataset}.py, \
utils/reward_score/__init__.py, workers/reward_manager/naive.py, trainer/config/*.yaml |
| TRL | f2cd5771 (2026-07-24) | docs/source/dataset_formats.md, trl/data_utils.py, trl/scripts/{utils,sft,grpo}.py, \
trl/rewards/accuracy_rewards.py |
| OpenAI | OpenAPI document 2.3.0 | FineTuneChatRequestInput, FineTunePreferenceRequestInput, \
FineTuneReinforcementRequestInput; guides "Supervised fine-tuning", "Direct preference optimization", "Graders" |
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Turn = tuple[str, str]


class Learned(NamedTuple):
    """What a project trains on in a row.

    Attributes:
        asked: the prompt, as turns of a role and a text.
        answers: texts that are learned: one; or the better and the worse one.
        label: whether the answer is good; the right answer of a prompt; None where there is neither.
        reasoning: of the answers, where the project reads one.
    """

    asked: tuple[Turn, ...]
    answers: tuple[str, ...]
    label: object = None
    reasoning: tuple[str | None, ...] = ()


def turns(messages: list[dict[str, Any]]) -> tuple[Turn, ...]:
    return tuple((message["role"], message["content"]) for message in messages)


def jsonl(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        yield json.loads(line)


def settings(folder: Path, config: str, task: str) -> dict[str, Any]:
    return yaml.safe_load((folder / f"{config}.{task}.yaml").read_text(encoding="utf-8"))


# LLaMA-Factory


def llama_factory(folder: Path, config: str, task: str, *, evaluation: bool = False) -> list[Learned]:
    """`get_dataset_list`, `SharegptDatasetConverter` and the processor of the stage, which drop rows they cannot use."""
    said = settings(folder, config, task)
    assert said["stage"] == task and said["dataset_dir"] == "."
    assert task != "sft" or said["mask_history"] is True  # `_encode_data_example`: otherwise every answer is learned
    info = json.loads((folder / "dataset_info.json").read_text(encoding="utf-8"))
    entry = info[said["eval_dataset" if evaluation else "dataset"]]
    assert (
        entry.keys() <= {"file_name", "formatting", "ranking", "columns", "tags"} and entry["formatting"] == "sharegpt"
    )
    ranking = entry.get("ranking", False)
    assert ranking is (task == "dpo")  # `_get_merged_dataset`: the stages `rm` and `dpo` need it, others refuse it
    columns = entry["columns"]  # `DatasetAttr.join`: what is not named is None, once columns are given
    assert (folder / entry["file_name"]).suffix == ".jsonl"
    return [_sharegpt(row, columns, ranking) for row in jsonl(folder / entry["file_name"])]


def _sharegpt(row: dict[str, Any], columns: dict[str, str], ranking: bool) -> Learned:
    roles = {"human": "user", "gpt": "assistant"}
    messages = row[columns["messages"]]
    system: tuple[Turn, ...] = ()
    if messages and messages[0]["from"] == "system":
        system, messages = (("system", messages[0]["value"]),), messages[1:]
    for at, message in enumerate(messages):
        assert message["from"] == ("human", "gpt")[at % 2], "skipped: invalid role tag"
        assert message.keys() == {"from", "value"}, "lost: only these two are read"
    assert len(messages) % 2 == (1 if ranking else 0), "skipped: invalid message count"
    plain = tuple((roles[message["from"]], message["value"]) for message in messages)
    if "kto_tag" in columns:
        assert isinstance(row[columns["kto_tag"]], bool) and plain[-1][1], "an empty answer is taken for a bad one"
        return Learned(system + plain[:-1], (plain[-1][1],), row[columns["kto_tag"]])
    if not ranking:
        return Learned(system + plain[:-1], (plain[-1][1],))
    sides = [row[columns[side]] for side in ("chosen", "rejected")]
    assert all(isinstance(side, dict) and side["from"] == "gpt" for side in sides), "dropped: not a pair"
    return Learned(system + plain, tuple(side["value"] for side in sides))


# Axolotl


def axolotl(folder: Path, config: str, task: str, *, evaluation: bool = False) -> list[Learned]:
    """`load_dataset_with_config` and the strategy that the type names."""
    said = settings(folder, config, task)
    assert said.get("rl") == {"dpo": "dpo", "kto": "kto"}.get(task)
    assert said.get("reward_model", False) is (task == "reward")
    (entry,) = said["test_datasets" if evaluation else "datasets"]
    assert entry["split"] == "train"  # a single file has no other split
    assert entry["ds_type"] == "json"
    read = {
        "chat_template": _axolotl_sft,
        "chat_template.default": _axolotl_dpo,
        "chatml.argilla": _axolotl_kto,
        "bradley_terry.chat_template": _axolotl_reward,
    }[entry["type"]]
    return [read(row, entry) for row in jsonl(folder / entry["path"])]


def _axolotl_sft(row: dict[str, Any], entry: dict[str, Any]) -> Learned:
    """`ChatTemplateStrategy`: a turn is learned if its `message_field_training` says so; reasoning_content is read."""
    messages = row[entry["field_messages"]]
    assert entry["roles_to_train"] == []
    assert [message[entry["message_field_training"]] for message in messages] == [False] * (len(messages) - 1) + [True]
    last = messages[-1]
    assert last["role"] == "assistant"
    return Learned(turns(messages[:-1]), (last["content"],), None, (last.get("reasoning_content"),))


def _axolotl_dpo(row: dict[str, Any], entry: dict[str, Any]) -> Learned:
    """`dpo.chat_template.default`: texts, or messages of which role and content are read."""
    chosen, rejected = row[entry["field_chosen"]], row[entry["field_rejected"]]
    assert isinstance(chosen, str) and isinstance(rejected, str)
    return Learned(turns(row[entry["field_messages"]]), (chosen, rejected))


def _axolotl_kto(row: dict[str, Any], entry: dict[str, Any]) -> Learned:
    """`kto.chatml.argilla`: a system message if there is one, one question, a text; `label` is TRL's."""
    asked = (("system", row["system"]),) if row["system"] else ()
    assert isinstance(row["completion"], str) and isinstance(row["label"], bool)
    return Learned((*asked, ("user", row["instruction"])), (row["completion"],), row["label"])


def _axolotl_reward(row: dict[str, Any], entry: dict[str, Any]) -> Learned:
    """`BTChatTemplateStrategy`: `system` must be there; texts on both sides."""
    asked = (("system", row["system"]),) if row["system"] else ()
    assert isinstance(row["chosen"], str) and isinstance(row["rejected"], str)
    return Learned((*asked, ("user", row["input"])), (row["chosen"], row["rejected"]))


# verl


def verl(folder: Path, config: str, task: str, *, evaluation: bool = False) -> list[Learned]:
    """`RLHFDataset` (Parquet by name) and `NaiveRewardManager`; `MultiTurnSFTDataset`, which learns every answer."""
    import pyarrow.parquet

    said = settings(folder, config, task)
    data = said["data"]
    path = folder / data["val_files" if evaluation else "train_files"]
    assert path.name.endswith(".parquet")
    rows = pyarrow.parquet.read_table(path).to_pylist()
    assert said["defaults"] == [{"rl": "ppo_trainer", "sft": "sft_trainer_engine"}[task], "_self_"]
    if task == "sft":
        assert all(m["role"] != "assistant" for row in rows for m in row[data["messages_key"]][:-1])
        return [
            Learned(turns(found[:-1]), (found[-1]["content"],), None, (found[-1].get("reasoning_content"),))
            for row in rows
            if (found := row[data["messages_key"]])
        ]
    for at, row in enumerate(rows):
        assert row["extra_info"]["index"] == at and row["reward_model"]["style"] == "rule"
        # `default_compute_score` raises for a data source that it does not know
        assert row[data["reward_fn_key"]] == "openai/gsm8k" or "custom_reward_function" in said
    return [Learned(turns(row[data["prompt_key"]]), (), row["reward_model"]["ground_truth"]) for row in rows]


# TRL


def trl(folder: Path, config: str, task: str, *, evaluation: bool = False) -> list[Learned]:
    """The sets of columns that `apply_chat_template` knows, after `load_dataset("./data", config)`."""
    said = settings(folder, config, task)
    assert said["dataset_name"] == "./data" and said["dataset_config"] == config
    card = yaml.safe_load((folder / "data" / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    (files,) = (one["data_files"] for one in card["configs"] if one["config_name"] == config)
    split = said["dataset_test_split" if evaluation else "dataset_train_split"]
    (path,) = (one["path"] for one in files if one["split"] == split)
    (features,) = (one["features"] for one in card["dataset_info"] if one["config_name"] == config)
    read = {"sft": _trl_completion, "kto": _trl_completion, "dpo": _trl_pair, "reward": _trl_pair}.get(
        task, _trl_prompt
    )
    found = list(jsonl(folder / "data" / path))
    for row in found:
        assert list(row) == [feature["name"] for feature in features]
        assert row["prompt"][-1]["role"] == "user", "after an answer the model would go on with it"
    return [read(row) for row in found]


def _trl_said(row: dict[str, Any], *columns: str) -> tuple[tuple[str, ...], tuple[str | None, ...]]:
    messages = [row[column] for column in columns]
    assert all(len(one) == 1 and one[0]["role"] == "assistant" for one in messages)
    return tuple(one[0]["content"] for one in messages), tuple(one[0].get("reasoning_content") for one in messages)


def _trl_completion(row: dict[str, Any]) -> Learned:
    assert row.keys() - {"label"} == {"prompt", "completion"}
    answers, reasoning = _trl_said(row, "completion")
    return Learned(turns(row["prompt"]), answers, row.get("label"), reasoning)


def _trl_pair(row: dict[str, Any]) -> Learned:
    """The collator of rewards reads `margin` of every row."""
    assert row.keys() == {"prompt", "chosen", "rejected", "margin"} and isinstance(row["margin"], float)
    answers, reasoning = _trl_said(row, "chosen", "rejected")
    return Learned(turns(row["prompt"]), answers, None, reasoning)


def _trl_prompt(row: dict[str, Any]) -> Learned:
    """`accuracy_reward` is given the column `solution`."""
    assert row.keys() - {"solution", "data_source"} == {"prompt"}
    return Learned(turns(row["prompt"]), (), row.get("solution"))


# OpenAI


def openai(folder: Path, config: str, task: str, *, evaluation: bool = False) -> list[Learned]:
    """The lines of a training file, and the job that names it."""
    job = json.loads((folder / f"{config}.job.json").read_text(encoding="utf-8"))
    assert job["method"]["type"] == task
    named = job["validation_file" if evaluation else "training_file"].removeprefix("ID of ")
    if task == "reinforcement":
        grader = job["method"]["reinforcement"]["grader"]
        assert grader["type"] == "string_check" and grader["operation"] == "eq"
        assert grader["reference"] == "{{ item.ground_truth }}" and grader["input"] == "{{ sample.output_text }}"
    read = {"supervised": _openai_chat, "dpo": _openai_pair, "reinforcement": _openai_item}[task]
    return [read(row) for row in jsonl(folder / named)]


def _openai_turns(messages: list[dict[str, Any]]) -> tuple[Turn, ...]:
    for message in messages:
        assert message.keys() - {"weight"} == {"role", "content"} and isinstance(message["content"], str)
        assert message["role"] in ("system", "user", "assistant")
    return turns(messages)


def _openai_chat(row: dict[str, Any]) -> Learned:
    """An assistant's message of weight 0 is not learned; the default is 1."""
    assert row.keys() == {"messages"}
    found = _openai_turns(row["messages"])
    learned = [m["content"] for m in row["messages"] if m["role"] == "assistant" and m.get("weight", 1) == 1]
    assert learned == [found[-1][1]] and all(m["role"] == "assistant" for m in row["messages"] if "weight" in m)
    return Learned(found[:-1], (found[-1][1],))


def _openai_pair(row: dict[str, Any]) -> Learned:
    assert row.keys() == {"input", "preferred_output", "non_preferred_output"}
    assert row["input"].keys() == {"messages", "tools", "parallel_tool_calls"}
    sides = [_openai_turns(row[side]) for side in ("preferred_output", "non_preferred_output")]
    assert all(len(side) == 1 and side[0][0] == "assistant" for side in sides)
    return Learned(_openai_turns(row["input"]["messages"]), tuple(side[0][1] for side in sides))


def _openai_item(row: dict[str, Any]) -> Learned:
    """`messages` and `tools` are reserved; the last message must be of the user."""
    assert "tools" not in row and row["messages"][-1]["role"] == "user"
    return Learned(_openai_turns(row["messages"]), (), row["ground_truth"])


Reader = Callable[..., list[Learned]]

READERS: dict[str, Reader] = {
    "trl": trl, "openai": openai, "llama-factory": llama_factory, "axolotl": axolotl, "verl": verl
}  # fmt: skip

TASKS: dict[str, dict[str, tuple[str, ...]]] = {
    "trl": {"sft": ("sft",), "pair": ("dpo", "reward"), "kto": ("kto",), "rl": ("grpo", "rloo"), "prompts": ("grpo",)},
    "openai": {"sft": ("supervised",), "pair": ("dpo",), "rl": ("reinforcement",)},
    "llama-factory": {"sft": ("sft",), "pair": ("dpo",), "kto": ("kto",)},
    "axolotl": {"sft": ("sft",), "pair": ("dpo", "reward"), "kto": ("kto",)},
    "verl": {"sft": ("sft",), "rl": ("rl",)},
}
"""Tasks that each project can train on rows of each form."""
