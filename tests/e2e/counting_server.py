"""A server that speaks OpenAI's protocol over a loopback socket, bills what it generates, and keeps its own count.

It is honest: it never generates more than `max_tokens` unless told to misbehave, charges the stated price, and reports
what it charged. Everything else can go wrong, as a test says for each request.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any, Self

INPUT_PRICE = 1_000_000
OUTPUT_PRICE = 4_000_000
"""Picodollars a token: `price { input $1/M, output $4/M }`."""


class Asked:
    """One request as the server saw it, with what it charged for it."""

    def __init__(self, number: int, body: dict[str, Any], headers: dict[str, str]) -> None:
        self.number = number
        self.body = body
        self.headers = headers
        self.billed = 0
        self.tokens = 0
        self.port = 0
        self.decided = False

    @property
    def prompt(self) -> str:
        """The last message."""
        return str(self.body["messages"][-1]["content"])

    @property
    def job(self) -> str:
        """What makes requests the same job."""
        return sha256(json.dumps(self.body, sort_keys=True).encode()).hexdigest()[:24]

    @property
    def limit(self) -> int:
        """Tokens it may be answered with."""
        return int(self.body["max_tokens"])


class Answer:
    """What to do with a request.

    Attributes:
        text: of the reply; None for words that name the request.
        status: 200, or an error.
        bills: whether the request was generated and charged.
        end: `whole`; `drop` (close unanswered), `hang` (never answer), `trickle` (a byte now and then), `part` (close
            in the middle of the body), `garbage` (a 200 that is no reply), `flood` (a body without end).
        usage: `report`, `none`, or what to report instead of the truth, as (input, output).
        factor: how many times `max_tokens` it writes, if it ignores it.
    """

    def __init__(
        self,
        text: str | None = None,
        *,
        status: int = 200,
        bills: bool = True,
        end: str = "whole",
        usage: str | tuple[int, int] = "report",
        factor: int = 0,
        finish: str = "stop",
        headers: tuple[tuple[str, str], ...] = (),
        delay: float = 0.0,
        message: dict[str, Any] | None = None,
        error: str = "told to fail",
    ) -> None:
        self.text = text
        self.status = status
        self.bills = bills
        self.end = end
        self.usage = usage
        self.factor = factor
        self.finish = finish
        self.headers = headers
        self.delay = delay
        self.message = message or {}
        self.error = error


class Charge:
    """What one request costs.

    Attributes:
        picodollars: the bill.
        usage: fields of the reply's `usage`, beside or instead of the counts.
        beside: fields of the reply's body.
    """

    def __init__(
        self, picodollars: int, usage: dict[str, Any] | None = None, beside: dict[str, Any] | None = None
    ) -> None:
        self.picodollars = picodollars
        self.usage = usage or {}
        self.beside = beside or {}


Behaviour = Callable[[Asked], Answer]


def well(_: Asked) -> Answer:
    """Answers everything."""
    return Answer(delay=0.01)


class CountingServer:
    """Use as a context manager; `url` is its address. Runs in a thread of its own.

    Args:
        behave: decides what happens to each request.
        models: status of the models route.
    """

    def __init__(self, behave: Behaviour = well, *, models: int = 200) -> None:
        self.behave = behave
        self.models = models
        self.asked: list[Asked] = []
        self.connections = 0
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def billed(self) -> int:
        """Picodollars charged so far."""
        return sum(asked.billed for asked in self.asked)

    @property
    def tokens(self) -> int:
        """Tokens charged so far."""
        return sum(asked.tokens for asked in self.asked)

    def settle(self) -> None:
        """Wait until everything that has been sent to it is read, and billed or not, with no run left that sends more."""

        async def settled() -> None:
            for _ in range(20):  # each turn of its loop reads what has come in
                await asyncio.sleep(0.005)
            while not all(asked.decided for asked in self.asked):  # noqa: ASYNC110 - there is no event
                await asyncio.sleep(0.005)

        asyncio.run_coroutine_threadsafe(settled(), self._loop).result(60)

    def page(self, path: str) -> bytes:
        """The answer to a GET: of the models route, which tapc asks whether the server is there."""
        return http(self.models, {"data": [], "error": {"message": "told to"}})

    def charge(self, asked: Asked, given: int, made: int) -> Charge:
        """What a request costs, and what its reply says of that."""
        return Charge(given * INPUT_PRICE + made * OUTPUT_PRICE)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512))
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        if head[0].startswith("GET"):
            writer.write(self.page(head[0].split(" ")[1]))
            return True
        asked = Asked(len(self.asked), json.loads(content), headers)
        self.asked.append(asked)
        answer = self.behave(asked)
        await asyncio.sleep(answer.delay)
        return await self._answer(asked, answer, writer)

    async def _answer(self, asked: Asked, answer: Answer, writer: asyncio.StreamWriter) -> bool:
        given = 4 + len(asked.prompt.encode()) // 4
        text = f"Reply {asked.job} to request {asked.number}." if answer.text is None else answer.text
        made = asked.limit * answer.factor if answer.factor else min(asked.limit, 1 + len(text.encode()) // 4)
        charge = self.charge(asked, given, made) if answer.bills else None
        if charge is not None:
            asked.billed, asked.tokens = charge.picodollars, given + made
        asked.decided = True
        if answer.end == "drop":
            return False
        if answer.end == "hang":
            await asyncio.sleep(3600)
        if answer.status != 200:
            writer.write(http(answer.status, {"error": {"message": answer.error}}, answer.headers))
            return True
        usage = (given, made) if answer.usage == "report" else answer.usage
        body = completion(text, answer, usage if isinstance(usage, tuple) else None)
        if charge is not None:
            body |= charge.beside
            if "usage" in body:
                body["usage"] |= charge.usage
        if answer.end == "garbage":
            body = {"object": "list", "surprise": [1, 2]}
        await self._write(http(200, body, answer.headers), answer.end, writer)
        return answer.end in ("whole", "garbage")

    async def _write(self, message: bytes, end: str, writer: asyncio.StreamWriter) -> None:
        if end == "part":
            writer.write(message[:-20])
        elif end == "trickle":
            for at in range(len(message)):
                writer.write(message[at : at + 1])
                await writer.drain()
                await asyncio.sleep(0.05)
        elif end == "flood":
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
            for _ in range(4096):
                writer.write(chunk)
                await writer.drain()
        else:
            writer.write(message)
        await writer.drain()


def completion(text: str, answer: Answer, usage: tuple[int, int] | None) -> dict[str, Any]:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": text, **answer.message}
    body: dict[str, Any] = {
        "id": "c",
        "object": "chat.completion",
        "model": "counted-1",
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish}],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return body


def http(status: int, body: Any, headers: tuple[tuple[str, str], ...] = ()) -> bytes:
    """An HTTP/1.1 answer."""
    content = json.dumps(body).encode()
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {status} X\r\n{lines}content-length: {len(content)}\r\n\r\n".encode() + content
