"""Finds delimiters of chat templates in texts, by the data of `chat.toml`."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from tapc.marks.reasoning import quoted

_TOKEN = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\s]{1,60}\]")
"""The usual form of a marker; nearly all have it."""

_GENERAL = re.compile(r"<\|/?[A-Za-z][A-Za-z0-9_:/]{1,60}\|>|<｜[^｜<>]{1,40}｜>")
"""The form of all delimiters in newer templates; nothing else has it."""

_PARTS = ("<<", "]~", "]<]", "▁<")
"""Common substrings of the markers without the usual form; searched first."""

_ODD = ("<||eot",)
"""The beginning of a marker that some models write incompletely."""


class Family(msgspec.Struct, frozen=True):
    """The markers of the chat templates of one family of models; see `chat.toml`."""

    name: str
    source: str
    anywhere: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    edge: tuple[str, ...] = ()
    family: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True):
    family: tuple[Family, ...]


class _Known(NamedTuple):
    """Markers by the way in which they are searched.

    Attributes:
        anywhere, line: markers with the usual form.
        numbered: markers with a variable part.
        odd: markers without the usual form.
        edge: markers that count only at the edge of a text.
        probes: substrings that occur in the odd markers, fewer than there are markers.
    """

    anywhere: frozenset[str]
    line: frozenset[str]
    numbered: "re.Pattern[str]"
    odd: tuple[str, ...]
    edge: tuple[str, ...]
    probes: tuple[str, ...]


@cache
def families() -> dict[str, Family]:
    """All families by name."""
    import tomllib  # noqa: PLC0415 - a check of a spec rarely needs it

    text = Path(__file__).with_name("chat.toml").read_text(encoding="utf-8")
    return {one.name: one for one in msgspec.convert(tomllib.loads(text), _File).family}


def _pattern(mark: str) -> str:
    return re.escape(mark).replace("…", r"[A-Za-z0-9_]{1,40}")


@cache
def _known() -> _Known:
    known = families().values()
    anywhere = dict.fromkeys(m for one in known for m in one.anywhere)
    numbered = [_pattern(m) for m in anywhere if "…" in m]
    odd = (*_ODD, *(m for m in anywhere if not _TOKEN.fullmatch(m.replace("…", "0"))))
    return _Known(
        frozenset(m for m in anywhere if "…" not in m),
        frozenset(m for one in known for m in one.line),
        re.compile("|".join(numbered)),
        odd,
        tuple(dict.fromkeys(m for one in known for m in one.edge)),
        tuple(dict.fromkeys(next((part for part in _PARTS if part in m), m) for m in odd)),
    )


def template_mark(text: str) -> str | None:
    """The first marker of a chat template that an ordinary text does not contain; None if there is none.

    `<s>`, `<eos>` and the like count only at the edge of a text and if their counterpart is not in the text.
    `<tool_call>` counts at the beginning of a line outside code: elsewhere a text may discuss it.
    """
    if not ("<" in text or "[" in text):
        return None
    known = _known()
    for probe in known.probes:
        if probe in text and (odd := next((mark for mark in known.odd if mark in text), None)) is not None:
            return odd
    tokens = dict.fromkeys(_TOKEN.findall(text))
    for token in tokens:
        if token in known.anywhere or (token[1] in "|｜" and _GENERAL.fullmatch(token)):
            return token
        if token in known.line and _begins_line(text, token):
            return token
        if "_" in token and known.numbered.fullmatch(token):
            return token
    return _at_edge(text, known.edge)


def _begins_line(text: str, mark: str) -> bool:
    """Whether a marker begins a line, outside code."""
    start = text.find(mark)
    while start >= 0:
        end = start + len(mark)
        if not text[text.rfind("\n", 0, start) + 1 : start].strip() and not quoted(text, start, end):
            return True
        start = text.find(mark, end)
    return False


def _at_edge(text: str, edge: tuple[str, ...]) -> str | None:
    begins, ends = text[:64].lstrip(), text[-64:].rstrip()
    if not (begins.startswith(edge) or ends.endswith(edge)):
        return None
    for mark in edge:
        if begins.startswith(mark) or ends.endswith(mark):
            partner = mark.replace("</", "<") if mark.startswith("</") else mark.replace("<", "</", 1)
            if partner == mark or partner not in text:
                return mark
    return None


@cache
def _of_family(name: str) -> "re.Pattern[str]":
    one = families()[name]
    return re.compile("|".join(map(_pattern, (*one.anywhere, *one.line, *one.edge, *one.family))))


def family_mark(text: str, names: tuple[str, ...]) -> str | None:
    """The first marker of one of the named families, anywhere in the text; None if there is none.

    Raises:
        KeyError: a family does not exist.
    """
    for name in names:
        if found := _of_family(name).search(text):
            return found[0]
    return None
