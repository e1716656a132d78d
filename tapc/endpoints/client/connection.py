"""One HTTP/1.1 connection: one request at a time, parsed by httptools."""

import asyncio
from typing import Any

import httptools

from tapc.endpoints.client.intake import SMALL_BYTES, Allowance
from tapc.endpoints.replies.failures import Kind, TransportError

MAX_HEADER_BYTES = 256 * 1024
ERROR_BYTES = 64 * 1024
"""Kept of the body of an error; what follows is read and dropped."""

_FRAMING = 8
"""Bytes on the wire for each byte of a body at most: chunks of a few bytes cost about as much again."""

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers (names in lower case), body."""


class Connection(asyncio.Protocol):
    """A keep-alive connection; `exchange` writes a request and returns a future of the answer.

    The parser calls the `on_…` methods. Every failure closes the connection and fails the future, and nothing of what
    was received is kept. A reply beyond `SMALL_BYTES` waits for memory (see `intake`) with the socket unread; the time
    limit of the request stands still meanwhile, since it is not the server that is silent.
    """

    __slots__ = (
        "_allowance",
        "_body",
        "_complete",
        "_framed",
        "_headers",
        "_headers_done",
        "_left",
        "_loop",
        "_mark",
        "_parser",
        "_received",
        "_size",
        "_stated",
        "_status",
        "_transport",
        "closed",
        "deadline",
        "idle_since",
        "keep_alive",
        "waiter",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: Any = None
        self._parser: Any = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._body: list[bytes] = []
        self._allowance: Allowance | None = None
        self._received = self._status = self._size = self._stated = self._mark = 0
        self._left: float | None = None
        self._complete = self._headers_done = self._framed = False
        self.waiter: asyncio.Future[Answer] | None = None
        self.closed = False
        self.keep_alive = True
        self.deadline = self.idle_since = 0.0

    def connection_made(self, transport: Any) -> None:
        """Asyncio's protocol: connected."""
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)

    def exchange(self, request: bytes, deadline: float, allowance: Allowance) -> "asyncio.Future[Answer]":
        """Write a request; the pool's sweeper enforces the deadline (loop time)."""
        waiter = self.waiter = self._loop.create_future()
        self.deadline = deadline
        self._allowance = allowance
        self._headers, self._body = [], []
        self._received = self._size = self._stated = 0
        self._mark = SMALL_BYTES
        self._complete = self._headers_done = self._framed = False
        self._transport.write(request)
        return waiter

    def data_received(self, data: bytes) -> None:
        """Asyncio's protocol: bytes came."""
        if self.waiter is None:  # nothing was asked: what the server says cannot be trusted
            self.close()
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.fail("malformed", "the server wants to switch protocols")
            return
        except httptools.HttpParserError as error:
            if not self._complete:
                self.fail("malformed", f"the answer is not HTTP: {error}")
                return
            self.keep_alive = False  # bytes after a complete answer
        if self._received > self._mark and not self._bounded():
            return
        if self._complete:
            self._finish()

    def _bounded(self) -> bool:
        """Hold a large answer to its bounds: fails it, or stops reading until there is memory for it."""
        allowance = self._allowance
        limit = MAX_HEADER_BYTES if allowance is None else allowance.limit
        if not self._headers_done and not self._complete:
            if self._received > MAX_HEADER_BYTES:
                self.fail("oversize", f"the head of the answer is larger than {MAX_HEADER_BYTES:,} bytes")
                return False
            return True
        if max(self._size, self._stated) > limit or self._received > MAX_HEADER_BYTES + _FRAMING * limit:
            self.fail("oversize", f"the answer is larger than {limit:,} bytes, the most that the token limit allows")
            return False
        if self._complete or self._status >= 300 or allowance is None or allowance.asked:
            return True
        if not allowance.ask(self._stated or limit, self._resume):
            self._left, self.deadline = self.deadline - self._loop.time(), float("inf")
            self._transport.pause_reading()
        return True

    def _resume(self) -> None:
        """There is memory for the rest of the answer."""
        if self.closed or self._left is None:
            return
        self.deadline, self._left = self._loop.time() + self._left, None
        self._transport.resume_reading()

    def _finish(self) -> None:
        waiter, self.waiter = self.waiter, None
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer = (self._status, self._headers, body)
        self._forget()
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)
        if not self.keep_alive:
            self.close()

    def _forget(self) -> None:
        """Keep nothing of an answer that is handed on, or of no use."""
        self._headers, self._body, self._allowance, self._left = [], [], None, None

    def eof_received(self) -> None:
        """Asyncio's protocol: the server will send no more; ends an answer that has no length."""
        if self.waiter is not None and self._headers_done and not self._framed and not self._complete:
            self.keep_alive = False
            self._complete = True
            self._finish()

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's protocol: closed, by whomever."""
        if not self.closed and self.waiter is not None:
            part = "before it answered" if not self._received else "in the middle of its answer"
            self.fail("dropped", f"the server closed the connection {part}" + (f" ({exc})" if exc else ""))
        self.closed = True

    def fail(self, kind: Kind, detail: str) -> None:
        """Give the request up: its outcome is unknown, because it was written."""
        waiter, self.waiter = self.waiter, None
        self._forget()
        self.close(abort=True)
        if waiter is not None and not waiter.done():
            waiter.set_exception(TransportError(kind, detail, written=True))

    def close(self, *, abort: bool = False) -> None:
        """Close; nothing more is sent or read."""
        self.closed = True
        if self._transport is not None:
            if abort:
                self._transport.abort()
            else:
                self._transport.close()

    def fileno(self) -> int:
        """Descriptor of the socket, -1 where there is none any more."""
        sock = self._transport.get_extra_info("socket")
        return -1 if sock is None else sock.fileno()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: one header."""
        if self._complete:
            self.keep_alive = False  # a second answer that was not asked for
            return
        name = name.lower()
        if name in (b"content-length", b"transfer-encoding"):
            self._framed = True
            if name == b"content-length" and value.isdigit():
                self._stated = int(value[:20])
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Parser: the head is there."""
        if self._complete:
            return
        self._headers_done = True
        self._status = self._parser.get_status_code()
        self._framed = self._framed or self._status in (204, 304)
        if not self._parser.should_keep_alive():
            self.keep_alive = False

    def on_body(self, data: bytes) -> None:
        """Parser: a piece of the body."""
        if self._complete:
            return
        self._size += len(data)
        if self._status < 300 or self._size <= ERROR_BYTES:
            self._body.append(data)
        elif (fits := ERROR_BYTES + len(data) - self._size) > 0:
            self._body.append(data[:fits])

    def on_message_complete(self) -> None:
        """Parser: the answer is whole; interim answers (1xx) only announce another one."""
        if self._status >= 200:
            self._complete = True
        else:
            self._headers, self._body = [], []
            self._headers_done = self._framed = False
            self._stated = 0
