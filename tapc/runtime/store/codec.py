"""Replies as bytes, and back."""

import zlib

import msgspec
import zstandard

from tapc.jobs import Reply

MAX_REPLY = 256 << 20
"""Bytes of one encoded reply at most; what claims to be more is damaged or hostile."""


def crc(key: bytes, value: bytes) -> int:
    """Checksum over key and stored value, so that neither may change, nor stand under another key."""
    return zlib.crc32(value, zlib.crc32(key))


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
        """Decode a stored value; None where it is damaged."""
        if zlib.crc32(value, zlib.crc32(key)) != check:
            return None
        try:
            return self._decoder.decode(self._decompressor.decompress(value))
        except (zstandard.ZstdError, msgspec.MsgspecError):
            return None
