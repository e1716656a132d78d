"""Reads files in blocks of whole lines, so that a very long line does not fill memory."""

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

LONGEST = 16 * 1024 * 1024
"""Most bytes of a row; a novel has one to three million."""

_CHUNK = 1024 * 1024


class Skipped(msgspec.Struct, frozen=True):
    """A line that was too long and was skipped.

    Attributes:
        quotes: number of `"` in it, which says whether a quoted cell is still open after it.
    """

    quotes: int


def blocks(file: BinaryIO) -> Iterator[bytes | Skipped]:
    """The content in blocks that end with a line; lines longer than `LONGEST` are skipped."""
    kept: list[bytes] = []
    size = quotes = 0
    skipping = False
    while chunk := file.read(_CHUNK):
        first = chunk.find(b"\n") + 1
        if skipping or size + (first or len(chunk)) > LONGEST:
            quotes += sum(part.count(b'"') for part in kept) + chunk.count(b'"', 0, first or len(chunk))
            kept, size, skipping = [], 0, True
            if not first:
                continue
            yield Skipped(quotes)
            quotes, skipping = 0, False
            chunk = chunk[first:]
        last = chunk.rfind(b"\n") + 1
        if last:
            yield b"".join((*kept, chunk[:last]))
            kept, size = [], 0
        if last < len(chunk):
            kept.append(chunk[last:])
            size += len(chunk) - last
    if skipping:
        yield Skipped(quotes)
    elif kept:
        yield b"".join(kept)
