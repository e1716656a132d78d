"""A store: replies to read, accounts to book on."""

import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tapc.ir import Budget, Ceiling
from tapc.jobs import Draw, Reply
from tapc.store.book import Book, Ceilings, ceilings
from tapc.store.errors import StoreError, from_sqlite
from tapc.store.finishes import Ended, ended, ended_keys
from tapc.store.history import UsedSoFar, history
from tapc.store.ledger import Ledger
from tapc.store.locks import RunLock, WriteLock
from tapc.store.measured import measured, write_measured
from tapc.store.operations import RunState
from tapc.store.place import lay_ballast, prepare
from tapc.store.proof import refuse_disagreement
from tapc.store.protocol import Amount, Measured
from tapc.store.reading import Origin, Reader
from tapc.store.rows import Count, one
from tapc.store.run import Run
from tapc.store.schema import connect, connect_frozen, make_database, make_ready
from tapc.store.writer import Writer


class Writing:
    """What a store needs to write; an offline store has none."""

    def __init__(self, folder: Path) -> None:
        self.lock = WriteLock(folder)
        connection: sqlite3.Connection | None = None
        try:
            with self.lock:
                make_database(folder)
                connection = connect(folder, write=True)
                make_ready(connection, folder)
        except BaseException:  # Ctrl-C included: the lock must not outlive a store that never opened
            if connection is not None:
                connection.close()
            self.lock.close()
            raise
        lay_ballast(folder)
        self.connection = connection
        self.ledger = Ledger(connection, folder, self.lock)
        self.writer = Writer(self.ledger, folder)
        self.runs: list[Run] = []

    def close(self) -> None:
        """End runs, do what is queued, and let go."""
        try:
            for run in self.runs:
                run.refuse()  # or what the first one leaves would be claimed for the second, and not sent
            for run in self.runs:
                run.close()
        finally:
            self.writer.close()
            self.connection.close()
            self.lock.close()


