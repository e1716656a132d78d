"""Finds thoughts in the text of a reply by the markers of `reasoning.toml`, and splits them off."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

_HEADS = ("Here", "here", "analysis", "\n", " ", "\ufeff", "\t", "\r")
"""The beginning of a text that may contain a thought without an opening bracket."""

_BEGINS = frozenset("<[◁Hha")
"""The first characters of opening markers."""

_PARTS = ("think", "thought", "reasoning", "channel", "inner_", "final response")

_FENCE = "```"

_SPOKEN = 40
"""Most characters between two markers in one line of a text that discusses them; a thought is longer."""


class Thought(msgspec.Struct, frozen=True):
    """The way in which one kind of model marks thoughts; see `reasoning.toml`."""

    name: str
    open: str
    close: str
    lone: bool
    unclosed: bool
    families: tuple[str, ...]
    source: str


class Wrapper(msgspec.Struct, frozen=True):
    """A pair of markers that may enclose an answer."""

    open: str
    close: str
    source: str


class Table(msgspec.Struct, frozen=True):
    """The content of `reasoning.toml`."""

    thought: tuple[Thought, ...]
    answer: tuple[Wrapper, ...]


class Split(NamedTuple):
    """A text without its thoughts.

    Attributes:
        text: the text after the thoughts.
        thought: the thoughts without their markers; empty if there are none.
        mark: name of the marker that was found; empty if there is none.
    """

    text: str
    thought: str
    mark: str


class _Compiled(NamedTuple):
    opens: "re.Pattern[str]"
    closes: "tuple[re.Pattern[str], ...]"
    lone: "re.Pattern[str]"
    left: "re.Pattern[str]"
    answers: "tuple[re.Pattern[str], ...]"
    ends: tuple[str, ...]
    marks: tuple[str, ...]


@cache
def thoughts() -> Table:
    """The table as it is shipped."""
    import tomllib  # noqa: PLC0415 - a check of a spec rarely needs it

    text = Path(__file__).with_name("reasoning.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Table)


@cache
def _compiled() -> _Compiled:
    table = thoughts()
    flags = re.IGNORECASE | re.DOTALL
    opens = "|".join(f"(?P<o{at}>{one.open})" for at, one in enumerate(table.thought))
    lone = "|".join(f"(?P<c{at}>{one.close})" for at, one in enumerate(table.thought) if one.lone)
    marked = [one for one in table.thought if one.lone]
    left = "|".join(f"(?P<c{at}>{one.close})|(?P<o{at}>{one.open})" for at, one in enumerate(marked))
    ends = tuple(_literal(one.close) for one in marked)
    return _Compiled(
        re.compile(rf"\s*(?:{opens})", flags),
        tuple(re.compile(one.close, flags) for one in table.thought),
        re.compile(lone, flags),
        re.compile(left, flags),
        tuple(re.compile(rf"\A\s*{one.open}(.*?)(?:{one.close})?\s*\Z", flags) for one in table.answer),
        _probes(ends),
        _probes((*ends, *(_literal(one.open) for one in marked))),
    )


def _probes(marks: tuple[str, ...]) -> tuple[str, ...]:
    """A few substrings of which every marker contains one; searched before the markers themselves."""
    return tuple(dict.fromkeys(next((part for part in _PARTS if part in mark), mark) for mark in marks))


def _literal(pattern: str) -> str:
    """The text that a pattern matches literally, in lower case; markers that may occur alone are such texts."""
    return pattern.replace("\\s*", "").replace("\\", "").lower()


def split_thoughts(text: str, *, parsed: bool = False) -> Split:
    """Split thoughts off a text that begins with them.

    Args:
        text: text of a completion.
        parsed: whether the server returned thoughts in a separate field; then a closing marker alone is part of the
            text.
    """
    if not ("<" in text or "[" in text or "◁" in text or text.startswith(_HEADS)):
        return Split(text, "", "")
    found: list[str] = []
    mark = ""
    compiled = _compiled()
    rest = text
    while True:
        step = _head(rest, compiled) or (None if parsed else _lone(rest, compiled))
        if step is None:
            break
        rest, thought, at = step
        mark = mark or thoughts().thought[at].name
        if thought.strip():
            found.append(thought.strip())
    if not mark:
        answer = _answer(text, compiled) if "<|channel|>" in text[:80] else None
        return Split(text, "", "") if answer is None else Split(answer, "", "")
    inner = _answer(rest, compiled)
    return Split((rest if inner is None else inner).lstrip(), "\n\n".join(found), mark)


def _head(text: str, compiled: _Compiled) -> tuple[str, str, int] | None:
    """The thought at the start of the text: (remaining text, thought, index in the table)."""
    found = compiled.opens.match(text) if text.lstrip()[:1] in _BEGINS else None
    if found is None or found.lastgroup is None:
        return None
    at = int(found.lastgroup[1:])
    end = compiled.closes[at].search(text, found.end())
    if end is not None:
        return text[end.end() :], text[found.end() : end.start()], at
    return ("", text[found.end() :], at) if thoughts().thought[at].unclosed else None


def _lone(text: str, compiled: _Compiled) -> tuple[str, str, int] | None:
    """The thought whose opening marker the chat template has written."""
    lowered = text.lower()
    if not any(end in lowered for end in compiled.ends):
        return None
    for found in compiled.lone.finditer(text):
        if found.lastgroup is None or quoted(text, found.start(), found.end()):
            continue
        at = int(found.lastgroup[1:])
        before = text[: found.start()]
        if re.search(thoughts().thought[at].open, before, re.IGNORECASE):
            return None  # both markers, and the first is not at the start: the text discusses them
        return text[found.end() :], before, at
    return None


def _answer(text: str, compiled: _Compiled) -> str | None:
    """The text between the markers of an answer; None if there are none."""
    for pattern in compiled.answers:
        if found := pattern.match(text):
            inner = found[1].strip("\r\n")
            if inner != text.strip("\r\n"):
                return inner
    return None


def left_thought(text: str) -> str | None:
    """The marker of a thought that is still in a text; None if there is none, or if the text only discusses markers.

    Markers within code and quotation marks do not count. Elsewhere an opening marker counts at the beginning of a line,
    and a closing one if no opening one is before it on its line, or only far before it.
    """
    if not ("<" in text or "[" in text or "◁" in text):
        return None
    compiled, lowered = _compiled(), text.lower()
    if not any(mark in lowered for mark in compiled.marks):
        return None
    opened = -1
    for found in compiled.left.finditer(text):
        if quoted(text, found.start(), found.end()):
            continue
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        if not line.strip():
            return found[0]
        if (found.lastgroup or "").startswith("o"):
            opened = found.end()
        elif opened < 0 or found.start() - opened > _SPOKEN or "\n" in text[opened : found.start()]:
            return found[0]
    return None


def quoted(text: str, start: int, end: int) -> bool:
    """Whether a place is within code: between backticks, in quotation marks, or in a fenced block."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before in ("`", '"', "'", "“", "«") or after in ("`", '"', "”", "»"):
        return True
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return line.count("`") % 2 == 1 or text.count(_FENCE, 0, start) % 2 == 1
