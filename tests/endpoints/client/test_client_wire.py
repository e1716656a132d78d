"""The client over real sockets: what is sent, what a reply means, and every way a server can misbehave."""

import asyncio
import json

import pytest

from tapc.endpoints.client import Failure, ReplicaClient, resolve
from tapc.endpoints.protocols import Capabilities
from tapc.ir import Endpoint, EnvRef, Price, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Usage, derived_seed, worst_case

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5}},
        "required": ["score"],
        "additionalProperties": False,
    }
).encode()


def job(**changes):
    fields = {
        "step": "s", "endpoint": "e", "model": "m", "identity": "m", "realm": "real",
        "parameters": b'{"max_tokens":64,"temperature":0.5}', "schema": None, "draw_group": 0, "seeded": False,
        "max_tokens": 64, "n": 1, "overhead": 64, "price": Price(input=2, output=10, cached_input=1),
    } | changes  # fmt: skip
    return JobFactory(Recipe(**fields)).job((Message("user", "hi"),), Draw(0, b"c" * 16, 0, 0, 0))


def ask(server, work, *, seconds=5.0, environ=None, path="", endpoint=None, capabilities=None):
    """Send one job (or several, in turn) to a server and return what each came to."""

    async def run():
        async with server:
            spec = endpoint or Endpoint(
                name="e", model="m", urls=(server.url + path,), transport=Transport(timeout_seconds=seconds)
            )
            if endpoint is not None:
                spec = spec.model_copy(update={"urls": (server.url + path,)})
            resolved, problems = resolve(spec, environ or {})
            assert not problems
            client = ReplicaClient(resolved, resolved.targets[0], capabilities or Capabilities())
            results = []
            for item in work if isinstance(work, list) else [work]:
                result, _ = await client.send(item, worst_case(item))
                results.append(result)
            await client.aclose()
            return results

    results = asyncio.run(run())
    return results if isinstance(work, list) else results[0]


def test_client_sends_the_recipe_and_reads_the_reply(wire):
    server = wire.serve(wire.chat("Hello."))
    reply = ask(server, job(seeded=True))
    assert (reply.outcome, reply.texts, reply.model, reply.fingerprint) == ("ok", ("Hello.",), "m-1", "fp")
    assert reply.usage == Usage(10, 5) and reply.cost == 10 * 2 + 5 * 10
    assert reply.origin == server.url
    sent = server.requests[0]
    assert sent.target == "/v1/chat/completions" and sent.method == "POST"
    assert sent.json == {
        "model": "m", "max_tokens": 64, "temperature": 0.5,
        "messages": [{"role": "user", "content": "hi"}], "seed": derived_seed(job(seeded=True).key),
    }  # fmt: skip
    assert "authorization" not in sent.headers and "openai" in sent.headers["user-agent"].lower()


def test_client_keeps_its_connection(wire):
    server = wire.serve(wire.chat())
    ask(server, [job(draw_group=i) for i in range(5)])
    assert server.connections == 1


def test_client_reads_keys_headers_and_azure_queries_from_the_environment(wire):
    endpoint = Endpoint(
        name="e",
        model="m",
        key=EnvRef(name="KEY"),
        transport=Transport(headers=(("X-Team", EnvRef(name="TEAM", default="red")), ("X-Fix", "1"))),
    )
    server = wire.serve(wire.chat())
    ask(server, job(), endpoint=endpoint, environ={"KEY": " sk-abc\n"}, path="/deployments/d?api-version=7")
    sent = server.requests[0]
    assert sent.target == "/v1/deployments/d/chat/completions?api-version=7"
    assert sent.headers["authorization"] == "Bearer sk-abc"
    assert (sent.headers["x-team"], sent.headers["x-fix"]) == ("red", "1")


