"""CPU milliseconds per job of dispatcher and client, against a loopback server and a ledger that does nothing."""

import argparse
import asyncio
import subprocess
import sys
import time

from client import SERVER, jobs
from server import BODY

from tapc.endpoints.dispatch import Dispatcher
from tapc.ir import Endpoint, Price
from tapc.store import Claim, Settled


class FreeLedger:
    """Grants every claim at once and books nothing, so that only the dispatcher is measured."""

    def _done(self, value):
        future = asyncio.get_running_loop().create_future()
        future.set_result(value)
        return future

    def claim(self, job, worst):
        recipe = job.recipe
        return self._done(Claim("bench", job.key, recipe.step, recipe.endpoint, recipe.realm, worst, None))

    def settle(self, _claim, reply, **_statistics):
        return self._done(Settled(reply.cost, False))

    def release(self, _claim):
        return self._done(None)

    unknown = release


async def run(port, count, concurrency, handler=None):
    work, ended = jobs(count), 0

    class Refill:
        def put(self, _job, reply):
            nonlocal ended
            ended += reply.outcome == "ok"
            if (job := next(items, None)) is not None:
                dispatcher.submit(job)

    endpoint = Endpoint(
        name="e",
        model="sim" if handler else "bench",
        urls=() if handler else (f"http://127.0.0.1:{port}/v1",),
        price=None if handler else Price(input=1, output=1),
    )
    dispatcher = Dispatcher([endpoint], FreeLedger(), Refill(), environ={}, embedded=handler, concurrency=concurrency)
    problems = await dispatcher.start()
    assert not problems, problems
    items = iter(work)
    before, wall = time.process_time(), time.perf_counter()
    for _ in range(2 * concurrency):
        dispatcher.submit(next(items))
    await dispatcher.drain()
    cpu, rate = (time.process_time() - before) / count * 1000, count / (time.perf_counter() - wall)
    await dispatcher.aclose()
    assert ended == count, (ended, count)
    return cpu, rate


async def in_process(_, count, concurrency):
    async def handler(_head, _body):
        return 200, [(b"content-type", b"application/json")], BODY

    return await run(0, count, concurrency, handler)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds the server takes")
    options = parser.parse_args()
    command = [sys.executable, str(SERVER), "--delay", str(options.delay)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline())
    try:
        for name, way in (("dispatcher, over a socket", run), ("dispatcher, in process", in_process)):
            cpu, rate = asyncio.run(way(port, options.requests, options.concurrency))
            ideal = f"  {rate * options.delay / options.concurrency:.0%} of ideal" if options.delay else ""
            print(f"{name:28} {cpu:7.3f} ms CPU/job  {rate:7.0f} jobs/s{ideal}")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
