"""Values of columns, and the columns of a file."""

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, cast

Row = dict[str, Any]


class _Absent:
    __slots__ = ()


ABSENT = _Absent()
"""Value of a column that a row does not have; null is a value."""

Reader = Callable[[Row], Any]


def column_reader(column: str) -> Reader:
    """A reader of a column, `a.b` for a field within it; returns `ABSENT` if a row does not have it."""
    parts = column.split(".")

    def read(row: Row) -> Any:
        if column in row:
            return row[column]
        return _within(row, parts)

    return read


def _within(row: Row, parts: list[str]) -> Any:
    value: Any = row
    for part in parts:
        if not isinstance(value, dict):
            return None if value is None else ABSENT
        inner = cast("Row", value)
        if part in inner:
            value = inner[part]
            continue
        same = next((key for key in inner if not key.isascii() and unicodedata.normalize("NFC", key) == part), None)
        if same is None:
            return ABSENT
        value = inner[same]
    return value


class Presence:
    """Records which columns occur in any row of a file."""

    def __init__(self, columns: Iterable[str]) -> None:
        self._readers = {column: column_reader(column) for column in columns}
        self.missing = set(self._readers)
        self.known: tuple[str, ...] = ()
        self.rows = 0

    def see(self, row: Row) -> None:
        """Record the columns of a row."""
        if not self.known:
            self.known = tuple(row)
        self.missing = {column for column in self.missing if self._readers[column](row) is ABSENT}

    def listed(self) -> str:
        """The columns of the first row, for messages."""
        shown = ", ".join(f"`{name[:40]}`" for name in self.known[:12] if name)
        more = f" and {len(self.known) - 12} more" if len(self.known) > 12 else ""
        return f"its columns are {shown}{more}" if shown else "its columns have no names"
