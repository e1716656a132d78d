"""The simulated endpoint over real sockets."""

import asyncio
import contextlib
import json

import openai

from tapc.sim import parse_config, serve


def request(prompt="Explain rain in English.", **fields):
    body = json.dumps({"model": "sim", "messages": [{"role": "user", "content": prompt}], **fields}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(head.split("content-length: ")[1].split("\r\n")[0])
    return int(head.split(" ")[1]), await reader.readexactly(length)


async def with_server(config, work):
    server = await serve(config=parse_config(config))
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        return await asyncio.wait_for(work(server, reader, writer), 60)
    finally:
        writer.close()
        await server.close()


def test_keep_alive_and_pipelined_requests_are_answered_in_order():
    async def work(server, reader, writer):
        writer.write(b"".join(request(f"Explain “topic{i}” in English.") for i in range(20)))
        texts = [json.loads((await answer(reader))[1])["choices"][0]["message"]["content"] for _ in range(20)]
        assert all(f"topic{i}" in text for i, text in enumerate(texts))
        for piece in (request()[:30], request()[30:100], request()[100:]):
            writer.write(piece)
            await writer.drain()
        assert (await answer(reader))[0] == 200
        assert server.requests == 21

    asyncio.run(with_server("latency=0.001..0.003", work))


def test_what_is_not_http_gets_400_and_the_connection_is_closed():
    async def work(server, reader, writer):
        writer.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
        assert (await answer(reader))[0] == 400
        assert await reader.read() == b""

    asyncio.run(with_server("", work))


def test_chunked_bodies_and_expectations_are_understood():
    async def work(server, reader, writer):
        body = json.dumps({"model": "sim", "messages": [{"role": "user", "content": "Hi"}]}).encode()
        writer.write(
            b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))
        assert (await answer(reader))[0] == 200

    asyncio.run(with_server("", work))


def test_drops_close_the_connection_before_or_within_the_answer():
    async def before(server, reader, writer):
        writer.write(request())
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""

    async def midway(server, reader, writer):
        writer.write(request())
        data = await reader.read()
        head, _, body = data.partition(b"\r\n\r\n")
        promised = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        assert 0 < len(body) < promised

    asyncio.run(with_server("rate_drop=1", before))
    asyncio.run(with_server("rate_drop_midway=1", midway))


def test_the_openai_client_talks_to_it():
    async def work(server, reader, writer):
        client = openai.AsyncOpenAI(api_key="k", base_url=server.url, max_retries=0)
        messages = [{"role": "user", "content": "Explain rain in English."}]
        whole = await client.chat.completions.create(model="sim", messages=messages, seed=4)
        stream = await client.chat.completions.create(model="sim", messages=messages, seed=4, stream=True)
        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])
        assert text == whole.choices[0].message.content
        assert "sim" in [model.id async for model in client.models.list()]
        await client.close()

    asyncio.run(with_server("key=k", work))
