"""The ledger's transactions, a batch of operations at a time.

Order within a batch: what ends first (T2, T2r, T2u), so that the room it gives back can be used, then claims (T1),
those that have waited longest first.
"""

import sqlite3
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tapc.jobs import Reply
from tapc.runtime.store import sql
from tapc.runtime.store.answers import Answer, Busy, Claim, Denied, Settled, Stored
from tapc.runtime.store.book import MOST, Block, Book, Line, Route
from tapc.runtime.store.codec import Compressor, Decoder, crc
from tapc.runtime.store.locks import WriteLock, is_dead
from tapc.runtime.store.operations import ClaimOp, CloseOp, FreeOp, RunState, SettleOp

Answers = list[tuple[Any, Any]]
"""Pairs of a future and its result."""

_SANE = 2**40
"""Tokens of one reply, as far as statistics believe them."""

_REPLIES = (
    "INSERT OR IGNORE INTO replies (key, source, outcome, cost, input, output, created, crc, value)",
    9,
)
_INTENTS = ("INSERT INTO intents (key, run, dataset, step, endpoint, cost, tokens)", 7)
_ACCOUNTS = ("INSERT OR REPLACE INTO accounts", 11)
_LINES = (
    "SELECT kind, name, cost, tokens, requests, held_cost, held_tokens, held_requests, unknown_cost, "
    "unknown_requests FROM accounts"
)
_HISTORY = ("INSERT INTO history", 8)
_HISTORY_TAIL = (
    "ON CONFLICT (label, outcome) DO UPDATE SET jobs = jobs + excluded.jobs, input = input + excluded.input, "
    "input_squares = input_squares + excluded.input_squares, output = output + excluded.output, "
    "output_squares = output_squares + excluded.output_squares, chars = chars + excluded.chars"
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

    def begin(self) -> None:
        """Start a transaction and see what other processes have booked. The caller holds the lock."""
        self.connection.execute("BEGIN IMMEDIATE")
        version = self.data_version()
        if self.stale or version != self._version:
            self.reload()
            self._sources.clear()
            self._version, self.stale = version, False

    def commit(self) -> None:
        """Write changed accounts and end the transaction."""
        for book in self.books.values():
            changed = book.changed()
            if changed:
                sql.insert(self.connection, *_ACCOUNTS, [line.row(book.dataset) for line in changed])
                for line in changed:
                    line.changed = False
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Forget the transaction; what memory says of it is read again next time."""
        self.stale = True
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
        book.load(rows)

    def apply(self, closes: Sequence[CloseOp], claims: Sequence[ClaimOp]) -> Answers:
        """Run one batch in one transaction; the answers hold once this has returned.

        Raises:
            sqlite3.Error: nothing of the batch has happened.
        """
        batch = _Batch(self)
        with self.lock:
            try:
                self.begin()
                batch.close(closes)
                batch.claim([*self.waiting, *claims])
                self.commit()
            except BaseException:
                self.roll_back()
                raise
        batch.take_effect()
        return batch.answers

    def value(self, data: bytes) -> bytes:
        """An encoded reply as it is stored."""
        return self._compress(data)

    def insert(self, key: bytes, realm: str, reply: Reply, *, created: int | None = None, imported: int = 0) -> None:
        """Store a reply that was not asked for through a claim."""
        value = self._compress(msgspec.msgpack.encode(reply))
        source = self.source(realm, reply.model, reply.origin, imported)
        at = int(time.time()) if created is None else created
        usage = reply.usage
        row = (key, source, reply.outcome, reply.cost, usage.input, usage.output, at, crc(key, value), value)
        sql.insert(self.connection, *_REPLIES, [row])

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
        self.reload()
        return True

    def _write_changed(self) -> None:
        for book in self.books.values():
            changed = book.changed()
            sql.insert(self.connection, *_ACCOUNTS, [line.row(book.dataset) for line in changed])

    def _charge(self, run: str) -> None:
        sums = self.connection.execute(
            "SELECT dataset, step, endpoint, sum(cost), sum(tokens), count(*) FROM intents WHERE run = ? "
            "GROUP BY dataset, step, endpoint",
            (run,),
        ).fetchall()
        for dataset, step, endpoint, cost, tokens, requests in sums:
            for kind, name in (("dataset", dataset), ("run", run), ("step", step), ("endpoint", endpoint)):
                self.connection.execute(
                    "UPDATE accounts SET cost = min(cost + ?1, ?4), tokens = min(tokens + ?2, ?4), "
                    "requests = requests + ?3, held_cost = held_cost - ?1, held_tokens = held_tokens - ?2, "
                    "held_requests = held_requests - ?3, unknown_cost = min(unknown_cost + ?1, ?4), "
                    "unknown_requests = unknown_requests + ?3 WHERE dataset = ?5 AND kind = ?6 AND name = ?7",
                    (cost, tokens, requests, 2**62, dataset, kind, name),
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
            f"{op.claim.endpoint} used {usage.input} + {usage.output} tokens where at most "
            f"{worst.input} + {worst.output} were possible"
        )
        self._note(op.run.book.dataset, "overrun", op.cost, usage.input + usage.output, 1, note)


class _Batch:
    """One transaction under way. Memory changes at `take_effect`, apart from books, which are read again on failure."""

    def __init__(self, ledger: Ledger) -> None:
        self.answers: Answers = []
        self._ledger = ledger
        self._closed: list[tuple[RunState, bytes]] = []
        self._opened: list[tuple[RunState, Claim, Route]] = []
        self._waiting: list[ClaimOp] = []
        self._now = int(time.time())

    def close(self, ops: Sequence[CloseOp]) -> None:
        """T2, T2r and T2u."""
        seen: set[bytes] = set()
        rows: list[tuple[Any, ...]] = []
        history: dict[tuple[str, str], list[float]] = {}
        for op in ops:
            key = op.claim.key
            held = op.run.open.get(key)
            if held is None or held[0] is not op.claim or key in seen:
                self.answers.append((op.future, RuntimeError("this claim is closed already; this is a bug in tapc")))
                continue
            seen.add(key)
            self._closed.append((op.run, key))
            worst, route = op.claim.worst, held[1]
            tokens = worst.input + worst.output
            if isinstance(op, FreeOp):
                (route.unknown if op.charge else route.free)(worst.cost, tokens)
                self.answers.append((op.future, None))
                continue
            self._settle(op, route, tokens)
            rows.append(self._row(op))
            _add_history(history, op)
        connection = self._ledger.connection
        if seen:
            sql.where_in(connection, "DELETE FROM intents WHERE key", list(seen))
        if rows:
            sql.insert(connection, *_REPLIES, rows)
        if history:
            sql.insert(connection, *_HISTORY, [(*key, *sums) for key, sums in history.items()], _HISTORY_TAIL)

    def _settle(self, op: SettleOp, route: Route, tokens: int) -> None:
        usage, worst, cost = op.reply.usage, op.claim.worst, op.cost
        route.settle(worst.cost, tokens, cost, usage.input + usage.output)
        overrun = usage.input > worst.input or usage.output > worst.output or cost > worst.cost
        if overrun:
            self._ledger.overrun(op)
        self.answers.append((op.future, Settled(cost, overrun)))

    def _row(self, op: SettleOp) -> tuple[Any, ...]:
        reply, key = op.reply, op.claim.key
        value = self._ledger.value(op.data)
        source = self._ledger.source(op.claim.realm, reply.model, reply.origin, 0)
        usage = reply.usage
        tokens = min(usage.input, MOST), min(usage.output, MOST)
        return (key, source, reply.outcome, op.cost, *tokens, self._now, crc(key, value), value)

    def claim(self, ops: Sequence[ClaimOp]) -> None:
        """T1 for every claim that fits; others wait, or are denied."""
        ops = [op for op in ops if not op.future.cancelled()]
        if not ops:
            return
        keys = [op.claim.key for op in ops]
        stored = self._ledger.stored(keys)
        asked = self._ledger.asked(keys)
        rows: list[tuple[Any, ...]] = []
        full: set[Line] = set()
        for op in ops:
            answer = self._decide(op, stored, asked, full)
            if answer is None:
                self._waiting.append(op)
                continue
            if answer is op.claim:
                claim, run = op.claim, op.run
                asked[claim.key] = run.id
                worst = claim.worst
                rows.append(
                    (
                        claim.key,
                        run.id,
                        run.book.dataset,
                        claim.step,
                        claim.endpoint,
                        worst.cost,
                        worst.input + worst.output,
                    )
                )
            self.answers.append((op.future, answer))
        if rows:
            sql.insert(self._ledger.connection, *_INTENTS, rows)

    def _decide(
        self, op: ClaimOp, stored: dict[bytes, Stored], asked: dict[bytes, str], full: set[Line]
    ) -> Answer | Exception | None:
        """What to answer a claim; None to let it wait. Whoever waits first is served first from each ceiling."""
        claim, run = op.claim, op.run
        key = claim.key
        if key in stored:
            return stored[key]
        if key in asked:
            return Busy(asked[key])
        if run.closing:
            return RuntimeError(f"run {run.id} is closed")
        route = run.route(claim.step, claim.endpoint)
        worst = claim.worst
        tokens = worst.input + worst.output
        if route.capped:
            blocks = list(route.blocks(worst.cost, tokens))
            final = next((block for block in blocks if block.final), None)
            if final is not None:
                return _denied(final)
            queued = bool(full) and any(line in full for line, *_ in route.capped)
            if blocks or queued:
                full.update(block.line for block in blocks)
                return None
        route.hold(worst.cost, tokens)
        self._opened.append((run, claim, route))
        return claim

    def take_effect(self) -> None:
        """The transaction is durable."""
        for run, key in self._closed:
            del run.open[key]
        for run, claim, route in self._opened:
            run.open[claim.key] = (claim, route)
        self._ledger.waiting = self._waiting


def _denied(block: Block) -> Denied:
    line = block.line
    return Denied(line.kind, line.name, block.resource, block.cap, block.spent, block.worst)


def _add_history(history: dict[tuple[str, str], list[float]], op: SettleOp) -> None:
    usage = op.reply.usage
    if not op.label or usage.estimated:
        return
    sums = history.get((op.label, op.reply.outcome))
    if sums is None:
        sums = history[op.label, op.reply.outcome] = [0] * 6
    taken, made = min(usage.input, _SANE), min(usage.output, _SANE)
    sums[0] += 1
    sums[1] += taken
    sums[2] += float(taken * taken)
    sums[3] += made
    sums[4] += float(made * made)
    sums[5] += op.chars
