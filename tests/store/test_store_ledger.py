"""Claims, settlements and ceilings of one run."""

import asyncio
import fcntl

import pytest

from tapc.ir import Budget, Ceiling
from tapc.store import Amount, Busy, Claim, Denied, Settled, Stored, StoreError, accounts, open_store, verify

WORST = 400_000
USED = 100_000


NO_CEILING = Budget()


def run_async(folder, main, budget=NO_CEILING, **options):
    store = open_store(folder)
    try:
        run = store.account("d", budget, **options)
        return asyncio.run(main(store, run))
    finally:
        store.close()


def test_a_reply_is_stored_and_charged_once(tmp_path, made):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        assert isinstance(claim, Claim)
        assert run.totals().held == Amount(WORST, 200, 1)
        assert store.get([made.job(1).key]) == {}
        assert await run.settle(claim, made.reply()) == Settled(USED, overrun=False)
        assert store.get([made.job(1).key]) == {made.job(1).key: made.reply()}
        assert await run.claim(made.job(1), made.worst()) == Stored(made.reply())
        return run.totals()

    totals = run_async(tmp_path, main)
    assert (totals.spent, totals.held) == (Amount(USED, 60, 1), Amount())
    assert totals.run_spent == totals.spent


def test_release_costs_nothing_and_unknown_costs_the_worst_case(tmp_path, made):
    async def main(store, run):
        await run.release(await run.claim(made.job(1), made.worst()))
        assert run.totals().spent == Amount()
        await run.unknown(await run.claim(made.job(1), made.worst()))
        return run.totals()

    totals = run_async(tmp_path, main)
    assert (totals.spent, totals.held) == (Amount(WORST, 200, 1), Amount())


def test_the_account_runs_over_runs_and_the_ceiling_of_a_run_does_not(tmp_path, made):
    async def main(store, run):
        await run.settle(await run.claim(made.job(run.totals().spent.requests), made.worst()), made.reply())
        return await run.claim(made.job(99), made.worst())

    budget = Budget(per_run=Ceiling(requests=1), total=Ceiling(requests=2))
    denied = run_async(tmp_path, main, budget)
    assert (denied.scope, denied.resource, denied.cap, denied.spent) == ("run", "requests", 1, 1)
    denied = run_async(tmp_path, main, budget)
    assert (denied.scope, denied.name, denied.cap, denied.spent) == ("dataset", "d", 2, 2)


@pytest.mark.parametrize(
    ("budget", "scope", "resource"),
    [
        (Budget(total=Ceiling(cost=WORST - 1)), "dataset", "cost"),
        (Budget(total=Ceiling(tokens=199)), "dataset", "tokens"),
        (Budget(total=Ceiling(requests=0)), "dataset", "requests"),
        (Budget(steps=(("write", Ceiling(cost=WORST - 1)),)), "step", "cost"),
        (Budget(endpoints=(("pen", Ceiling(tokens=199)),)), "endpoint", "tokens"),
        (Budget(per_run=Ceiling(cost=WORST - 1)), "run", "cost"),
    ],
)
def test_a_request_that_cannot_fit_is_denied_at_once(tmp_path, made, budget, scope, resource):
    async def main(store, run):
        return await run.claim(made.job(1), made.worst())

    denied = run_async(tmp_path, main, budget)
    assert isinstance(denied, Denied)
    assert (denied.scope, denied.resource) == (scope, resource)


def test_max_cost_bounds_a_run(tmp_path, made):
    async def main(store, run):
        return await run.claim(made.job(1), made.worst())

    assert run_async(tmp_path, main, max_cost=WORST - 1).scope == "run"


def test_a_claim_waits_for_what_is_held_and_uses_what_is_left(tmp_path, made):
    async def main(store, run):
        first = await run.claim(made.job(1), made.worst())
        second = run.claim(made.job(2), made.worst())
        third = run.claim(made.job(3), made.worst())
        await asyncio.sleep(0.1)
        assert not second.done()
        await run.settle(first, made.reply())
        second = await second  # 100,000 spent and 400,000 held of 500,000
        assert isinstance(second, Claim)
        assert not third.done()
        await run.settle(second, made.reply())
        return await third

    denied = run_async(tmp_path, main, Budget(total=Ceiling(cost=WORST + USED)))
    assert (denied.cap, denied.spent, denied.worst) == (WORST + USED, 2 * USED, WORST)


