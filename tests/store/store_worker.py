"""A run in a process of its own, with a server that writes every bill to a file; killed by the tests.

Arguments: folder, log, jobs, cap, workers, seconds a request. Lines of the log: `bill N COST` when the server answers,
`read N TIME` when the client has the reply, `kept N` when its settlement has returned, `shut` before closing.
"""

import asyncio
import os
import random
import sys
from pathlib import Path

from tapc.ir import Budget, Ceiling, Price
from tapc.jobs import Job, Message, Recipe, Reply, Usage, WorstCase
from tapc.store import Busy, Claim, Denied, open_store

PRICE = Price(input=1_000, output=3_000)
RECIPE = Recipe("write", "pen", "m", "m", "real", b"{}", None, 0, False, 100, 1, 8, PRICE)
WORST = WorstCase(100, 100, 400_000)


def job(number):
    return Job(number.to_bytes(32, "big"), RECIPE, (Message("user", "hello"),))


async def ask(run, number, log, pause):
    while True:
        answer = await run.claim(job(number), WORST)
        if isinstance(answer, Busy):
            await run.when_free(job(number).key)
            continue
        if not isinstance(answer, Claim):
            return answer
        await asyncio.sleep(pause * random.random() * 2)
        luck = random.random()
        if luck < 0.1:
            await run.release(answer)  # refused, not billed
            continue
        used = random.randint(1, 100)
        cost = 40_000 + used * 3_000
        os.write(log, f"bill {number} {cost}\n".encode())
        if luck < 0.2:
            await run.unknown(answer)  # billed, and the answer was lost
            continue
        os.write(log, f"read {number}\n".encode())
        await run.settle(answer, Reply("ok", (str(number) * 50,), Usage(40, used), cost, origin="sim:"))
        os.write(log, f"kept {number}\n".encode())
        return None


async def main(run, log, jobs, workers, pause):
    numbers = iter(jobs)

    async def worker():
        for number in numbers:
            if isinstance(await ask(run, number, log, pause), Denied):
                return

    await asyncio.gather(*(worker() for _ in range(workers)))


if __name__ == "__main__":
    folder, path, count, cap, workers, pause = sys.argv[1:]
    log = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    store = open_store(Path(folder))
    run = store.account("d", Budget(total=Ceiling(cost=int(cap))))
    os.write(log, b"open\n")
    missing = [n for n in range(int(count)) if not store.contains([job(n).key])]
    random.shuffle(missing)
    asyncio.run(main(run, log, missing, int(workers), float(pause)))
    os.write(log, b"shut\n")
    store.close()
