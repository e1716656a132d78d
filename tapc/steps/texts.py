"""Texts from models, before anyone believes them."""

import re

_THINK = re.compile(r"\s*<think>(.*?)</think>", re.DOTALL)
_CONTROL = re.compile(
    r"<\|[A-Za-z][A-Za-z0-9_]{1,40}\|>|<｜[^｜<>]{1,40}｜>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|<\|\|?eot",
)
"""Delimiters of chat templates; a tokenizer may read them as real turns."""


def tidy(text: str, reasoning: str) -> tuple[str, str]:
    """Split reasoning written into the text off, and drop blank lines around it; returns (text, reasoning).

    Servers without a reasoning parser deliver `<think>…</think>` as the head of the text.
    """
    if "<think>" in text[:64]:
        head = _THINK.match(text)
        if head:
            reasoning = reasoning or head[1].strip()
            text = text[head.end() :]
    return text.lstrip("\r\n").rstrip(), reasoning


def unsafe(text: str) -> str | None:
    """Why a text may not enter a dataset or a prompt: lone surrogates, NUL, or chat-control tokens."""
    if "\x00" in text:
        return "holds a NUL character"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "holds a lone surrogate"
    if "<" in text or "[" in text:
        found = _CONTROL.search(text)
        if found:
            return f"holds the chat-control token {found[0]}"
    return None
