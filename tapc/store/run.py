"""One run's account."""

import asyncio
import time
from typing import Any

import msgspec

from tapc.jobs import Job, PartsMaker, Reply, Usage, WorstCase, usage_cost
from tapc.store.book import MOST
from tapc.store.ledger import Ledger
from tapc.store.liveness import is_suspended
from tapc.store.locks import RunLock
from tapc.store.operations import CallOp, ClaimOp, FreeOp, RunState, SettleOp, WatchOp
from tapc.store.protocol import Amount, Answer, Busy, Claim, Holder, Settled, Totals
from tapc.store.writer import Writer


class Run:
    """A registered run; see `tapc.store` for what its methods promise. Made by `Store.account`."""

    def __init__(self, state: RunState, ledger: Ledger, writer: Writer, lock: RunLock) -> None:
        self.id = state.id
        self._state = state
        self._ledger = ledger
        self._writer = writer
        self._lock = lock
        self._encode = msgspec.msgpack.Encoder().encode
        self._parts = PartsMaker()
        self._closed = False

    def claim(self, job: Job, worst: WorstCase) -> "asyncio.Future[Answer]":
        """T1: hold the worst case of a job, durably, before it is sent."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if self._refused(future):
            return future
        recipe = job.recipe
        claim = Claim(
            self.id, job.key, recipe.step, recipe.endpoint, recipe.realm, worst, recipe.price, self._parts(job)
        )
        self._writer.put(ClaimOp(self._state, claim, future))
        return future

    def settle(self, claim: Claim, reply: Reply, *, label: str = "", chars: int = 0) -> "asyncio.Future[Settled]":
        """T2: store the reply and charge what it used, in one transaction.

        Args:
            claim: what was held.
            reply: as it will be read from now on.
            label: under which its usage enters the history of estimates; empty for none.
            chars: length of its texts in code points, for the history.

        Raises:
            UnicodeEncodeError: a text holds a lone surrogate.
        """
        future: asyncio.Future[Settled] = asyncio.get_running_loop().create_future()
        data = self._encode(reply)
        cost = min(max(usage_cost(claim.price, reply.usage), reply.cost), MOST)
        self._writer.put(SettleOp(self._state, claim, reply, cost, data, label, chars, future))
        return future

    def release(self, claim: Claim) -> "asyncio.Future[None]":
        """T2r: proven unbilled."""
        return self._free(claim, charge=False)

    def unknown(self, claim: Claim) -> "asyncio.Future[None]":
        """T2u: the outcome is not known; the worst case is charged."""
        return self._free(claim, charge=True)

    def when_free(self, key: bytes) -> "asyncio.Future[None]":
        """Done when the job is asked no more, whatever came of it."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if not self._refused(future):
            self._writer.put(WatchOp(key, future))
        return future

    def holders(self) -> "asyncio.Future[list[Holder]]":
        """Other runs with open intents: whom one may have to wait for."""

        def find() -> list[Holder]:
            rows = self._ledger.connection.execute(
                "SELECT i.run, r.pid, count(*), sum(i.cost) FROM intents i JOIN runs r ON r.id = i.run "
                "WHERE i.run <> ? GROUP BY i.run, r.pid ORDER BY i.run",
                (self.id,),
            )
            return [Holder(run, pid, count, cost, is_suspended(pid)) for run, pid, count, cost in rows]

        op = CallOp(find)
        self._writer.put(op)
        return asyncio.wrap_future(op.result)

    def keep(self, answers: list[tuple[Job, Reply]]) -> "asyncio.Future[None]":
        """Store replies that cost nothing, which is what programs give. What is there stands."""

        def store() -> None:
            for job, reply in answers:
                self._ledger.insert(job.key, job.recipe.realm, reply, parts=self._parts(job))

        op = CallOp(store)
        self._writer.put(op)
        return asyncio.wrap_future(op.result)

    def give_up(self, job: Job) -> "asyncio.Future[Reply | Busy]":
        """Record a durable `gave_up` for a job that cannot be had; a reply that is there already stands."""
        reply = Reply("gave_up", (), Usage(0, 0), 0)
        parts = self._parts(job)

        def store() -> Reply | Busy:
            ledger = self._ledger
            known = ledger.stored([job.key])
            if known:
                return known[job.key].reply
            asked = ledger.asked([job.key])
            if asked:
                return Busy(asked[job.key])
            ledger.insert(job.key, job.recipe.realm, reply, parts=parts)
            return reply

        op = CallOp(store)
        self._writer.put(op)
        return asyncio.wrap_future(op.result)

    def totals(self) -> Totals:
        """Where the run and its dataset stand, as of the last transaction of this process (or the one under way)."""
        book = self._state.book
        account, mine = book.line("dataset", book.dataset), book.line("run", self.id)
        unknown = Amount(mine.unknown_cost, 0, mine.unknown_requests)
        waiting = len(self._ledger.waiting)
        return Totals(account.spent(), account.held(), mine.spent(), mine.held(), unknown, waiting)

    def refuse(self) -> None:
        """Grant no more claims, those that wait included."""
        self._state.closing = True

    def close(self) -> None:
        """Wait for what is queued, charge claims still open as unknown, and end the run."""
        if self._closed:
            return
        self._closed = True
        self.refuse()
        try:
            self._writer.call(self._end)
        finally:
            self._ledger.runs.pop(self.id, None)
            self._lock.close()

    def _end(self) -> None:
        state, connection = self._state, self._ledger.connection
        for claim, route in state.open.values():
            cost, tokens = claim.worst.cost, claim.worst.input + claim.worst.output
            route.unknown(cost, tokens)
            self._ledger.settlements.add(
                state.book.dataset, self.id, claim.step, claim.endpoint, cost, tokens, unknown=True
            )
        connection.execute("DELETE FROM intents WHERE run = ?", (self.id,))
        connection.execute("UPDATE runs SET ended = ?, end = 'closed' WHERE id = ?", (int(time.time()), self.id))

    def _free(self, claim: Claim, *, charge: bool) -> "asyncio.Future[None]":
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._closed:  # closing has charged it
            future.set_result(None)
        else:
            self._writer.put(FreeOp(self._state, claim, future, charge=charge))
        return future

    def _refused(self, future: "asyncio.Future[Any]") -> bool:
        error = RuntimeError(f"run {self.id} is closed") if self._closed else self._writer.broken
        if error is None:
            return False
        future.set_exception(error)
        return True
