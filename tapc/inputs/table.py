"""Rows of one input: content in a temporary file, hashes and places in memory (about 40 bytes a row)."""

import hashlib
import weakref
from array import array
from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.inputs.scratch import scratch_file
from tapc.steps import InputRow

Ints = npt.NDArray[np.int64]


class RowTable:
    """See `tapc.plan.Rows`. Rows are added once, then `seal` sorts them."""

    def __init__(self, step: str, axes: tuple[str, ...]) -> None:
        self.step = step
        self.axes = axes
        self.pool_of: Mapping[tuple[str, ...], int] = {}
        self.pools: tuple[Ints, ...] = ()
        self.digest = b""
        self.notes: tuple[str, ...] = ()
        self.lost: tuple[str, ...] = ()
        self._file = scratch_file()
        weakref.finalize(self, self._file.close)
        self._encoder = msgspec.json.Encoder(enc_hook=str, order="sorted")
        self._decoder = msgspec.json.Decoder(InputRow)
        self._hashes = bytearray()
        self._starts: array[int] = array("Q")
        self._pools: array[int] = array("i")
        self._end = 0
        self.longest: InputRow | None = None

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, row: InputRow, pool: int) -> None:
        """Keep a row that belongs to a pool."""
        data = self._encoder.encode(row)
        self._hashes += hashlib.blake2b(data, digest_size=16, person=b"tapc.row").digest()
        self._starts.append(self._end)
        self._pools.append(pool)
        self._file.write(data)
        self._end += len(data)
        self.longest = row if self.longest is None else _longer(self.longest, row)

    def seal(self, pool_of: Mapping[tuple[str, ...], int], pools: int, notes: tuple[str, ...]) -> None:
        """Sort what was added; say which combination of values draws from which pool."""
        words = np.frombuffer(bytes(self._hashes), ">u8").reshape(-1, 2)
        belongs = np.frombuffer(self._pools, np.int32) if len(self._pools) else np.zeros(0, np.int32)
        order = np.lexsort((words[:, 1], words[:, 0], belongs))
        edges = np.searchsorted(belongs[order], np.arange(pools + 1))
        self.pools = tuple(order[edges[n] : edges[n + 1]] for n in range(pools))
        self.pool_of = dict(sorted(pool_of.items()))
        self.notes = notes
        state = hashlib.blake2b(digest_size=16, person=b"tapc.rows")
        state.update(msgspec.json.encode([self.step, self.axes]))
        for name, pool in self.pool_of.items():
            state.update(msgspec.json.encode(name))
            state.update(words[self.pools[pool]].tobytes())
        self.digest = state.digest()
        self._hashes = bytearray()

    def read(self, number: int) -> InputRow:
        """One row's content."""
        start = self._starts[number]
        end = self._starts[number + 1] if number + 1 < len(self._starts) else self._end
        self._file.seek(start)
        return self._decoder.decode(self._file.read(end - start))


def _longer(one: InputRow, other: InputRow) -> InputRow:
    """The longer text of two rows in every place."""
    names = one.fields.keys() | other.fields.keys()
    fields = {name: max((one.fields.get(name, ""), other.fields.get(name, "")), key=_size) for name in names}
    if fields == one.fields and _size(one.text) >= _size(other.text) and not other.messages:
        return one
    messages = max((one.messages, other.messages), key=lambda given: sum(_size(m.content) for m in given))
    return InputRow(max((one.text, other.text), key=_size), fields, messages)


def _size(value: object) -> int:
    """Bytes of a value as a template prints it, about."""
    return len(str(value).encode("utf-8", "surrogatepass"))
