"""Shapes of API keys by provider, as data: `key_shapes.toml`."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tapc.outside.strength import strength

_MIN_BITS = 44.0
"""Least bits after a prefix: placeholders (`sk-proj-xxxxxxxxxxxxxxxxxxxx`, `sk-your-key-here`) have fewer."""

_CANDIDATE = re.compile(r"[A-Za-z0-9_./+=-]{19,}")
"""A run that every key contains; few specs have one, and the shapes are read only for these."""

_NO_KEY = re.compile(r"[a-z./+=]*")
"""A run without a capital, a digit, `-` or `_`, of which every key has one. `difficulty.definition` is such a run."""


class KeyShape(NamedTuple):
    """The shape of the keys of a provider.

    Attributes:
        provider: provider that issues such keys.
        prefix: exact beginning; texts without it are not searched.
        rest: pattern of the rest.
        example: an invented text of this shape.
        source: where the shape is documented.
    """

    provider: str
    prefix: str
    rest: str
    example: str
    source: str


@cache
def key_shapes() -> tuple[KeyShape, ...]:
    """All shapes, in the order of the file; if several match, the first counts."""
    import tomllib  # noqa: PLC0415 - most commands look for no keys

    text = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return tuple(KeyShape(**row) for row in tomllib.loads(text)["shape"])


@cache
def _pattern(shape: KeyShape) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(shape.prefix)}(?P<rest>{shape.rest})")


def find_keys(text: str) -> list[tuple[KeyShape, int, int]]:
    """The keys in a text with their places, start and end in characters, none inside another."""
    if all(_NO_KEY.fullmatch(run) for run in _CANDIDATE.findall(text)):
        return []
    found = [
        (match.start(), -match.end(), shape)
        for shape in key_shapes()
        if shape.prefix in text
        for match in _pattern(shape).finditer(text)
        if strength(match["rest"]) >= _MIN_BITS
    ]
    keys: list[tuple[KeyShape, int, int]] = []
    for start, end, shape in sorted(found, key=lambda one: one[:2]):
        if not keys or start >= keys[-1][2]:
            keys.append((shape, start, -end))
    return keys
