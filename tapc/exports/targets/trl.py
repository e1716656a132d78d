"""TRL: rows as its trainers read them, a card that `datasets` loads, and a config for `trl` per task.

SFT rows are a prompt and a completion, so that the loss is on the answer alone, whatever turns the prompt has.
"""

import hashlib
from collections.abc import Mapping

from tapc.exports.export import (
    Conversion,
    Export,
    Exported,
    ExportedConfig,
    Place,
    Row,
    asked,
    chat_type,
    parted,
    thoughtful,
)
from tapc.exports.forms import Conversation, Labeled, Pair, Prompt, Verifiable
from tapc.outputs.markdown import quoted
from tapc.rows.columns import FLAG, NUMBER, TEXT, Column, features


def _completion(row: Conversation, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    prompt, answer = parted(row.messages)
    return {"prompt": asked(prompt), "completion": [thoughtful(answer)]}


def _pair(row: Pair, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {
        "prompt": asked(row.prompt),
        "chosen": [thoughtful(row.chosen)],
        "rejected": [thoughtful(row.rejected)],
        "margin": row.margin,
    }


def _labeled(row: Labeled, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {"prompt": asked(row.prompt), "completion": [thoughtful(row.completion)], "label": row.label}


def _verifiable(row: Verifiable, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    """The right answer is the column that TRL's own reward functions read."""
    return {"prompt": asked(row.prompt), "solution": row.ground_truth, "data_source": row.data_source}


def _prompt(row: Prompt, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {"prompt": asked(row.prompt)}


_PROMPT = Column("prompt", chat_type())


def _answers(*names: str, more: tuple[Column, ...] = ()) -> "_Columns":
    return _Columns(names, more)


class _Columns:
    """Columns of rows with a prompt, answers and more."""

    def __init__(self, answers: tuple[str, ...], more: tuple[Column, ...]) -> None:
        self._answers, self._more = answers, more

    def __call__(self, reasoning: bool) -> tuple[Column, ...]:  # noqa: FBT001 - passed by position, as by every caller
        answers = (Column(name, chat_type(reasoning=reasoning)) for name in self._answers)
        return (_PROMPT, *answers, *self._more)


_LOADED = "data"
"""The folder that `datasets` loads, with its card; it fails for `.`, which has no name."""

_ALSO = {"dpo": ("reward",), "grpo": ("rloo",), "rloo": ("grpo",)}
"""Further commands of `trl` that train on the same rows."""


def _documents(exported: Exported) -> Mapping[str, str]:
    """A card with the types of all columns, and a config for each command that a config's rows are for."""
    found = {f"{_LOADED}/README.md": "\n".join([*_card(exported), ""])}
    for config in exported.configs:
        for task in (config.conversion.task, *_ALSO.get(config.conversion.task, ())):
            found[f"{config.name}.{task}.yaml"] = "\n".join([*_settings(config, task), ""])
    return found


def _settings(config: ExportedConfig, task: str) -> list[str]:
    lines = [
        f"# trl {task} --config {config.name}.{task}.yaml --model_name_or_path MODEL --output_dir DIR",
        f"dataset_name: ./{_LOADED}",
        f"dataset_config: {quoted(config.name)}",
        f"dataset_train_split: {quoted(config.training)}",
    ]
    if config.evaluation is not None:
        lines += [f"dataset_test_split: {quoted(config.evaluation)}", "eval_strategy: epoch"]
    if task in ("grpo", "rloo"):
        told = "accuracy_reward compares with `solution`" if config.conversion.form is Verifiable else "your own"
        lines.append(f"# reward_funcs: [accuracy_reward]  # {told}; a dotted path names a function")
    return lines


def _card(exported: Exported) -> list[str]:
    """`datasets` keeps what it has read while the card stays the same: so the card has a digest of the rows."""
    lines = ["---", "configs:"]
    for config in exported.configs:
        digest = hashlib.sha256("".join(file.sha256 for file in config.splits.values()).encode()).hexdigest()
        lines += [f"- config_name: {quoted(config.name)}", f"  description: rows {digest[:32]}", "  data_files:"]
        for split, file in config.splits.items():
            path = file.path.removeprefix(f"{_LOADED}/")
            lines += [f"  - split: {quoted(split)}", f"    path: {quoted(path)}"]
    lines.append("dataset_info:")
    for config in exported.configs:
        lines += [f"- config_name: {quoted(config.name)}", "  features:"]
        lines += [f"  - {quoted(feature)}" for feature in features(config.conversion.columns(config.reasoning))]
    return [*lines, "---", "", "Rows for [TRL](https://huggingface.co/docs/trl), exported by tapc."]


TRL = Export(
    name="trl",
    title="TRL",
    conversions=(
        Conversion(Conversation, "sft", _completion, _answers("completion")),
        Conversion(Pair, "dpo", _pair, _answers("chosen", "rejected", more=(Column("margin", NUMBER),))),
        Conversion(Labeled, "kto", _labeled, _answers("completion", more=(Column("label", FLAG),))),
        Conversion(
            Verifiable, "grpo", _verifiable, _answers(more=(Column("solution", TEXT), Column("data_source", TEXT)))
        ),
        Conversion(Prompt, "grpo", _prompt, _answers()),
    ),
    documents=_documents,
    next_step="in that folder, `trl TASK --config CONFIG.TASK.yaml --model_name_or_path MODEL --output_dir DIR`",
)
