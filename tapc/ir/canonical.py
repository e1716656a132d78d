"""Canonical bytes of an IR and their hash."""

import hashlib

import msgspec

from tapc.ir.base import Frozen


def canonical_json(model: Frozen) -> bytes:
    """JSON with sorted keys and without absent (None) values; equal models give equal bytes on every machine."""
    return msgspec.json.encode(model.model_dump(mode="json", exclude_none=True), order="sorted")


def digest(model: Frozen) -> str:
    """Hex BLAKE2b-128 of `canonical_json`."""
    return hashlib.blake2b(canonical_json(model), digest_size=16).hexdigest()
