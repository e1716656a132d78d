"""Bounds on what servers send: of one reply, and of all replies together."""

import asyncio
import json

import pytest

from tapc.endpoints.client import ReplicaClient, intake, resolve
from tapc.endpoints.client.intake import Allowance, Intake, reply_bytes
from tapc.endpoints.protocols import Capabilities
from tapc.ir import Endpoint, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, worst_case


def job(number=0, max_tokens=64, parameters=b'{"max_tokens":64}', n=1):
    recipe = Recipe("s", "e", "m", "m", "real", parameters, None, 0, False, max_tokens, n, 64, None)
    return JobFactory(recipe).job((Message("user", "hi"),), Draw(0, number.to_bytes(16, "big"), 0, 0, 0))


@pytest.mark.parametrize(
    ("output", "given", "parameters", "expected"),
    [
        (0, 0, b"{}", 1_000_000),
        (1000, 0, b"{}", 1_064_000),
        (1000, 500, b'{"temperature":0.5}', 1_072_000),
        (1000, 0, b'{"logprobs":true}', 1_576_000),
        (1000, 0, b'{"logprobs":false}', 1_064_000),
        (1000, 0, b'{"logprobs":true,"top_logprobs":20}', 1_000_000 + 1000 * (64 + 21 * 512)),
        (1000, 0, b'{"logprobs":5}', 1_000_000 + 1000 * (64 + 6 * 512)),
        (1000, 500, b'{"prompt_logprobs":1}', 1_064_000 + 500 * (16 + 2 * 512)),
        (10, 0, b'["sort","--logprobs"]', 1_000_640),
    ],
)
def test_the_limit_of_a_reply_follows_what_was_asked(output, given, parameters, expected):
    assert reply_bytes(output, given, parameters) == expected


async def asked(server, works, *, seconds=5.0):
    """Send jobs at once to a server."""
    spec = Endpoint(name="e", model="m", urls=(server.url,), transport=Transport(timeout_seconds=seconds))
    resolved, _ = resolve(spec, {})
    client = ReplicaClient(resolved, resolved.targets[0], Capabilities())

    async def one(work):
        return (await client.send(work, worst_case(work)))[0]

    try:
        return await asyncio.gather(*map(one, works))
    finally:
        await client.aclose()


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize(("over", "kind"), [(0, "ok"), (1, "oversize")])
def test_a_reply_is_read_to_the_last_byte_of_its_limit_and_not_beyond(wire, stated, over, kind):
    """64 tokens: 64 x 64 B + 1,000,000 B, and 16 B for each token of the prompt; the body is filled up with blanks."""
    work = job()
    limit = 64 * 64 + 1_000_000 + 16 * worst_case(work).input
    body = wire.chat("hello").partition(b"\r\n\r\n")[2].ljust(limit + over)

    async def handler(request, writer):
        if stated:
            return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body
        pieces = [body[i : i + 30_000] for i in range(0, len(body), 30_000)]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"

    async def main():
        async with wire.serve(handler) as server:
            return await asked(server, [work])

    (found,) = asyncio.run(main())
    assert (found.outcome if isinstance(found, Reply) else found.kind) == kind
    if over:
        assert found.bill == "unknown" and f"{limit:,}" in found.detail


def test_a_reply_that_says_it_is_too_large_is_not_waited_for(wire):
    """It states ten gigabytes and sends a little; the time limit is far away."""

    async def handler(request, writer):
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n" + b"z" * 200_000)
        await asyncio.sleep(60)

    async def main():
        async with wire.serve(handler) as server, asyncio.timeout(50):
            return await asked(server, [job()], seconds=60)

    assert asyncio.run(main())[0].kind == "oversize"


def test_of_an_error_only_what_its_text_needs_is_kept(wire):
    error = json.dumps({"error": {"message": "too busy " + "x" * 400_000}}).encode()
    server = wire.serve(wire.http(429, error), wire.chat())

    async def main():
        async with server:
            resolved, _ = resolve(Endpoint(name="e", model="m", urls=(server.url,)), {})
            client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
            results = [await client.send(job(i), worst_case(job(i))) for i in range(2)]
            await client.aclose()
            return results

    (failure, answer), (reply, _) = asyncio.run(main())
    assert failure.bill == "unbilled" and "too busy" in failure.detail and len(answer[2]) == 64 * 1024
    assert reply.outcome == "ok" and server.connections == 1, "the rest of the error is read, and the connection kept"


def test_large_replies_wait_for_memory_in_turn_and_their_time_stands_still(wire, monkeypatch):
    """Room for one of eight: they are read in turn, and none times out although the last waits longer than its limit."""
    own = Intake(1_000_000)
    monkeypatch.setattr(Allowance.__init__, "__defaults__", (own,))
    most, begun = 0, 0
    text = "word " * 180_000
    body = wire.chat(text).partition(b"\r\n\r\n")[2]

    async def handler(request, writer):
        nonlocal most, begun
        begun += 1
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:-10])
        await asyncio.sleep(0.5)
        most = max(most, own.granted)
        return body[-10:]

    async def main():
        async with wire.serve(handler) as server:
            return await asked(server, [job(i) for i in range(8)], seconds=3)

    replies = asyncio.run(main())
    assert begun == 8, "all were sent at once"
    assert [r.texts[0] == text for r in replies] == [True] * 8
    assert 0 < most <= 1_000_000 and own.granted == 0


def test_a_reply_that_waits_for_memory_may_end_in_any_way(wire, monkeypatch):
    """Cancelled, or the server goes: its place in the queue is given back, and the next is served."""
    own = Intake(1_000_000)
    monkeypatch.setattr(Allowance.__init__, "__defaults__", (own,))
    body = wire.chat("word " * 180_000).partition(b"\r\n\r\n")[2]

    async def main():
        release, sent = asyncio.Event(), []

        async def handler(request, writer):
            sent.append(request)
            turn = len(sent)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body[:-10])
            if turn == 1:
                await release.wait()
            return body[-10:]

        async with wire.serve(handler) as server, asyncio.timeout(50):
            spec = Endpoint(name="e", model="m", urls=(server.url,))
            resolved, _ = resolve(spec, {})
            client = ReplicaClient(resolved, resolved.targets[0], Capabilities())

            def one(number):
                return asyncio.create_task(client.send(job(number), worst_case(job(number))))

            first = one(0)
            while not own.granted:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
            second, third = one(1), one(2)
            while len(own._queue) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            second.cancel()
            release.set()
            done = [(await task)[0].outcome for task in (first, third)]
            await client.aclose()
            return done

    assert asyncio.run(main()) == ["ok", "ok"] and own.granted == 0


def test_the_queue_for_memory_is_served_in_order_and_always_moves():
    own, order = Intake(100), []
    first = own.ask(500, lambda: order.append("first"))
    assert first.held, "one is granted, whatever its size"
    second = own.ask(60, lambda: order.append("second"))
    third = own.ask(60, lambda: order.append("third"))
    fourth = own.ask(10, lambda: order.append("fourth"))
    assert not (second.held or third.held or fourth.held), "the small one does not overtake"
    own.give_back(first)
    assert order == ["second"] and own.granted == 60
    own.give_back(third)
    assert order == ["second", "fourth"] and own.granted == 70
    own.give_back(fourth)
    own.give_back(second)
    assert own.granted == 0


def test_the_process_has_one_bound():
    assert Allowance(1)._intake is intake.INTAKE
