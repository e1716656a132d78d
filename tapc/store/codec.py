"""Replies as bytes, and back."""

import zlib
from struct import Struct
from typing import Literal

import msgspec
import zstandard

from tapc.jobs import Reply

MAX_REPLY = 256 << 20
"""Bytes of one encoded reply at most; what claims to be more is damaged or hostile."""


def crc(key: bytes, value: bytes) -> int:
    """Checksum over key and stored value, so that neither may change, nor be under another key."""
    return zlib.crc32(value, zlib.crc32(key))


_FIGURES = Struct(">qqqqqqI").pack


def row_crc(
    source: int,
    outcome: str,
    cost: int,
    taken: int,
    made: int,
    created: int,
    check: int,
    finish: int | None,
    parts: bytes,
) -> int:
    """Checksum over the columns other than the value (which `check` covers): figures are read without it."""
    figures = _FIGURES(source, cost, taken, made, created, finish or 0, check)
    return zlib.crc32(figures + outcome.encode("utf-8", "surrogatepass") + parts)


class Compressor:
    """zstd at level 1 with its own checksum; one a thread."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1, write_checksum=True)

    def __call__(self, data: bytes) -> bytes:
        """Compress one reply encoded as MessagePack."""
        return self._compressor.compress(data)


class Decoder:
    """Reads stored values; one a thread."""

    def __init__(self) -> None:
        self._decompressor = zstandard.ZstdDecompressor()
        self._decoder = msgspec.msgpack.Decoder(Reply)

    def __call__(self, key: bytes, value: bytes, check: int) -> Reply | None:
        """Decode a stored value; None where it is damaged, which includes columns of another type."""
        try:
            if zlib.crc32(value, zlib.crc32(key)) != check:
                return None
            return self._decoder.decode(self._decompressor.decompress(value))
        except (zstandard.ZstdError, msgspec.MsgspecError, TypeError):
            return None


def guessed_realm(reply: Reply) -> Literal["real", "sim"]:
    """The realm of a reply whose origin's row is damaged, as its own words have it."""
    return "sim" if reply.origin.startswith("sim:") else "real"