@pytest.mark.parametrize(
    ("message", "finish", "outcome", "text", "thought"),
    [
        ({"text": "cut"}, "length", "length", "cut", ""),
        ({"text": ""}, "content_filter", "filtered", "", ""),
        ({"text": None, "refusal": "I can't."}, "stop", "refusal", "I can't.", ""),
        ({"text": "4", "reasoning_content": "2+2"}, "stop", "ok", "4", "2+2"),
        ({"text": "4", "reasoning": "2+2"}, "stop", "ok", "4", "2+2"),
        ({"text": "\n<think>2+2</think>\n\n4"}, "stop", "ok", "4", "2+2"),
        ({"text": "<think>2+2 is"}, "length", "length", "", "2+2 is"),
        ({"text": "so <think> is a word"}, "stop", "ok", "so <think> is a word", ""),
        ({"text": "a<|im_end|>b"}, "stop", "invalid", "a<|im_end|>b", ""),
        ({"text": "x [INST] y"}, "stop", "invalid", "x [INST] y", ""),
        ({"text": "f <| g |> h"}, "stop", "ok", "f <| g |> h", ""),
        ({"text": "half \ud83d"}, "stop", "invalid", "half \ufffd", ""),
        ({"text": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}, "stop", "ok", "ab", ""),
        ({"text": "मौसम 😀"}, None, "ok", "मौसम 😀", ""),
    ],
)
def test_client_recognizes_outcomes(wire, message, finish, outcome, text, thought):
    reply = ask(wire.serve(wire.chat(message.pop("text"), finish=finish, **message)), job())
    assert (reply.outcome, reply.texts[0]) == (outcome, text)
    assert reply.reasoning == ((thought,) if thought else ())


@pytest.mark.parametrize(
    ("text", "outcome", "kept"),
    [
        ('{"score": 4}', "ok", '{"score": 4}'),
        ('```json\n{"score": 4}\n```', "ok", '{"score": 4}'),
        ('{"score": 9}', "invalid", '{"score": 9}'),
        ('{"score": 4, "x": 1}', "invalid", '{"score": 4, "x": 1}'),
        ('{"score": true}', "invalid", '{"score": true}'),
        ('{"score": 4.0}', "ok", '{"score": 4.0}'),
        ("Sure: 4", "invalid", "Sure: 4"),
        ('{"score": NaN}', "invalid", '{"score": NaN}'),
    ],
)
def test_client_validates_structured_replies(wire, text, outcome, kept):
    server = wire.serve(wire.chat(text))
    reply = ask(server, job(schema=SCHEMA))
    assert (reply.outcome, reply.texts[0]) == (outcome, kept)
    asked = server.requests[0].json["response_format"]
    assert asked["type"] == "json_schema" and asked["json_schema"]["schema"] == json.loads(SCHEMA)


def test_client_puts_the_schema_into_the_prompt_where_response_format_is_refused(wire):
    refusal = wire.http(400, {"error": {"message": "response_format is not supported by this model"}})
    server = wire.serve(refusal, wire.chat('{"score": 4}'))
    first, second, third = ask(server, [job(schema=SCHEMA, draw_group=i) for i in range(3)])
    assert isinstance(first, Failure) and first.bill == "unbilled" and first.changed and first.retry
    assert second.outcome == third.outcome == "ok"
    sent = server.requests[1].json
    assert "response_format" not in sent and '"minimum": 1' in sent["messages"][0]["content"]


def test_client_drops_a_derived_seed_that_is_refused(wire):
    server = wire.serve(wire.http(422, {"detail": "Extra inputs are not permitted: seed"}), wire.chat())
    first, second = ask(server, [job(seeded=True), job(seeded=True, draw_group=1)])
    assert first.changed and second.outcome == "ok" and "seed" not in server.requests[1].json


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 4}}, Usage(9, 3, 4)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 40}, Usage(9, 31)),
        ({"prompt_tokens": 9, "completion_tokens": 3, "prompt_cache_hit_tokens": 8}, Usage(9, 3, 8)),
        ({"prompt_tokens": 9, "completion_tokens": 3.0, "total_tokens": None}, Usage(9, 3)),
        ({"prompt_tokens": 9, "completion_tokens": 0, "total_tokens": 9}, None),
        ({"prompt_tokens": -1, "completion_tokens": 5}, None),
        ({}, None),
        (None, None),
    ],
)
def test_client_reads_usage_or_assumes_the_worst(wire, usage, expected):
    body = {"choices": [{"message": {"content": "hello"}}], "usage": usage}
    work = job()
    worst = worst_case(work)
    reply = ask(wire.serve(wire.http(200, body)), work)
    if expected is None:
        assert reply.usage == Usage(worst.input, worst.output, 0, estimated=True) and reply.cost == worst.cost
    else:
        assert reply.usage == expected


