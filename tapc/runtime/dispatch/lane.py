"""The queue of one endpoint: starts requests when a permit, a rate slot and a healthy replica are there."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from tapc.jobs import Reply
from tapc.runtime.dispatch.item import Item, NoReply, Reason
from tapc.runtime.dispatch.limits import Rates
from tapc.runtime.dispatch.policy import Policy, backoff
from tapc.runtime.dispatch.replica import Replica

Deliver = Callable[[Item, Reply | NoReply], None]


class Lane:
    """Schedules; what a request does is `attempt`'s business.

    Args:
        name: of the endpoint.
        replicas: its URLs.
        rates: its stated rates.
        limit: most requests in flight over all replicas.
        canary: whether the first request must come back well before others are sent.
        deliver: takes every job's end, once.
        attempt: makes one try of an item at a replica; calls `leave` when the answer is there.
    """

    def __init__(
        self,
        name: str,
        replicas: list[Replica],
        rates: Rates,
        limit: int,
        *,
        canary: bool,
        policy: Policy,
        deliver: Deliver,
        attempt: "Callable[[Lane, Item, Replica], Coroutine[Any, Any, None]]",
    ) -> None:
        self.name = name
        self.replicas = replicas
        self.rates = rates
        self.proven = not canary
        self.stopped: tuple[Reason, str] | None = None
        self.running: dict[asyncio.Task[None], tuple[Item, Replica]] = {}
        self.policy = policy
        self._attempt = attempt
        self._deliver = deliver
        self._limit = limit
        self._queue: deque[Item] = deque()
        self._later: dict[asyncio.TimerHandle, Item] = {}
        self._in_flight = 0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._backlog = 4 * limit + 64
        self._full = False

    @property
    def idle(self) -> bool:
        """Whether nothing is queued, delayed or on its way."""
        return not (self._queue or self._later or self.running)

    @property
    def queued(self) -> int:
        """Jobs that wait, delayed ones included."""
        return len(self._queue) + len(self._later)

    def add(self, item: Item) -> None:
        """Queue a new item."""
        if self.stopped is not None:
            self._deliver(item, NoReply(*self.stopped))
            return
        self._queue.append(item)
        self.pump()

    def again(self, item: Item, delay: float) -> None:
        """Queue an item once more, before new ones, after a delay in seconds."""
        if self.stopped is not None:
            self._deliver(item, NoReply(*self.stopped))
            return
        item.phase = "waiting"
        if delay <= 0:
            self._queue.appendleft(item)
        else:
            handle = self._loop.call_later(delay, lambda: self._return(handle, item))
            self._later[handle] = item

    def _return(self, handle: asyncio.TimerHandle, item: Item) -> None:
        del self._later[handle]
        self._queue.appendleft(item)
        self.pump()

    def pump(self) -> None:
        """Start what may start; arrange to be called again when only time is missing."""
        while self._queue and self.stopped is None:
            now = self._loop.time()
            if self._in_flight >= (self._limit if self.proven else 1) or len(self.running) >= self._backlog:
                self._full = True
                return
            item = self._queue[0]
            tokens = item.worst.input + item.worst.output
            replica, when = self._choose(item, now)
            if replica is None:
                self._full = True
                return
            wait = max(when - now, self.rates.wait(tokens, now))
            if wait > 0:
                self._wake_in(wait)
                return
            self._queue.popleft()
            self.rates.take(tokens)
            self._start(item, replica)

    def _choose(self, item: Item, now: float) -> tuple[Replica | None, float]:
        """The replica that is free first, then least loaded; not the one that just failed where there is another."""
        if len(self.replicas) == 1:
            only = self.replicas[0]
            when = only.free_at(now)
            return (None, 0.0) if when is None else (only, when)
        best: tuple[float, bool, float, int] | None = None
        for index, replica in enumerate(self.replicas):
            when = replica.free_at(now)
            if when is None:
                continue
            load = replica.in_flight / max(1, replica.window.size)
            rank = (when, replica is item.avoid, load, index)
            if best is None or rank < best:
                best = rank
        return (None, 0.0) if best is None else (self.replicas[best[3]], best[0])

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(max(seconds, 0.001), self._woken)

    def _woken(self) -> None:
        self._timer = None
        self.pump()

    def _start(self, item: Item, replica: Replica) -> None:
        self._in_flight += 1
        replica.in_flight += 1
        item.permit, item.phase = True, "claiming"
        task = self._loop.create_task(self._attempt(self, item, replica))
        self.running[task] = (item, replica)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        item, replica = self.running.pop(task)
        if task.cancelled():  # before its first step; later it ends the item itself
            self.leave(replica)
            self._deliver(item, NoReply(*(self.stopped or ("stopped", "cancelled"))))
        self.pump()

    def leave(self, replica: Replica) -> bool:
        """Give the permit back; returns whether permits, not work, were what was short."""
        full, self._full = self._full, False
        self._in_flight -= 1
        replica.in_flight -= 1
        return full

    def retry_in(self, item: Item) -> float:
        """Seconds before an item's next try after a failure: none where another replica stands by."""
        others = [r for r in self.replicas if r is not item.avoid and not r.dead and not r.open]
        return 0.0 if others and item.tries <= 1 else backoff(self.policy, item.tries - 1)

    def abort(self) -> None:
        """Give up what is in flight; what is answered is still booked, which takes no network."""
        for task, (item, _) in self.running.items():
            if item.phase != "booking":
                task.cancel()

    def stop(self, reason: Reason, detail: str) -> None:
        """Send nothing more; what is in flight ends on its own, what waits gets no reply."""
        if self.stopped is not None:
            return
        self.stopped = (reason, detail)
        if self._timer is not None:
            self._timer.cancel()
        waiting = list(self._queue) + list(self._later.values())
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        self._queue.clear()
        for task, (item, _) in self.running.items():
            if item.phase == "claiming":  # it can wait long for money
                task.cancel()
        for item in waiting:
            self._deliver(item, NoReply(reason, detail))
