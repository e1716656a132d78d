"""Shapes of keys that providers hand out, as data: `key_shapes.toml`."""

import re
import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from tapc.outside.strength import strength

_MIN_BITS = 44.0
"""Of what follows a prefix: placeholders (`sk-proj-xxxxxxxxxxxxxxxxxxxx`, `sk-your-key-here`) carry less."""


class KeyShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One shape.

    Attributes:
        provider: who hands it out.
        prefix: what it begins with, to the letter; texts without it are not searched.
        rest: pattern of what follows.
        example: a text of this shape; made up.
        source: where the shape is known from.
    """

    provider: str
    prefix: str
    rest: str
    example: str
    source: str


@cache
def key_shapes() -> tuple[KeyShape, ...]:
    """All shapes, in the order of the file; of several that fit, the first counts."""
    text = files(__name__.rpartition(".")[0]).joinpath("key_shapes.toml").read_text("utf-8")
    return tuple(msgspec.convert(row, KeyShape) for row in tomllib.loads(text)["shape"])


@cache
def _patterns() -> tuple[tuple[KeyShape, re.Pattern[str]], ...]:
    return tuple(
        (shape, re.compile(rf"(?<![A-Za-z0-9]){re.escape(shape.prefix)}(?P<rest>{shape.rest})"))
        for shape in key_shapes()
    )


def find_keys(text: str) -> list[tuple[KeyShape, int, int]]:
    """The keys in a text with their places, start and end in characters, none inside another."""
    found = [
        (match.start(), -match.end(), shape)
        for shape, pattern in _patterns()
        if shape.prefix in text
        for match in pattern.finditer(text)
        if strength(match["rest"]) >= _MIN_BITS
    ]
    keys: list[tuple[KeyShape, int, int]] = []
    for start, end, shape in sorted(found, key=lambda one: one[:2]):
        if not keys or start >= keys[-1][2]:
            keys.append((shape, start, -end))
    return keys
