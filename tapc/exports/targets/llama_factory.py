"""LLaMA-Factory: rows in its ShareGPT form, `dataset_info.json` that declares them, and settings per config.

LLaMA-Factory skips rows it cannot read with a line in its log: turns that do not alternate, chosen answers that are not
objects. So whatever it would skip is refused here.
"""

import json
from collections.abc import Mapping
from typing import Any

from tapc.exports.export import Conversion, Export, Exported, ExportedConfig, Place, Row, Unfit, answer, asked, parted
from tapc.exports.forms import Conversation, Labeled, Messages, Pair
from tapc.outputs.markdown import quoted

_NAME = "LLaMA-Factory"
_FROM = {"user": "human", "assistant": "gpt", "system": "system"}


def _turns(prompt: Messages) -> list[Row]:
    """A prompt of alternating turns, a system message first if there is one."""
    messages = asked(prompt)
    for at, message in enumerate(messages[1:] if messages[0]["role"] == "system" else messages):
        if message["role"] != ("user", "assistant")[at % 2]:
            told = f"its prompt does not alternate between user and assistant, and {_NAME} would skip it"
            raise Unfit(told, "mend the inputs or templates that make the prompt")
    return [{"from": _FROM[message["role"]], "value": message["content"]} for message in messages]


def _said(messages: Messages) -> Row:
    return {"from": "gpt", "value": answer(messages, _NAME)}


def _conversation(row: Conversation, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    prompt, last = parted(row.messages)
    return {"conversations": [*_turns(prompt), _said(last)]}


def _pair(row: Pair, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {"conversations": _turns(row.prompt), "chosen": _said(row.chosen), "rejected": _said(row.rejected)}


def _labeled(row: Labeled, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    said = _said(row.completion)
    if not said["value"]:
        raise Unfit(f"its answer is empty, and {_NAME} would take it for a bad one", "let the spec require a length")
    return {"conversations": [*_turns(row.prompt), said], "kto_tag": row.label}


_COLUMNS: dict[str, dict[str, str]] = {
    "sft": {},
    "dpo": {"chosen": "chosen", "rejected": "rejected"},
    "kto": {"kto_tag": "kto_tag"},
}


def _documents(exported: Exported) -> Mapping[str, str]:
    """`dataset_info.json` with an entry per file, and settings that name the entries, per config."""
    info: dict[str, Any] = {}
    found: dict[str, str] = {}
    for config in exported.configs:
        task = config.conversion.task
        for split, file in config.splits.items():
            info[_entry(exported, config, split)] = {
                "file_name": file.path,
                "formatting": "sharegpt",
                **({"ranking": True} if task == "dpo" else {}),
                "columns": {"messages": "conversations", **_COLUMNS[task]},
            }
        lines = [
            "# llamafactory-cli train, with model_name_or_path, template and output_dir in addition",
            f"stage: {task}" + ("  # or rm, for a reward model" if task == "dpo" else ""),
            "do_train: true",
            "dataset_dir: .",
            f"dataset: {quoted(_entry(exported, config, config.training))}",
        ]
        if config.evaluation is not None:
            lines += [f"eval_dataset: {quoted(_entry(exported, config, config.evaluation))}", "eval_strategy: epoch"]
        if task == "sft":
            lines.append("mask_history: true  # learn the last answer alone")
        found[f"{config.name}.{task}.yaml"] = "\n".join([*lines, ""])
    return {"dataset_info.json": json.dumps(info, indent=2, ensure_ascii=False) + "\n", **found}


def _entry(exported: Exported, config: ExportedConfig, split: str) -> str:
    return f"{exported.dataset}_{config.name}_{split}"


def _advice(exported: Exported) -> list[str]:
    return [
        f"all answers of {config.name} have one label; {_NAME} expects good and bad ones"
        for config in exported.configs
        if config.conversion.tally is not None and len(config.tally) == 1
    ]


LLAMA_FACTORY = Export(
    name="llama-factory",
    title=_NAME,
    conversions=(
        Conversion(Conversation, "sft", _conversation),
        Conversion(Pair, "dpo", _pair),
        Conversion(Labeled, "kto", _labeled, tally=lambda row: str(row.label)),
    ),
    documents=_documents,
    next_step="in that folder, complete CONFIG.TASK.yaml and call `llamafactory-cli train` with it",
    advice=_advice,
)
