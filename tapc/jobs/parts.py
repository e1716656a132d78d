"""Digests of the parts of a key, stored with a reply, so that a job can be compared with a stored one.

A key is one hash; it cannot say which part of a job has changed. These digests can. They are no proof and have no
index: they answer "what differs?" for two given jobs.

Format, version 2, 48 + 6 bytes per setting + 8 bytes per message, big endian:

| bytes | part |
|---:|---|
| 1 | 2, the version of this format |
| 8 | identity: BLAKE2b of MessagePack `[realm, identity, kind]` |
| 8 | parameters: of `[parameters, seeded, thinking]` |
| 8 | schema: of `schema` |
| 8 | cell of the draw: its first bytes, zero if a job has none (judges) |
| 4 | seed of the draw, modulo 2^32 |
| 4 | ordinal of the slot in its cell |
| 2 | candidate |
| 2 | attempt |
| 2 | draw group |
| 1 | number of settings (see `settings_of`), at most 255 |
| 6 each | settings, sorted: 2 bytes of the BLAKE2b of the name, 4 of the value as JSON |
| 8 each | messages, one after the other: of `{role, content}` |

Numbers that do not fit are stored as the largest that does. Version 1 has no settings. A reader that does not know the
version treats the parts as missing.
"""

import struct
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from tapc.jobs.job import Draw, Job, Message, Recipe

_VERSION, _BEFORE = 2, 1
_DIGEST = 8
_NUMBERS = struct.Struct(">8sIIHHH")
_FIXED = 1 + 3 * _DIGEST + _NUMBERS.size
CELL = slice(1 + 3 * _DIGEST, 1 + 4 * _DIGEST)
PLACE = slice(CELL.stop + 4, CELL.stop + 12)
"""Where the cell of a draw stands, and its ordinal, candidate and attempt."""

_SETTING = 6
_SORTED = msgspec.json.Encoder(order="sorted")

_SYSTEMS = 256
"""Most cached digests of system prompts."""

MAX_PARTS = _FIXED + 1 + 255 * _SETTING + 4096 * _DIGEST
"""Most bytes of valid parts."""


class KeyParts(msgspec.Struct, frozen=True):
    """Parts of a key, read from a store.

    Attributes:
        identity, parameters, schema: digests of 8 bytes; see the module for their content.
        cell: first 8 bytes of the cell of the draw, padded with zeros.
        seed: seed of the draw, modulo 2^32.
        ordinal, candidate, attempt: fields of the draw.
        draw_group: draw group of the recipe.
        messages: one digest of 8 bytes per message.
        settings: digests of the values of settings, by digests of their names; None if they are not known.
    """

    identity: bytes
    parameters: bytes
    schema: bytes
    cell: bytes
    seed: int
    ordinal: int
    candidate: int
    attempt: int
    draw_group: int
    messages: tuple[bytes, ...]
    settings: Mapping[bytes, bytes] | None = None


def settings_of(recipe: Recipe) -> dict[str, Any]:
    """What is sent in addition to messages and the form of the reply, by the names that specs use."""
    if recipe.runs_program:
        return {"command": msgspec.json.decode(recipe.parameters)}
    sent: dict[str, Any] = msgspec.json.decode(recipe.parameters)
    found = {_WORDS.get(name, name): value for name, value in sent.items() if name != "response_format"}
    found |= {"thinking": recipe.thinking} if recipe.thinking else {}
    return found | ({"derived seed": "sent"} if recipe.seeded else {})


_WORDS = {"max_completion_tokens": "max_tokens"}


def digests_of(settings: Mapping[str, Any]) -> dict[bytes, bytes]:
    """Digests of settings, as parts have them."""
    return {
        blake2b(name.encode(), digest_size=2).digest(): blake2b(_SORTED.encode(value), digest_size=4).digest()
        for name, value in settings.items()
    }


class PartsMaker:
    """Makes the parts of jobs; the recipe's part is hashed once."""

    def __init__(self) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._systems: dict[str, bytes] = {}
        self._recipes: dict[int, tuple[Recipe, bytes, bytes]] = {}  # keep the recipe, or its id could be reused

    def __call__(self, job: Job) -> bytes:
        """Parts of a job; empty if its draw is not known."""
        recipe, draw = job.recipe, job.draw
        if draw is None:
            return b""
        known = self._recipes.get(id(recipe))
        if known is None:
            settings = sorted(digests_of(settings_of(recipe)).items())[:255]
            listed = bytes((len(settings),)) + b"".join(name + value for name, value in settings)
            known = self._recipes[id(recipe)] = (recipe, self._of_recipe(recipe), listed)
        numbers = _numbers(draw, recipe.draw_group)
        return b"".join((known[1], numbers, known[2], *map(self._of_message, job.messages)))

    def _of_message(self, message: Message) -> bytes:
        """Digest of a message; digests of system prompts, which many jobs share, are cached."""
        if message.role != "system":
            return blake2b(self._encode(message), digest_size=_DIGEST).digest()
        found = self._systems.get(message.content)
        if found is None:
            if len(self._systems) >= _SYSTEMS:
                self._systems.clear()
            found = self._systems[message.content] = blake2b(self._encode(message), digest_size=_DIGEST).digest()
        return found

    def _of_recipe(self, recipe: Recipe) -> bytes:
        parts = (
            (recipe.realm, recipe.identity, recipe.kind),
            (recipe.parameters, recipe.seeded, recipe.thinking),
            recipe.schema,
        )
        digests = (blake2b(self._encode(part), digest_size=_DIGEST).digest() for part in parts)
        return bytes((_VERSION,)) + b"".join(digests)


def _numbers(draw: Draw, draw_group: int) -> bytes:
    cell, seed = draw.cell[:_DIGEST], draw.seed & 0xFFFFFFFF
    try:
        return _NUMBERS.pack(cell, seed, draw.ordinal, draw.candidate, draw.attempt, draw_group)
    except struct.error:  # one of them does not fit
        small = (min(number, 0xFFFF) for number in (draw.candidate, draw.attempt, draw_group))
        return _NUMBERS.pack(cell, seed, min(draw.ordinal, 0xFFFFFFFF), *small)


def draw_bytes(draw: Draw) -> tuple[bytes, bytes]:
    """The bytes at `CELL` and at `PLACE` in the parts of every job of a draw, for any seed."""
    numbers = bytes(CELL.start) + _numbers(draw, 0)
    return numbers[CELL], numbers[PLACE]


def read_parts(data: bytes | None) -> KeyParts | None:
    """Parts as they were stored; None if there are none, or another version wrote them."""
    if not data or data[0] not in (_VERSION, _BEFORE) or not _FIXED < len(data) + (data[0] == _BEFORE) <= MAX_PARTS:
        return None
    size = 0 if data[0] == _BEFORE else 1 + _SETTING * data[_FIXED]
    first = _FIXED + size
    if first > len(data) or (len(data) - first) % _DIGEST:
        return None
    listed = range(_FIXED + 1, first, _SETTING)
    settings = {data[at : at + 2]: data[at + 2 : at + _SETTING] for at in listed} if size else None
    identity, parameters, schema = (data[at : at + _DIGEST] for at in range(1, 1 + 3 * _DIGEST, _DIGEST))
    cell, seed, ordinal, candidate, attempt, draw_group = _NUMBERS.unpack_from(data, 1 + 3 * _DIGEST)
    messages = tuple(data[at : at + _DIGEST] for at in range(first, len(data), _DIGEST))
    return KeyParts(
        identity, parameters, schema, cell, seed, ordinal, candidate, attempt, draw_group, messages, settings
    )
