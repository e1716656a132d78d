"""Mixed batches and two parties at one store: what one of them does must not cost the other anything.

No clock: `holders` goes through the same queue as claims, so what was asked before has been decided when it answers.
"""

import asyncio
import contextlib
import fcntl
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tapc.ir import Budget, Ceiling, Price
from tapc.jobs import Reply, Usage
from tapc.store import (
    Amount,
    Busy,
    Claim,
    Denied,
    Settled,
    Stored,
    accounts,
    all_keys,
    collect,
    open_store,
    verify,
)

WORST, USED = 400_000, 100_000
"""Picodollars of `made.worst()` and of `made.reply()`."""


def run_async(folder, main, budget=None, **options):
    store = open_store(folder)
    try:
        return asyncio.run(main(store, store.account("d", budget or Budget(), **options)))
    finally:
        store.close()


def books(folder):
    store = open_store(folder, offline=True)
    try:
        line = accounts(store)[0].lines[0]
        return line.spent, line.held, line.unknown
    finally:
        store.close()


DEAD = """
import asyncio, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tapc.store import open_store
import importlib.util
spec = importlib.util.spec_from_file_location("made", sys.argv[3])
module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)
made = module.Made()
async def main():
    run = open_store(Path(sys.argv[1])).account("d")
    for number in map(int, sys.argv[4:]):
        await run.claim(made.job(number), made.worst())
    print("asked", flush=True)
    time.sleep(600)
asyncio.run(main())
"""


