"""What runs measured, kept for later plans: acceptance, pace, forecasts and what became of them.

A measurement is a small document that its writer encodes, with a checksum. Nothing that is paid for or made depends on
one, so `tapc cache verify --mend` removes those that are damaged.
"""

import sqlite3
import zlib
from pathlib import Path

from tapc.store.errors import StoreError
from tapc.store.protocol import Measured
from tapc.store.rows import CONTENTS, checked, column_names

CREATE = """
CREATE TABLE IF NOT EXISTS measured (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, crc INTEGER NOT NULL,
    value BLOB NOT NULL, PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID;
"""
"""Stores that were made before there was this table get it when they are opened to be written."""


_MEND = "`tapc cache verify --mend` removes it; later plans do without"


def measured(connection: sqlite3.Connection, dataset: str, kind: str, folder: Path) -> list[Measured]:
    """Measurements of one kind, the latest first.

    Raises:
        StoreError: a row holds something else.
    """
    if not column_names(connection, "measured"):
        return []
    columns, row = CONTENTS["measured"]
    rows = connection.execute(
        f"SELECT {columns} FROM measured WHERE dataset = ? AND kind = ? ORDER BY at DESC, name DESC",  # noqa: S608 - a constant
        (dataset, kind),
    )
    found: list[Measured] = []
    for _, _, name, at, crc, value in checked(rows, row, "measured", folder):
        if zlib.crc32(value) != crc:
            raise StoreError("TAP853", f"the store {folder} is damaged: {_told(dataset, kind, name)}", _MEND)
        found.append(Measured(name, at, value))
    return found


def write_measured(
    connection: sqlite3.Connection, place: tuple[str, str, str], at: int, value: bytes, keep: int | None
) -> None:
    """Write one, in place of an earlier one of the same name; in a transaction of the caller.

    Args:
        connection: of the store.
        place: dataset, kind and name.
        at: seconds since 1970.
        value: the document.
        keep: number of the latest ones of the kind to keep; None means all.
    """
    connection.execute(
        "INSERT OR REPLACE INTO measured (dataset, kind, name, at, crc, value) VALUES (?, ?, ?, ?, ?, ?)",
        (*place, at, zlib.crc32(value), value),
    )
    if keep is not None:
        connection.execute(
            "DELETE FROM measured WHERE dataset = ?1 AND kind = ?2 AND name NOT IN (SELECT name FROM measured "
            "WHERE dataset = ?1 AND kind = ?2 ORDER BY at DESC, name DESC LIMIT ?3)",
            (*place[:2], keep),
        )


def damaged_measurements(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
    """Dataset, kind and name of those whose checksum does not hold."""
    if not column_names(connection, "measured"):
        return []
    rows = connection.execute("SELECT dataset, kind, name, crc, value FROM measured ORDER BY 1, 2, 3")
    return [row[:3] for row in rows if not isinstance(row[4], bytes) or zlib.crc32(row[4]) != row[3]]


def told_measurements(connection: sqlite3.Connection) -> list[str]:
    """What is wrong with damaged ones, for people."""
    return [_told(*map(str, place)) for place in damaged_measurements(connection)]


def mend_measured(connection: sqlite3.Connection) -> int:
    """Remove damaged ones; in a transaction of the caller. Returns their number."""
    places = damaged_measurements(connection)
    connection.executemany("DELETE FROM measured WHERE dataset = ? AND kind = ? AND name = ?", places)
    return len(places)


def _told(dataset: str, kind: str, name: str) -> str:
    return f"the {kind} that was measured of {name}{f' of {dataset}' if dataset else ''} is not what was written"
