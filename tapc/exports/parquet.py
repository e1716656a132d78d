"""Parquet files with the types of the columns as they are given; none are guessed from rows."""

import io
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

import msgspec

from tapc.exports.errors import ExportError
from tapc.outputs.encodings import Encoding
from tapc.rows.columns import Column, Fields, Listed, Type

_GROUP = 16 * 2**20
"""Bytes of rows, as JSON, of a row group: what is in memory at a time, some times over."""


def _encode(rows: Iterable[bytes], columns: tuple[Column, ...]) -> Iterator[bytes]:
    """The bytes of a file.

    Raises:
        ExportError: pyarrow is not installed.
    """
    try:
        arrow: Any = import_module("pyarrow")  # large and optional
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError as error:
        raise ExportError("TAP714", "Parquet needs the package pyarrow", "pip install 'tapc[parquet]'") from error
    schema = arrow.schema([(column.name, _type(column.type, arrow)) for column in columns])
    sink = _Sink()
    with parquet.ParquetWriter(sink, schema) as writer:
        for group in _groups(rows):
            writer.write_table(arrow.Table.from_pylist([msgspec.json.decode(row) for row in group], schema))
            yield sink.taken()
    yield sink.taken()


def _groups(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    group: list[bytes] = []
    size = 0
    for row in rows:
        group.append(row)
        size += len(row)
        if size >= _GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _type(kind: Type, arrow: Any) -> Any:
    if isinstance(kind, Listed):
        return arrow.list_(_type(kind.item, arrow))
    if isinstance(kind, Fields):
        return arrow.struct([(column.name, _type(column.type, arrow)) for column in kind.columns])
    return {"string": arrow.string(), "float64": arrow.float64(), "int64": arrow.int64(), "bool": arrow.bool_()}[
        kind.name
    ]


class _Sink(io.RawIOBase):
    """Keeps what is written until it is taken; positions go on counting."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._position += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        """What was written since it was last taken."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


PARQUET = Encoding(name="parquet", suffix="parquet", encode=_encode)
