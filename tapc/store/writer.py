"""The one thread that writes: it takes what was asked while it was busy, and does it in one transaction."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar

from tapc.store import sql
from tapc.store.errors import StoreError, from_sqlite, stopped
from tapc.store.ledger import Ledger
from tapc.store.operations import CallOp, ClaimOp, CloseOp, FreeOp, Op, SettleOp, WatchOp
from tapc.store.place import drop_ballast
from tapc.store.protocol import Claim
from tapc.store.transaction import Answers, apply

T = TypeVar("T")

_BATCH = 256
"""Operations a transaction at most: bounds how long a reply waits to be durable."""

_POLL = 0.03
"""Seconds between looks at what other processes do, while something here waits for them."""

_REAP = 0.5
"""Seconds between looks for dead runs, while something here waits."""

_LINGER = 0.001
"""Seconds to let more operations gather once they come faster than transactions."""


class Writer:
    """Runs operations in order of arrival, batched."""

    def __init__(self, ledger: Ledger, folder: Path) -> None:
        self._ledger = ledger
        self._folder = folder
        self._queue: SimpleQueue[Op | None] = SimpleQueue()
        self._watched: dict[bytes, list[asyncio.Future[None]]] = {}
        self._reaped = 0.0
        self._last = 0
        self.broken: StoreError | None = None
        self.closed = False
        self._gone: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="tapc-store", daemon=True)
        self._thread.start()

    def put(self, op: Op) -> None:
        """Have an operation done."""
        if self.closed:
            self._refuse([op], RuntimeError("the store is closed"))
            return
        self._queue.put(op)
        if self._gone is not None:  # the thread ended before it could see this one
            self._refuse_queued(self._gone)

    def call(self, function: Callable[[], T]) -> T:
        """Run a function in the writer's thread, in a transaction under the write lock, and wait for its result."""
        op = CallOp(function)
        self.put(op)
        return op.result.result()

    def close(self) -> None:
        """Do what is queued, then stop."""
        if not self.closed:
            self.closed = True
            self._queue.put(None)
            self._thread.join()

    def _work(self) -> None:
        """The thread. Whatever happens in it, it answers all operations before it ends, so that none waits for ever."""
        gone: BaseException = RuntimeError("the store is closed")
        try:
            more = True
            while more:
                more = self._round()
        except BaseException as error:  # noqa: BLE001 - told to everyone who waits, now or later
            gone = self._told(error)
        self._gone = gone
        if isinstance(gone, StoreError):
            self.broken = gone
        self._refuse_waiting(gone)
        self._refuse_queued(gone)

    def _round(self) -> bool:
        """One batch; whether more may come. An error is told to all who wait: the next batch would fail as well."""
        ops: list[Op] = []
        more = True
        try:
            more = self._gather(ops)
            self._run(ops)
        except Exception as error:  # noqa: BLE001 - the same
            told = self._told(error)
            self.broken = told
            self._refuse(ops, told)
            self._refuse_waiting(told)
        return more

    def _refuse_waiting(self, error: BaseException) -> None:
        """Answer claims that wait for money and those who wait for a job to be free."""
        waiting, self._ledger.waiting = self._ledger.waiting, []
        watched, self._watched = self._watched, {}
        answers: Answers = [(op.future, error) for op in waiting]
        # a watcher whose store is closed has waited long enough; one whose store is broken must hear of it
        answer = error if isinstance(error, StoreError) else None
        answers.extend((future, answer) for futures in watched.values() for future in futures)
        self._deliver(answers)

    def _refuse_queued(self, error: BaseException) -> None:
        """Answer what is in the queue of a thread that has ended."""
        with contextlib.suppress(Empty):
            while True:
                op = self._queue.get_nowait()
                if op is not None:
                    self._refuse([op], error)

    def _refuse(self, ops: Sequence[Op], error: BaseException) -> None:
        """Answer operations that were not done; those that were done keep their answer."""
        for op in ops:
            if not isinstance(op, CallOp):
                self._deliver([(op.future, error)])
            elif not op.result.done():
                op.result.set_exception(error)

    def _gather(self, ops: list[Op]) -> bool:
        """The next operations, at least one unless it is time to look at other processes; whether more may come."""
        waits = bool(self._ledger.waiting or self._watched)
        try:
            first = self._queue.get(timeout=_POLL if waits else None)
        except Empty:
            return True
        if first is None:
            return False
        ops.append(first)
        if self._last > 1:
            time.sleep(_LINGER)
        while len(ops) < _BATCH:
            try:
                op = self._queue.get_nowait()
            except Empty:
                break
            if op is None:
                return False
            ops.append(op)
        self._last = len(ops)
        return True

    def _run(self, ops: Sequence[Op]) -> None:
        """Operations of one batch; calls come between batches, so that order is kept."""
        closes: list[CloseOp] = []
        claims: list[ClaimOp] = []
        for op in ops:
            if isinstance(op, ClaimOp):
                claims.append(op)
            elif isinstance(op, (SettleOp, FreeOp)):
                closes.append(op)
            elif isinstance(op, WatchOp):
                self._watched.setdefault(op.key, []).append(op.future)
            else:
                self._book(closes, claims)
                closes, claims = [], []
                self._call(op)
        if closes or claims:
            self._book(closes, claims)
        elif self._ledger.waiting or self._watched:
            self._look_around()
        if self._watched:
            self._tell_watchers()

    def _call(self, op: CallOp) -> None:
        if not op.result.set_running_or_notify_cancel():
            return  # the wait was given up; from here on it cannot be cancelled
        try:
            op.result.set_result(self._transact(op.function))
        except (sqlite3.Error, OSError) as error:
            op.result.set_exception(self._told(error))
        except BaseException as error:  # noqa: BLE001 - passed on to the caller
            op.result.set_exception(error)

    def _transact(self, function: Callable[[], T]) -> T:
        ledger = self._ledger
        with ledger.lock:
            try:
                ledger.begin()
                result = function()
                ledger.commit()
            except BaseException:  # whatever it is: half a transaction must not stay open; passed on by `_call`
                ledger.roll_back()
                raise
        return result

    def _look_around(self) -> None:
        """Nothing was asked here, but something waits: see whether other processes have moved, or died."""
        now = time.monotonic()
        due = now - self._reaped > _REAP
        try:
            if due:
                self._reaped = now
                self._transact(self._ledger.reap)
            if due or self._ledger.changed_elsewhere():
                self._book([], [])
        except Exception as error:  # noqa: BLE001 - every one of them ends in the futures that wait
            self._fail(error, [], [])

    def _book(self, closes: list[CloseOp], claims: list[ClaimOp]) -> None:
        """One batch; when the disk is full, what was paid for still goes before anything new."""
        if not closes and not claims and not self._ledger.waiting:
            return
        if self.broken is not None and claims:
            self._deliver([(op.future, self.broken) for op in claims])
            claims = []
        try:
            self._deliver(apply(self._ledger, closes, claims))
        except Exception as error:  # noqa: BLE001 - every one of them ends in the futures that wait
            self._rescue(error, closes, claims)

    def _rescue(self, error: Exception, closes: list[CloseOp], claims: list[ClaimOp]) -> None:
        """A batch failed: no claim is taken from now on; replies are tried again, together and one by one."""
        self._fail(error, [], claims)
        drop_ballast(self._folder)
        try:
            self._deliver(apply(self._ledger, closes, []))
        except StoreError as last:  # another process keeps the lock: no single one of them fares better
            self._fail(last, closes, [])
        except Exception:  # noqa: BLE001 - tried one by one
            for op in closes:
                try:
                    self._deliver(apply(self._ledger, [op], []))
                except Exception as last:  # noqa: BLE001 - told to the caller
                    self._fail(last, [op], [])

    def _fail(self, error: Exception, closes: Sequence[CloseOp], claims: Sequence[ClaimOp]) -> None:
        """No claim is taken from now on; those who wait hear of it, since nothing may come to wake them."""
        self.broken = told = self._told(error)
        self._deliver([(op.future, told) for op in (*closes, *claims)])
        self._refuse_waiting(told)

    def _told(self, error: BaseException) -> StoreError:
        """Any error as one that ends the run with a code and a next step."""
        if isinstance(error, StoreError):
            return error
        if isinstance(error, (sqlite3.Error, OSError)):
            return from_sqlite(error, self._folder)
        return stopped(error, self._folder)

    def _tell_watchers(self) -> None:
        for key in [key for key, futures in self._watched.items() if all(f.done() for f in futures)]:
            del self._watched[key]  # those who waited have given up
        keys = list(self._watched)
        asked = dict(sql.where_in(self._ledger.connection, "SELECT key, run FROM intents WHERE key", keys))
        free = [key for key in keys if key not in asked]
        self._deliver([(future, None) for key in free for future in self._watched.pop(key)])

    def _deliver(self, answers: Answers) -> None:
        """Set futures in their loops, one wake-up a loop."""
        loops: dict[asyncio.AbstractEventLoop, Answers] = {}
        for future, result in answers:
            if future is not None:
                loops.setdefault(future.get_loop(), []).append((future, result))
        for loop, part in loops.items():
            try:
                loop.call_soon_threadsafe(self._set, part)
            except RuntimeError:  # the loop is closed: no one waits any more
                self._give_back(part)

    def _set(self, answers: Answers) -> None:
        for future, result in answers:
            if future.done():
                self._give_back([(future, result)])
            elif isinstance(result, BaseException):
                future.set_exception(result)
            else:
                future.set_result(result)

    def _give_back(self, answers: Answers) -> None:
        """Release claims whose wait was given up: nothing was sent."""
        for _, result in answers:
            if isinstance(result, Claim) and (run := self._ledger.runs.get(result.run)) is not None:
                self.put(FreeOp(run, result, None, charge=False))