def test_a_small_request_does_not_overtake_a_large_one(tmp_path, made):
    async def main(store, run):
        first = await run.claim(made.job(1), made.worst())
        large = run.claim(made.job(2), made.worst())
        small = run.claim(made.job(3), made.worst(1, 1))
        other = await run.claim(made.job(4, endpoint="ink"), made.worst())
        assert isinstance(other, Claim), "another endpoint's ceiling is not in the way"
        await asyncio.sleep(0.1)
        assert not large.done()
        assert not small.done()
        await run.release(first)
        assert isinstance(await large, Claim)
        await run.release(await large)
        assert isinstance(await small, Claim)

    run_async(tmp_path, main, Budget(endpoints=(("pen", Ceiling(cost=WORST + 1000)),)))


def test_usage_above_the_bound_is_charged_and_told(tmp_path, made):
    async def main(store, run):
        settled = await run.settle(await run.claim(made.job(1), made.worst()), made.reply(tokens_out=101))
        assert settled == Settled(40_000 + 303_000, overrun=True)
        return accounts(store)

    journal = run_async(tmp_path, main)[0].journal
    assert [entry.event for entry in journal] == ["overrun"]


def test_absurd_usage_saturates(tmp_path, made):
    async def main(store, run):
        settled = await run.settle(
            await run.claim(made.job(1), made.worst()), made.reply(tokens_in=2**53, tokens_out=2**53), label="x"
        )
        assert settled.overrun
        return store.spent("d")

    assert run_async(tmp_path, main).cost == 2**62


def test_one_job_is_asked_once_at_a_time(tmp_path, made):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        busy = await run.claim(made.job(1), made.worst())
        assert busy == Busy(run.id)
        free = run.when_free(made.job(1).key)
        await asyncio.sleep(0.1)
        assert not free.done()
        await run.settle(claim, made.reply())
        await free
        return await run.claim(made.job(1), made.worst())

    assert run_async(tmp_path, main) == Stored(made.reply())


def test_a_claim_nobody_waits_for_is_given_back(tmp_path, made):
    async def main(store, run):
        run.claim(made.job(1), made.worst()).cancel()
        for _ in range(100):
            answer = await run.claim(made.job(2), made.worst())
            assert isinstance(answer, Claim)
            await run.release(answer)
        return run.totals().held

    assert run_async(tmp_path, main, Budget(total=Ceiling(requests=2))) == Amount()


def test_closing_charges_what_is_open(tmp_path, made):
    async def main(store, run):
        await run.claim(made.job(1), made.worst())
        run.close()
        return store.spent("d")

    assert run_async(tmp_path, main) == Amount(WORST, 200, 1)


def test_closing_twice_a_claim_is_told(tmp_path, made):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        await run.settle(claim, made.reply())
        with pytest.raises(RuntimeError):
            await run.release(claim)
        return run.totals()

    assert run_async(tmp_path, main).spent == Amount(USED, 60, 1)


def test_giving_up_is_durable_and_free(tmp_path, made):
    async def main(store, run):
        first = await run.give_up(made.job(1))
        assert first.outcome == "gave_up"
        assert await run.claim(made.job(1), made.worst()) == Stored(first)
        await run.settle(await run.claim(made.job(2), made.worst()), made.reply())
        assert await run.give_up(made.job(2)) == made.reply()
        return run.totals().spent

    assert run_async(tmp_path, main) == Amount(USED, 60, 1)


def test_free_endpoints_count_tokens_and_requests(tmp_path, made):
    async def main(store, run):
        reply = made.reply()
        claim = await run.claim(made.job(1, price=None), made.worst(price=None))
        await run.settle(claim, type(reply)(reply.outcome, reply.texts, reply.usage, 0))
        return run.totals().spent

    assert run_async(tmp_path, main) == Amount(0, 60, 1)


