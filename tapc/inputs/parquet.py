"""Rows of Parquet files."""

import unicodedata
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from tapc.inputs.bad import Bad
from tapc.inputs.blocks import LONGEST
from tapc.inputs.errors import InputError
from tapc.inputs.opening import LEAST, RATIO, signature
from tapc.source import ordinal

Row = dict[str, Any]

_BATCH = 1024
_GROUP = 8 * 1024 * 1024 * 1024
"""Most unpacked bytes of a row group; writers use 64 MB to 1 GB."""


def parquet_rows(path: Path) -> Iterator[tuple[int, Row | Bad]]:
    """Rows with their numbers, from 1.

    Raises:
        InputError: pyarrow is missing, the file is not readable, or two of its columns have one name.
    """
    try:
        parquet: Any = import_module("pyarrow.parquet")  # large, optional, and for Parquet only
        problem: type[Exception] = import_module("pyarrow").ArrowException
    except ImportError as error:
        raise InputError("TAP714", "Parquet needs the package pyarrow", "pip install 'tapc[parquet]'") from error
    before = signature(path.stat())
    try:
        with parquet.ParquetFile(path) as file:
            names = _names(path.name, cast("list[str]", file.schema_arrow.names))
            _bounded(path, file.metadata)
            yield from _rows(file, names)
    except (problem, UnicodeDecodeError, OverflowError) as error:
        raise InputError("TAP711", f"{path.name} is not readable Parquet: {error}", "write it again") from error
    if signature(path.stat()) != before:
        raise InputError("TAP709", f"{path.name} changed while it was read", "run it again when it is complete")


def _rows(file: Any, names: dict[str, str]) -> Iterator[tuple[int, Row | Bad]]:
    number = 0
    for batch in file.iter_batches(_BATCH):
        large = batch.nbytes > LONGEST
        for at, row in enumerate(cast("list[Row]", batch.to_pylist()) if not large else range(batch.num_rows)):
            number += 1
            if large:
                one = batch.slice(at, 1)
                if one.nbytes > LONGEST:
                    yield number, Bad("size", f"has more than {LONGEST // 2**20} MB")
                    continue
                row = cast("list[Row]", one.to_pylist())[0]  # noqa: PLW2901 - a row in place of its number
            made = cast("Row", row)
            yield number, {names[name]: value for name, value in made.items()} if names else made


def _names(file: str, names: list[str]) -> dict[str, str]:
    """Names in the normal form NFC by original name; empty if all are in it already."""
    seen: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        plain = unicodedata.normalize("NFC", name)
        if plain in seen:
            told = f"the {ordinal(seen[plain])} and the {ordinal(place)}"
            message = f"{file}: two columns are named `{plain[:60]}`, {told}"
            raise InputError("TAP711", message, "rename one of them: it is not clear which is meant")
        seen[plain] = place
    changed = {name: unicodedata.normalize("NFC", name) for name in names}
    return changed if any(name != plain for name, plain in changed.items()) else {}


def _bounded(path: Path, metadata: Any) -> None:
    for number in range(metadata.num_row_groups):
        unpacked = int(metadata.row_group(number).total_byte_size)
        if unpacked > _GROUP or unpacked > max(RATIO * path.stat().st_size, LEAST):
            told = f"{path.name} has {path.stat().st_size:,} bytes, and one row group of it unpacks to {unpacked:,}"
            raise InputError("TAP711", told, "write it again with smaller row groups")
