"""The text, the thought and the refusal in one message, in whatever form they came."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import msgspec

_DEEP = 8
"""Levels of parts within parts that are looked into."""

_MOST_PARTS = 10_000

_THOUGHT_KINDS = ("thinking", "reasoning", "thought", "summary", "redacted")
"""Beginnings of the `type` of parts that are no answer (Anthropic, Mistral, Databricks, OpenAI's Responses)."""

_WORDS = ("text", "thinking", "reasoning", "thought", "summary", "content", "parts")
"""Members in which parts hold their words, in this order."""

THOUGHT_FIELDS = (
    "reasoning_content",  # DeepSeek, Qwen, vLLM, SGLang, xAI
    "reasoning",  # OpenRouter, vLLM, Groq
    "reasoning_text",  # GitHub Copilot
    "thinking",  # Ollama
    "thinking_blocks",  # LiteLLM
    "reasoning_details",  # OpenRouter
)
"""Fields of a message that hold its thought; the first that holds anything counts, since gateways send copies."""


class Said(NamedTuple):
    """What a message says.

    Attributes:
        text: of the answer.
        thought: what came apart from the answer.
        refusal: the model's own words for declining.
        calls: whether it asks for tools.
        odd: kinds of oddities.
    """

    text: str
    thought: str
    refusal: str
    calls: bool
    odd: tuple[str, ...]


def read_message(message: dict[str, Any], *, structured: bool) -> Said:
    """Read a decoded message; nothing in it can make this fail.

    Args:
        message: its members.
        structured: whether JSON was asked for, which some servers send as a value instead of a text.
    """
    content: Any = message.get("content")
    if type(content) is str and sum(map(bool, message.values())) == 1 + bool(content) and message.get("role"):
        return Said(content, "", "", calls=False, odd=())  # nothing but a text, as nearly all messages are
    odd: list[str] = []
    text, thought, refusal = "", "", ""
    if isinstance(content, str):
        text = content
    elif isinstance(content, list):
        text, thought, refusal = _parts(cast("list[Any]", content))
        odd.append("content in parts")
    elif content is not None:
        text = _single(content, structured=structured)
        odd.append("content is not a text")
    for name in THOUGHT_FIELDS:
        given: Any = message.get(name)
        if given and not thought:
            thought = given if isinstance(given, str) else _words(given, _DEEP)
            if not isinstance(given, str):
                odd.append("reasoning is not a text")
    said: Any = message.get("refusal")
    if isinstance(said, str):
        refusal = said
    elif said and not isinstance(said, bool):
        refusal = _words(said, _DEEP)
        odd.append("refusal is not a text")
    calls = bool(message.get("tool_calls") or message.get("function_call"))
    return Said(text, thought, refusal, calls, tuple(odd))


def _single(content: Any, *, structured: bool) -> str:
    """Content that is one value: a part of its own, or JSON that was not written as a text."""
    if isinstance(content, dict):
        words = cast("dict[str, Any]", content)
        if not structured or "type" in words:
            found = _words(words, _DEEP)
            if found:
                return found
    try:
        return msgspec.json.encode(content).decode()
    except (TypeError, ValueError, RecursionError):
        return ""


def _parts(content: list[Any]) -> tuple[str, str, str]:
    """Text, thought and refusal of a content given as parts."""
    texts: list[str] = []
    thoughts: list[str] = []
    refusals: list[str] = []
    for part in content[:_MOST_PARTS]:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            fields = cast("dict[str, Any]", part)
            kind = fields.get("type")
            kind = kind.lower() if isinstance(kind, str) else ""
            if kind.startswith(_THOUGHT_KINDS) or fields.get("thought") is True:
                thoughts.append(_words(fields, _DEEP))
            elif kind == "refusal":
                refusals.append(_words({"text": fields.get("refusal")}, _DEEP))
            elif kind in ("", "text", "output_text") or isinstance(fields.get("text"), str):
                texts.append(_words(fields, _DEEP))
    return "".join(texts), "\n\n".join(filter(None, thoughts)), "".join(refusals)


def _words(value: Any, deep: int) -> str:
    """The words in a value, whatever its form."""
    if isinstance(value, str):
        return value
    if not deep:
        return ""
    if isinstance(value, list):
        items = cast("Sequence[Any]", value)[:_MOST_PARTS]
        return "".join(_words(item, deep - 1) for item in items)
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return next((words for name in _WORDS if (words := _words(fields.get(name), deep - 1))), "")
    return ""
