"""CPU milliseconds per request of clients against one loopback server, in one run; compare the ratios."""

import argparse
import asyncio
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import openai
import uvloop
from server import BODY

from tapc.endpoints.client import ReplicaClient, resolve
from tapc.endpoints.client.environment import Address
from tapc.endpoints.client.pool import Pool
from tapc.endpoints.protocols import Capabilities
from tapc.ir import Endpoint
from tapc.jobs import Draw, JobFactory, Message, Recipe, worst_case

SERVER = Path(__file__).with_name("server.py")
TEXT = "Explain, for a curious reader, how tides come about. " * 4


def recipe():
    parameters = b'{"max_tokens":256,"temperature":0.7}'
    return Recipe("s", "e", "bench", "bench", "real", parameters, None, 0, True, 256, 1, 64, None)


def jobs(count):
    factory = JobFactory(recipe())
    return [
        factory.job((Message("user", TEXT),), Draw(0, index.to_bytes(16, "big"), 0, 0, 0)) for index in range(count)
    ]


async def many(count, concurrency, one):
    items = iter(range(count))

    async def worker():
        for index in items:
            await one(index)

    before, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return (time.process_time() - before) / count * 1000, count / (time.perf_counter() - wall)


def replica(port, handler=None):
    url = () if handler else (f"http://127.0.0.1:{port}/v1",)
    resolved, _ = resolve(Endpoint(name="e", model="bench" if url else "sim", urls=url), {})
    return ReplicaClient(resolved, resolved.targets[0] if url else None, Capabilities(), handler)


async def ours(port, count, concurrency, handler=None):
    client, work = replica(port, handler), jobs(count)

    async def one(index):
        job = work[index]
        reply, _ = await client.send(job, worst_case(job))
        assert reply.outcome == "ok", reply

    await many(min(count, 500), concurrency, one)
    found = await many(count, concurrency, one)
    await client.aclose()
    return found


async def bare(port, count, concurrency):
    """Only asyncio, httptools and msgspec: a lower bound for all clients."""
    pool, body = Pool(Address("127.0.0.1", port, False), concurrency), msgspec.json.encode({"messages": TEXT})
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)

    async def one(_):
        msgspec.json.decode((await pool.exchange(head, 60))[2])

    found = await many(count, concurrency, one)
    await pool.aclose()
    return found


async def default(port, count, concurrency):
    client = openai.AsyncOpenAI(api_key="x" * 20, base_url=f"http://127.0.0.1:{port}/v1", max_retries=0)

    async def one(_):
        await client.chat.completions.create(
            model="bench", messages=[{"role": "user", "content": TEXT}], max_tokens=256, temperature=0.7
        )

    found = await many(count, concurrency, one)
    await client.close()
    return found


async def in_process(_, count, concurrency):
    async def handler(_head, _body):
        return 200, [(b"content-type", b"application/json")], BODY

    return await ours(0, count, concurrency, handler)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--uvloop", action="store_true")
    options = parser.parse_args()
    if options.uvloop:
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    server = subprocess.Popen([sys.executable, str(SERVER)], stdout=subprocess.PIPE, text=True)
    port = int(server.stdout.readline())
    base = None
    try:
        for name, client, share in (
            ("pool and httptools alone", bare, 1.0),
            ("tapc, over a socket", ours, 1.0),
            ("tapc, in process", in_process, 1.0),
            ("openai default", default, 0.2),
        ):
            cpu, rate = asyncio.run(client(port, int(options.requests * share), options.concurrency))
            base = base or cpu
            print(f"{name:28} {cpu:7.3f} ms CPU/request  x{cpu / base:5.1f}  {rate:7.0f} requests/s")
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
