"""Why a store cannot be used."""

import sqlite3
from pathlib import Path


class StoreError(Exception):
    """A store that cannot be opened, read or written; the caller shows it like a diagnostic.

    Attributes:
        code: of the rule (TAP85x).
        message: what is wrong.
        next_step: what to do about it.
    """

    def __init__(self, code: str, message: str, next_step: str) -> None:
        super().__init__(f"{code}: {message}; {next_step}")
        self.code = code
        self.message = message
        self.next_step = next_step


_FULL = "free some space and run the same command again: what was answered is kept"
_DAMAGED = (
    "`tapc cache export` saves the replies that can still be read; move the folder away, "
    "`tapc cache import` them into a new one, and enter what was spent with `tapc budget adjust`"
)


_TOLD: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
    (("SQLITE_FULL",), "TAP854", "has no space left", _FULL),
    (("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_MISMATCH", "SQLITE_CONSTRAINT"), "TAP853", "is damaged", _DAMAGED),
    (("SQLITE_BUSY", "SQLITE_LOCKED"), "TAP856", "is held by another program", "end that program and try again"),
    (
        ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH"),
        "TAP852",
        "cannot be used",
        "check its owner and permissions",
    ),
    (("",), "TAP855", "cannot be written or read", "check the disk, its space and the limits of the user"),
)
"""Beginnings of SQLite's error names, code, what is said of the store, next step."""


def from_sqlite(error: sqlite3.Error | OSError, folder: Path) -> StoreError:
    """Tell a database error in our words."""
    if isinstance(error, OSError):
        return StoreError("TAP852", f"the store {folder} cannot be used: {error}", "check its owner and permissions")
    name = getattr(error, "sqlite_errorname", "")
    if name in ("", "SQLITE_ERROR"):  # a table or column is missing, a text is not UTF-8: no fault of the disk
        return damaged(folder, str(error).partition(" with text ")[0])
    _, code, said, next_step = next(row for row in _TOLD if name.startswith(row[0]))
    return StoreError(code, f"the store {folder} {said}: {error}", next_step)


def damaged(folder: Path, why: str) -> StoreError:
    """A store that holds what tapc did not write, or lacks what was written."""
    return StoreError("TAP853", f"the store {folder} is damaged: {why}", _DAMAGED)


def emptied(folder: Path) -> StoreError:
    """A database that is there and holds nothing, not even tables."""
    return StoreError(
        "TAP853",
        f"the store {folder} is damaged: its database is empty, and what it held and what was spent is gone",
        "restore store.db from a copy; without one, move the folder away, and enter what was spent with "
        "`tapc budget adjust`",
    )


def stopped(error: BaseException, folder: Path) -> StoreError:
    """Something unexpected went wrong in the thread that writes."""
    return StoreError(
        "TAP862",
        f"the store {folder} cannot be written: {type(error).__name__}: {error}",
        "run `tapc cache verify`; if it finds nothing wrong, this is a bug in tapc: please report it",
    )
