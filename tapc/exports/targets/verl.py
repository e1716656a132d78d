"""verl: Parquet files for reinforcement learning and for SFT, and settings for its trainers.

Its SFT trains on every turn of the assistant, so conversations whose prompts have some are refused. Its dataset of
pairs takes texts without roles, and so nothing that tapc makes.
"""

from collections.abc import Mapping

from tapc.exports.export import (
    Conversion,
    Export,
    Exported,
    ExportedConfig,
    Place,
    Row,
    Unfit,
    asked,
    chat_type,
    parted,
    thoughtful,
)
from tapc.exports.forms import Conversation, Verifiable
from tapc.exports.parquet import PARQUET
from tapc.outputs.markdown import quoted
from tapc.rows.columns import COUNT, TEXT, Column, Fields

_KNOWN = frozenset(
    {
        "DigitalLearningGmbH/MATH-lighteval", "HuggingFaceH4/MATH-500", "apps", "codecontests", "codeforces",
        "hiyouga/geometry3k", "lighteval/MATH", "math", "math_dapo", "math_dapo_reasoning", "numina_amc_aime",
        "numina_aops_forum", "numina_cn_k12", "numina_olympiads", "numina_synthetic_amc", "numina_synthetic_math",
        "openai/gsm8k", "searchR1_2wikimultihopqa", "searchR1_bamboogle", "searchR1_hotpotqa", "searchR1_musique",
        "searchR1_nq", "searchR1_popqa", "searchR1_triviaqa", "taco",
    }
)  # fmt: skip
"""Data sources that verl has a reward function for (`verl/utils/reward_score/__init__.py`); those of AIME, too."""


def _verifiable(row: Verifiable, place: Place) -> Row:
    return {
        "data_source": row.data_source,
        "prompt": asked(row.prompt),
        "ability": place.dataset,
        "reward_model": {"style": "rule", "ground_truth": row.ground_truth},
        "extra_info": {"split": place.split, "index": place.index, "slot": row.provenance.slot},
    }


def _conversation(row: Conversation, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    prompt, last = parted(row.messages)
    turns = asked(prompt)
    if any(turn["role"] == "assistant" for turn in turns):
        told = "its prompt has turns of the assistant, on which verl would train too"
        raise Unfit(told, "export to another target, or leave the config out with --config")
    return {"messages": [*turns, thoughtful(last)]}


def _messages(reasoning: bool) -> tuple[Column, ...]:  # noqa: FBT001 - passed by position, as by every caller
    return (Column("messages", chat_type(reasoning=reasoning)),)


def _rules(reasoning: bool) -> tuple[Column, ...]:  # noqa: ARG001, FBT001 - passed by position, as by every caller
    return (
        Column("data_source", TEXT),
        Column("prompt", chat_type()),
        Column("ability", TEXT),
        Column("reward_model", Fields((Column("style", TEXT), Column("ground_truth", TEXT)))),
        Column("extra_info", Fields((Column("split", TEXT), Column("index", COUNT), Column("slot", TEXT)))),
    )


_ABOVE = {
    "rl": ("# python -m verl.trainer.main_ppo --config-dir . --config-name {name}", "defaults: [ppo_trainer, _self_]"),
    "sft": (
        "# torchrun -m verl.trainer.sft_trainer --config-dir . --config-name {name}",
        "defaults: [sft_trainer_engine, _self_]",
    ),
}
_BELOW = {"rl": ("  prompt_key: prompt", "  reward_fn_key: data_source"), "sft": ("  messages_key: messages",)}


def _documents(exported: Exported) -> Mapping[str, str]:
    """Settings per config, to be completed with a model; verl's own settings are below them."""
    found: dict[str, str] = {}
    for config in exported.configs:
        name = f"{config.name}.{config.conversion.task}"
        found[f"{name}.yaml"] = "\n".join([*_settings(config, name), ""])
    return found


def _settings(config: ExportedConfig, name: str) -> list[str]:
    task = config.conversion.task
    training = quoted(config.splits[config.training].path)
    lines = [line.format(name=name) for line in _ABOVE[task]]
    lines += ["data:", f"  train_files: {training}"]
    if config.evaluation is not None:
        lines.append(f"  val_files: {quoted(config.splits[config.evaluation].path)}")
    elif task == "rl":  # its trainer insists on a file
        lines.append(f"  val_files: {training}  # the dataset has no other split")
    else:
        lines.append("  val_files: null")
    lines += _BELOW[task]
    if task == "rl" and _unknown(config):
        lines += [
            "custom_reward_function:  # verl has none for the data sources of these rows",
            "  path: ???  # a file with `def compute_score(data_source, solution_str, ground_truth, extra_info=None)`",
        ]
    return lines


def _unknown(config: ExportedConfig) -> list[str]:
    return sorted(source for source in config.tally if source not in _KNOWN and not source.startswith("aime"))


def _advice(exported: Exported) -> list[str]:
    return [
        f"verl has no reward function for `data_source` {unknown[0]!r} of {config.name}: name one that it has with "
        f"`source` in the emit, or set `custom_reward_function` in {config.name}.rl.yaml"
        for config in exported.configs
        if (unknown := _unknown(config))
    ]


VERL = Export(
    name="verl",
    title="verl",
    conversions=(
        Conversion(Verifiable, "rl", _verifiable, _rules, tally=lambda row: row.data_source),
        Conversion(Conversation, "sft", _conversation, _messages),
    ),
    documents=_documents,
    next_step="in that folder, complete CONFIG.TASK.yaml and call the line at its top",
    advice=_advice,
    encoding=PARQUET,
)
