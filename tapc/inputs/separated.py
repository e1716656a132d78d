"""Rows of CSV and TSV files."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from tapc.inputs.bad import Bad
from tapc.inputs.blocks import LONGEST, Skipped, blocks
from tapc.inputs.errors import InputError
from tapc.inputs.json_lines import BOM
from tapc.inputs.opening import Opened
from tapc.source import ordinal, sniffed_delimiter

Row = dict[str, Any]

NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
"""Delimiters between cells, in words."""

_TOLD = re.compile(r'"?sep=([,;\t|])"?\s*', re.IGNORECASE)
"""A first line in which spreadsheets declare the delimiter."""

_TOO_LONG = Bad("size", f"has more than {LONGEST // 2**20} MB")


class Header(msgspec.Struct, frozen=True):
    """The first row of a table.

    Attributes:
        columns: names, in the normal form NFC, without space around them.
        guessed: the delimiter, if it differs from the one implied by the extension of the file name.
    """

    columns: tuple[str, ...]
    guessed: str | None = None

    def looks_like_data(self) -> bool:
        """Whether the first row looks like data: empty, numeric or long cells are not names."""
        return any(
            not name or _is_number(name) or len(name) > 60 or name.endswith((".", "?", "!")) for name in self.columns
        )


class Separated:
    """A CSV or TSV file; iterating gives its rows with the numbers of their first lines, from 1.

    Attributes:
        header: None before the first row was read, and if the file is empty.
    """

    def __init__(self, file: Opened, name: str, usual: str) -> None:
        self.header: Header | None = None
        self._name = name
        self._usual = usual
        self._lines = _Lines(file)

    def __iter__(self) -> Iterator[tuple[int, Row | Bad]]:
        first = self._lines.first()
        told = _TOLD.fullmatch(first)
        guessed = told[1] if told else sniffed_delimiter(first, self._usual)
        csv.field_size_limit(2 * LONGEST)  # the length of rows is limited below, and so is that of cells
        reader = csv.reader(self._lines, delimiter=guessed or self._usual, strict=True)
        columns: tuple[str, ...] | None = None
        while True:
            line = self._lines.begin(reader.line_num)
            try:
                cells = next(reader, None)
            except csv.Error as error:
                yield line, self._broken(error, line)
                continue
            if cells is None:
                if self._lines.open_at_end:
                    raise self._never_closed(line)
                return
            if self._lines.skipped:
                yield line, _TOO_LONG
            elif not any(cells):
                continue  # blank lines, and empty rows that spreadsheets write at the end
            elif told:
                told = None  # the line declares the delimiter instead of naming columns
            elif columns is None:
                columns = self._named(cells, line)
                self.header = Header(columns, guessed)
            elif len(cells) != len(columns):
                yield (
                    line,
                    Bad(
                        "cells",
                        f"has {len(cells):,} cell{'' if len(cells) == 1 else 's'}, and the header {len(columns):,}",
                    ),
                )
            else:
                yield line, dict(zip(columns, cells, strict=True))

    def _named(self, cells: list[str], line: int) -> tuple[str, ...]:
        names = tuple(unicodedata.normalize("NFC", cell).strip() for cell in cells)
        if any("\udc80" <= char <= "\udcff" for name in names if not name.isascii() for char in name):
            raise InputError(
                "TAP711", f"{self._name}, line {line}: the names of the columns are not UTF-8", "save it as UTF-8"
            )
        seen: dict[str, int] = {}
        for place, name in enumerate(names, 1):
            if name and name in seen:
                told = f"the {ordinal(seen[name])} and the {ordinal(place)}"
                raise InputError(
                    "TAP711",
                    f"{self._name}, line {line}: two columns are named `{name[:60]}`, {told}",
                    "rename one of them: it is not clear which is meant",
                )
            seen[name] = place
        return names

    def _broken(self, error: csv.Error, line: int) -> Bad:
        if "unexpected end" in str(error):
            raise self._never_closed(line) from error
        return Bad("cells", f"cannot be parsed: {error}")

    def _never_closed(self, line: int) -> InputError:
        return InputError(
            "TAP711",
            f"{self._name}, line {line}: a quote that opens here is never closed",
            'the rest of the file would be one cell; write a quote within a cell twice: `""`',
        )


class _Lines:
    """Lines for a CSV reader, as text; the rest of a row that is too long is skipped.

    Attributes:
        skipped: whether the current row was too long.
        open_at_end: whether the file ended within a quoted cell of such a row.
    """

    def __init__(self, file: Opened) -> None:
        self.skipped = False
        self.open_at_end = False
        self._held: list[str] = []
        self._passed = 0
        self._waiting: list[str] = []
        self._all = self._read(file)

    def first(self) -> str:
        """The first line, which is not consumed."""
        line = next(self._all, "")
        self._waiting = [line] if line else []
        self._held.clear()
        return line

    def begin(self, line: int) -> int:
        """A row begins after so many lines that the reader has seen; returns its line in the file."""
        self._held.clear()
        self.skipped = False
        return line + self._passed + 1

    def __iter__(self) -> Iterator[str]:
        waiting, self._waiting = self._waiting, []
        self._held += waiting
        yield from waiting
        yield from self._all

    def _read(self, file: Opened) -> Iterator[str]:
        held, size, start = self._held, 0, True
        for block in blocks(file.bytes):
            if isinstance(block, Skipped):
                yield from self._skip(block.quotes)
                continue
            if start:
                block = block.removeprefix(BOM)  # noqa: PLW2901 - the file's mark, not its first column's
                start = False
            for line in io.StringIO(block.decode("utf-8", "surrogateescape"), newline=""):
                size = size + len(line) if held else len(line)
                if size > LONGEST or self._odd:
                    yield from self._skip(line.count('"'))
                    continue
                held.append(line)
                yield line

    _odd = False
    """Whether a row is being skipped, and a quoted cell of it is open."""

    def _skip(self, quotes: int) -> Iterator[str]:
        """Skip a line of a row that is too long; if that ends the row, end it for the reader too."""
        if not self.skipped:
            before = sum(line.count('"') for line in self._held)
            self._opened, self.skipped, self._odd = before % 2 == 1, True, before % 2 == 1
        self._odd ^= quotes % 2 == 1
        self._passed += 1
        self.open_at_end = self._odd
        if not self._odd:
            self._passed -= 1
            yield '"\n' if self._opened else "\n"

    _opened = False
    """Whether the reader is within a quoted cell of the skipped row."""


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
