"""The queue of one endpoint: starts requests when a permit, a rate slot and a healthy replica are there."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from tapc.endpoints.dispatch.limits import Rates
from tapc.endpoints.dispatch.origin import Origin
from tapc.endpoints.dispatch.policy import Policy, backoff
from tapc.endpoints.dispatch.queued_job import QueuedJob
from tapc.endpoints.dispatch.replica import Replica
from tapc.endpoints.protocol import NoReply, Reason
from tapc.jobs import Reply

Deliver = Callable[[QueuedJob, Reply | NoReply], None]


_AHEAD = 8
"""Permits for each claim that may wait for one."""

_BEFORE_ALL = -1
"""Order of an item that was begun and is queued again; those of new ones are 0 or more."""


class _Capacity(NamedTuple):
    """How much a queue may start.

    Attributes:
        free: permits.
        ahead: claims that may wait for a permit.
        opens: when the first replica that pauses takes requests again, or a server that is full takes one more.
        full: the servers that have no place.
        open: whether a replica takes requests now, or will when one in flight has ended.
    """

    free: int
    ahead: int
    opens: float | None
    full: list[Origin]
    open: bool


class EndpointQueue:
    """Schedules; what a request does is `attempt`'s business.

    Items wait in the order that they were submitted with, equal ones as they came. An item is claimed first (T1)
    and takes its permit when the claim is durable, so that no permit idles meanwhile. While permits are what is
    short, an eighth more items than there are permits are claimed. A job that waits for money holds no permit, so a
    claim that waits for a permit gets one. They are given back at once when requests must pause, or the queue
    stops. There are none before the canary is back, nor where rates are stated.

    Args:
        name: of the endpoint.
        replicas: its URLs.
        rates: its stated rates.
        limit: most requests in flight over all replicas.
        canary: whether the first request must come back well before others are sent.
        keys: environment variables that hold its key and secret headers.
        deliver: takes every job's end, once.
        attempt: makes one try of an item: claims, asks for a `seat`, sends, and calls `leave` when the answer is there.
    """

    def __init__(
        self,
        name: str,
        replicas: list[Replica],
        rates: Rates,
        limit: int,
        *,
        canary: bool,
        keys: tuple[str, ...],
        policy: Policy,
        deliver: Deliver,
        attempt: "Callable[[EndpointQueue, QueuedJob], Coroutine[Any, Any, None]]",
    ) -> None:
        self.name = name
        self.replicas = replicas
        self.rates = rates
        self.proven = not canary
        self.stopped: tuple[Reason, str] | None = None
        self.running: dict[asyncio.Task[None], QueuedJob] = {}
        self.policy = policy
        self.keys = keys
        self._attempt = attempt
        self._deliver = deliver
        self._limit = limit
        self._jobs: list[tuple[int, int, QueuedJob]] = []
        self._number = count()
        self._later: dict[asyncio.TimerHandle, QueuedJob] = {}
        self._ready: deque[tuple[QueuedJob, asyncio.Future[Replica | None]]] = deque()
        self._claims = 0
        self._in_flight = 0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._backlog = 4 * limit + 64
        self._origins = tuple({id(r.origin): r.origin for r in replicas}.values())
        self._shares = any(origin.shared for origin in self._origins)
        self._full = False

    @property
    def idle(self) -> bool:
        """Whether nothing is queued, delayed or on its way."""
        return not (self._jobs or self._later or self.running)

    @property
    def queued(self) -> int:
        """Jobs that wait, delayed ones included."""
        return len(self._jobs) + len(self._later)

    def add(self, item: QueuedJob) -> None:
        """Queue a new item."""
        if self.stopped is not None:
            self._deliver(item, NoReply(*self.stopped))
            return
        heappush(self._jobs, (item.order, next(self._number), item))
        self.pump()

    def again(self, item: QueuedJob, delay: float) -> None:
        """Queue an item once more, before new ones, after a delay in seconds."""
        if self.stopped is not None:
            self._deliver(item, NoReply(*self.stopped))
            return
        item.phase = "waiting"
        if delay <= 0:
            self._first(item)
        else:
            handle = self._loop.call_later(delay, lambda: self._return(handle, item))
            self._later[handle] = item

    def _return(self, handle: asyncio.TimerHandle, item: QueuedJob) -> None:
        del self._later[handle]
        self._first(item)
        self.pump()

    def _first(self, item: QueuedJob) -> None:
        heappush(self._jobs, (_BEFORE_ALL, next(self._number), item))

    def pump(self) -> None:
        """Start what may start; arrange to be called again when only time is missing."""
        if self.stopped is not None or not (self._jobs or self._ready):
            return
        now = self._loop.time()
        capacity = self._capacity(now)
        free = self._seat_ready(capacity.free, now)
        self._hand_back(capacity.ahead)
        while self._jobs and self._claims < free + capacity.ahead and len(self.running) < self._backlog:
            item = self._jobs[0][2]
            tokens = item.worst.input + item.worst.output
            if (wait := self.rates.wait(tokens, now)) > 0:
                self._wake_in(wait)
                return
            heappop(self._jobs)
            self.rates.take(tokens)
            self._start(item)
        if self._jobs or self._ready:
            self._wait_for(capacity, now)

    def _wait_for(self, capacity: "_Capacity", now: float) -> None:
        """Something waits for a permit: be called when a place is free, by the queue that frees it, or by the clock."""
        self._full = self._full or capacity.open
        for origin in capacity.full:
            origin.wanted = True
            if self._shares:
                origin.wait_for_place(self)
        if capacity.opens is not None:
            self._wake_in(capacity.opens - now)

    def _seat_ready(self, free: int, now: float) -> int:
        """Give permits to claims that wait for one; returns how many are left."""
        while free > 0 and self._ready:
            item, seated = self._ready[0]
            if not seated.done():
                if (replica := self._seat(item, now)) is None:
                    return 0
                seated.set_result(replica)
                free -= 1
            self._ready.popleft()
        return free

    def pump_all(self) -> None:
        """Something ended: others that wait for the same servers come first, so that all get their turn."""
        if self._shares:
            now = self._loop.time()
            for origin in self._origins:
                origin.turn(now)
        self.pump()

    def _capacity(self, now: float) -> "_Capacity":
        seats = free = 0
        opens: float | None = None
        full: list[Origin] = []
        for replica in self.replicas:
            mine, origin = replica.seats, replica.origin
            if replica.paused_until <= now:
                seats += min(mine, origin.size)
                places = mine - replica.in_flight
                if places <= 0:
                    continue
                given = origin.free(now)
                free += min(places, given)
                if given <= places:
                    full.append(origin)
                if given > 0 or (at := origin.opens(now)) is None:
                    continue
            elif mine > replica.in_flight:
                at = replica.paused_until
            else:
                continue
            opens = at if opens is None else min(at, opens)
        limit = self._limit if self.proven else 1
        free = min(free, limit - self._in_flight)
        ahead = min(seats, limit) // _AHEAD if self.proven and not self.rates.stated else 0
        if self._shares and seats and not self.rates.stated and (self.proven or free + self._in_flight <= 0):
            ahead = max(ahead, 1)  # who loses the race for a place is first in line for the next, and keeps its claim
        return _Capacity(free, ahead, opens, full, seats > 0)

    async def seat(self, item: QueuedJob) -> Replica | None:
        """Wait for a permit, with a claim in hand; returns where to send, None if the claim is to be given back."""
        if self.stopped is None:
            now = self._loop.time()
            capacity = self._capacity(now)
            if capacity.free > 0 and not self._ready and (replica := self._seat(item, now)) is not None:
                return replica
            if len(self._ready) < capacity.ahead:
                item.phase = "ready"
                seated: asyncio.Future[Replica | None] = self._loop.create_future()
                self._ready.append((item, seated))
                self._wait_for(capacity, now)
                return await seated
        return None

    def _seat(self, item: QueuedJob, now: float) -> Replica | None:
        replica = self._choose(item, now)
        if replica is None:
            return None
        self._claims -= 1
        self._in_flight += 1
        replica.in_flight += 1
        item.flight = replica.origin.take(now)
        item.holds, item.replica = "permit", replica
        return replica

    def _choose(self, item: QueuedJob, now: float) -> Replica | None:
        """The least loaded of the replicas with capacity; not the one that just failed where there is another."""
        if len(self.replicas) == 1:
            return self.replicas[0]
        free = [r for r in self.replicas if r.paused_until <= now and r.in_flight < r.seats and r.origin.free(now) > 0]
        return min(free, key=lambda r: (r is item.avoid, r.in_flight / r.seats), default=None)

    def _hand_back(self, most: int) -> None:
        """Let claims go that are too many to wait for a permit."""
        while len(self._ready) > most:
            _, seated = self._ready.pop()
            if not seated.done():
                seated.set_result(None)

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(max(seconds, 0.001), self._woken)

    def _woken(self) -> None:
        self._timer = None
        self.pump()

    def _start(self, item: QueuedJob) -> None:
        self._claims += 1
        item.holds, item.phase = "claim", "claiming"
        task = self._loop.create_task(self._attempt(self, item))
        self.running[task] = item
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        item = self.running.pop(task)
        if task.cancelled():  # before its first step; later it ends the item itself
            self.leave(item)
            self._deliver(item, NoReply(*(self.stopped or ("stopped", "cancelled"))))
        self.pump_all()

    def leave(self, item: QueuedJob, *, sent: bool = True) -> bool:
        """Give back what an item holds; returns whether permits, not work, were what was short."""
        holds, item.holds = item.holds, ""
        if holds == "claim":
            self._claims -= 1
        elif item.replica is not None and holds:
            self._in_flight -= 1
            item.replica.in_flight -= 1
            if item.flight is not None:
                item.replica.origin.leave(item.flight)
        if not sent:
            self.rates.untake(item.worst.input + item.worst.output)
        full, self._full = self._full, False
        return full

    def retry_in(self, item: QueuedJob) -> float:
        """Seconds before an item's next try after a failure: none where another replica stands by."""
        others = [r for r in self.replicas if r is not item.avoid and not r.dead and not r.open]
        return 0.0 if others and item.tries <= 1 else backoff(self.policy, item.tries - 1)

    def abort(self) -> None:
        """Give up what is in flight; what is answered is still booked, which takes no network."""
        for task, item in self.running.items():
            if item.phase != "booking":
                task.cancel()

    def stop(self, reason: Reason, detail: str) -> None:
        """Send nothing more; what is in flight ends on its own, what waits gets no reply."""
        if self.stopped is not None:
            return
        self.stopped = (reason, detail)
        if self._timer is not None:
            self._timer.cancel()
        waiting = [item for _, _, item in sorted(self._jobs)] + list(self._later.values())
        for handle in self._later:
            handle.cancel()
        self._later.clear()
        self._jobs.clear()
        self._hand_back(0)
        for task, item in self.running.items():
            if item.phase == "claiming":  # it can wait long for money
                task.cancel()
        for item in waiting:
            self._deliver(item, NoReply(reason, detail))
