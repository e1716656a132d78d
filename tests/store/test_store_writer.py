"""Whatever fails in the thread that writes, everyone who waits hears of it, and the run ends.

The faults are real: tables that vanish or are damaged under a running writer, and a disk that is full at the first,
second, … write. No part of the program is replaced.
"""

import asyncio
import contextlib
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from tapc.ir import Budget, Ceiling
from tapc.store import Amount, Claim, StoreError, accounts, open_store, verify

WORST = 400_000
BUDGET = Budget(total=Ceiling(cost=3 * WORST))
BOUND = 60
"""Seconds nobody may wait; the waits themselves take milliseconds."""


def behind(folder, *statements):
    """Change the database as another program would."""
    database = sqlite3.connect(folder / "store.db", isolation_level=None)
    for statement in statements:
        database.execute(statement)
    database.close()


TABLES = ("sources", "replies", "finishes", "accounts", "settled", "intents", "history", "runs", "journal")
FAULTS = {
    **{f"no {table}": f"DROP TABLE {table}" for table in TABLES},
    "accounts of text": "UPDATE accounts SET cost = 'much'",
    "accounts of bytes": "UPDATE accounts SET held_requests = x'00'",
    "accounts below zero": "UPDATE accounts SET requests = -1",
    "no column": "ALTER TABLE accounts RENAME COLUMN cost TO cots",
    "a column more": "ALTER TABLE settled ADD COLUMN extra",
    "intents of another run": "UPDATE intents SET run = '../../../x'",
    "a trigger that refuses": "CREATE TRIGGER no BEFORE INSERT ON replies BEGIN SELECT raise(ABORT, 'no'); END",
    "a trigger that deletes": "CREATE TRIGGER no AFTER DELETE ON intents BEGIN SELECT raise(ROLLBACK, 'no'); END",
}


CALLS_ALONE = ("no runs",)
"""Faults that only what is rare meets: who asked hears of it and ends the run; others are served meanwhile."""


@pytest.mark.parametrize("name", FAULTS)
def test_everyone_who_waits_hears_of_a_fault(tmp_path, made, name):
    """Some wait for room, one for a job to be free; others ask to settle, claim, give up, look, when the fault comes."""
    store = open_store(tmp_path)
    run = store.account("d", BUDGET)
    reply = msgspec.structs.replace(made.reply(tokens_out=101), finishes=("stop",))  # above its bound: noted

    async def main():
        claims = [await run.claim(made.job(n), made.worst()) for n in range(3)]
        assert all(isinstance(claim, Claim) for claim in claims)
        waits = [run.claim(made.job(9), made.worst()), run.claim(made.job(4), made.worst(1, 1))]
        watches = run.when_free(made.job(2).key)
        await asyncio.sleep(0.05)
        assert not any(future.done() for future in (*waits, watches))
        behind(tmp_path, FAULTS[name])
        asked = [
            run.settle(claims[0], reply, label="l", chars=3),
            run.unknown(claims[1]),
            run.claim(made.job(2), made.worst()),
            run.give_up(made.job(5)),
            run.holders(),
            run.keep([(made.job(6), reply)]),
        ]
        answers = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), BOUND)
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        assert errors, "the fault is met"
        assert all(isinstance(error, StoreError) for error in errors), errors
        assert all(error.next_step for error in errors)
        if name not in CALLS_ALONE:
            ended = await asyncio.wait_for(asyncio.gather(*waits, watches, return_exceptions=True), BOUND)
            assert all(isinstance(answer, StoreError) for answer in ended), ended
            with pytest.raises(StoreError):
                await asyncio.wait_for(run.claim(made.job(20), made.worst(1, 1)), BOUND)
        return errors

    errors = asyncio.run(main())
    assert {error.code for error in errors} == {"TAP853"}
    with contextlib.suppress(StoreError):
        store.close()


