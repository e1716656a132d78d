"""Keep-alive connections to one server, bounded in number and in every wait."""

import asyncio
import select
import ssl
from collections import deque
from typing import Any

import msgspec

from tapc.endpoints.client.connection import Answer, Connection
from tapc.endpoints.client.intake import Allowance
from tapc.endpoints.replies.failures import TransportError

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 4.0
"""Common servers close idle connections after 5 s; a request written into one that is closing is lost and charged."""

_PEEK_AFTER = 0.05

_AWAY_SECONDS = 1.0
"""A sweep that comes so late was not held up by work: the process was suspended, or the machine was."""

_BODY_BYTES = 16 * 1024 * 1024
"""Of an answer whose request states no allowance, such as a list of models."""


class Address(msgspec.Struct, frozen=True):
    """Where a server is: host (name or IP, IPv6 without brackets), port, TLS or not."""

    host: str
    port: int
    tls: bool


class Pool:
    """Connections to one address.

    Args:
        address: the server.
        limit: most connections at once; more requests wait for one, within their own time limit.
    """

    def __init__(self, address: Address, limit: int) -> None:
        self._address = address
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._idle: list[Connection] = []
        self._busy: set[Connection] = set()
        self._open = 0
        # asyncio tries a second address after a moment; uvloop tries addresses in turn and knows no such option
        patient = isinstance(self._loop, asyncio.BaseEventLoop)
        self._eyeballs: dict[str, Any] = {"happy_eyeballs_delay": 0.25} if patient else {}
        self._queue: deque[asyncio.Future[None]] = deque()
        self._context: ssl.SSLContext | None = _tls() if address.tls else None
        self._sweeper: asyncio.TimerHandle | None = None
        self._sweep_every = 0.5
        self._sweep_at = 0.0
        self._closed = False

    async def exchange(
        self,
        request: bytes,
        timeout: float,  # noqa: ASYNC109 - a deadline is kept by the sweeper
        allowance: Allowance | None = None,
    ) -> Answer:
        """Send a request once and return the complete answer.

        Args:
            request: all of it.
            timeout: seconds.
            allowance: bounds the answer; its memory is the caller's to release, once the answer has been read.

        Raises:
            TransportError: no complete answer; says whether anything was written.
        """
        deadline = self._loop.time() + timeout
        connection = self._reuse() or await self._connect(deadline)
        self._busy.add(connection)
        if self._sweeper is None or timeout < 4 * self._sweep_every:
            self._schedule(min(0.5, timeout / 8))
        bounds = Allowance(_BODY_BYTES) if allowance is None else allowance
        try:
            return await connection.exchange(request, deadline, bounds)
        except asyncio.CancelledError:
            connection.fail("dropped", "cancelled")
            raise
        finally:
            self._give_back(connection)
            if allowance is None:
                bounds.release()

    def _reuse(self) -> Connection | None:
        """The connection used last, if it still lives; those that ended are dropped."""
        now = self._loop.time()
        while self._idle:
            connection = self._idle.pop()
            idle = now - connection.idle_since
            if not connection.closed and idle < IDLE_SECONDS and not (idle > _PEEK_AFTER and _readable(connection)):
                return connection
            self._drop(connection)
        return None

    async def _connect(self, deadline: float) -> Connection:
        while self._open >= self._limit:
            await self._wait_turn(deadline)
            if (found := self._reuse()) is not None:
                return found
        if self._closed:
            raise TransportError("connect", "the client is closed", written=False)
        self._open += 1
        address = self._address
        try:
            seconds = min(CONNECT_SECONDS, deadline - self._loop.time())
            async with asyncio.timeout(seconds):
                _, connection = await self._loop.create_connection(
                    lambda: Connection(self._loop),
                    address.host,
                    address.port,
                    ssl=self._context,
                    server_hostname=address.host if self._context else None,
                    **self._eyeballs,
                )
        except BaseException as error:  # cancelled or failed: the place in the pool is free again either way
            self._open -= 1
            self._wake()
            failure = _connect_error(error, address)
            if failure is None:
                raise
            raise failure from None
        return connection

    async def _wait_turn(self, deadline: float) -> None:
        turn = self._loop.create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except BaseException as error:  # a cancelled waiter must hand on the turn it was given meanwhile
            if turn.done() and not turn.cancelled():
                self._wake()  # the turn came too late for us; pass it on
            if isinstance(error, TimeoutError):
                raise TransportError("timeout", "no free connection in time", written=False) from None
            raise

    def _give_back(self, connection: Connection) -> None:
        self._busy.discard(connection)
        if connection.closed or self._closed:
            self._drop(connection)
            return
        connection.idle_since = self._loop.time()
        self._idle.append(connection)
        self._wake()

    def _drop(self, connection: Connection) -> None:
        self._open -= 1
        connection.close()
        self._wake()

    def _wake(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _schedule(self, seconds: float) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._sweep_every = seconds
        self._sweep_at = self._loop.time() + seconds
        self._sweeper = self._loop.call_later(seconds, self._sweep)

    def _sweep(self) -> None:
        """Fail what is overdue and close what is idle; one timer for all connections instead of one per request.

        Time in which this process did not run (SIGSTOP, a laptop asleep) is no silence of the server: answers lie in
        the sockets meanwhile. Event loops run timers before they read, so all deadlines move by the time that was
        lost, and what was answered is read before the next sweep.
        """
        self._sweeper = None
        now = self._loop.time()
        if (away := now - self._sweep_at) >= _AWAY_SECONDS:
            for connection in self._busy:
                connection.deadline += away
        for connection in [c for c in self._busy if c.deadline <= now]:
            connection.fail("timeout", "no complete answer in time")
        while self._idle and (self._idle[0].closed or now - self._idle[0].idle_since > IDLE_SECONDS):
            self._drop(self._idle.pop(0))
        if self._busy or self._idle:
            self._schedule(self._sweep_every)

    async def aclose(self) -> None:
        """Close every connection; requests under way fail."""
        self._closed = True
        if self._sweeper is not None:
            self._sweeper.cancel()
        for connection in list(self._busy):
            connection.fail("dropped", "the client was closed")
        while self._idle:
            self._drop(self._idle.pop())
        while self._queue:
            self._wake()
        await asyncio.sleep(0)


def _readable(connection: Connection) -> bool:
    """Whether an idle connection has news: only its end, or bytes that were not asked for, can be waiting there."""
    descriptor = connection.fileno()
    if descriptor < 0:
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _tls() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _connect_error(error: BaseException, address: Address) -> TransportError | None:
    """Put a failed connection into words; None for what is no failure of the network (cancellation, bugs)."""
    import socket  # noqa: PLC0415 - only needed for the name of one exception

    where = f"{address.host}:{address.port}"
    if isinstance(error, TimeoutError):
        return TransportError("connect", f"{where} does not take the connection in time", written=False)
    if isinstance(error, socket.gaierror):
        return TransportError("dns", f"the name {address.host} does not resolve ({error.strerror})", written=False)
    if isinstance(error, ssl.SSLError):
        return TransportError("connect", f"TLS with {where} failed: {error.reason or error}", written=False)
    if isinstance(error, OSError):
        return TransportError("connect", f"no connection to {where}: {error.strerror or error}", written=False)
    return None
