"""Tables of a store, and how its database is opened."""

import sqlite3
from pathlib import Path

from tapc.runtime.store.errors import StoreError
from tapc.runtime.store.place import DATABASE

VERSION = 1
_APPLICATION = 0x74617063  # "tapc"
_PAGE = 8192

_WRITER_CACHE, _READER_CACHE = 16384, 4096
"""KiB of pages; keys are random, so nothing short of the whole index serves lookups better (measured at a million)."""

_TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, realm TEXT NOT NULL, model TEXT NOT NULL, origin TEXT NOT NULL, imported INTEGER NOT NULL,
    UNIQUE (realm, model, origin, imported));
CREATE TABLE replies (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, source INTEGER NOT NULL, outcome TEXT NOT NULL,
    cost INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, created INTEGER NOT NULL,
    crc INTEGER NOT NULL, value BLOB NOT NULL);
CREATE TABLE accounts (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL, requests INTEGER NOT NULL,
    held_cost INTEGER NOT NULL, held_tokens INTEGER NOT NULL, held_requests INTEGER NOT NULL,
    unknown_cost INTEGER NOT NULL, unknown_requests INTEGER NOT NULL,
    PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID;
CREATE TABLE ceilings (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, cost INTEGER, tokens INTEGER, requests INTEGER,
    PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID;
CREATE TABLE runs (
    id TEXT PRIMARY KEY, dataset TEXT NOT NULL, pid INTEGER NOT NULL, started INTEGER NOT NULL, ended INTEGER,
    end TEXT) WITHOUT ROWID;
CREATE TABLE intents (
    key BLOB PRIMARY KEY, run TEXT NOT NULL, dataset TEXT NOT NULL, step TEXT NOT NULL, endpoint TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE journal (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, dataset TEXT NOT NULL, event TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL, requests INTEGER NOT NULL, note TEXT NOT NULL);
CREATE TABLE history (
    label TEXT NOT NULL, outcome TEXT NOT NULL, jobs INTEGER NOT NULL, input INTEGER NOT NULL,
    input_squares REAL NOT NULL, output INTEGER NOT NULL, output_squares REAL NOT NULL, chars INTEGER NOT NULL,
    PRIMARY KEY (label, outcome)) WITHOUT ROWID;
"""


def connect(folder: Path, *, write: bool) -> sqlite3.Connection:
    """Open the database; threads may share the connection as long as they take turns."""
    path = (folder / DATABASE).resolve()
    uri = f"{path.as_uri()}?mode={'rwc' if write else 'ro'}"
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=10.0
    )
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE if write else _READER_CACHE}")
    connection.execute("PRAGMA mmap_size = 0")
    return connection


def connect_frozen(folder: Path) -> sqlite3.Connection:
    """Open the database to read alone, also from a folder that cannot be written; without one, an empty store."""
    if not (folder / DATABASE).exists():
        empty = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        create(empty)
        return empty
    try:
        connection = connect(folder, write=False)
        check_version(connection, folder)
    except sqlite3.OperationalError as error:
        # A log without its index cannot be read from a folder that cannot be written; without a log nothing changes.
        log = folder / f"{DATABASE}-wal"
        if not error.sqlite_errorname.startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
            raise
        if log.exists() and log.stat().st_size:
            raise
        uri = f"{(folder / DATABASE).resolve().as_uri()}?immutable=1"
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        check_version(connection, folder)
    return connection


def check_version(connection: sqlite3.Connection, folder: Path) -> bool:
    """Whether the database is a store of this version; False where it is empty.

    Raises:
        StoreError: it is something else, or written by a newer version.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return False
    if application != _APPLICATION:
        raise StoreError(
            "TAP857", f"{folder / DATABASE} is not a store of tapc", "choose another folder with `--store`"
        )
    if version > VERSION:
        raise StoreError(
            "TAP850",
            f"the store {folder} was written by a newer version of tapc (format {version}, this one knows {VERSION})",
            "use that version of tapc, or another folder with `--store`",
        )
    return True


def make_ready(connection: sqlite3.Connection, folder: Path) -> None:
    """Set a writing connection up; makes the tables of a new store. The caller holds the write lock."""
    known = check_version(connection, folder)
    if not known:
        connection.execute(f"PRAGMA page_size = {_PAGE}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if not known:
        create(connection)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES.split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")
