"""Rows of files, one after the other, whatever the format."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import msgspec

from tapc.inputs.troubles import InputError

Row = dict[str, Any]
Numbered = tuple[int, Row]
"""A row with the line or place it stands at, from 1."""

_CELL = 128 * 1024 * 1024
"""Characters of one CSV cell at most."""


def read_rows(path: Path) -> Iterator[Numbered]:
    """Rows of a file by its name's ending.

    Raises:
        InputError: the file cannot be read, or one of its rows.
    """
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    reader = _READERS.get(plain.suffix.lower())
    if reader is None:
        known = ", ".join(_READERS)
        raise InputError("TAP712", f"{path.name} has an unknown format", f"rows are read from {known}, also with .gz")
    try:
        yield from reader(path)
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> InputError:
    """The system's reason, in words for the user."""
    if isinstance(error, FileNotFoundError):
        return InputError("TAP709", f"{path} does not exist", "paths are relative to the spec")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return InputError("TAP709", f"{path}: {reason}", "paths are relative to the spec")


def _open(path: Path) -> io.BufferedReader:
    return cast("io.BufferedReader", gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _jsonl(path: Path) -> Iterator[Numbered]:
    decoder = msgspec.json.Decoder()
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
            if not text:
                continue
            try:
                row = decoder.decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InputError("TAP711", f"{path.name}, line {number}: not JSON: {error}") from error
            if not isinstance(row, dict):
                raise InputError("TAP711", f"{path.name}, line {number}: a row is a JSON object")
            yield number, cast("Row", row)


def _separated(delimiter: str) -> Callable[[Path], Iterator[Numbered]]:
    def read(path: Path) -> Iterator[Numbered]:
        csv.field_size_limit(_CELL)
        with _open(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
            reader = csv.reader(text, delimiter=delimiter, strict=True)
            try:
                header = next(reader, None)
                for cells in reader:
                    if not cells:
                        continue
                    if header is None or len(cells) != len(header):
                        expected = len(header or ())
                        where = f"{path.name}, line {reader.line_num}"
                        raise InputError("TAP711", f"{where}: {len(cells)} cells, the header has {expected}")
                    yield reader.line_num, dict(zip(header, cells, strict=True))
            except csv.Error as error:
                raise InputError("TAP711", f"{path.name}, line {reader.line_num}: {error}") from error
            except UnicodeDecodeError as error:
                raise InputError("TAP711", f"{path.name} is not UTF-8: {error.reason}") from error

    return read


def _parquet(path: Path) -> Iterator[Numbered]:
    try:
        parquet: Any = import_module("pyarrow.parquet")  # large, optional, and for Parquet only
        problem: type[Exception] = import_module("pyarrow").ArrowException
    except ImportError as error:
        raise InputError("TAP714", "Parquet needs the package pyarrow", "pip install 'tapc[parquet]'") from error
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(1024):
                for row in cast("list[Row]", batch.to_pylist()):
                    number += 1
                    yield number, row
    except problem as error:
        raise InputError("TAP711", f"{path.name} is not readable Parquet: {error}") from error


_READERS: dict[str, Callable[[Path], Iterator[Numbered]]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".parquet": _parquet,
}


def texts_of(path: Path) -> Iterator[str]:
    """Every text in a file: of rows all strings in them, of anything else its lines.

    Raises:
        InputError: the file cannot be read.
    """
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    if plain.suffix.lower() in _READERS:
        for _, row in read_rows(path):
            yield from _strings(row)
    elif plain.suffix.lower() == ".json":
        try:
            yield from _strings(json.loads(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from error
    else:
        try:
            with _open(path) as file:
                yield from (line.decode("utf-8", "replace").strip() for line in file)
        except (OSError, EOFError) as error:
            raise unreadable(path, error) from error


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast("Row", value).values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in cast("list[Any]", value):
            yield from _strings(inner)