def test_client_reads_several_completions_in_order(wire):
    choices = [{"index": i, "message": {"content": str(i)}, "finish_reason": "stop"} for i in (2, 0, 1)]
    usage = {"prompt_tokens": 5, "completion_tokens": 3}
    reply = ask(wire.serve(wire.http(200, {"choices": choices, "usage": usage})), job(n=3))
    assert reply.texts == ("0", "1", "2")


def test_client_asks_reward_models(wire):
    scored = {"data": [{"index": 0, "score": 0.75}], "usage": {"prompt_tokens": 12, "total_tokens": 12}}
    server = wire.serve(wire.http(200, scored))
    reply = ask(server, job(kind="score"))
    assert server.requests[0].target == "/score" and server.requests[0].json["text_2"] == "hi"
    assert reply.texts == ("0.75",) and reply.usage == Usage(12, 0)
    server = wire.serve(wire.http(200, {"data": [{"index": 0, "data": [[-1.5]]}]}))
    reply = ask(server, job(kind="pooling"))
    assert server.requests[0].target == "/pooling" and server.requests[0].json["messages"][0]["content"] == "hi"
    assert reply.texts == ("-1.5",)
    missing = wire.http(404, {"error": "no such route"})
    server = wire.serve(missing, wire.http(200, scored))
    refused, reply = ask(server, [job(kind="pooling"), job(kind="pooling")])
    assert refused.retry and refused.changed and not refused.fault
    assert [r.target for r in server.requests] == ["/pooling", "/score"] and reply.texts == ("0.75",)
    server = wire.serve(missing)
    assert ask(server, [job(kind="pooling")] * 2)[1].fault == "missing", "neither route is there"


def test_client_discards_replies_that_echo_a_long_secret_only(wire):
    endpoint = Endpoint(name="e", model="m", key=EnvRef(name="KEY"))
    server = wire.serve(wire.chat("the key is sk-0123456789abcdef"))
    leak = ask(server, job(), endpoint=endpoint, environ={"KEY": "sk-0123456789abcdef"})
    assert leak.outcome == "leak" and leak.texts == ("",) and "abcdef" not in repr(leak)
    fine = ask(wire.serve(wire.chat("EMPTY is fine")), job(), endpoint=endpoint, environ={"KEY": "EMPTY"})
    assert fine.outcome == "ok" and fine.texts == ("EMPTY is fine",)


def test_client_masks_secrets_in_failures_and_representations(wire):
    endpoint = Endpoint(name="e", model="m", key=EnvRef(name="KEY"))
    secret = "sk-0123456789abcdef"
    server = wire.serve(wire.http(401, {"error": {"message": f"Incorrect API key provided: {secret}"}}))
    failure = ask(server, job(), endpoint=endpoint, environ={"KEY": secret})
    assert failure.fault == "auth" and failure.bill == "unbilled" and secret not in repr(failure)
    resolved, _ = resolve(endpoint.model_copy(update={"urls": ("http://h/v1",)}), {"KEY": secret})
    assert secret not in repr(resolved)


