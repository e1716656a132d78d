"""CPU microseconds per operation of store and ledger, and the time until a settlement is durable.

    python bench/store_ops.py [JOBS] [CONCURRENCY]

Each worker claims a job, settles it with a reply of about 2 KB, and continues, as with an endpoint that answers at
once. CPU counts all threads of the process; wall times depend on the disk.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tapc.ir import Budget, Ceiling, Price
from tapc.jobs import Draw, Job, Message, Recipe, Reply, Usage, WorstCase
from tapc.store import Claim, Store, open_store

RECIPE = Recipe("write", "pen", "m", "m", "real", b"{}", None, 0, False, 500, 1, 8, Price(input=1, output=1))
WORST = WorstCase(500, 500, 1000)
BUDGET = Budget(total=Ceiling(cost=10**15), per_run=Ceiling(tokens=10**12))


def replies() -> list[Reply]:
    chance = random.Random(1)
    words = ["".join(chance.choices("etaoinshrdlu", k=chance.randint(2, 9))) for _ in range(3000)]
    texts = [" ".join(chance.choices(words, k=310)) for _ in range(200)]
    return [
        Reply("ok", (text,), Usage(400, 300), 700, model="m", origin="http://127.0.0.1/v1", finishes=("stop",))
        for text in texts
    ]


async def write(store: Store, jobs: list[Job], concurrency: int) -> None:
    run, made = store.account("bench", BUDGET), replies()
    left, waits = iter(jobs), []

    async def worker() -> None:
        for job in left:
            claim = await run.claim(job, WORST)
            assert isinstance(claim, Claim)
            asked = time.perf_counter()
            await run.settle(claim, made[job.key[0] % 200], label="write/pen/de", chars=2000)
            waits.append(time.perf_counter() - asked)

    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    waits.sort()
    print(f"claim + settle   {cpu / len(jobs) * 1e6:6.1f} µs CPU   {len(jobs) / wall:8.0f} jobs/s")
    print(f"durable after    {waits[len(waits) // 2] * 1e3:6.1f} ms median   {waits[-1] * 1e3:6.1f} ms at most")


def read(store: Store, jobs: list[Job]) -> None:
    cpu = time.process_time()
    for start in range(0, len(jobs), 500):
        found = store.get([job.key for job in jobs[start : start + 500]])
        assert len(found) == len(jobs[start : start + 500])
    print(f"get, by 500      {(time.process_time() - cpu) / len(jobs) * 1e6:6.1f} µs CPU")
    cpu = time.process_time()
    assert len(store.contains([job.key for job in jobs])) == len(jobs)
    print(f"contains         {(time.process_time() - cpu) / len(jobs) * 1e6:6.1f} µs CPU")


def main() -> None:
    count, concurrency = (int(value) for value in (sys.argv[1:] + ["20000", "128"][len(sys.argv) - 1 :]))
    system = Message("system", "You write exam questions for a science course.")
    jobs = [
        Job(
            os.urandom(32),
            RECIPE,
            (system, Message("user", f"Write question {n}. {'x' * 300}")),
            Draw(3, b"c" * 16, n, 0, 0),
        )
        for n in range(count)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        try:
            asyncio.run(write(store, jobs, concurrency))
            read(store, jobs)
        finally:
            store.close()
        size = (Path(folder) / "store.db").stat().st_size
        print(f"on disk          {size / count:6.0f} bytes per reply of {len(replies()[0].texts[0])} characters")


if __name__ == "__main__":
    main()
