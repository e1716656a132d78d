"""Reads the rows of a file in any format, one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tapc.inputs.bad import Bad
from tapc.inputs.errors import InputError
from tapc.inputs.json_lines import json_lines
from tapc.inputs.opening import Opened, unreadable
from tapc.inputs.parquet import parquet_rows
from tapc.inputs.separated import NAMES, Separated

Row = dict[str, Any]
Numbered = tuple[int, Row | Bad]
"""A row with the number of its first line or its index, from 1."""

_LINES = (".jsonl", ".ndjson")
_SEPARATED = {".csv": ",", ".tsv": "\t"}
KNOWN = (*_LINES, *_SEPARATED, ".parquet")
"""Extensions of files with rows."""


class RowFile:
    """A file of rows; iterate over it once.

    Attributes:
        name: name for messages.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._path = path
        self._table: Separated | None = None
        self.ending = ending_of(path)
        if self.ending not in KNOWN:
            told = f"rows are read from {', '.join(KNOWN)}, also with .gz"
            raise InputError("TAP712", f"{name} has an unknown format", told)
        if self.ending == ".parquet" and path.suffix.lower() == ".gz":
            raise InputError("TAP712", f"{name} is Parquet within gzip", "Parquet is already compressed; unpack it")

    def __iter__(self) -> Iterator[Numbered]:
        """Rows, bad ones as `Bad`.

        Raises:
            InputError: the file cannot be read.
        """
        try:
            if self.ending == ".parquet":
                yield from parquet_rows(self._path)
                return
            with Opened(self._path) as file:
                if self.ending in _LINES:
                    yield from json_lines(file)
                else:
                    self._table = Separated(file, self.name, _SEPARATED[self.ending])
                    yield from self._table
                file.finish()
        except (OSError, EOFError) as error:
            raise unreadable(self.name, error) from error

    @property
    def place(self) -> str:
        """What the number of a row counts."""
        return "row" if self.ending == ".parquet" else "line"

    def guesses(self) -> tuple[str, ...]:
        """How the file was read, if that differs from its name; known after it was read."""
        header = self._table.header if self._table is not None else None
        if header is None or header.guessed in (None, _SEPARATED[self.ending]):
            return ()
        usual = NAMES[_SEPARATED[self.ending]]
        return (f"{self.name} has {NAMES[header.guessed]} between its cells, not {usual}, and was read that way",)

    def hints(self) -> tuple[str, ...]:
        """Possible reasons why a column is missing."""
        header = self._table.header if self._table is not None else None
        if header is None:
            return ()
        found: list[str] = []
        if header.looks_like_data():
            found.append(f"the first line of {self.name} looks like data: insert a line of column names above it")
        others = [mark for mark in NAMES if any(mark in name for name in header.columns)]
        if others:
            usual = NAMES[_SEPARATED[self.ending]]
            found.append(f"{NAMES[others[0]]} are in the names of its columns; separate them by {usual}")
        return tuple(found)


def ending_of(path: Path) -> str:
    """The extension that decides the format, in lower case, without `.gz`."""
    plain = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return plain.suffix.lower()
