"""Rows as they are read from the database, checked: SQLite lets any column hold anything, and damage does."""

import contextlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from tapc.store.book import MOST
from tapc.store.errors import damaged

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
"""Picodollars, tokens, requests."""

Signed = Annotated[int, msgspec.Meta(ge=-MOST, le=MOST)]
"""An amount that may be taken away."""

Time = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Seconds since 1970, up to the year 9999."""


Realm = Literal["real", "sim"]
Kind = Literal["dataset", "run", "step", "endpoint"]
Digits = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z-]{1,64}$")]

SPENT = "cost, tokens, requests"

# fmt: off
CONTENTS: dict[str, tuple[str, Any]] = {
    "sources": ("id, realm, model, origin, imported", tuple[int, Realm, str, str, Literal[0, 1]]),
    "finishes": ("id, words", tuple[int, str]),
    "accounts": (
        f"dataset, kind, name, {SPENT}, held_cost, held_tokens, held_requests, unknown_cost, unknown_requests",
        tuple[str, Kind, str, Count, Count, Count, Count, Count, Count, Count, Count],
    ),
    "settled": (
        f"dataset, kind, name, {SPENT}, unknown_cost, unknown_requests",
        tuple[str, Kind, str, Count, Count, Count, Count, Count],
    ),
    "ceilings": (
        "dataset, kind, name, cost, tokens, requests", tuple[str, Kind, str, Count | None, Count | None, Count | None]
    ),
    "runs": ("id, dataset, pid, started, ended, end", tuple[Digits, str, Count, Time, Time | None, str | None]),
    "intents": ("key, run, dataset, step, endpoint, cost, tokens", tuple[bytes, Digits, str, str, str, Count, Count]),
    "journal": (
        "id, at, dataset, event, cost, tokens, requests, note",
        tuple[int, Time, str, str, Signed, Signed, Signed, str],
    ),
    "history": (
        "label, outcome, jobs, input, input_squares, output, output_squares, chars",
        tuple[str, str, Count, Count, float, Count, float, Count],
    ),
    "measured": ("dataset, kind, name, at, crc, value", tuple[str, str, str, Time, Count, bytes]),
}
"""What the rows of each table are, that of replies apart; schema 1 lacks `finishes`, `settled` and `measured`."""
# fmt: on


def checked(rows: Iterable[tuple[Any, ...]], kind: type[T], table: str, folder: Path) -> list[T]:
    """Rows of a table (or of a query over it), each a tuple of a known type.

    Raises:
        StoreError: one of them holds something else.
    """
    found: list[T] = []
    for row in rows:
        try:
            found.append(msgspec.convert(row, kind))
        except msgspec.ValidationError as error:
            raise damaged(folder, f"its table `{table}` holds what no run has written ({error})") from error
    return found


def one(row: tuple[Any, ...] | None, kind: type[T], table: str, folder: Path) -> T | None:
    """A row, if there is one; see `checked`."""
    return None if row is None else checked([row], kind, table, folder)[0]


def column_names(connection: sqlite3.Connection, table: str) -> set[str]:
    """Columns of a table; empty where there is none. Older schemas have fewer."""
    return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}


def end_reading(connection: sqlite3.Connection) -> None:
    """End a transaction that has only read; in a damaged database even that can fail."""
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
