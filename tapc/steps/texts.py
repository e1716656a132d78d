"""Texts from models and files, before anyone believes them."""

import re
from collections.abc import Iterator
from typing import Any, cast

from tapc.jobs import Reply
from tapc.marks import family_mark, split_thoughts, template_mark

_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")

ALL_THOUGHT = (
    "all of it is thought and none of it answer: allow more tokens with the endpoint's `thinking N` or `max_tokens`, "
    "or less thought with `thinking off`"
)
"""Why a reply has no text, and what helps."""


def tidy(text: str, reasoning: str) -> tuple[str, str]:
    """Split thoughts written into the text off, and drop blank lines around it; returns (text, reasoning).

    Servers without a reasoning parser deliver thoughts as the head of the text, often without the mark that opens them.
    """
    rest, thought, mark = split_thoughts(text, parsed=bool(reasoning))
    if mark:
        text, reasoning = rest, "\n\n".join(filter(None, (reasoning, thought)))
    return text.lstrip("\r\n").rstrip(), reasoning


def unsafe(text: str, families: tuple[str, ...] = ()) -> str | None:
    """Why a text may not enter a dataset or a prompt: lone surrogates, NUL, or marks of chat templates.

    Args:
        text: as it is meant, not as JSON writes it.
        families: of models that will be trained on it, all of whose marks count; see `tapc.marks`.
    """
    if "\x00" in text:
        return "holds a NUL character"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds a lone surrogate"
    mark = template_mark(text) or (family_mark(text, families) if families else None)
    return None if mark is None else f"holds the chat-control token {mark}"


def unsafe_fields(fields: dict[str, Any], families: tuple[str, ...] = ()) -> str | None:
    """Why a structure may not enter a dataset or a prompt: the first reason of any of its strings, names included."""
    for text in _strings(fields):
        if (problem := unsafe(text, families)) is not None:
            return problem
        if (found := _CONTROL.search(text)) is not None:
            return f"holds the control character U+{ord(found[0]):04X}"
    return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in cast("dict[str, Any]", value).items():
            yield name
            yield from _strings(member)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _strings(item)


def reason_of(reply: Reply) -> tuple[str, str]:
    """Code and detail for a reply whose outcome is not `ok`; a cut text is `cut`, since `length` names a check."""
    if reply.outcome != "length":
        return reply.outcome.replace("_", "-"), ""
    return "cut", ALL_THOUGHT if any(reply.reasoning) and not any(reply.texts) else ""
