"""From an older schema to this one, in one transaction: a crash or a full disk leaves either the old or the new."""

import sqlite3
from pathlib import Path

from tapc.store.book import MOST
from tapc.store.errors import StoreError, damaged
from tapc.store.liveness import is_live

_NUMBERS = "cost", "tokens", "requests", "held_cost", "held_tokens", "held_requests", "unknown_cost", "unknown_requests"

# No row of `replies` is touched: columns are added, and NULL says that schema 1 wrote the row.
_TO_2 = """
ALTER TABLE replies ADD COLUMN finish INTEGER;
ALTER TABLE replies ADD COLUMN parts BLOB;
ALTER TABLE replies ADD COLUMN row_crc INTEGER;
CREATE TABLE finishes (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);
CREATE TABLE settled (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL, requests INTEGER NOT NULL,
    unknown_cost INTEGER NOT NULL, unknown_requests INTEGER NOT NULL,
    PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID;
INSERT INTO settled SELECT dataset, kind, name, cost, tokens, requests, unknown_cost, unknown_requests FROM accounts;
PRAGMA user_version = 2
"""


def migrate(connection: sqlite3.Connection, folder: Path) -> None:
    """Bring schema 1 to schema 2. The caller holds the write lock.

    Raises:
        StoreError: a run of an older version is using the store, or its accounts are damaged.
        sqlite3.Error: nothing has changed, as when the disk is full.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        _refuse_live(connection, folder)
        _refuse_damaged(connection, folder)
        for statement in _TO_2.split(";"):
            connection.execute(statement)
        connection.execute("COMMIT")
    except BaseException:  # whatever it is, Ctrl-C included: half a migration must not stay open
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _refuse_live(connection: sqlite3.Connection, folder: Path) -> None:
    """An older version knows nothing of settlement totals: what its run spends would be missing there."""
    for run, pid in connection.execute("SELECT id, pid FROM runs WHERE ended IS NULL"):
        if is_live(folder, run):
            raise StoreError(
                "TAP856",
                f"the store {folder} has to be brought to a new format, and run {run} (process {pid}), started by an "
                "older version of tapc, is using it",
                "wait until that run ends, then run the same command again",
            )


def _refuse_damaged(connection: sqlite3.Connection, folder: Path) -> None:
    """Totals are taken from the accounts once; damage would be taken for truth from then on."""
    sound = " AND ".join(f"typeof({name}) = 'integer' AND {name} BETWEEN 0 AND {MOST}" for name in _NUMBERS)
    found = connection.execute(f"SELECT dataset, kind, name FROM accounts WHERE NOT ({sound})").fetchone()  # noqa: S608 - constants
    if found is not None:
        raise damaged(folder, f"the account of {found[1]} {found[2]} of {found[0]} holds what is not an amount")
