"""Axolotl: rows and, for each config, the part of its YAML that names them, with the type of each dataset.

Its KTO and reward strategies take prompts of one turn and know two chat templates; what does not fit is refused.
"""

from collections.abc import Mapping

from tapc.exports.export import (
    Conversion,
    Export,
    Exported,
    ExportedConfig,
    Place,
    Row,
    answer,
    asked,
    one_turn,
    parted,
    thoughtful,
)
from tapc.exports.forms import Conversation, Labeled, Pair
from tapc.outputs.markdown import quoted

_NAME = "Axolotl"
_ONE_TURN, _MORE = "one turn", "several turns"


def _conversation(row: Conversation, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    """Every message says whether it is trained on: the answer, and no earlier turn of the assistant."""
    prompt, last = parted(row.messages)
    return {"messages": [*({**turn, "train": False} for turn in asked(prompt)), {**thoughtful(last), "train": True}]}


def _pair(row: Pair, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    """Columns for DPO (`prompt`), and for reward models (`system`, `input`), which read the same answers."""
    prompt = asked(row.prompt)
    first = row.prompt[0]
    return {
        "prompt": prompt,
        "system": first.content if first.role == "system" else "",
        "input": row.prompt[-1].content,
        "chosen": answer(row.chosen, _NAME),
        "rejected": answer(row.rejected, _NAME),
    }


def _turns(row: Pair) -> str:
    return _ONE_TURN if [message.role for message in row.prompt] in (["user"], ["system", "user"]) else _MORE


def _labeled(row: Labeled, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    asked(row.prompt)
    system, question = one_turn(row.prompt, _NAME)
    said = answer(row.completion, _NAME)
    return {"system": system, "instruction": question, "completion": said, "label": row.label}


_TYPES = {
    "sft": ("chat_template", ("field_messages: messages", "message_field_training: train", "roles_to_train: []")),
    "dpo": ("chat_template.default", ("field_messages: prompt", "field_chosen: chosen", "field_rejected: rejected")),
    "kto": ("chatml.argilla", ()),
    "reward": ("bradley_terry.chat_template", ()),
}
"""By task: the type of its datasets, and what else it says of each."""

_ABOVE = {
    "sft": (),
    "dpo": ("rl: dpo",),
    "kto": ("rl: kto", "# for Llama 3, write llama3.argilla in place of chatml.argilla"),
    "reward": ("reward_model: true", "chat_template: tokenizer_default"),
}


def _documents(exported: Exported) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for config in exported.configs:
        tasks = [config.conversion.task]
        if tasks == ["dpo"] and _MORE not in config.tally:
            tasks.append("reward")
        for task in tasks:
            found[f"{config.name}.{task}.yaml"] = "\n".join([*_settings(config, task), ""])
    return found


def _settings(config: ExportedConfig, task: str) -> list[str]:
    lines = ["# axolotl train, with base_model, output_dir and the like in addition", *_ABOVE[task], "datasets:"]
    lines += _dataset(config, config.training, task)
    if config.evaluation is not None:
        lines += ["test_datasets:", *_dataset(config, config.evaluation, task)]
    return lines


def _dataset(config: ExportedConfig, split: str, task: str) -> list[str]:
    kind, more = _TYPES[task]
    lines = [f"- path: {quoted(config.splits[split].path)}", "  ds_type: json", "  split: train", f"  type: {kind}"]
    return [*lines, *(f"  {line}" for line in more)]


AXOLOTL = Export(
    name="axolotl",
    title=_NAME,
    conversions=(
        Conversion(Conversation, "sft", _conversation),
        Conversion(Pair, "dpo", _pair, tally=_turns),
        Conversion(Labeled, "kto", _labeled),
    ),
    documents=_documents,
    next_step="in that folder, complete CONFIG.TASK.yaml and call `axolotl train` with it",
)