def test_after_a_fault_claims_are_refused_at_once_and_closing_ends(tmp_path, made):
    store = open_store(tmp_path)
    run = store.account("d")

    async def main():
        await run.claim(made.job(1), made.worst())
        behind(tmp_path, "DROP TABLE intents")
        for _ in range(3):
            with pytest.raises(StoreError) as caught:
                await asyncio.wait_for(run.claim(made.job(2), made.worst()), BOUND)
            assert caught.value.code == "TAP853"
        with pytest.raises(StoreError):
            await asyncio.wait_for(run.when_free(made.job(1).key), BOUND)

    asyncio.run(main())
    with pytest.raises(StoreError):
        store.close()
    store.close()


def test_a_mistake_of_a_caller_ends_the_run_too(tmp_path, made):
    """What is not a claim is settled, which nobody thought of: all hear of it, none waits."""
    store = open_store(tmp_path)
    run = store.account("d", Budget(total=Ceiling(cost=WORST)))

    async def main():
        await run.claim(made.job(1), made.worst())
        waits, watches = run.claim(made.job(2), made.worst()), run.when_free(made.job(1).key)
        await asyncio.sleep(0.05)
        told = await asyncio.wait_for(
            asyncio.gather(run._free("no claim", charge=True), waits, watches, return_exceptions=True), BOUND
        )
        assert {error.code for error in told} == {"TAP862"}
        with pytest.raises(StoreError):
            await run.claim(made.job(3), made.worst())

    asyncio.run(main())
    store.close()
    store = open_store(tmp_path)
    assert verify(store).sound
    store.close()


FILLING = """
    import asyncio, os, resource, signal, sys
    from pathlib import Path
    sys.path.insert(0, {here!r})
    from conftest import Made
    from tapc.ir import Budget, Ceiling
    from tapc.store import Claim, StoreError, open_store

    for step, pages in enumerate(map(int, sys.argv[2:])):
        if not os.fork():
            break  # a process for each step, with one start
        assert os.waitpid(-1, 0)[1] == 0
    else:
        os._exit(0)

    made, folder = Made(), Path(sys.argv[1]) / f"s{{step}}"
    sys.stdout = open(f"{{folder}}.said", "w")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = open_store(folder)
    run = store.account("d", Budget(total=Ceiling(cost=6 * 400_000)))
    size = (folder / "store.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + pages * 1024,) * 2)

    async def one(number):
        claim = await run.claim(made.job(number), made.worst())
        if not isinstance(claim, Claim):
            return
        kind = number % 4
        if kind == 3:
            await run.unknown(claim)
        elif kind == 2:
            await run.release(claim)
        else:
            await run.settle(claim, made.reply(os.urandom(1500).hex()), label="l", chars=9)
            print("kept", number, flush=True)

    async def main():
        results = await asyncio.wait_for(
            asyncio.gather(*(one(n) for n in range(40)), return_exceptions=True), 30
        )
        errors = [r for r in results if r is not None]
        assert all(isinstance(e, StoreError) for e in errors), errors[:3]
        print("codes", *sorted({{e.code for e in errors}}), flush=True)

    asyncio.run(main())
    try:
        store.close()
    except StoreError:
        pass
    print("closed", flush=True)
"""


def test_a_disk_that_is_full_at_any_write_ends_the_run(tmp_path, made):
    """The log may grow by 1 KB, 5 KB, …: the fault meets each statement of the first transactions in turn."""
    script = textwrap.dedent(FILLING.format(here=str(Path(__file__).parent)))
    ended = set()
    steps = (*range(0, 64, 4), 80, 100, 120, 150, 400)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *map(str, steps)],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for step in range(len(steps)):
        folder = tmp_path / f"s{step}"
        lines = (tmp_path / f"s{step}.said").read_text().splitlines()
        assert lines[-1] == "closed"
        codes = next(line for line in lines if line.startswith("codes")).split()[1:]
        assert set(codes) <= {"TAP854", "TAP855"}
        ended.add(bool(codes))
        kept = [int(line.split()[1]) for line in lines if line.startswith("kept")]
        store = open_store(folder)
        store.account("d").close()
        assert len(store.get([made.job(n).key for n in kept])) == len(kept), "what was told is kept"
        assert verify(store).sound
        assert accounts(store)[0].lines == () or accounts(store)[0].lines[0].held == Amount()
        store.close()
        shutil.rmtree(folder)
    assert True in ended, "the disk was full in some of them"
