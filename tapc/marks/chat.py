"""Delimiters of chat templates in texts, by the data of `chat.toml`."""

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from tapc.marks.reasoning import quoted

_TOKEN = re.compile(r"<[^<>\s]{1,60}>|\[[^\[\]\s]{1,60}\]")
"""What looks like a mark; nearly all of them are written so."""

_GENERAL = re.compile(r"<\|/?[A-Za-z][A-Za-z0-9_:/]{1,60}\|>|<｜[^｜<>]{1,40}｜>")
"""How newer templates write all their delimiters; nothing else is written so."""

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
    """

    anywhere: frozenset[str]
    line: frozenset[str]
    numbered: "re.Pattern[str]"
    odd: tuple[str, ...]
    edge: "re.Pattern[str]"


@cache
def families() -> dict[str, Family]:
    """All families by name."""
    text = files("tapc.marks").joinpath("chat.toml").read_text(encoding="utf-8")
    return {one.name: one for one in msgspec.convert(tomllib.loads(text), _File).family}


def _pattern(mark: str) -> str:
    return re.escape(mark).replace("…", r"[A-Za-z0-9_]{1,40}")


@cache
def _known() -> _Known:
    known = families().values()
    anywhere = dict.fromkeys(m for one in known for m in one.anywhere)
    numbered = [_pattern(m) for m in anywhere if "…" in m]
    edge = dict.fromkeys(m for one in known for m in one.edge)
    ends = "|".join(map(_pattern, edge))
    return _Known(
        frozenset(m for m in anywhere if "…" not in m),
        frozenset(m for one in known for m in one.line),
        re.compile("|".join(numbered)),
        (*_ODD, *(m for m in anywhere if not _TOKEN.fullmatch(m.replace("…", "0")))),
        re.compile(rf"\A\s*({ends})|({ends})\s*\Z"),
    )


def template_mark(text: str) -> str | None:
    """The first mark of a chat template that no honest text holds, None where there is none.

    `<s>`, `<eos>` and the like count at the edge of a text only and where their partner is not there too, `<tool_call>`
    at the beginning of a line outside of code: elsewhere a text may speak of them.
    """
    if not ("<" in text or "[" in text):
        return None
    known = _known()
    for mark in known.odd:
        if mark in text:
            return mark
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in known.anywhere or (token[1] in "|｜" and _GENERAL.fullmatch(token)):
            return token
        if token in known.line and _begins_line(text, found.start(), found.end()):
            return token
        if token[-2].isalnum() and "_" in token and known.numbered.fullmatch(token):
            return token
    return _at_edge(text, known.edge)


def _begins_line(text: str, start: int, end: int) -> bool:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return not line.strip() and not quoted(text, start, end)


def _at_edge(text: str, edge: "re.Pattern[str]") -> str | None:
    if not (text.lstrip()[:1] in ("<", "[") or text.rstrip()[-1:] in (">", "]")):
        return None
    for found in edge.finditer(text):
        mark = found[1] or found[2]
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