@pytest.mark.parametrize(
    ("status", "headers", "bill", "retry", "congested", "wait", "fault"),
    [
        (400, (), "unbilled", False, False, None, ""),
        (401, (), "unbilled", False, False, None, "auth"),
        (403, (), "unbilled", False, False, None, "auth"),
        (404, (), "unbilled", False, False, None, "missing"),
        (408, (), "unknown", True, False, None, ""),
        (499, (), "unknown", True, False, None, ""),
        (424, (), "unknown", True, False, None, ""),
        (444, (), "unknown", False, False, None, ""),
        (460, (), "unknown", False, False, None, ""),
        (498, (), "unbilled", True, True, None, ""),
        (413, (), "unbilled", False, False, None, ""),
        (425, (), "unbilled", True, False, None, ""),
        (504, (), "unknown", True, False, None, ""),
        (524, (), "unknown", True, False, None, ""),
        (409, (), "unbilled", True, False, None, ""),
        (422, (), "unbilled", False, False, None, ""),
        (429, (("Retry-After", "7"),), "unbilled", True, True, 7.0, ""),
        (429, (("retry-after-ms", "250"), ("retry-after", "1")), "unbilled", True, True, 0.25, ""),
        (429, (("llm_provider-retry-after", "3"),), "unbilled", True, True, 3.0, ""),
        (
            429,
            (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "4s")),
            "unbilled",
            True,
            True,
            4.0,
            "",
        ),
        (429, (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "9000")), "unbilled", True, True, 60.0, ""),
        (500, (), "unknown", True, False, None, ""),
        (503, (("Retry-After", "2"),), "unknown", True, True, 2.0, ""),
        (503, (), "unknown", True, True, None, ""),
        (529, (), "unknown", True, True, None, ""),
        (302, (("Location", "https://elsewhere/v1"),), "unbilled", False, False, None, "redirect"),
    ],
)
def test_client_classifies_statuses(wire, status, headers, bill, retry, congested, wait, fault):
    failure = ask(wire.serve(wire.http(status, {"error": {"message": "no"}}, headers)), job())
    assert (failure.bill, failure.retry, failure.congested) == (bill, retry, congested)
    assert (failure.retry_after, failure.fault, failure.status) == (wait, fault, status)


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ((("Location", "https://elsewhere/v1"),), {}, "HTTP 307: see https://elsewhere/v1"),
        ((), {"error": {"message": "moved house"}}, "HTTP 307: a redirect that names no address; moved house"),
        ((("Location", ""),), "", "HTTP 307: a redirect that names no address"),
    ],
)
def test_client_says_where_a_redirect_leads(wire, headers, body, said):
    assert ask(wire.serve(wire.http(307, body, headers)), job()).detail == said


def test_client_tells_used_up_credit_from_rate_limits(wire):
    failure = ask(wire.serve(wire.http(429, {"error": {"message": "x", "code": "insufficient_quota"}})), job())
    assert failure.fault == "quota" and not failure.retry


def test_client_takes_a_filtered_prompt_as_an_unbilled_outcome(wire):
    reply = ask(wire.serve(wire.http(400, {"error": {"code": "content_filter", "message": "no"}})), job())
    assert reply.outcome == "filtered" and reply.cost == 0 and reply.usage == Usage(0, 0)


async def drop(request, writer):
    writer.transport.abort()


