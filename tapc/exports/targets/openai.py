"""OpenAI's fine-tuning: JSON Lines to upload, and the request that creates a job with them.

Supervised fine-tuning (`messages`, earlier answers of the assistant with weight 0), by preference (`input`,
`preferred_output`, `non_preferred_output`) and by reinforcement (`messages` that end in the user's turn; graders read
every other key as `item.KEY`).
"""

import json
from collections.abc import Mapping
from typing import Any

from tapc.exports.export import Conversion, Export, Exported, ExportedConfig, Place, Row, answer, asked, parted
from tapc.exports.forms import Conversation, Messages, Pair, Verifiable

_NAME = "OpenAI"
_LEAST = 10
"""Examples of a training file below which a job is refused."""


def _conversation(row: Conversation, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    prompt, last = parted(row.messages)
    earlier = [{**message, "weight": 0} if message["role"] == "assistant" else message for message in asked(prompt)]
    return {"messages": [*earlier, *_said(last)]}


def _pair(row: Pair, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {
        "input": {"messages": asked(row.prompt), "tools": [], "parallel_tool_calls": True},
        "preferred_output": _said(row.chosen),
        "non_preferred_output": _said(row.rejected),
    }


def _verifiable(row: Verifiable, place: Place) -> Row:  # noqa: ARG001 - what every conversion is given
    return {"messages": asked(row.prompt), "ground_truth": row.ground_truth, "data_source": row.data_source}


def _said(messages: Messages) -> list[Row]:
    return [{"role": "assistant", "content": answer(messages, _NAME)}]


_EXACT = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{ sample.output_text }}",
    "reference": "{{ item.ground_truth }}",
}

_METHODS: dict[str, dict[str, Any]] = {
    "supervised": {"type": "supervised"},
    "dpo": {"type": "dpo"},
    "reinforcement": {"type": "reinforcement", "reinforcement": {"grader": _EXACT}},
}


def _documents(exported: Exported) -> Mapping[str, str]:
    """The body of `POST /v1/fine_tuning/jobs` per config; model and ids of the uploaded files are to be filled in."""
    return {f"{config.name}.job.json": json.dumps(_job(config), indent=2) + "\n" for config in exported.configs}


def _job(config: ExportedConfig) -> dict[str, Any]:
    job: dict[str, Any] = {"model": "MODEL", "training_file": f"ID of {config.splits[config.training].path}"}
    if config.evaluation is not None:
        job["validation_file"] = f"ID of {config.splits[config.evaluation].path}"
    return {**job, "method": _METHODS[config.conversion.task]}


def _advice(exported: Exported) -> list[str]:
    return [
        f"{config.name}/{config.training} has {rows} rows, and {_NAME} refuses a job with fewer than {_LEAST}"
        for config in exported.configs
        if (rows := config.splits[config.training].rows) < _LEAST
    ]


OPENAI = Export(
    name="openai",
    title=_NAME,
    conversions=(
        Conversion(Conversation, "supervised", _conversation),
        Conversion(Pair, "dpo", _pair),
        Conversion(Verifiable, "reinforcement", _verifiable),
    ),
    documents=_documents,
    next_step="upload the files for the purpose `fine-tune`, write their ids and the model into CONFIG.job.json, and "
    "send it to /v1/fine_tuning/jobs",
    advice=_advice,
)
