"""Reads a table into rows of named cells."""

import csv
import io
import unicodedata
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tapc.source import SourceFile, Span, ordinal, repeated_key, sniffed_delimiter

MAX_ROWS = 250_000

_CELL = 128 * 1024
"""Characters of one cell at most."""


class Row(msgspec.Struct, frozen=True):
    """One row.

    Attributes:
        number: as people count rows, the header not counted, from 1.
        line: of the file, where the row begins, from 1.
        cells: values by column; texts in CSV, any JSON in JSON lines.
    """

    number: int
    line: int
    cells: Mapping[str, Any]

    def text(self, column: str) -> str | None:
        """A cell as text, stripped; empty where it is absent, None where it holds a list or an object."""
        value = self.cells.get(column, "")
        if column not in self.cells and "." in column:
            value = _nested(self.cells, column)
        if isinstance(value, str):
            return value.strip()
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, int) else None


class Table(msgspec.Struct, frozen=True):
    """A table, read whole.

    Attributes:
        file: its text, to point into.
        columns: in order of first appearance.
        guessed: delimiter, if it was guessed.
    """

    file: SourceFile
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    guessed: str | None = None

    def has(self, column: str) -> bool:
        """Whether a column exists; `a.b` also means the key `b` inside `a`."""
        return column in self.columns or ("." in column and column.split(".", maxsplit=1)[0] in self.columns)

    def span(self, line: int) -> Span:
        """The text of a line."""
        return line_span(self.file, line)


class TableProblem(msgspec.Struct, frozen=True):
    """Why a table cannot be read; `line` is None where it is the file as a whole."""

    code: str
    message: str
    note: str = ""
    file: SourceFile | None = None
    line: int | None = None


def line_span(file: SourceFile, line: int) -> Span:
    """Range of a line, without its end."""
    starts = file.line_starts
    start = starts[min(line, len(starts)) - 1]
    return Span(start, start + len(file.line(min(line, len(starts)))))


def read_table(data: bytes, name: str, *, foreign: bool = False) -> Table | TableProblem:
    """Read the content of a `.csv` or `.jsonl` file.

    Args:
        data: content, UTF-8 with or without a byte order mark.
        name: of the file, for messages; its ending decides the format.
        foreign: whether the file was made elsewhere: then it may be a `.tsv`, and the delimiter of a
            `.csv` is looked for. Tables of a spec have commas.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in ("csv", "jsonl", "ndjson", *(("tsv",) if foreign else ())):
        note = "tables are .csv or .jsonl; `tapc import` turns other sources into .tap"
        return TableProblem("TAP702", f"{name}: unknown format `.{ending}`", note)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return TableProblem("TAP701", f"{name}, line {line}: not UTF-8", "save the file as UTF-8")
    file = SourceFile(name, text)
    if ending not in ("csv", "tsv"):
        return _json_lines(file)
    usual = "\t" if ending == "tsv" else ","
    return _csv(file, usual, sniffed_delimiter(text.partition("\n")[0], usual) if foreign else None)


def _csv(file: SourceFile, usual: str, guessed: str | None) -> Table | TableProblem:
    csv.field_size_limit(_CELL)  # it is the whole process's
    reader = csv.reader(io.StringIO(file.text, newline=""), delimiter=guessed or usual, strict=True)
    header: list[str] = []
    rows: list[Row] = []
    before = 0
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [unicodedata.normalize("NFC", cell).strip() for cell in cells]
                twice = _twice(header)
                if twice is not None:
                    message = f"{file.name}: two columns are named {twice}"
                    return TableProblem("TAP704", message, "give one of them another name", file, line)
                continue
            number = len(rows) + 1
            if len(cells) != len(header):
                message = f"{file.name}, row {number}: {len(cells)} cells, but the header has {len(header)}"
                return TableProblem("TAP704", message, "quote cells that contain commas", file, line)
            if number > MAX_ROWS:
                return TableProblem("TAP701", f"{file.name} has more than {MAX_ROWS:,} rows", "split the table")
            rows.append(Row(number, line, dict(zip(header, cells, strict=False))))
    except csv.Error as error:
        message = f"{file.name}, row {len(rows) + 1}: {error}"
        return TableProblem("TAP704", message, "", file, max(1, reader.line_num))
    if not header:
        return TableProblem("TAP701", f"{file.name} is empty", "the first row names the columns")
    return Table(file, tuple(header), tuple(rows), guessed)


def _twice(header: list[str]) -> str | None:
    """A name that two columns have, and which they are."""
    seen: dict[str, int] = {}
    for place, name in enumerate(header, 1):
        if name and name in seen:
            return f"`{name}`, the {ordinal(seen[name])} and the {ordinal(place)}"
        seen[name] = place
    return None


def _json_lines(file: SourceFile) -> Table | TableProblem:
    decode = msgspec.json.Decoder(float_hook=str).decode
    cells: Any
    columns: dict[str, None] = {}
    rows: list[Row] = []
    for line, text in enumerate(file.text.split("\n"), 1):
        if not text.strip():
            continue
        number = len(rows) + 1
        if number > MAX_ROWS:
            return TableProblem("TAP701", f"{file.name} has more than {MAX_ROWS:,} rows", "split the table")
        try:
            cells = decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            return TableProblem("TAP704", f"{file.name}, row {number}: not JSON ({error})", "", file, line)
        if not isinstance(cells, dict):
            return TableProblem("TAP704", f"{file.name}, row {number}: not a JSON object", "", file, line)
        row = cast("dict[str, Any]", cells)
        twice = repeated_key(text.encode(), row)
        if twice is not None:
            message = f"{file.name}, row {number}: the key `{twice[:60]}` appears twice"
            return TableProblem("TAP704", message, "which is meant cannot be known", file, line)
        columns.update(dict.fromkeys(row))
        rows.append(Row(number, line, row))
    if not rows:
        return TableProblem("TAP701", f"{file.name} is empty")
    return Table(file, tuple(columns), tuple(rows))


def _nested(cells: Mapping[str, Any], column: str) -> Any:
    value: Any = cells
    for key in column.split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return value  # pyright: ignore[reportUnknownVariableType]
