"""How requests travel: to one address, without redirects, resends or retries.

Jobs go straight to a carrier, with a prepared head; building and reading httpx's objects would be most of their cost.
What the openai package's own methods send goes through `Transport` to the same carrier.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, Self

from tapc.endpoints.client.connection import Answer
from tapc.endpoints.client.intake import Allowance
from tapc.endpoints.client.pool import Pool
from tapc.endpoints.replies.failures import TransportError


class Carrier(Protocol):
    """Brings one request to a server and the complete answer back."""

    async def exchange(self, request: bytes, body: bytes, seconds: float, allowance: Allowance | None = None) -> Answer:
        """Send a request head (complete but for its length and the empty line) and a body.

        The allowance bounds the answer; who gave it releases it when the answer has been read.

        Raises:
            TransportError: no complete answer.
        """
        ...

    async def aclose(self) -> None:
        """Give everything back."""
        ...


class SocketCarrier:
    """Over a pool of connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def exchange(self, request: bytes, body: bytes, seconds: float, allowance: Allowance | None = None) -> Answer:
        """See `Carrier`."""
        whole = b"%bcontent-length: %d\r\n\r\n%b" % (request, len(body), body)
        return await self._pool.exchange(whole, seconds, allowance)

    async def aclose(self) -> None:
        """See `Carrier`."""
        await self._pool.aclose()


Handler = Callable[[bytes, bytes], Awaitable[Answer]]
"""A server in this process: request head and body in, answer out; raises ConnectionError for a dropped connection."""


class ProcessCarrier:
    """Into a handler in this process."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def exchange(
        self,
        request: bytes,
        body: bytes,
        seconds: float,
        allowance: Allowance | None = None,  # noqa: ARG002 - what a handler returns is in memory already
    ) -> Answer:
        """See `Carrier`."""
        import asyncio  # noqa: PLC0415 - only for the time limit

        try:
            async with asyncio.timeout(seconds):
                return await self._handler(request, body)
        except TimeoutError:
            raise TransportError("timeout", "no complete answer in time", written=True) from None
        except ConnectionError as error:
            raise TransportError("dropped", str(error) or "the connection was dropped", written=True) from None

    async def aclose(self) -> None:
        """See `Carrier`."""


class Transport:
    """What httpx calls; duck-typed, so that it fits httpx and its successor alike.

    Args:
        carrier: where requests go.
        http: the httpx module the installed openai package rides on.
        seconds: time limit of requests that state none.
    """

    def __init__(self, carrier: Carrier, http: Any, seconds: float) -> None:
        self._carrier = carrier
        self._http = http
        self._seconds = seconds

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the carrier."""
        await self._carrier.aclose()

    async def handle_async_request(self, request: Any) -> Any:
        """Send one request."""
        body = await request.aread()
        lines = [b"%b %b HTTP/1.1\r\n" % (request.method.encode("ascii"), request.url.raw_path)]
        lines += [
            b"%b: %b\r\n" % (name, value)
            for name, value in request.headers.raw
            if name.lower() not in (b"content-length", b"transfer-encoding", b"connection")
        ]
        http = self._http
        try:
            status, headers, content = await self._carrier.exchange(b"".join(lines), body, self._seconds)
        except TransportError as error:
            known = {"timeout": http.ReadTimeout, "dns": http.ConnectError, "connect": http.ConnectError}
            raise known.get(error.kind, http.RemoteProtocolError)(str(error), request=request) from error
        return http.Response(status, headers=headers, stream=http.ByteStream(content))


@cache
def http_module() -> Any:
    """The module whose `AsyncClient` openai accepts: that of its own default client's base class."""
    import openai  # noqa: PLC0415 - heavy: 0.5 s

    base = next(c for c in openai.DefaultAsyncHttpxClient.__mro__ if c.__name__ == "AsyncClient")
    return import_module(base.__module__.partition(".")[0])
