"""Digests of the parts of a key, stored with a reply, so that a job can be compared with a stored one.

A key is one hash; it cannot say which part of a job has changed. These digests can. They are no proof and have no
index: they answer "what differs?" for two given jobs.

Format, version 1, 47 + 8 bytes per message, big endian:

| bytes | part |
|---:|---|
| 1 | 1, the version of this format |
| 8 | identity: BLAKE2b of MessagePack `[realm, identity, kind]` |
| 8 | parameters: of `[parameters, seeded, thinking]` |
| 8 | schema: of `schema` |
| 8 | cell of the draw: its first bytes, zero if a job has none (judges) |
| 4 | seed of the draw, modulo 2^32 |
| 4 | ordinal of the slot in its cell |
| 2 | candidate |
| 2 | attempt |
| 2 | draw group |
| 8 each | messages, one after the other: of `{role, content}` |

Numbers that do not fit are stored as the largest that does. A reader that does not know the version treats the parts as
missing.
"""

import struct
from hashlib import blake2b

import msgspec

from tapc.jobs.job import Draw, Job, Message, Recipe

_VERSION = 1
_DIGEST = 8
_NUMBERS = struct.Struct(">8sIIHHH")
_FIXED = 1 + 3 * _DIGEST + _NUMBERS.size
CELL = slice(1 + 3 * _DIGEST, 1 + 4 * _DIGEST)
PLACE = slice(CELL.stop + 4, CELL.stop + 12)
"""Where the cell of a draw stands, and its ordinal, candidate and attempt."""

_SYSTEMS = 256
"""Most cached digests of system prompts."""

MAX_PARTS = _FIXED + 4096 * _DIGEST
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


class PartsMaker:
    """Makes the parts of jobs; the recipe's part is hashed once."""

    def __init__(self) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._systems: dict[str, bytes] = {}
        self._recipes: dict[int, tuple[Recipe, bytes]] = {}  # keep the recipe, or its id could be reused

    def __call__(self, job: Job) -> bytes:
        """Parts of a job; empty if its draw is not known."""
        recipe, draw = job.recipe, job.draw
        if draw is None:
            return b""
        known = self._recipes.get(id(recipe))
        if known is None:
            known = self._recipes[id(recipe)] = (recipe, self._of_recipe(recipe))
        numbers = _numbers(draw, recipe.draw_group)
        return b"".join((known[1], numbers, *map(self._of_message, job.messages)))

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
    if not data or data[0] != _VERSION or not _FIXED <= len(data) <= MAX_PARTS or (len(data) - _FIXED) % _DIGEST:
        return None
    identity, parameters, schema = (data[at : at + _DIGEST] for at in range(1, 1 + 3 * _DIGEST, _DIGEST))
    cell, seed, ordinal, candidate, attempt, draw_group = _NUMBERS.unpack_from(data, 1 + 3 * _DIGEST)
    messages = tuple(data[at : at + _DIGEST] for at in range(_FIXED, len(data), _DIGEST))
    return KeyParts(identity, parameters, schema, cell, seed, ordinal, candidate, attempt, draw_group, messages)
