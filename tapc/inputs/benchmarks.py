"""Texts of benchmark files, for `clean_of`.

No text of a benchmark may be missed, so nothing is left out: a line that is not a row counts as a text itself.
"""

import csv
import glob
import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, cast

import msgspec

from tapc.inputs.blocks import LONGEST, Skipped, blocks
from tapc.inputs.errors import InputError
from tapc.inputs.formats import ending_of
from tapc.inputs.json_lines import BOM
from tapc.inputs.opening import Folder, Opened, unreadable
from tapc.inputs.parquet import parquet_rows
from tapc.source import repeated_key, sniffed_delimiter

_SEPARATED = {".csv": ",", ".tsv": "\t"}
_DOCUMENT = 256 * 1024 * 1024
"""Most bytes of a JSON document, which is read as a whole."""


def files_of(pattern: str, folder: Folder) -> list[Path]:
    """The files that match a glob, sorted.

    Raises:
        InputError: there are none, or one is not a regular file, or a link leads out of the folder of the spec.
    """
    # unlike `Path.glob`, it accepts absolute patterns
    names = sorted(glob.glob(pattern, root_dir=folder.path, recursive=True), key=lambda name: folder.path / name)  # noqa: PTH207
    found = [place for name in names if not (folder.path / name).is_dir() and (place := folder.find(name)) is not None]
    if not found:
        raise InputError("TAP709", f"no file matches {pattern!r}", "the pattern is relative to the spec")
    return found


class BenchmarkTexts:
    """Texts of benchmarks; see `tapc.checks.TextFiles`. Files are read when a check is compiled."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def texts(self, glob: str) -> Sequence[tuple[str, Sequence[str]]]:
        """The name of each file with its texts, sorted by name."""
        root = self._folder.path
        return [
            (path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path),
             [text for text in texts_of(path) if text])
            for path in files_of(glob, self._folder)
        ]  # fmt: skip


def readable_files(pattern: str, folder: Folder) -> list[Path]:
    """The files that match a glob, sorted; each is opened once, so that errors are found before a run.

    Raises:
        InputError: as in `files_of`, or a file cannot be read.
    """
    found = files_of(pattern, folder)
    for path in found:
        _probe(path)
    return found


def _probe(path: Path) -> None:
    """Check that a benchmark can be read, without keeping its texts.

    Raises:
        InputError: it cannot be read.
    """
    try:
        if ending_of(path) == ".parquet":
            next(iter(parquet_rows(path)), None)
            return
        with Opened(path) as file:
            if ending_of(path) != ".json":
                for _ in _blocks(file, path):
                    pass
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error


def texts_of(path: Path) -> Iterator[str]:
    """Every text in a file: all strings in its rows, or else its lines.

    Raises:
        InputError: the file cannot be read.
    """
    ending = ending_of(path)
    try:
        if ending == ".parquet":
            for _, row in parquet_rows(path):
                yield from _strings(row)
            return
        with Opened(path) as file:
            if ending == ".json":
                yield from _document(file)
            elif ending in (".jsonl", ".ndjson"):
                yield from _of_json_lines(file, path)
            elif ending in _SEPARATED:
                yield from _of_table(file, path, _SEPARATED[ending])
            else:
                yield from (line.decode("utf-8", "replace").strip() for line in _lines(file, path))
            file.finish()
    except (OSError, EOFError) as error:
        raise unreadable(path, error) from error


def _blocks(file: Opened, path: Path) -> Iterator[bytes]:
    for block in blocks(file.bytes):
        if isinstance(block, Skipped):
            message = f"{path.name} has a line of more than {LONGEST // 2**20} MB"
            raise InputError("TAP711", message, "nothing of a benchmark may be missed; break the line")
        yield block


def _lines(file: Opened, path: Path) -> Iterator[bytes]:
    for block in _blocks(file, path):
        yield from block.split(b"\n")


def _document(file: Opened) -> Iterator[str]:
    data = file.bytes.read(_DOCUMENT + 1)
    if len(data) > _DOCUMENT:
        raise InputError("TAP711", f"a JSON document has more than {_DOCUMENT // 2**20} MB", "write it as JSON lines")
    try:
        # pairs as lists: if a key appears twice, both values are texts of the benchmark
        yield from _strings(json.loads(data.removeprefix(BOM), object_pairs_hook=lambda pairs: [v for _, v in pairs]))
    except (ValueError, RecursionError):
        yield from (line.strip() for line in data.decode("utf-8", "replace").splitlines())


def _of_json_lines(file: Opened, path: Path) -> Iterator[str]:
    decode = msgspec.json.Decoder().decode
    for line in _lines(file, path):
        text = line.removeprefix(BOM).strip()
        try:
            value = decode(text) if text else None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            yield text.decode("utf-8", "replace")
            continue
        if repeated_key(text, value) is not None:
            yield text.decode("utf-8", "replace")
        yield from _strings(value)


def _of_table(file: Opened, path: Path, usual: str) -> Iterator[str]:
    """Every cell of a table, including its first row; a quote that is never closed makes one long cell."""
    lines = (line.decode("utf-8", "replace") + "\n" for line in _lines(file, path))
    first = next(lines, "").removeprefix("\ufeff")
    csv.field_size_limit(2 * LONGEST)
    try:
        for cells in csv.reader(chain((first,), lines), delimiter=sniffed_delimiter(first, usual) or usual):
            yield from cells
    except csv.Error as error:
        raise InputError("TAP711", f"{path.name}: {error}", "nothing of a benchmark may be missed") from error


def _strings(value: Any) -> Iterator[str]:
    """Every string in a value; without recursion, since a value may be nested more deeply than Python's call stack."""
    pending: list[Any] = [value]
    while pending:
        at = pending.pop()
        if isinstance(at, str):
            yield at
        elif isinstance(at, dict):
            pending.extend(reversed(list(cast("dict[str, Any]", at).values())))
        elif isinstance(at, list | tuple):
            pending.extend(reversed(cast("list[Any]", at)))
