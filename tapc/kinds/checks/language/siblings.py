"""Languages that CLD2 takes for each other, and the letters and words that tell them apart: `siblings.toml`."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import regex


class Sibling(msgspec.Struct, frozen=True):
    """What tells a language from one other.

    Attributes:
        other: code of the other language.
        own: finds what only texts in the language have.
        others: finds what only texts in the other one have.
    """

    other: str
    own: "regex.Pattern[str]"
    others: "regex.Pattern[str]"

    def marks(self, text: str) -> tuple[int, int]:
        """How many marks of the language, and of the other one, a text has."""
        lowered = text.lower()
        return sum(1 for _ in self.own.finditer(lowered)), sum(1 for _ in self.others.finditer(lowered))


@cache
def siblings_of(code: str | None) -> dict[str, Sibling]:
    """The siblings of a language by code, of those in the table."""
    return {other: Sibling(other, _pattern(own), _pattern(others)) for other, own, others in _pairs() if own[0] == code}


Side = tuple[str, str, tuple[str, ...]]


def _pairs() -> Iterator[tuple[str, Side, Side]]:
    for pair in _table():
        sides: list[Side] = [(code, pair[code]["letters"], tuple(pair[code]["words"])) for code in pair["codes"]]
        for own, others in (sides, sides[::-1]):
            yield others[0], own, others


@cache
def _table() -> list[dict[str, Any]]:
    import tomllib  # noqa: PLC0415 - only where one of these languages is asked for

    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["pair"]


def _pattern(side: Side) -> "regex.Pattern[str]":
    _, letters, words = side
    ways = [rf"\b(?:{'|'.join(words)})\b", *([rf"[{letters}]"] if letters else [])]
    return regex.compile("|".join(ways))