def killed_while_asking(folder, *numbers):
    """A run of another process that was killed with these jobs under way."""
    here = Path(__file__).resolve()
    command = [sys.executable, "-c", DEAD, folder, here.parents[2], here.with_name("conftest.py"), *map(str, numbers)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "asked\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_a_settlement_beside_a_claim_on_a_dead_runs_job_is_not_forgotten(tmp_path, made):
    """All in one transaction: our reply is booked, the dead run is charged, its job becomes ours."""
    folder = tmp_path / "s"

    async def main(store, run):
        await asyncio.to_thread(killed_while_asking, folder, 7)  # opening an account charges those that are dead then
        ours = await run.claim(made.job(1), made.worst())
        with (folder / "write.lock").open("ab") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            first = run.claim(made.job(2), made.worst())  # taken alone, and waits for the lock
            await asyncio.sleep(0.05)  # long enough or not, what follows is asked together
            settled, claimed = run.settle(ours, made.reply()), run.claim(made.job(7), made.worst())
        assert isinstance(await first, Claim)
        assert await settled == Settled(USED, overrun=False)
        assert isinstance(await claimed, Claim)
        totals = run.totals()
        return totals.spent, totals.held

    spent, held = run_async(folder, main)
    assert spent == Amount(USED + WORST, 60 + 200, 2), "ours, and the dead run's at its worst"
    assert held == Amount(2 * WORST, 400, 2)
    assert books(folder)[0] == Amount(USED + 3 * WORST, 60 + 600, 4), "closing charges what is open"
    store = open_store(folder, offline=True)
    assert verify(store).sound
    store.close()


def test_giving_up_leaves_a_job_that_another_run_asks(tmp_path, made):
    async def main(store, run):
        other = store.account("d")
        claim = await other.claim(made.job(1), made.worst())
        assert await run.give_up(made.job(1)) == Busy(other.id)
        await other.settle(claim, made.reply("paid for"))
        stored = await run.claim(made.job(1), made.worst())
        assert isinstance(stored, Stored)
        assert stored.reply.texts == ("paid for",), "and its reply stands"
        return await run.give_up(made.job(1))

    assert run_async(tmp_path, main).outcome == "ok"


def test_a_small_request_that_fits_waits_behind_a_large_one(tmp_path, made):
    """Or large requests would starve: there is always a small one that fits."""
    small_cost = made.worst(1, 1).cost

    async def main(store, run):
        first = await run.claim(made.job(1), made.worst())
        large = run.claim(made.job(2), made.worst())
        small = run.claim(made.job(3), made.worst(1, 1))
        later = run.claim(made.job(5), made.worst(1, 1))
        await run.holders()
        assert not large.done()
        assert not small.done()
        assert not later.done()
        await run.release(first)
        assert isinstance(await large, Claim)
        assert isinstance(await small, Claim), "beside the large one there is room for it"
        await run.holders()
        assert not later.done()
        await run.release(await small)
        assert isinstance(await later, Claim)

    run_async(tmp_path, main, Budget(endpoints=(("pen", Ceiling(cost=WORST + small_cost)),)))


def test_a_large_request_that_was_cancelled_holds_up_no_small_one(tmp_path, made):
    """It waits in line until its caller gives up; the line goes on without it, though nothing was settled."""
    small_cost = made.worst(1, 1).cost

    async def main(store, run):
        first = await run.claim(made.job(1), made.worst())
        large = run.claim(made.job(2), made.worst())
        small = run.claim(made.job(3), made.worst(1, 1))
        await run.holders()
        assert not small.done()
        large.cancel()
        assert isinstance(await asyncio.wait_for(small, 60), Claim)
        await run.release(first)

    run_async(tmp_path, main, Budget(endpoints=(("pen", Ceiling(cost=WORST + small_cost)),)))


def test_more_than_the_database_can_sum_is_never_held(tmp_path, made):
    """Without any ceiling: prices that were mistyped by a factor of a million must not end the run in an overflow."""
    dear = made.worst(0, 2**60, Price(input=0, output=1))  # a quarter of what can be held
    too_dear = made.worst(0, 2**62 + 1, Price(input=0, output=1))

    async def main(store, run):
        denied = await run.claim(made.job(9), too_dear)
        assert (denied.resource, denied.cap) == ("cost", 2**62)
        held = [await run.claim(made.job(number), dear) for number in range(4)]
        waits = run.claim(made.job(4), dear)
        await run.holders()
        assert not waits.done()
        await run.settle(held[0], made.reply())
        assert isinstance(await waits, Claim)
        return run.totals().held

    assert run_async(tmp_path, main) == Amount(2**62, 2**62, 4)
    store = open_store(tmp_path, offline=True)
    assert verify(store).sound
    store.close()


def test_who_waits_is_served_before_who_comes(tmp_path, made):
    """Also where the new request comes in the very transaction that gives the room back."""

    async def main(store, run):
        first = await run.claim(made.job(1), made.worst())
        waits = run.claim(made.job(2), made.worst())
        await run.holders()
        released, comes = run.release(first), run.claim(made.job(3), made.worst())
        await released
        assert isinstance(await waits, Claim)
        await run.holders()
        assert not comes.done()
        await run.release(await waits)
        assert isinstance(await comes, Claim)

    run_async(tmp_path, main, Budget(total=Ceiling(cost=WORST)))


def test_one_job_asked_twice_in_one_transaction_is_asked_once(tmp_path, made):
    async def main(store, run):
        one, two = run.claim(made.job(1), made.worst()), run.claim(made.job(1), made.worst())
        assert isinstance(await one, Claim)
        assert await two == Busy(run.id)
        return run.totals().held

    assert run_async(tmp_path, main) == Amount(WORST, 200, 1)


def test_a_run_that_refuses_grants_nothing_more(tmp_path, made):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        run.refuse()
        with pytest.raises(RuntimeError, match="closed"):
            await run.claim(made.job(2), made.worst())
        await run.settle(claim, made.reply())
        return run.totals().held

    assert run_async(tmp_path, main) == Amount()


def test_what_another_connection_books_counts_at_once(tmp_path, made):
    """Two stores on one folder, as two processes have them."""
    ceiling = Budget(total=Ceiling(requests=2))

    async def main(one, two):
        first, second = one.account("d", ceiling), two.account("d", ceiling)
        await first.settle(await first.claim(made.job(1), made.worst()), made.reply())
        await second.settle(await second.claim(made.job(2), made.worst()), made.reply())
        assert isinstance(await first.claim(made.job(3), made.worst()), Denied)
        stored = await first.claim(made.job(2), made.worst())
        assert isinstance(stored, Stored)
        return first.totals().spent

    one, two = open_store(tmp_path / "s"), open_store(tmp_path / "s")
    try:
        assert asyncio.run(main(one, two)) == Amount(2 * USED, 120, 2)
    finally:
        one.close()
        two.close()


def test_a_damaged_reply_makes_way_for_the_one_that_is_asked_again(tmp_path, made):
    async def ask(store, run, text):
        claim = await run.claim(made.job(1), made.worst())
        assert isinstance(claim, Claim)
        await run.settle(claim, made.reply(text))

    run_async(tmp_path, lambda store, run: ask(store, run, "first"))
    with contextlib.closing(sqlite3.connect(tmp_path / "store.db")) as database, database:
        database.execute("UPDATE replies SET crc = crc + 1")
    run_async(tmp_path, lambda store, run: ask(store, run, "second"))
    store = open_store(tmp_path, offline=True)
    try:
        (reply,) = store.get([made.job(1).key]).values()
        assert reply.texts == ("second",)
    finally:
        store.close()


@pytest.mark.parametrize("kept", [0, 1, 3])
def test_collecting_takes_every_reply_that_is_not_kept(tmp_path, made, kept, monkeypatch):
    """However many are looked at in one transaction; five here, two at a time."""
    monkeypatch.setattr("tapc.store.collecting._STRIDE", 2)

    async def main(store, run):
        for number in range(5):
            await run.settle(await run.claim(made.job(number), made.worst()), made.reply())

    run_async(tmp_path, main)
    store = open_store(tmp_path)
    try:
        done = collect(store, [made.job(number).key for number in range(kept)])
        assert (done.kept, done.removed, done.cost) == (kept, 5 - kept, (5 - kept) * USED)
        assert len(all_keys(store)) == kept
    finally:
        store.close()


@pytest.mark.parametrize(
    ("ceiling", "fit"),
    [
        (Ceiling(cost=3 * WORST), 3),
        (Ceiling(cost=3 * WORST - 1), 2),
        (Ceiling(tokens=600), 3),
        (Ceiling(tokens=599), 2),
        (Ceiling(requests=3), 3),
        (Ceiling(requests=2), 2),
    ],
)
@pytest.mark.parametrize("scope", ["total", "run", "step", "endpoint"])
def test_a_ceiling_is_reached_to_the_last_unit(tmp_path, made, ceiling, fit, scope):
    budget = {
        "total": Budget(total=ceiling),
        "run": Budget(per_run=ceiling),
        "step": Budget(steps=(("write", ceiling),)),
        "endpoint": Budget(endpoints=(("pen", ceiling),)),
    }[scope]

    async def main(store, run):
        claims = [run.claim(made.job(number), made.worst()) for number in range(5)]
        await run.holders()
        granted = [claim for claim in claims if claim.done()]
        assert len(granted) == fit, "what is held counts as much as what is spent"
        for claim in granted:
            await run.unknown(await claim)
        rest = [await claim for claim in claims[fit:]]
        assert all(isinstance(answer, Denied) for answer in rest), "what is spent comes never back"
        assert {answer.scope for answer in rest} == {"total": {"dataset"}}.get(scope, {scope})
        return run.totals()

    totals = run_async(tmp_path, main, budget)
    assert totals.spent == Amount(fit * WORST, fit * 200, fit)
    assert books(tmp_path)[2] == Amount(fit * WORST, 0, fit)


@pytest.mark.parametrize(
    ("tokens_in", "tokens_out", "overrun"), [(100, 100, False), (101, 100, True), (100, 101, True), (101, 1, True)]
)
def test_more_than_the_bound_is_an_overrun_to_the_token(tmp_path, made, tokens_in, tokens_out, overrun):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        return await run.settle(claim, made.reply(tokens_in=tokens_in, tokens_out=tokens_out))

    assert run_async(tmp_path, main).overrun is overrun


def test_history_leaves_out_what_is_estimated_and_sums_the_rest(tmp_path, made):
    async def main(store, run):
        for number, usage in enumerate((Usage(3, 5), Usage(4, 7), Usage(100, 100, 0, estimated=True))):
            claim = await run.claim(made.job(number), made.worst())
            await run.settle(claim, Reply("ok", ("x",), usage, 10), label="write/pen", chars=11)
        return store.history("write/")

    (sums,) = run_async(tmp_path, main)
    assert (sums.jobs, sums.input, sums.output, sums.chars) == (2, 7, 12, 22)
    assert (sums.input_squares, sums.output_squares) == (9 + 16, 25 + 49)


def test_each_account_of_a_request_is_its_own(tmp_path, made):
    async def main(store, run):
        for number, (step, endpoint) in enumerate((("write", "pen"), ("write", "ink"), ("read", "pen"))):
            await run.settle(await run.claim(made.job(number, step, endpoint), made.worst()), made.reply())
        await run.unknown(await run.claim(made.job(9), made.worst()))
        return accounts(store)[0].lines

    lines = {(line.kind, line.name): line.spent.requests for line in run_async(tmp_path, main)}
    assert lines == {
        ("dataset", "d"): 4,
        ("step", "write"): 3,
        ("step", "read"): 1,
        ("endpoint", "pen"): 3,
        ("endpoint", "ink"): 1,
    }


def test_the_lower_of_two_ceilings_of_a_run_holds(tmp_path, made):
    for number, (stated, given, fit) in enumerate(((2, 3, 2), (3, 2, 2), (None, 1, 1))):
        budget = Budget(per_run=Ceiling(cost=None if stated is None else stated * WORST))

        async def main(store, run):
            claims = [run.claim(made.job(number), made.worst()) for number in range(5)]
            await run.holders()
            return sum(claim.done() for claim in claims)

        assert run_async(tmp_path / str(number), main, budget, max_cost=given * WORST) == fit


def test_a_commit_reaches_the_disk_before_it_is_answered(tmp_path):
    """In WAL mode only FULL syncs at each commit: less would lose replies at a power failure that the server billed."""
    store = open_store(tmp_path)
    store.account("d")
    try:
        assert store.writing().connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store.writing().connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    finally:
        store.close()
