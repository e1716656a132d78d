"""Removing replies that nothing visits any more; the ledger is never touched."""

import sqlite3
from collections.abc import Iterable
from itertools import islice

import msgspec

from tapc.store import sql
from tapc.store.errors import StoreError, from_sqlite
from tapc.store.locks import WriteLock
from tapc.store.schema import connect
from tapc.store.store import Store

_STRIDE = 5000
"""Entries looked at in one transaction, so that no other writer waits long."""


class Collected(msgspec.Struct, frozen=True):
    """What was removed.

    Attributes:
        kept, removed: replies.
        cost: picodollars once paid for what was removed.
        freed_bytes: given back to the disk; 0 where the disk was too full to compact.
    """

    kept: int
    removed: int
    cost: int
    freed_bytes: int


def collect(store: Store, keep: Iterable[bytes]) -> Collected:
    """Remove every reply whose key is not in `keep`.

    Raises:
        StoreError: a run is using the store, whose replies are not all in `keep` yet.
    """
    writing = store.writing()
    connection, call = writing.connection, writing.writer.call

    def begin() -> int:
        refuse_live(store)
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS keep (key BLOB PRIMARY KEY) WITHOUT ROWID")
        connection.execute("DELETE FROM temp.keep")
        return connection.execute("SELECT ifnull(max(id), 0) FROM replies").fetchone()[0]

    last = call(begin)
    keys = iter(keep)
    while part := list(islice(keys, _STRIDE)):
        rows = [(key,) for key in part]
        call(lambda rows=rows: sql.insert(connection, "INSERT OR IGNORE INTO temp.keep", 1, rows))
    removed, cost = 0, 0
    for start in range(0, last, _STRIDE):
        piece = call(lambda start=start: _remove(connection, start))
        removed, cost = removed + piece[0], cost + piece[1]
    call(lambda: connection.execute("DELETE FROM temp.keep"))
    kept = connection.execute("SELECT count(*) FROM replies").fetchone()[0]
    return Collected(kept, removed, cost, _compact(store) if removed else 0)


def refuse_live(store: Store) -> None:
    """Raise StoreError while a run is using a store; dead ones are charged. Within a transaction."""
    ledger = store.writing().ledger
    ledger.reap()
    live = ledger.connection.execute("SELECT id, pid FROM runs WHERE ended IS NULL").fetchone()
    if live is not None:
        raise StoreError(
            "TAP856", f"run {live[0]} (process {live[1]}) is using the store {store.folder}", "wait until it ends"
        )


def _remove(connection: sqlite3.Connection, start: int) -> tuple[int, int]:
    where = "id > ? AND id <= ? AND key NOT IN (SELECT key FROM temp.keep)"
    bounds = (start, start + _STRIDE)
    count, cost = connection.execute(f"SELECT count(*), total(cost) FROM replies WHERE {where}", bounds).fetchone()  # noqa: S608 - a constant
    connection.execute(f"DELETE FROM replies WHERE {where}", bounds)  # noqa: S608 - a constant
    return count, int(cost)


def _compact(store: Store) -> int:
    """Rewrite the database without holes; where a copy does not fit, the holes stay, to be filled by new replies."""
    before = _size(store)
    lock = WriteLock(store.folder)
    try:
        with lock:
            connection = connect(store.folder, write=True)
            try:
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()
    except sqlite3.Error as error:
        if from_sqlite(error, store.folder).code != "TAP854":
            raise from_sqlite(error, store.folder) from error
    finally:
        lock.close()
    return max(0, before - _size(store))


def _size(store: Store) -> int:
    return sum(path.stat().st_size for path in store.folder.glob("store.db*"))
