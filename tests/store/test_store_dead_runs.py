"""What dead runs and other runs leave behind, charged once and by whoever looks first; two sums that agree."""

import asyncio
import fcntl
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tapc.ir import Budget, Ceiling
from tapc.store import Amount, Busy, Claim, Denied, StoreError, accounts, open_store, verify

WORST, USED = 400_000, 100_000

DYING = """
    import asyncio, os, signal, sys
    from pathlib import Path
    sys.path.insert(0, {here!r})
    from conftest import Made
    from tapc.store import open_store

    made = Made()
    run = open_store(Path(sys.argv[1])).account("d")

    async def main():
        for number in map(int, sys.argv[2:]):
            await run.claim(made.job(number), made.worst())
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(main())
"""


def die_holding(folder, *numbers):
    """A process that claims jobs and is killed."""
    script = textwrap.dedent(DYING.format(here=str(Path(__file__).parent)))
    done = subprocess.run([sys.executable, "-c", script, str(folder), *map(str, numbers)], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


async def in_one_batch(folder, run, made, ask):
    """Operations that the writer takes together: it is kept waiting for the lock while they are asked."""
    with (folder / "write.lock").open("ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        first = run.claim(made.job(900), made.worst(1, 1))
        await asyncio.sleep(0.1)
        asked = ask()
        await asyncio.sleep(0.1)
        assert not first.done()
    answers = await asyncio.wait_for(asyncio.gather(first, *asked), 60)
    await run.release(answers[0])
    return answers[1:]


def test_a_settlement_and_a_claim_of_a_dead_runs_job_in_one_batch_are_both_booked(tmp_path, made):
    """The dead run's request is charged in the transaction that settles: neither may forget the other's amount."""
    store = open_store(tmp_path)
    run = store.account("d", Budget(total=Ceiling(cost=10**9)))

    async def main():
        mine = [await run.claim(made.job(n), made.worst()) for n in range(3)]
        await asyncio.to_thread(die_holding, tmp_path, 100, 101)
        answers = await in_one_batch(
            tmp_path, run, made,
            lambda: [
                run.settle(mine[0], made.reply()), run.unknown(mine[1]), run.release(mine[2]),
                run.claim(made.job(100), made.worst()),
            ],
        )  # fmt: skip
        assert (answers[0].cost, answers[0].overrun) == (USED, False)
        assert isinstance(answers[3], Claim), "the dead run's job may be asked again"
        return run.totals()

    totals = asyncio.run(main())
    spent = USED + WORST + 2 * WORST
    assert totals.spent == Amount(spent, 60 + 200 + 400, 4)
    assert totals.held == Amount(WORST, 200, 1)
    assert totals.run_spent == Amount(USED + WORST, 260, 2)
    assert totals.run_unknown == Amount(WORST, 0, 1)
    found = verify(store)
    assert found.sound, found
    (account,) = accounts(store)
    assert account.wrong == ()
    assert account.lines[0].unknown == Amount(3 * WORST, 0, 3)
    store.close()
    store = open_store(tmp_path)
    assert accounts(store)[0].lines[0].spent.cost == spent + WORST, "closing charged the claim of job 100"
    assert verify(store).sound
    store.close()


@pytest.mark.parametrize("dead", [1, 3])
def test_what_a_dead_run_held_is_charged_once_by_whoever_looks_first(tmp_path, made, dead):
    die_holding(tmp_path, *range(dead))
    stores = [open_store(tmp_path) for _ in range(2)]
    for store in stores:
        store.account("d")
    for store in stores:
        (account,) = accounts(store)
        assert account.lines[0].spent == Amount(dead * WORST, dead * 200, dead)
        assert account.lines[0].held == Amount()
        assert [entry.event for entry in account.journal] == ["crash"]
        assert verify(store).sound
        store.close()


def test_giving_up_leaves_a_job_to_another_run_that_asks_it(tmp_path, made):
    """The other's reply, paid for, is stored and is what both have; `gave_up` comes only when nobody asks."""
    one, two = open_store(tmp_path), open_store(tmp_path)
    asking, giving = one.account("d"), two.account("other")

    async def main():
        claim = await asking.claim(made.job(1), made.worst())
        assert await giving.give_up(made.job(1)) == Busy(asking.id)
        assert two.get([made.job(1).key]) == {}
        assert (await asking.settle(claim, made.reply("paid for"))).cost == USED
        assert await giving.give_up(made.job(1)) == made.reply("paid for")
        claim = await asking.claim(made.job(2), made.worst())
        assert await giving.give_up(made.job(2)) == Busy(asking.id)
        await asking.unknown(claim)
        assert (await giving.give_up(made.job(2))).outcome == "gave_up"

    asyncio.run(main())
    assert one.get([made.job(1).key])[made.job(1).key].texts == ("paid for",)
    for store in (one, two):
        store.close()


def test_giving_up_a_dead_runs_job_charges_it_first(tmp_path, made):
    die_holding(tmp_path, 1)
    store = open_store(tmp_path)
    run = store.account("other")
    assert asyncio.run(_given_up(run, made.job(1))).outcome == "gave_up"
    line = next(account for account in accounts(store) if account.dataset == "d").lines[0]
    assert (line.spent, line.held) == (Amount(WORST, 200, 1), Amount())
    store.close()


async def _given_up(run, job):
    return await run.give_up(job)


def test_a_large_request_that_can_never_fit_lets_the_small_ones_pass(tmp_path, made):
    store = open_store(tmp_path)
    run = store.account("d", Budget(endpoints=(("pen", Ceiling(cost=500_000)),)))

    async def main():
        await run.settle(await run.claim(made.job(1), made.worst()), made.reply(tokens_in=60, tokens_out=60))
        large, small = run.claim(made.job(2), made.worst()), run.claim(made.job(3), made.worst(1, 1))
        assert isinstance(await asyncio.wait_for(large, 60), Denied)
        assert isinstance(await asyncio.wait_for(small, 60), Claim)

    asyncio.run(main())
    store.close()


def test_an_account_changed_behind_a_run_is_refused_to_the_next(tmp_path, made):
    import sqlite3

    store = open_store(tmp_path)
    run = store.account("d")

    async def main():
        await run.settle(await run.claim(made.job(1), made.worst()), made.reply())

    asyncio.run(main())
    run.close()
    database = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    database.execute("UPDATE accounts SET cost = 1 WHERE kind = 'dataset'")
    with pytest.raises(StoreError) as caught:
        store.account("d")
    assert caught.value.code == "TAP861"
    assert "its settlements come to" in caught.value.message
    store.account("another").close()
    database.execute(f"UPDATE accounts SET cost = {USED} WHERE kind = 'dataset'")
    store.account("d").close()
    database.close()
    store.close()


def test_absurd_usage_saturates_both_sums(tmp_path, made):
    store = open_store(tmp_path)
    run = store.account("d")

    async def main():
        for number in range(3):
            await run.settle(
                await run.claim(made.job(number), made.worst()), made.reply(tokens_in=2**53, tokens_out=2**53)
            )

    asyncio.run(main())
    run.close()
    assert store.spent("d").cost == 2**62
    assert verify(store).accounts == ()
    store.account("d").close()
    store.close()
