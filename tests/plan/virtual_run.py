"""Real sessions against servers of exact speeds, under a clock that jumps from event to event: no test waits."""

import asyncio
import heapq
import random
import selectors

from tapc.endpoints import Answers
from tapc.endpoints.dispatch.origin import Origin
from tapc.endpoints.dispatch.timings import Timings
from tapc.engine import Metered, Session, Silent
from tapc.jobs import Reply, Usage
from tapc.workspace.stored import work_of


class Clock(asyncio.SelectorEventLoop):
    """An event loop whose time passes only while it has nothing to do."""

    def __init__(self):
        self.now = 0.0
        super().__init__(_Selector(self))

    def time(self):
        return self.now


class _Selector(selectors.DefaultSelector):
    def __init__(self, clock):
        super().__init__()
        self.clock = clock

    def select(self, timeout=None):
        events = super().select(0)
        if not events:
            assert timeout is not None, "nothing will ever happen"
            self.clock.now += timeout
        return events


class Server:
    """Answers after `first + each * tokens` seconds, times `exp(N(0, sigma))`; `slots` requests at once, others wait."""

    def __init__(self, first, each, *, slots=10**6, sigma=0.0, seed=1):
        self.first, self.each, self.slots, self.sigma = first, each, slots, sigma
        self.chance = random.Random(seed)
        self.busy, self.waiting = 0, []

    def ask(self, tokens, done):
        self.waiting.append((tokens, done))
        self._serve()

    def _serve(self):
        while self.waiting and self.busy < self.slots:
            tokens, done = self.waiting.pop(0)
            self.busy += 1
            seconds = (self.first + self.each * tokens) * self.chance.lognormvariate(0, self.sigma)
            asyncio.get_running_loop().call_later(seconds, self._served, done)

    def _served(self, done):
        self.busy -= 1
        self._serve()
        done()


class Sender:
    """Sends to one server through the window that runs keep, and notes the time that answers take."""

    def __init__(self, server, answers, tokens, limit):
        self.server, self.answers, self.tokens = server, answers, tokens
        self.window = Origin(limit, 120.0, first=1, start=64)
        self.timings = Timings()
        self.queue, self.number, self.sent, self.timer = [], 0, 0, None

    async def start(self):
        pass

    def stop(self):
        pass

    def submit(self, job, label, order):
        self.number += 1
        heapq.heappush(self.queue, (order, self.number, job))
        self.pump()

    def pump(self):
        loop = asyncio.get_running_loop()
        while self.queue and self.window.free(loop.time()) > 0:
            _, _, job = heapq.heappop(self.queue)
            flight, tokens = self.window.take(loop.time()), self.tokens[job.recipe.step]
            self.sent += 1
            self.server.ask(tokens, lambda job=job, flight=flight, tokens=tokens: self.answered(job, flight, tokens))
        if self.queue:
            self.window.wanted = True

    def answered(self, job, flight, tokens):
        now = asyncio.get_running_loop().time()
        self.window.answered(flight, now, tokens, job.recipe.max_tokens)
        self.timings.of("http://there", job.recipe.model, flight.sent).take(flight.load, flight.sent, now, tokens)
        self.window.leave(flight)
        self.answers.put(job, Reply("ok", (f"text {self.number}",), Usage(50, tokens), 0))
        self.pump()


class Nothing:
    """An empty store, and a sink that keeps nothing."""

    def get(self, keys):
        return {}

    def add(self, state, status):
        pass

    def visit(self, job, reply, slot):
        pass


def play(planned, server, tokens, *, limit=256):
    """Seconds of a run of a plan, and the timings that it noted; `tokens` of a reply by step."""
    clock = Clock()

    async def run():
        answers, nothing = Answers(), Nothing()
        sender = Sender(server, answers, tokens, limit)
        result = await Session(work_of(planned, None), nothing, nothing, Silent()).live(sender, answers, Metered)
        assert result.accepted == len(planned.slots)
        return clock.time(), sender.timings

    try:
        return clock.run_until_complete(run())
    finally:
        clock.close()