async def midway(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{")
    await writer.drain()
    writer.transport.close()


async def hang(request, writer):
    await asyncio.sleep(30)


async def trickle(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(300):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def endless_header(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x-more: " + b"y" * 8000 + b"\r\n")
        await writer.drain()


async def endless_body(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n")
    while True:
        writer.write(b"z" * 1_000_000)
        await writer.drain()


async def endless_error(request, writer):
    writer.write(b"HTTP/1.1 429 X\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"f4240\r\n" + b"z" * 1_000_000 + b"\r\n")
        await writer.drain()


async def tiny_chunks(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write((b"1;" + b"x" * 500 + b"\r\nz\r\n") * 1000)
        await writer.drain()


async def endless_chunks(request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"f4240\r\n" + b"z" * 1_000_000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("handler", "kind"),
    [
        (drop, "dropped"),
        (midway, "dropped"),
        (hang, "timeout"),
        (trickle, "timeout"),
        (endless_header, "oversize"),
        (endless_body, "oversize"),
        (endless_chunks, "oversize"),
        (endless_error, "oversize"),
        (tiny_chunks, "oversize"),
    ],
)
def test_client_survives_hostile_servers(wire, handler, kind):
    failure = ask(wire.serve(handler), job(), seconds=0.4 if kind == "timeout" else 20.0)
    assert (failure.kind, failure.bill, failure.retry) == (kind, "unknown", True)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnope",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        b'HTTP/1.1 200 OK\r\ncontent-length: 14\r\n\r\n{"choices":[]}',
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\xff\xfe\xfd",
        b"HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    ],
)
def test_client_takes_nonsense_as_unknown(wire, answer):
    failure = ask(wire.serve(answer), job(), seconds=2.0)
    assert (failure.kind, failure.bill) == ("malformed", "unknown")


def test_client_reads_chunks_interim_answers_and_answers_without_length(wire):
    body = wire.chat().partition(b"\r\n\r\n")[2]
    half = len(body) // 2
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (
        half, body[:half], len(body) - half, body[half:],
    )  # fmt: skip
    interim = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + wire.chat()

    async def until_close(request, writer):
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    replies = ask(wire.serve(chunked, interim, until_close, wire.chat()), [job(draw_group=i) for i in range(4)])
    assert [r.outcome for r in replies] == ["ok"] * 4


def test_client_never_writes_into_a_connection_that_is_closing(wire):
    """The server closes after each answer without saying so, as one whose keep-alive time ends."""

    async def once(request, writer):
        writer.write(wire.chat())
        await writer.drain()
        writer.close()

    server = wire.serve(once)

    async def run():
        async with server:
            resolved, _ = resolve(Endpoint(name="e", model="m", urls=(server.url,)), {})
            client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
            outcomes = []
            for index in range(5):
                work = job(draw_group=index)
                outcomes.append((await client.send(work, worst_case(work)))[0].outcome)
                await asyncio.sleep(0.02)
            await client.aclose()
            return outcomes

    assert asyncio.run(run()) == ["ok"] * 5
    assert server.connections == 5


def test_client_drops_a_connection_that_speaks_unasked(wire):
    server = wire.serve(wire.chat() + wire.chat("not asked for"), wire.chat("second"))
    first, second = ask(server, [job(), job(draw_group=1)])
    assert (first.texts, second.texts) == (("hello",), ("second",)) and server.connections == 2


def test_client_reports_unbilled_where_nothing_was_written():
    async def send(url):
        resolved, _ = resolve(Endpoint(name="e", model="m", urls=(url,)), {})
        client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
        work = job()
        result, _ = await client.send(work, worst_case(work))
        await client.aclose()
        return result

    refused = asyncio.run(send("http://127.0.0.1:9/v1"))
    assert (refused.kind, refused.bill, refused.retry) == ("connect", "unbilled", True)
    nowhere = asyncio.run(send("http://no-such-host.invalid/v1"))
    assert (nowhere.kind, nowhere.bill) == ("dns", "unbilled")


def test_client_cancelled_while_it_waits_closes_the_connection(wire):
    server = wire.serve(hang, wire.chat())

    async def run():
        async with server:
            resolved, _ = resolve(Endpoint(name="e", model="m", urls=(server.url,)), {})
            client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
            work = job()
            task = asyncio.create_task(client.send(work, worst_case(work)))
            while not server.chats:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            reply, _ = await client.send(work, worst_case(work))
            await client.aclose()
            return reply

    assert asyncio.run(run()).outcome == "ok" and server.connections == 2


def test_client_bounds_its_connections(wire):
    from tapc.endpoints.client.environment import Address
    from tapc.endpoints.client.pool import Pool

    busy = 0
    peak = 0

    async def slow(request, writer):
        nonlocal busy, peak
        busy += 1
        peak = max(peak, busy)
        await asyncio.sleep(0.01)
        busy -= 1
        return wire.chat()

    server = wire.serve(slow)

    async def run():
        async with server:
            pool = Pool(Address("127.0.0.1", server.port, False), 3)
            request = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n"
            answers = await asyncio.gather(*(pool.exchange(request, 5.0) for _ in range(20)))
            await pool.aclose()
            return answers

    assert [a[0] for a in asyncio.run(run())] == [200] * 20
    assert peak == 3 and server.connections == 3


def test_openai_methods_work_over_the_same_transport(wire):
    server = wire.Loopback(None)

    async def handler(request, writer):
        return wire.http(200, {"object": "list", "data": [{"id": "m-7", "object": "model"}]})

    server.handler = handler

    async def run():
        async with server:
            resolved, _ = resolve(Endpoint(name="e", model="m", urls=(server.url,)), {})
            client = ReplicaClient(resolved, resolved.targets[0], Capabilities())
            models = [model.id async for model in client.openai.models.list()]
            await client.aclose()
            return models

    assert asyncio.run(run()) == ["m-7"]