def test_history_sums_what_was_used(tmp_path, made):
    async def main(store, run):
        for number, used in enumerate((10, 30)):
            claim = await run.claim(made.job(number), made.worst())
            await run.settle(claim, made.reply(tokens_out=used), label="write/pen/de", chars=7)
        return store.history("write/"), store.history("read/")

    (sums,), none = run_async(tmp_path, main)
    assert none == []
    assert (sums.jobs, sums.input, sums.output, sums.output_squares, sums.chars) == (2, 80, 40, 1000.0, 14)


def test_two_runs_of_one_store_share_the_account(tmp_path, made):
    async def main(store, run):
        other = store.account("d", Budget(total=Ceiling(cost=WORST)))
        claim = await run.claim(made.job(1), made.worst())
        waits = other.claim(made.job(2), made.worst())
        assert await other.claim(made.job(1), made.worst()) == Busy(run.id)
        await asyncio.sleep(0.1)
        assert not waits.done()
        await run.release(claim)
        assert isinstance(await waits, Claim)

    run_async(tmp_path, main)


def test_a_thousand_jobs_side_by_side_add_up(tmp_path, made):
    async def main(store, run):
        async def one(number):
            claim = await run.claim(made.job(number), made.worst())
            kind = number % 3
            if kind == 0:
                await run.settle(claim, made.reply(str(number)))
            elif kind == 1:
                await run.release(claim)
            else:
                await run.unknown(claim)

        await asyncio.gather(*(one(number) for number in range(999)))
        found = store.get([made.job(number).key for number in range(999)])
        assert {key: reply.texts for key, reply in found.items()} == {
            made.job(number).key: (str(number),) for number in range(0, 999, 3)
        }
        assert verify(store).sound
        return run.totals()

    totals = run_async(tmp_path, main, Budget(total=Ceiling(cost=333 * (USED + WORST) + 10 * WORST)))
    assert (totals.spent.cost, totals.held) == (333 * (USED + WORST), Amount())


def test_nobody_waits_for_a_closed_store(tmp_path, made):
    async def main(store, run):
        claim = await run.claim(made.job(1), made.worst())
        waits = run.when_free(made.job(1).key)
        store.close()
        await waits
        for future in (run.settle(claim, made.reply()), run.give_up(made.job(2))):
            with pytest.raises(RuntimeError):
                await future
        with pytest.raises(RuntimeError):
            await run.claim(made.job(3), made.worst())
        await run.unknown(claim)

    run_async(tmp_path, main)


def test_a_store_locked_by_a_suspended_process_ends_in_bounded_time(tmp_path, made, monkeypatch):
    """Hundreds of replies wait to be booked while somebody keeps the lock: one wait for all of them, not one for each."""

    class Waited:
        """Seconds that were waited for the lock; a busy machine adds none."""

        seconds = 0.0

        @classmethod
        def monotonic(cls):
            return cls.seconds

        @classmethod
        def sleep(cls, seconds):
            cls.seconds += seconds

    monkeypatch.setattr("tapc.store.locks.time", Waited)
    folder, count = tmp_path / "s", 200

    async def main(run):
        claims = [await run.claim(made.job(n), made.worst()) for n in range(count)]
        with (folder / "write.lock").open("ab") as other:
            fcntl.flock(other, fcntl.LOCK_EX)
            settled = [run.settle(claim, made.reply()) for claim in claims]
            answers = await asyncio.gather(*settled, run.claim(made.job(count), made.worst()), return_exceptions=True)
            waited = Waited.seconds
            with pytest.raises(StoreError):
                run.close()
            assert Waited.seconds - waited < 10, "what is left to do is tried for 3 s at a time"
        return answers

    store = open_store(folder)
    answers = asyncio.run(main(store.account("d")))
    assert 60 <= Waited.seconds < 90, "60 s once, not for each reply"
    assert {getattr(answer, "code", answer) for answer in answers} == {"TAP856"}
    store.close()
    again = open_store(folder)
    totals = again.account("d").totals()
    again.close()
    assert (totals.spent, totals.held) == (Amount(count * WORST, count * 200, count), Amount()), "charged, never lost"
