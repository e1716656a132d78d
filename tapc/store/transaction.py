"""The ledger's transactions, a batch of operations at a time.

Order within a batch: what ends first (T2, T2r, T2u), so that the money it gives back can be used, then claims (T1),
those that have waited longest first.
"""

import time
from collections.abc import Sequence
from typing import Any

from tapc.store import sql
from tapc.store.book import CeilingBlock, Line, Route
from tapc.store.ledger import REPLIES, Ledger
from tapc.store.operations import ClaimOp, CloseOp, FreeOp, RunState, SettleOp
from tapc.store.protocol import Answer, Busy, Claim, Denied, Settled, Stored

Answers = list[tuple[Any, Any]]
"""Pairs of a future and its result."""

_SANE = 2**40
"""Tokens of one reply, as far as statistics believe them."""

_INTENTS = ("INSERT INTO intents (key, run, dataset, step, endpoint, cost, tokens)", 7)
_HISTORY = ("INSERT INTO history", 8)
_HISTORY_TAIL = (
    "ON CONFLICT (label, outcome) DO UPDATE SET jobs = jobs + excluded.jobs, input = input + excluded.input, "
    "input_squares = input_squares + excluded.input_squares, output = output + excluded.output, "
    "output_squares = output_squares + excluded.output_squares, chars = chars + excluded.chars"
)


def apply(ledger: Ledger, closes: Sequence[CloseOp], claims: Sequence[ClaimOp]) -> Answers:
    """Run one batch in one transaction; the answers hold once this has returned.

    Raises:
        sqlite3.Error: nothing of the batch has happened.
    """
    batch = _Batch(ledger)
    with ledger.lock:
        try:
            ledger.begin()
            batch.close(closes)
            batch.claim([*ledger.waiting, *claims])
            ledger.commit()
        except BaseException:  # whatever it is, Ctrl-C included: half a transaction must not stay open
            ledger.roll_back()
            raise
    batch.take_effect()
    return batch.answers


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
                if op.charge:
                    self._charged(op, worst.cost, tokens, unknown=True)
                self.answers.append((op.future, None))
                continue
            self._settle(op, route, tokens)
            rows.append(self._row(op))
            _add_history(history, op)
        connection = self._ledger.connection
        if seen:
            sql.where_in(connection, "DELETE FROM intents WHERE key", list(seen))
        if rows:
            sql.insert(connection, *REPLIES, rows)
        if history:
            sql.insert(connection, *_HISTORY, [(*key, *sums) for key, sums in history.items()], _HISTORY_TAIL)

    def _settle(self, op: SettleOp, route: Route, tokens: int) -> None:
        usage, worst, cost = op.reply.usage, op.claim.worst, op.cost
        used = usage.input + usage.output
        route.settle(worst.cost, tokens, cost, used)
        self._charged(op, cost, used, unknown=False)
        overrun = usage.input > worst.input or usage.output > worst.output or cost > worst.cost
        if overrun:
            self._ledger.overrun(op)
        self.answers.append((op.future, Settled(cost, overrun, route.bounded)))

    def _charged(self, op: CloseOp, cost: int, tokens: int, *, unknown: bool) -> None:
        claim, run = op.claim, op.run
        self._ledger.settlements.add(
            run.book.dataset, run.id, claim.step, claim.endpoint, cost, tokens, unknown=unknown
        )

    def _row(self, op: SettleOp) -> tuple[Any, ...]:
        reply, claim, ledger = op.reply, op.claim, self._ledger
        source = ledger.source(claim.realm, reply.model, reply.origin, 0)
        return ledger.row(claim.key, source, reply, op.cost, self._now, op.data, claim.parts)

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
        """What to answer a claim; None to let it wait. Each ceiling serves claims in order of waiting."""
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
        return self._hold(run, claim, route, tokens)

    def _hold(self, run: RunState, claim: Claim, route: Route, tokens: int) -> Claim | Denied | None:
        cost = claim.worst.cost
        if (most := route.beyond(cost, tokens)) is not None:
            return _denied(most) if most.final else None
        route.hold(cost, tokens)
        self._opened.append((run, claim, route))
        return claim

    def take_effect(self) -> None:
        """The transaction is durable."""
        for run, key in self._closed:
            del run.open[key]
        for run, claim, route in self._opened:
            run.open[claim.key] = (claim, route)
        self._ledger.waiting = self._waiting


def _denied(block: CeilingBlock) -> Denied:
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
