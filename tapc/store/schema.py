"""Tables of a store, and how its database is opened."""

import sqlite3
from functools import cache
from pathlib import Path

from tapc.store.book import MOST
from tapc.store.errors import StoreError, damaged, emptied
from tapc.store.liveness import is_live
from tapc.store.measured import CREATE as MEASURED
from tapc.store.place import DATABASE, has_database, sync_folder

VERSION = 2
_APPLICATION = 0x74617063  # "tapc"
_PAGE = 8192

_WRITER_CACHE, _READER_CACHE = 16384, 4096
"""KiB of pages; keys are random, so nothing short of the whole index serves lookups better (measured at a million)."""

# Columns of `replies` after `value` came with schema 2 and are NULL in rows that schema 1 wrote:
#   finish   the words by which the endpoint ended the completions, in `finishes` (see `finishes.py`)
#   parts    digests of the parts of the key (see `tapc.jobs.parts`)
#   row_crc  checksum over the columns outside of `value` (see `codec.py`)
# `settled` holds what each account must have spent, summed apart from the accounts (see `Settlements` in `ledger.py`).

_TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY, realm TEXT NOT NULL, model TEXT NOT NULL, origin TEXT NOT NULL, imported INTEGER NOT NULL,
    UNIQUE (realm, model, origin, imported));
CREATE TABLE replies (
    id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, source INTEGER NOT NULL, outcome TEXT NOT NULL,
    cost INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, created INTEGER NOT NULL,
    crc INTEGER NOT NULL, value BLOB NOT NULL, finish INTEGER, parts BLOB, row_crc INTEGER);
CREATE TABLE finishes (id INTEGER PRIMARY KEY, words TEXT NOT NULL UNIQUE);
CREATE TABLE accounts (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL, requests INTEGER NOT NULL,
    held_cost INTEGER NOT NULL, held_tokens INTEGER NOT NULL, held_requests INTEGER NOT NULL,
    unknown_cost INTEGER NOT NULL, unknown_requests INTEGER NOT NULL,
    PRIMARY KEY (dataset, kind, name)) WITHOUT ROWID;
CREATE TABLE settled (
    dataset TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    cost INTEGER NOT NULL, tokens INTEGER NOT NULL, requests INTEGER NOT NULL,
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
    """Open the database, which must be there; threads may share the connection as long as they take turns."""
    return _connected((folder / DATABASE).resolve(), "rw" if write else "ro", _WRITER_CACHE if write else _READER_CACHE)


def _connected(path: Path, mode: str, cache: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
        timeout=10.0,
    )
    connection.execute("PRAGMA cell_size_check = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA cache_size = -{cache}")
    connection.execute("PRAGMA mmap_size = 0")
    return connection


def connect_frozen(folder: Path) -> sqlite3.Connection:
    """Open the database to read alone, also from a folder that cannot be written; without one, an empty store."""
    if not has_database(folder):
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


def check_version(connection: sqlite3.Connection, folder: Path) -> int:
    """The schema's version.

    Raises:
        StoreError: the database is something else, is empty, or was written by a newer version.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        raise emptied(folder)
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
    if version < 1:
        raise damaged(folder, f"its format is said to be {version}")
    return version


def make_ready(connection: sqlite3.Connection, folder: Path) -> None:
    """Set a writing connection up and bring its tables to this version. The caller holds the write lock.

    Raises:
        StoreError: the store cannot be used, lacks a table or column, or an older version's run is using it.
    """
    version = check_version(connection, folder)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    if version < VERSION:
        migrate(connection, folder)
    connection.execute(MEASURED)
    check_tables(connection, folder)


def check_tables(connection: sqlite3.Connection, folder: Path) -> None:
    """Raise StoreError where a table or a column is missing."""
    found: dict[str, set[str]] = {}
    for table, column in connection.execute(
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    ):
        found.setdefault(table, set()).add(column)
    for table, columns in _columns().items():
        lacking = sorted(columns - found.get(table, set()))
        if table not in found:
            raise damaged(folder, f"its table `{table}` is missing")
        if lacking:
            raise damaged(folder, f"its table `{table}` lacks the column `{lacking[0]}`")


@cache
def _columns() -> dict[str, set[str]]:
    """Columns by table, read from a database that has just been made."""
    fresh = sqlite3.connect(":memory:", isolation_level=None)
    create(fresh)
    names = [row[0] for row in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {name: {row[1] for row in fresh.execute(f"PRAGMA table_info({name})")} for name in names}
    fresh.close()
    return columns


def make_database(folder: Path) -> None:
    """Make the database of a store that has none; it appears whole or not at all. The caller holds the write lock."""
    if has_database(folder):
        return
    new = (folder / f"{DATABASE}.new").resolve()
    for leftover in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm", "-journal"))):
        leftover.unlink(missing_ok=True)
    connection = _connected(new, "rwc", _WRITER_CACHE)
    try:
        connection.execute(f"PRAGMA page_size = {_PAGE}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        create(connection)
    finally:
        connection.close()  # the last to close folds the log into the database, and syncs it
    new.replace(folder / DATABASE)
    sync_folder(folder)


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in (*_TABLES.split(";"), MEASURED):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


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
