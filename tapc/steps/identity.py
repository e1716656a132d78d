"""Choices that follow from what a slot is, never from when it is made."""

import hashlib

import msgspec

from tapc.ir import IdentityNames
from tapc.steps.program import Origin, SlotState

_ENCODER = msgspec.msgpack.Encoder()


def origin(slot: SlotState, per: tuple[str, ...], names: IdentityNames) -> Origin:
    """Of a slot, or of its values on the axes a step is made once for, by their identities."""
    if not per:
        return slot.key.drawn
    values = sorted(names.point(axis, slot.axes[axis]) for axis in per)
    return Origin(hashlib.blake2b(b"per\0" + _ENCODER.encode(values), digest_size=16).digest(), 0)


def ticket(purpose: bytes, seed: int, source: Origin, *parts: object) -> int:
    """A 64-bit number drawn for a purpose; equal arguments give equal numbers on every machine."""
    data = _ENCODER.encode((purpose, seed, source.cell, source.ordinal, parts))
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def pick(count: int, pool: tuple[bytes, ...], seed: int, source: Origin) -> tuple[int, ...]:
    """Draw positions of a pool without replacement, ascending.

    Highest random weight: a new member of the pool displaces others in its share of slots only.
    """
    ranked = sorted(range(len(pool)), key=lambda i: (ticket(b"pick", seed, source, pool[i]), i))
    return tuple(sorted(ranked[:count]))