class Store:
    """An open store; see `tapc.store`. Made by `open_store`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, writing: Writing | None) -> None:
        self.folder = folder
        self.connection = connection
        self._writing = writing
        self._reader = Reader(connection)
        self._closed = False

    @property
    def damaged(self) -> list[bytes]:
        """Keys of entries whose checksum did not hold when they were read; they count as absent."""
        return self._reader.damaged

    @property
    def schema(self) -> int:
        """The schema's version: 1 where a store of an earlier version is only read."""
        return self.connection.execute("PRAGMA user_version").fetchone()[0]

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Reply]:
        """Stored replies of those keys that have one.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return self._reader.get(keys)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def contains(self, keys: Iterable[bytes]) -> set[bytes]:
        """Keys that have a reply; content is not read.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return self._reader.contains(keys)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def is_empty(self) -> bool:
        """Whether there is no reply at all.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return not self.connection.execute("SELECT EXISTS (SELECT 1 FROM replies)").fetchone()[0]
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def of_draw(self, draw: Draw) -> Iterator[Origin]:
        """Stored replies of the same cell, ordinal, candidate and attempt, the oldest first; reads every row.

        Replies that a version of schema 1 stored are left out: the parts of their keys were not kept.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            yield from self._reader.of_draw(draw)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def ended(self) -> list[Ended]:
        """Replies by origin, the words that ended them, and outcome; see `tapc.store.finishes`.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return ended(self.connection, self.folder)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def ended_keys(self, kind: Ended, most: int = 10) -> list[bytes]:
        """Keys of the first replies of a kind that `ended` lists.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return ended_keys(self.connection, kind, most)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def spent(self, dataset: str) -> Amount:
        """What an account has spent for good, over all runs.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            row = self.connection.execute(
                "SELECT cost, tokens, requests FROM accounts WHERE dataset = ? AND kind = 'dataset'", (dataset,)
            ).fetchone()
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error
        sound = one(row, tuple[Count, Count, Count], "accounts", self.folder)
        return Amount(*sound) if sound else Amount()

    def history(self, prefix: str = "") -> list[UsedSoFar]:
        """What jobs used so far, by label and outcome, of labels that start with a prefix.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return history(self.connection, prefix, self.folder)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def measured(self, dataset: str, kind: str) -> list[Measured]:
        """What runs of a dataset measured, the latest first; of an empty dataset, what concerns all of them.

        Raises:
            StoreError: the database cannot be read.
        """
        try:
            return measured(self.connection, dataset, kind, self.folder)
        except sqlite3.Error as error:
            raise from_sqlite(error, self.folder) from error

    def measure(self, dataset: str, kind: str, name: str, value: bytes, *, keep: int | None = None) -> None:
        """Keep a measurement, in place of an earlier one of the same name.

        Args:
            dataset: its name; empty if it concerns all.
            kind: such as `pace`.
            name: what it is of.
            value: the document.
            keep: number of the latest ones of this kind to keep; None means all.

        Raises:
            StoreError: the store cannot be written.
        """
        writing, at = self.writing(), int(time.time())
        writing.writer.call(
            lambda: write_measured(writing.connection, (dataset, kind, name), at, value, keep),
        )

    def account(self, dataset: str, budget: Budget = Budget(), max_cost: int | None = None) -> Run:  # noqa: B008 - frozen
        """Register a run on the account of a dataset.

        Args:
            dataset: its name; the account runs over all its revisions.
            budget: ceilings of this run's claims.
            max_cost: picodollars this run may spend, in addition to the budget.

        Raises:
            StoreError: the store cannot be written.
        """
        writing = self.writing()
        now = time.time()  # with microseconds, so that names sort by the start of their runs
        moment = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime(now))}{int(now * 1e6) % 10**6:06d}"
        name = f"{moment}-{secrets.token_hex(4)}"
        lock = RunLock(self.folder, name)
        caps = ceilings(budget, max_cost)
        ledger = writing.ledger

        def register() -> RunState:
            ledger.reap()
            refuse_disagreement(ledger.connection, self.folder, dataset)
            book = ledger.books.get(dataset) or Book(dataset)
            state = RunState(name, book, caps)
            ledger.connection.execute(
                "INSERT INTO runs (id, dataset, pid, started) VALUES (?, ?, ?, ?)",
                (name, dataset, os.getpid(), int(now)),
            )
            _write_ceilings(ledger.connection, dataset, name, caps)
            ledger.runs[name] = state
            ledger.books[dataset] = book
            ledger.load(book)
            return state

        try:
            state = writing.writer.call(register)
        except BaseException:  # Ctrl-C included: a run that is not in the database must not look alive
            ledger.runs.pop(name, None)
            lock.close()
            raise
        run = Run(state, ledger, writing.writer, lock)
        writing.runs.append(run)
        return run

    def writing(self) -> Writing:
        """What is needed to write.

        Raises:
            StoreError: the store was opened to be read only.
        """
        if self._writing is None:
            raise StoreError("TAP852", f"the store {self.folder} was opened offline", "run without `--offline`")
        return self._writing

    def close(self) -> None:
        """End this process's runs and let go of the files."""
        if self._closed:
            return
        self._closed = True
        self.connection.close()  # first: the last to close folds the log into the database, which a reader cannot
        if self._writing is not None:
            self._writing.close()


def open_store(folder: Path, *, offline: bool = False) -> Store:
    """Open a store, or make one.

    Args:
        folder: such as `.tapc`; made private to its owner.
        offline: read only; nothing is written, and a folder without a store is an empty one.

    Raises:
        StoreError: it cannot be used, and why.
    """
    try:
        if offline:
            return Store(folder, connect_frozen(folder), None)
        prepare(folder)
        writing = Writing(folder)
        try:
            return Store(folder, connect(folder, write=False), writing)
        except BaseException:  # Ctrl-C included: the writer's thread and lock must not stay behind
            writing.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise from_sqlite(error, folder) from error


def _write_ceilings(connection: sqlite3.Connection, dataset: str, run: str, caps: Ceilings) -> None:
    """Keep the ceilings that were stated last, to be shown next to what is spent."""
    connection.execute("DELETE FROM ceilings WHERE dataset = ? AND kind <> 'run'", (dataset,))
    rows: list[tuple[str, str, Ceiling]] = [("dataset", dataset, caps.total), ("run", run, caps.run)]
    rows += [("step", name, ceiling) for name, ceiling in caps.steps.items()]
    rows += [("endpoint", name, ceiling) for name, ceiling in caps.endpoints.items()]
    connection.executemany(
        "INSERT OR REPLACE INTO ceilings VALUES (?, ?, ?, ?, ?, ?)",
        [(dataset, kind, name, c.cost, c.tokens, c.requests) for kind, name, c in rows if c != Ceiling()],
    )
