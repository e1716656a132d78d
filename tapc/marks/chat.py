"""Delimiters of chat templates in texts, by the data of `chat.toml`."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from tapc.marks.reasoning import quoted

_TOKEN = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\s]{1,60}\]")
"""What looks like a mark; nearly all of them are written so."""

_GENERAL = re.compile(r"<\|/?[A-Za-z][A-Za-z0-9_:/]{1,60}\|>|<｜[^｜<>]{1,40}｜>")
"""How newer templates write all their delimiters; nothing else is written so."""

_PARTS = ("<<", "]~", "]<]", "▁<")
"""What the marks that do not look like one have in common; looked for first."""

_ODD = ("<||eot",)
"""The beginning of a mark that some models break."""


class Family(msgspec.Struct, frozen=True):
    """Marks of the chat templates of one family of models; see `chat.toml`."""

    name: str
    source: str
    anywhere: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    edge: tuple[str, ...] = ()
    family: tuple[str, ...] = ()


class _File(msgspec.Struct, frozen=True):
    family: tuple[Family, ...]


class _Known(NamedTuple):
    """Marks by how they are looked for.

    Attributes:
        anywhere, line: those that look like a mark.
        numbered: those with a changing part.
        odd: those that do not look like one.
        edge: those that count at the edge of a text.
        probes: parts of the odd ones, fewer than they are.
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
    """The first mark of a chat template that no honest text holds, None where there is none.

    `<s>`, `<eos>` and the like count at the edge of a text only and where their partner is not there too, `<tool_call>`
    at the beginning of a line outside of code: elsewhere a text may speak of them.
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
    """Whether a mark begins a line anywhere, outside of code."""
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
    """The first mark of one of the named families, wherever it stands; None where there is none.

    Raises:
        KeyError: no such family.
    """
    for name in names:
        if found := _of_family(name).search(text):
            return found[0]
    return None
