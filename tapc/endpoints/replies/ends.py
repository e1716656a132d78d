"""How requests end: the table `replies.toml`, read once."""

import json
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import msgspec

FinishOutcome = Literal["ok", "length", "filtered", "refusal", "invalid", "failed"]
ErrorOutcome = Literal["filtered", "quota", "too-long", "failed"]

_MOST = 65536
"""Characters of a body that are looked at."""

_DEEP = 6
_TOLD = frozenset(
    {"code", "type", "status", "status_code", "status_msg", "message", "msg", "reason", "raw", "param", "error"}
    | {"error_code", "error_msg", "error_type", "errors", "detail", "details", "title"}
)
"""Members of an error body that speak of the error; others may echo the prompt."""

_NESTED = frozenset(
    {"error", "innererror", "base_resp", "metadata", "response", "errors", "detail", "details", "header"}
)


class Finish(msgspec.Struct, frozen=True):
    """A word by which completions end.

    Attributes:
        provider: who says so.
        word: as listed; see `finish_word`.
        outcome: what it means.
        source: of the knowledge.
    """

    provider: str
    word: str
    outcome: FinishOutcome
    source: str


class ErrorMark(msgspec.Struct, frozen=True):
    """Words of an error body.

    Attributes:
        provider: who says so.
        status: HTTP statuses under which it counts.
        pattern: regular expression over the lower-case codes and messages of the body; empty for the status alone.
        outcome: what it means.
        source: of the knowledge.
    """

    provider: str
    status: tuple[int, ...]
    pattern: str
    outcome: ErrorOutcome
    source: str


class Ends(msgspec.Struct, frozen=True):
    """The whole table."""

    finish: tuple[Finish, ...]
    error: tuple[ErrorMark, ...]


@cache
def ends() -> Ends:
    """The table, as it ships."""
    text = Path(__file__).with_name("replies.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Ends)


@cache
def _words() -> dict[str, FinishOutcome]:
    return {finish_word(entry.word): entry.outcome for entry in ends().finish}


@cache
def _marks() -> tuple[tuple[frozenset[int], "re.Pattern[str]", ErrorMark], ...]:
    return tuple((frozenset(e.status), re.compile(e.pattern, re.DOTALL), e) for e in ends().error)


def finish_word(word: str) -> str:
    """A finish word as the table compares them."""
    return word.partition(":")[0].strip().lower().replace("-", "_").replace(" ", "_")


_AS_RECEIVED: dict[str, FinishOutcome | None] = {}
_REMEMBERED = 1024


def finish_outcome(word: str) -> FinishOutcome | None:
    """What a finish word means; None for one that is not known. An empty one says nothing, and so is `ok`."""
    if not word:
        return "ok"
    try:
        return _AS_RECEIVED[word]
    except KeyError:
        found = _words().get(finish_word(word))
        if len(_AS_RECEIVED) < _REMEMBERED:
            _AS_RECEIVED[word] = found
        return found


def error_mark(status: int, content: bytes) -> ErrorMark | None:
    """What the body of an answer without a completion says about its cause, None where no entry fits.

    Args:
        status: of the answer; 200 for an error sent as a success, to which the marks of every status apply.
        content: its body.
    """
    said: str | None = None
    for statuses, pattern, entry in _marks():
        if status in statuses or (status < 300 and entry.pattern):
            said = spoken(content) if said is None else said
            if pattern.search(said):
                return entry
    return None


def spoken(content: bytes) -> str:
    """Codes, types and messages of an error body in lower case, one a line; of other texts the beginning."""
    text = content[:_MOST].decode("utf-8", "replace").strip()
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return text[:2000].lower()
    found: list[str] = []
    _collect(value, found, _DEEP)
    return "\n".join(found).lower()


def _collect(value: Any, found: list[str], deep: int) -> None:
    """Texts and numbers of the members that tell of the error."""
    if not deep:
        return
    if isinstance(value, list):
        for item in cast("Sequence[Any]", value)[:16]:
            _collect(item, found, deep - 1)
    elif isinstance(value, dict):
        for name, member in cast("dict[str, Any]", value).items():
            if isinstance(member, dict | list):
                if name in _NESTED or deep == _DEEP:
                    _collect(member, found, deep - 1)
            elif name in _TOLD:
                _tell(member, found, deep)
    else:
        _tell(value, found, deep)


def _tell(value: Any, found: list[str], deep: int) -> None:
    if isinstance(value, str):
        if value.lstrip()[:1] in ("{", "["):  # a gateway passes on what its upstream said
            try:
                _collect(json.loads(value), found, deep - 1)
            except (ValueError, RecursionError):
                pass
            else:
                return
        found.append(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        found.append(str(value))


def explain_end(word: str) -> list[tuple[str, str, str, str]]:
    """Entries that a word names or an outcome stands for: (where it stands, provider, outcome, source)."""
    asked = finish_word(word)
    found = [
        (f"finish_reason {e.word!r}", e.provider, e.outcome, e.source)
        for e in ends().finish
        if asked in (finish_word(e.word), e.outcome)
    ]
    for e in ends().error:
        if e.outcome == word.lower() or (e.pattern and re.search(e.pattern, word.lower())):
            statuses = ", ".join(map(str, e.status))
            where = f"status {statuses}" + (f" with /{e.pattern}/" if e.pattern else "")
            found.append((where, e.provider, e.outcome, e.source))
    return found


OUTCOME_WORDS: tuple[str, ...] = tuple(dict.fromkeys((*get_args(FinishOutcome), *get_args(ErrorOutcome))))
