"""What is asked of the writer."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from tapc.jobs import Reply
from tapc.store.book import Book, Ceilings, Route
from tapc.store.protocol import Answer, Claim, Settled


class RunState:
    """A run as the writer knows it. The writer's thread alone changes it.

    Attributes:
        open: claims of this run that are not closed, with their routes.
        closing: no claim is accepted any more.
    """

    def __init__(self, run: str, book: Book, ceilings: Ceilings) -> None:
        self.id = run
        self.book = book
        self.open: dict[bytes, tuple[Claim, Route]] = {}
        self.closing = False
        self._ceilings = ceilings
        self._routes: dict[tuple[str, str], Route] = {}

    def route(self, step: str, endpoint: str) -> Route:
        """Where requests of a step and endpoint are booked."""
        route = self._routes.get((step, endpoint))
        if route is None:
            route = self._routes[step, endpoint] = self.book.route(self.id, step, endpoint, self._ceilings)
        return route


class ClaimOp:
    """T1 asked for."""

    __slots__ = ("claim", "future", "run")

    def __init__(self, run: RunState, claim: Claim, future: "asyncio.Future[Answer]") -> None:
        self.run = run
        self.claim = claim
        self.future = future


class SettleOp:
    """T2 asked for; `data` is the encoded reply."""

    __slots__ = ("chars", "claim", "cost", "data", "future", "label", "reply", "run")

    def __init__(
        self,
        run: RunState,
        claim: Claim,
        reply: Reply,
        cost: int,
        data: bytes,
        label: str,
        chars: int,
        future: "asyncio.Future[Settled]",
    ) -> None:
        self.run = run
        self.claim = claim
        self.reply = reply
        self.cost = cost
        self.data = data
        self.label = label
        self.chars = chars
        self.future = future


class FreeOp:
    """T2r (or T2u where `charge`) asked for; `future` is None where no one waits."""

    __slots__ = ("charge", "claim", "future", "run")

    def __init__(self, run: RunState, claim: Claim, future: "asyncio.Future[None] | None", *, charge: bool) -> None:
        self.run = run
        self.claim = claim
        self.future = future
        self.charge = charge


class WatchOp:
    """Tell when a job is asked no more."""

    __slots__ = ("future", "key")

    def __init__(self, key: bytes, future: "asyncio.Future[None]") -> None:
        self.key = key
        self.future = future


class CallOp:
    """Anything rare: a function that runs in the writer's thread, in a transaction of its own."""

    __slots__ = ("function", "result")

    def __init__(self, function: Callable[[], Any]) -> None:
        self.function = function
        self.result: Future[Any] = Future()


CloseOp = SettleOp | FreeOp
Op = ClaimOp | SettleOp | FreeOp | WatchOp | CallOp
