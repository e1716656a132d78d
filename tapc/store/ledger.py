"""The ledger's tables, seen by the one thread that writes them."""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tapc.ir import dollars
from tapc.jobs import Reply
from tapc.store import sql
from tapc.store.book import MOST, Book
from tapc.store.codec import Compressor, Decoder, crc, row_crc
from tapc.store.errors import damaged
from tapc.store.finishes import Finishes
from tapc.store.locks import WriteLock, is_dead
from tapc.store.operations import ClaimOp, RunState, SettleOp
from tapc.store.protocol import Amount, Stored
from tapc.store.rows import Count, checked

_HEAD = ("INSERT INTO settled", 8)
_TAIL = "ON CONFLICT (dataset, kind, name) DO UPDATE SET " + ", ".join(
    f"{name} = min({name} + excluded.{name}, {MOST})"
    for name in ("cost", "tokens", "requests", "unknown_cost", "unknown_requests")
)


class Settlements:
    """What the transaction under way adds to the totals."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._sums: dict[tuple[str, str, str, str], list[int]] = {}

    def add(
        self,
        dataset: str,
        run: str,
        step: str,
        endpoint: str,
        cost: int,
        tokens: int,
        requests: int = 1,
        *,
        unknown: bool,
    ) -> None:
        """Requests of one run, step and endpoint were charged; `unknown` at their worst case."""
        place = (dataset, run, step, endpoint)
        sums = self._sums.get(place)
        if sums is None:
            sums = self._sums[place] = [0] * 5
        sums[0] += cost
        sums[1] += tokens
        sums[2] += requests
        if unknown:
            sums[3] += cost
            sums[4] += requests

    def correct(self, dataset: str, kind: str, name: str, amount: Amount) -> None:
        """A correction of one account, up or down; within the transaction, at once."""
        row = (dataset, kind, name, amount.cost, amount.tokens, amount.requests, 0, 0)
        sql.insert(self._connection, *_HEAD, [row], _TAIL)

    def write(self) -> None:
        """Add them, within the transaction."""
        if not self._sums:
            return
        lines: dict[tuple[str, str, str], list[int]] = {}
        for (dataset, run, step, endpoint), sums in self._sums.items():
            for line in (
                (dataset, "dataset", dataset),
                (dataset, "run", run),
                (dataset, "step", step),
                (dataset, "endpoint", endpoint),
            ):
                old = lines.get(line)
                lines[line] = sums if old is None else [a + b for a, b in zip(old, sums, strict=True)]
        rows = [(*line, *(min(n, MOST) for n in sums)) for line, sums in lines.items()]
        sql.insert(self._connection, *_HEAD, rows, _TAIL)
        self._sums.clear()

    def forget(self) -> None:
        """The transaction was rolled back."""
        self._sums.clear()


_COLUMNS = "key, source, outcome, cost, input, output, created, crc, value, finish, parts, row_crc"
REPLIES = (f"INSERT OR IGNORE INTO replies ({_COLUMNS})", 12)
_ACCOUNTS = ("INSERT OR REPLACE INTO accounts", 11)
_LINES = (
    "SELECT kind, name, cost, tokens, requests, held_cost, held_tokens, held_requests, unknown_cost, "
    "unknown_requests FROM accounts"
)


class Ledger:
    """The database seen by its writer: the connection, books of accounts, runs of this process."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, lock: WriteLock) -> None:
        self.connection = connection
        self.folder = folder
        self.lock = lock
        self.books: dict[str, Book] = {}
        self.runs: dict[str, RunState] = {}
        self.waiting: list[ClaimOp] = []
        self.stale = True
        self._version: int = -1
        self._compress = Compressor()
        self._decode = Decoder()
        self._sources: dict[tuple[str, str, str, int], int] = {}
        self._finishes = Finishes(connection)
        self.settlements = Settlements(connection)

    def begin(self) -> None:
        """Start a transaction and see what other processes have booked. The caller holds the lock."""
        self.connection.execute("BEGIN IMMEDIATE")
        version = self.data_version()
        if self.stale or version != self._version:
            self.reload()
            self._sources.clear()
            self._finishes.forget()
            self._version, self.stale = version, False

    def commit(self) -> None:
        """Write changed accounts and end the transaction."""
        self._write_changed()
        self.settlements.write()
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget the transaction; what memory says of it is read again next time."""
        self.stale = True
        self.settlements.forget()
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    def data_version(self) -> int:
        """Changes whenever another connection has committed."""
        return self.connection.execute("PRAGMA data_version").fetchone()[0]

    def changed_elsewhere(self) -> bool:
        """Whether another process has written since the last transaction here."""
        return self.data_version() != self._version

    def load(self, book: Book) -> None:
        """Read a book's lines; of runs only those of this process."""
        mine = [run.id for run in self.runs.values() if run.book is book]
        rows = self.connection.execute(f"{_LINES} WHERE dataset = ? AND kind <> 'run'", (book.dataset,)).fetchall()
        rows += sql.where_in(self.connection, f"{_LINES} WHERE kind = 'run' AND name", mine)
        try:
            book.load(rows)
        except ValueError as error:
            raise damaged(self.folder, str(error)) from error

    def insert(
        self, key: bytes, realm: str, reply: Reply, *, created: int | None = None, imported: int = 0, parts: bytes = b""
    ) -> None:
        """Store a reply that was not asked for through a claim."""
        source = self.source(realm, reply.model, reply.origin, imported)
        at = int(time.time()) if created is None else created
        row = self.row(key, source, reply, reply.cost, at, msgspec.msgpack.encode(reply), parts)
        sql.insert(self.connection, *REPLIES, [row])

    def row(
        self, key: bytes, source: int, reply: Reply, cost: int, at: int, data: bytes, parts: bytes
    ) -> tuple[Any, ...]:
        """A row of `replies`; `data` is the encoded reply."""
        value = self._compress(data)
        usage = reply.usage
        tokens_in, tokens_out = min(usage.input, MOST), min(usage.output, MOST)
        check = crc(key, value)
        finish = self._finishes.number(reply.finishes)
        figures = (source, reply.outcome, cost, tokens_in, tokens_out, at, check)
        return (key, *figures, value, finish, parts or None, row_crc(*figures, finish, parts))

    def reload(self) -> None:
        """Read all books again, after accounts were changed by statement."""
        for book in self.books.values():
            self.load(book)

    def source(self, realm: str, model: str, origin: str, imported: int) -> int:
        """Number of where replies came from."""
        known = self._sources.get((realm, model, origin, imported))
        if known is None:
            row = (realm, model, origin, imported)
            self.connection.execute(
                "INSERT OR IGNORE INTO sources (realm, model, origin, imported) VALUES (?, ?, ?, ?)", row
            )
            known = self.connection.execute(
                "SELECT id FROM sources WHERE realm = ? AND model = ? AND origin = ? AND imported = ?", row
            ).fetchone()[0]
            self._sources[row] = known
        return known

    def stored(self, keys: Sequence[bytes]) -> dict[bytes, Stored]:
        """Replies there are; damaged ones are removed, so that they can be asked again."""
        found: dict[bytes, Stored] = {}
        present = [row[0] for row in sql.where_in(self.connection, "SELECT key FROM replies WHERE key", keys)]
        if not present:
            return found
        for key, check, value in sql.where_in(
            self.connection, "SELECT key, crc, value FROM replies WHERE key", present
        ):
            reply = self._decode(key, value, check)
            if reply is not None:
                found[key] = Stored(reply)
            else:
                self.connection.execute("DELETE FROM replies WHERE key = ?", (key,))
        return found

    def asked(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        """Which run asks each of these jobs now; intents of dead runs are charged and gone."""
        held = self._holders(keys)
        foreign = {run for run in held.values() if run not in self.runs}
        if foreign and self.reap(foreign):
            held = self._holders(keys)
        return held

    def _holders(self, keys: Sequence[bytes]) -> dict[bytes, str]:
        return dict(sql.where_in(self.connection, "SELECT key, run FROM intents WHERE key", keys))

    def reap(self, candidates: Iterable[str] | None = None) -> bool:
        """T2u for every open intent of runs whose process is gone. Within a transaction; returns whether there were."""
        if candidates is None:
            rows = self.connection.execute("SELECT id FROM runs WHERE ended IS NULL").fetchall()
            candidates = [row[0] for row in rows]
        dead = [run for run in candidates if run not in self.runs and is_dead(self.folder, run)]
        if not dead:
            return False
        self._write_changed()
        for run in dead:
            self._charge(run)
        self.settlements.write()
        self.reload()
        return True

    def _write_changed(self) -> None:
        for book in self.books.values():
            changed = book.changed()
            sql.insert(self.connection, *_ACCOUNTS, [line.row(book.dataset) for line in changed])
            for line in changed:
                line.changed = False

    def _charge(self, run: str) -> None:
        sums = checked(
            self.connection.execute(
                "SELECT dataset, step, endpoint, sum(cost), sum(tokens), count(*) FROM intents WHERE run = ? "
                "GROUP BY dataset, step, endpoint",
                (run,),
            ),
            tuple[str, str, str, Count, Count, int],
            "intents",
            self.folder,
        )
        for dataset, step, endpoint, cost, tokens, requests in sums:
            self.settlements.add(dataset, run, step, endpoint, cost, tokens, requests, unknown=True)
            for kind, name in (("dataset", dataset), ("run", run), ("step", step), ("endpoint", endpoint)):
                self.connection.execute(
                    "UPDATE accounts SET cost = min(cost + ?1, ?4), tokens = min(tokens + ?2, ?4), "
                    "requests = requests + ?3, held_cost = held_cost - ?1, held_tokens = held_tokens - ?2, "
                    "held_requests = held_requests - ?3, unknown_cost = min(unknown_cost + ?1, ?4), "
                    "unknown_requests = unknown_requests + ?3 WHERE dataset = ?5 AND kind = ?6 AND name = ?7",
                    (cost, tokens, requests, MOST, dataset, kind, name),
                )
            self._note(dataset, "crash", cost, tokens, requests, f"run {run} ended without closing its requests")
        self.connection.execute("DELETE FROM intents WHERE run = ?", (run,))
        self.connection.execute("UPDATE runs SET ended = ?, end = 'crashed' WHERE id = ?", (int(time.time()), run))

    def _note(self, dataset: str, event: str, cost: int, tokens: int, requests: int, note: str) -> None:
        self.connection.execute(
            "INSERT INTO journal (at, dataset, event, cost, tokens, requests, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (int(time.time()), dataset, event, cost, tokens, requests, note),
        )

    def overrun(self, op: SettleOp) -> None:
        """Record that an endpoint used more than its bound."""
        usage, worst = op.reply.usage, op.claim.worst
        note = (
            f"{op.claim.endpoint} used {usage.input} + {usage.output} tokens for {dollars(op.cost, 6)} where at most "
            f"{worst.input} + {worst.output} for {dollars(worst.cost, 6)} were possible"
        )
        self._note(op.run.book.dataset, "overrun", op.cost, usage.input + usage.output, 1, note)
