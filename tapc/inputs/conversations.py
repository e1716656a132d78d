"""Conversations in the layouts of published datasets; see `conversations.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from tapc.inputs.bad import Bad
from tapc.jobs import Message

Role = Literal["system", "user", "assistant"]
_Said = tuple[Role, Any]
"""The speaker, and the value at the place of the text."""

MOST_TURNS = 10_000

_CALLS = ("tool_calls", "function_call")


class _Turn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    who: str
    what: str
    source: str
    not_roles: tuple[str, ...] = ()


class _Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    user: str
    assistant: str
    source: str
    system: str | None = None


class _Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    system: tuple[str, ...]
    user: tuple[str, ...]
    assistant: tuple[str, ...]
    source: str


class Layouts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `conversations.toml`."""

    turn: tuple[_Turn, ...]
    pair: tuple[_Pair, ...]
    roles: _Roles

    def role(self, word: object) -> Role | None:
        """The role of a word, None if it names none."""
        return _words(self).get(word.strip().lower()) if isinstance(word, str) else None


@cache
def layouts() -> Layouts:
    """The shipped table."""
    text = (Path(__file__).parent / "conversations.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Layouts)


@cache
def _words(table: Layouts) -> dict[str, Role]:
    found: dict[str, Role] = {}
    for role in ("system", "user", "assistant"):
        found |= dict.fromkeys(getattr(table.roles, role), role)
    return found


def read_conversation(turns: list[Any]) -> tuple[Message, ...] | Bad:
    """The messages of a conversation, in order, or the reason why it cannot be read.

    Empty system messages are left out; other empty turns are errors. A list of texts does not say who speaks: in some
    datasets every other text is the assistant's, in others all are the user's.
    """
    if len(turns) > MOST_TURNS:
        return Bad("turns", f"has a conversation of {len(turns):,} turns, more than {MOST_TURNS:,}")
    if len(turns) > 1 and all(isinstance(turn, str) for turn in turns):
        advice = "which does not say who speaks; give each turn a `role` and a `content`"
        return Bad("turns", f"has a list of texts, {advice}")
    found: list[_Said] = []
    for number, turn in enumerate(turns, 1):
        read = _turn(turn, number)
        if isinstance(read, Bad):
            return read
        found += read
    return _told(found)


def _turn(turn: Any, number: int) -> list[_Said] | Bad:
    """The content of one item of a conversation: a turn, or an exchange as an object or a list of two texts."""
    if isinstance(turn, Mapping):
        return _object(cast("Mapping[str, Any]", turn), number)
    if isinstance(turn, str) and number == 1:
        return [("user", turn)]
    if isinstance(turn, list) and len(exchange := cast("list[Any]", turn)) == 2:
        return [("user", exchange[0]), ("assistant", exchange[1])]
    return Bad("turns", f"has a conversation whose item {number} is neither a turn nor a question and an answer")


def _object(turn: Mapping[str, Any], number: int) -> list[_Said] | Bad:
    table = layouts()
    if any(turn.get(calls) for calls in _CALLS):
        return Bad("turns", f"has a turn ({number}) that calls tools, which text messages cannot represent")
    for layout in table.turn:
        if layout.who in turn and layout.what in turn:
            word = turn[layout.who]
            role = table.role(word)
            if role is None or role in layout.not_roles:
                shown = f"`{word[:40]}`" if isinstance(word, str) else "no text"
                return Bad("turns", f"has a turn ({number}) of {shown}, which is not system, user or assistant")
            return [(role, turn[layout.what])]
    for layout in table.pair:
        if layout.user in turn and layout.assistant in turn:
            system = turn.get(layout.system) if layout.system and number == 1 else None
            told: list[_Said] = [("system", system)] if system else []
            return [*told, ("user", turn[layout.user]), ("assistant", turn[layout.assistant])]
    named = ", ".join(f"`{str(key)[:30]}`" for key in list(turn)[:4]) or "nothing"
    return Bad("turns", f"has a turn ({number}) without a `role` and a `content`; it has {named}")


def _told(found: list[_Said]) -> tuple[Message, ...] | Bad:
    made: list[Message] = []
    for number, (role, content) in enumerate(found, 1):
        text = _text(content)
        if text is None:
            return Bad("turns", f"has a message ({number}, of the {role}) that is not a text")
        if text.strip():
            made.append(Message(role, text))
        elif number == len(found):
            return Bad("empty", "has a conversation whose last turn has no text")
        elif role != "system":
            return Bad("turns", f"has a message ({number}, of the {role}) without text before its last turn")
    return tuple(made) or Bad("empty", "has a conversation without text")


def _text(content: Any) -> str | None:
    """The text of a turn: a string, or a list of text parts."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list) or not content:
        return None
    parts: list[str] = []
    for part in cast("list[Any]", content):
        text = (
            part
            if isinstance(part, str)
            else cast("Mapping[str, Any]", part).get("text")
            if isinstance(part, Mapping)
            else None
        )
        kind = cast("Mapping[str, Any]", part).get("type", "text") if isinstance(part, Mapping) else "text"
        if not isinstance(text, str) or kind not in ("text", "input_text", "output_text"):
            return None
        parts.append(text)
    return "".join(parts)
