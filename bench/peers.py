# ruff: noqa: PLC0415 - each process imports only what it measures
"""Other clients, each in its own process: `python bench/peers.py KIND PORT COUNT CONCURRENCY`.

`raw` is asyncio with httptools and msgspec: a lower bound for all clients. `openai` is the unmodified openai package
with gather and a semaphore, as in a typical script; it stores nothing.
"""

import asyncio
import json
import sys
import time

TEXT = "Write one easy question (one step) about Mechanics. Give the question only, without its answer. " * 3


async def _each(count, concurrency, one):
    items = iter(range(count))

    async def worker():
        for index in items:
            await one(index)

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(concurrency)))
    return time.perf_counter() - begin


async def raw(port, count, concurrency):
    import msgspec

    from tapc.endpoints.client.environment import Address
    from tapc.endpoints.client.pool import Pool

    body = msgspec.json.encode({"model": "bench", "messages": [{"role": "user", "content": TEXT}], "max_tokens": 256})
    head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)
    pool = Pool(Address("127.0.0.1", port, False), concurrency)

    async def one(_):
        msgspec.json.decode((await pool.exchange(head, 300))[2])

    seconds = await _each(count, concurrency, one)
    await pool.aclose()
    return seconds


async def openai(port, count, concurrency):
    from openai import AsyncOpenAI

    client = AsyncOpenAI(api_key="x" * 20, base_url=f"http://127.0.0.1:{port}/v1", max_retries=0, timeout=300)
    free, texts = asyncio.Semaphore(concurrency), []

    async def one(_):
        async with free:
            made = await client.chat.completions.create(
                model="bench", messages=[{"role": "user", "content": TEXT}], max_tokens=256
            )
            texts.append(made.choices[0].message.content)

    begin = time.perf_counter()
    await asyncio.gather(*(one(index) for index in range(count)))
    seconds = time.perf_counter() - begin
    await client.close()
    return seconds


def main():
    kind, port, count, concurrency = sys.argv[1], *map(int, sys.argv[2:])
    work = {"raw": raw, "openai": openai}[kind](port, count, concurrency)
    if kind == "raw":
        import uvloop

        seconds = uvloop.run(work)
    else:
        seconds = asyncio.run(work)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
