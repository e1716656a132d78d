"""The rows of one input: content in a temporary file, identities and places in memory (about 50 bytes per row)."""

import hashlib
import tempfile
import weakref
from array import array
from collections.abc import Mapping
from typing import Any, BinaryIO, cast

import msgspec
import numpy as np

from tapc.ir import IdentityNames
from tapc.jobs import Message
from tapc.plan.row_identity import Ints, RowIdentities, identify
from tapc.steps import InputRow

IN_MEMORY = 32 * 1024 * 1024
"""Most bytes that are kept in memory before a file is created."""


_TEXT = hashlib.blake2b(digest_size=16, person=b"tapc.row")
_TURNS = hashlib.blake2b(digest_size=16, person=b"tapc.turns")
_COLUMNS = hashlib.blake2b(digest_size=8, person=b"tapc.columns")
"""Copied for each row: what its text, its text after earlier turns, and its further columns are hashed with."""


def scratch_file() -> BinaryIO:
    """An empty temporary file without a name, which is deleted when it is closed or garbage-collected."""
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))


class RowTable:
    """Rows by number; see `tapc.plan.Rows`. Add all rows, then call `seal`, which sorts them.

    Attributes:
        guesses: how files were read, if that differs from their names.
    """

    def __init__(self, step: str, axes: tuple[str, ...]) -> None:
        self.step = step
        self.axes = axes
        self.pool_of: Mapping[tuple[str, ...], int] = {}
        self.pools: tuple[Ints, ...] = ()
        self.digest = b""
        self.notes: tuple[str, ...] = ()
        self.lost: tuple[str, ...] = ()
        self.guesses: tuple[str, ...] = ()
        self._file = scratch_file()
        weakref.finalize(self, self._file.close)
        self._encoder = msgspec.json.Encoder(enc_hook=str, order="sorted")
        self._decoder = msgspec.json.Decoder(InputRow)
        self._texts = bytearray()
        self._columns = bytearray()
        self._identities: RowIdentities | None = None
        self._starts: array[int] = array("Q")
        self._pools: array[int] = array("i")
        self._end = 0
        self._longest = _Longest()

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, row: InputRow, pool: int) -> None:
        """Store a row that belongs to a pool."""
        encode = self._encoder.encode
        text, columns = encode(row.text), encode(row.fields) if row.fields else b"{}"
        if row.messages:
            turns = encode(row.messages)
            hashed = _TURNS.copy()
            hashed.update(turns)
        else:
            turns, hashed = b"[]", _TEXT.copy()
        hashed.update(text)
        self._texts += hashed.digest()
        hashed = _COLUMNS.copy()
        hashed.update(columns)
        self._columns += hashed.digest()
        self._starts.append(self._end)
        self._pools.append(pool)
        data = b'{"text":%b,"fields":%b,"messages":%b}' % (text, columns, turns)
        self._file.write(data)
        self._end += len(data)
        self._longest.see(row)

    @property
    def longest(self) -> InputRow | None:
        """See `tapc.plan.Rows`."""
        return self._longest.row()

    def seal(
        self, pool_of: Mapping[tuple[str, ...], int], pools: int, notes: tuple[str, ...], names: IdentityNames
    ) -> None:
        """Sort and identify the rows, and set which combination of values draws from which pool.

        Args:
            pool_of: the pool of each combination of values.
            pools: number of pools.
            notes: see `tapc.plan.Rows`.
            names: identities of the values.
        """
        self.pool_of = dict(sorted(pool_of.items()))
        self.notes = notes
        labels = [b""] * pools
        for name, pool in self.pool_of.items():
            points = sorted(names.point(axis, value) for axis, value in zip(self.axes, name, strict=True))
            label = msgspec.json.encode(points)
            labels[pool] = min(labels[pool], label) if labels[pool] else label
        texts = np.frombuffer(self._texts, ">u8").reshape(-1, 2).astype(np.uint64)
        belongs = np.frombuffer(self._pools, np.int32) if len(self._pools) else np.zeros(0, np.int32)
        columns = np.frombuffer(self._columns, ">u8").astype(np.uint64)
        self._identities, self.pools = identify(texts, columns, belongs, labels)
        state = hashlib.blake2b(digest_size=16, person=b"tapc.rows")
        state.update(msgspec.json.encode([self.step, self.axes]))
        for name, pool in self.pool_of.items():
            state.update(msgspec.json.encode(name))
            state.update(texts[self.pools[pool]].astype(">u8").tobytes())
            state.update(columns[self.pools[pool]].astype(">u8").tobytes())
        self.digest = state.digest()
        self._texts, self._columns = bytearray(), bytearray()

    @property
    def identities(self) -> RowIdentities:
        """See `tapc.plan.Rows`."""
        if self._identities is None:
            raise RuntimeError("the rows are not sealed")
        return self._identities

    def read(self, number: int) -> InputRow:
        """The content of one row."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self._end
        self._file.seek(start)
        return self._decoder.decode(self._file.read(end - start))


class _Longest:
    """The longest text of each field of the rows so far; of equally long ones the first."""

    def __init__(self) -> None:
        self._text = ""
        self._text_size = -1
        self._fields: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._messages: tuple[Message, ...] = ()
        self._messages_size = 0

    def see(self, row: InputRow) -> None:
        size = _size(row.text)
        if size > self._text_size:
            self._text, self._text_size = row.text, size
        sizes = self._sizes
        for name, value in row.fields.items():
            size = _size(value)
            if size > sizes.get(name, -1):
                sizes[name] = size
                self._fields[name] = value
        if row.messages:
            size = sum(_size(message.content) for message in row.messages)
            if size > self._messages_size:
                self._messages, self._messages_size = row.messages, size

    def row(self) -> InputRow | None:
        return None if self._text_size < 0 else InputRow(self._text, dict(self._fields), self._messages)


def _size(value: object) -> int:
    """Approximate number of bytes of a value as a template prints it."""
    text = value if value.__class__ is str else str(value)
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))  # type: ignore[attr-defined] - a text
