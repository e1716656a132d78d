"""A loopback server whose every byte a test decides."""

import asyncio
import contextlib
import json

import pytest


class Received:
    """One request as it came in."""

    def __init__(self, head, body, connection):
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.headers = {n.strip().lower(): v.strip() for n, _, v in (line.partition(":") for line in lines[1:] if line)}
        self.body = body
        self.connection = connection

    @property
    def json(self):
        return json.loads(self.body)


class Loopback:
    """Calls `handler(request, writer)` for each request; a handler that returns bytes has them written."""

    def __init__(self, handler):
        self.handler = handler
        self.requests = []
        self.connections = 0
        self._writers = set()

    @property
    def chats(self):
        return [r for r in self.requests if r.method == "POST"]

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader, writer):
        self.connections += 1
        number = self.connections
        self._writers.add(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                request = Received(head[:-4], b"", number)
                request.body = await reader.readexactly(int(request.headers.get("content-length", 0)))
                self.requests.append(request)
                answer = await self.handler(request, writer)
                if answer is not None:
                    writer.write(answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()


def http(status, body, headers=(), reason="X"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} {reason}\r\n{lines}content-length: {len(body)}\r\n\r\n".encode() + body


def chat(text="hello", *, usage=(10, 5), finish="stop", headers=(), **message):
    body = {
        "model": "m-1",
        "system_fingerprint": "fp",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return http(200, body, headers)


class Wire:
    """What tests of this room need to speak HTTP by hand."""

    Loopback = Loopback
    http = staticmethod(http)
    chat = staticmethod(chat)

    @staticmethod
    def serve(*answers):
        """A server that gives these chat answers in turn, the last one for ever, and knows the models route."""
        turn = iter(answers)
        last = None

        async def handler(request, writer):
            nonlocal last
            if request.method == "GET":
                return http(200, {"data": []})
            last = next(turn, last)
            return await last(request, writer) if callable(last) else last

        return Loopback(handler)


@pytest.fixture(scope="session")
def wire():
    return Wire
