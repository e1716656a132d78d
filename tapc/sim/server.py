"""The simulated endpoint over HTTP/1.1: keep-alive, pipelining, one protocol object per connection."""

import asyncio
from collections import deque
from typing import Any

import httptools

from tapc.sim.config import SimConfig
from tapc.sim.endpoint import SimulatedEndpoint
from tapc.sim.wire import BadRequest, SimResponse, error_response

MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_PIPELINED = 128

_REASONS = {
    200: b"OK",
    400: b"Bad Request",
    401: b"Unauthorized",
    404: b"Not Found",
    405: b"Method Not Allowed",
    413: b"Content Too Large",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
}


class SimServer:
    """A running server.

    Attributes:
        endpoint: what answers.
        host, port: where it listens.
        requests: how many requests were received whole.
    """

    def __init__(self, endpoint: SimulatedEndpoint) -> None:
        self.endpoint = endpoint
        self.host = ""
        self.port = 0
        self.requests = 0
        self.connections: set[HttpConnection] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Base URL for clients."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/v1"

    async def start(self, host: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: the address is taken or not ours.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: HttpConnection(self), host, port, backlog=1024)
        self.host, self.port = self._server.sockets[0].getsockname()[:2]

    async def wait_closed(self) -> None:
        """Serve until cancelled."""
        if self._server is not None:
            await self._server.serve_forever()

    async def close(self) -> None:
        """Stop listening and close every connection."""
        if self._server is not None:
            self._server.close()
            for connection in list(self.connections):
                connection.abort()
            await self._server.wait_closed()


async def serve(host: str = "127.0.0.1", port: int = 0, config: SimConfig | None = None) -> SimServer:
    """Start a server; port 0 takes a free one, which `SimServer.port` tells.

    Raises:
        OSError: the address is taken or not ours.
    """
    server = SimServer(SimulatedEndpoint(config))
    await server.start(host, port)
    return server


class HttpConnection(asyncio.Protocol):
    """One connection; requests are answered in the order they came. The parser calls the `on_…` methods."""

    def __init__(self, server: SimServer) -> None:
        self._server = server
        self._transport: Any = None
        self._parser: Any = None
        self._reset()
        self._waiting: deque[tuple[str, str, dict[str, str], bytes, bool]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._broken: SimResponse | None = None

    def _reset(self) -> None:
        self._url = b""
        self._headers: dict[str, str] = {}
        self._header_size = 0
        self._body: list[bytes] = []
        self._body_size = 0

    def connection_made(self, transport: Any) -> None:
        """Asyncio's protocol: connected."""
        self._transport = transport
        self._parser = httptools.HttpRequestParser(self)
        self._server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio passes it
        """Asyncio's protocol: closed, by whomever."""
        self._server.connections.discard(self)
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Asyncio's protocol: bytes came."""
        if self._broken is not None:
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(BadRequest("this server switches no protocols", 400))
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, BadRequest) else BadRequest("the request cannot be read"))
        except httptools.HttpParserError as error:
            self._refuse(BadRequest(f"this is not HTTP: {error}"))

    def _refuse(self, error: BadRequest) -> None:
        self._broken = error_response(error)
        self._next()

    def on_url(self, url: bytes) -> None:
        """Parser: a piece of the target."""
        self._url += url
        if len(self._url) > MAX_HEADER_BYTES:
            raise BadRequest("the URL is too long", 431)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Parser: one header."""
        self._header_size += len(name) + len(value)
        if self._header_size > MAX_HEADER_BYTES:
            raise BadRequest("the headers are too large", 431)
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Parser: the head is there; a client that waits for a go-ahead gets it."""
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, data: bytes) -> None:
        """Parser: a piece of the body."""
        self._body_size += len(data)
        if self._body_size > MAX_BODY_BYTES:
            raise BadRequest(f"the body is larger than {MAX_BODY_BYTES} bytes", 413)
        self._body.append(data)

    def on_message_complete(self) -> None:
        """Parser: a request is whole."""
        self._server.requests += 1
        method = self._parser.get_method().decode("latin-1")
        url = self._url.decode("latin-1")
        self._waiting.append((method, url, self._headers, b"".join(self._body), self._parser.should_keep_alive()))
        self._reset()
        if len(self._waiting) > MAX_PIPELINED:
            raise BadRequest("too many requests are waiting on this connection")
        self._next()

    def _next(self) -> None:
        """Answer what waits, in order, until one has to be delayed."""
        while self._timer is None and self._waiting and not self._transport.is_closing():
            method, url, headers, body, keep = self._waiting.popleft()
            response = self._server.endpoint.handle(method, url, headers, body)
            if response.delay_seconds > 0:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(response.delay_seconds, self._later, response, method, keep)
            else:
                self._send(response, method, keep=keep)
        if self._timer is None and self._broken is not None and not self._transport.is_closing():
            self._send(self._broken, "", keep=False)

    def _later(self, response: SimResponse, method: str, keep: bool) -> None:  # noqa: FBT001 - call_later passes positions
        self._timer = None
        self._send(response, method, keep=keep)
        self._next()

    def _send(self, response: SimResponse, method: str, *, keep: bool) -> None:
        if self._transport.is_closing():
            return
        if response.drop == "before":
            self._transport.abort()
            return
        data = _head(response, keep=keep)
        if response.drop == "midway":
            self._transport.write(data + response.body[: len(response.body) // 2])
            self._transport.close()
            return
        self._transport.write(data if method == "HEAD" else data + response.body)
        if not keep:
            self._transport.close()


def _head(response: SimResponse, *, keep: bool) -> bytes:
    lines = [b"HTTP/1.1 %d %s" % (response.status, _REASONS.get(response.status, b"Status"))]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in response.headers]
    lines.append(b"content-length: %d" % len(response.body))
    if not keep:
        lines.append(b"connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n"
