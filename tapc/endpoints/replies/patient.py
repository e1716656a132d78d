"""Reads JSON member by member, so that one member that cannot be read costs no other.

Decoders give up a whole document for one oddity: a member nested 3,000 deep, a number of 5,000 digits, something after
the end. Here objects and lists are cut into the spans of their members without recursion, and each span is decoded on
its own. Used only for what the fast decoder rejected.
"""

import json
import re
from typing import Any

import msgspec

MOST_TOKENS = 1_000_000
"""Strings and brackets looked at in one document; some tenths of a second."""

_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_ANY = re.compile(rf'\s*+({_STRING}|[\[\]{{}},:]|[^\s\[\]{{}},:"]++)', re.DOTALL)
_BRACKET = re.compile(rf"{_STRING}|([\[{{])|[\]}}]", re.DOTALL)

Span = tuple[int, int]


class NotJson(ValueError):  # noqa: N818 - says what the text is
    """A text has no such structure."""


class _Unread:
    """Stands for a value that cannot be decoded."""

    def __repr__(self) -> str:
        return "UNREAD"


UNREAD: Any = _Unread()


class Document:
    """A JSON text, read piece by piece.

    Args:
        text: it may hold lone surrogates, and more than the JSON value.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._tokens = 0

    def members(self, span: Span) -> dict[str, Span]:
        """Spans of an object's members; the last of equal names counts, as decoders have it.

        Raises:
            NotJson: there is no object, or it has no end.
        """
        found: dict[str, Span] = {}
        at = self._opened(span[0], "{")
        while True:
            name, _, at = self._next(at)
            if name == "}":
                return found
            if name == ",":
                continue
            colon, _, at = self._next(at)
            if not name.startswith('"') or colon != ":":
                raise NotJson("an object's members have names")
            value = self._value(at)
            found[str(_decoded(name))] = value
            at = value[1]

    def elements(self, span: Span) -> list[Span]:
        """Spans of a list's elements.

        Raises:
            NotJson: there is no list, or it has no end.
        """
        found: list[Span] = []
        at = self._opened(span[0], "[")
        while True:
            token, start, end = self._next(at)
            if token == "]":  # noqa: S105 - a bracket, no secret
                return found
            if token == ",":  # noqa: S105 - the same
                at = end
                continue
            value = self._value(start)
            found.append(value)
            at = value[1]

    def value(self, span: Span | None) -> Any:
        """What a span holds; None without one, `UNREAD` where it cannot be decoded."""
        return None if span is None else _decoded(self.text[span[0] : span[1]])

    def whole(self) -> Span:
        """The span of the first value of the text.

        Raises:
            NotJson: there is none.
        """
        return self._value(0)

    def is_object(self, span: Span) -> bool:
        """Whether a span holds an object."""
        return self.text.startswith("{", span[0])

    def _opened(self, at: int, bracket: str) -> int:
        token, _, end = self._next(at)
        if token != bracket:
            raise NotJson(f"no {bracket} is there")
        return end

    def _next(self, at: int) -> tuple[str, int, int]:
        self._count()
        found = _ANY.match(self.text, at)
        if found is None:
            raise NotJson("it ends too early")
        return found[1], found.start(1), found.end()

    def _value(self, at: int) -> Span:
        """The span of the value that begins at or after a place."""
        token, start, end = self._next(at)
        if token not in ("{", "["):
            if token in (",", ":", "]", "}"):
                raise NotJson("a value is missing")
            return start, end
        depth, at = 1, end
        while depth:
            self._count()
            found = _BRACKET.search(self.text, at)
            if found is None:
                raise NotJson("it ends too early")
            at = found.end()
            if found[1]:
                depth += 1
            elif found[0][0] != '"':
                depth -= 1
        return start, at

    def _count(self) -> None:
        self._tokens += 1
        if self._tokens > MOST_TOKENS:
            raise NotJson("it is too intricate to read piece by piece")


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return UNREAD
