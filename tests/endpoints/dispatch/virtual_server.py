"""Servers of exact speeds under a clock of their own, and a client that keeps an `Origin`'s window full."""

import heapq
import random

from tapc.endpoints.dispatch.origin import Origin


class Slots:
    """So many requests at once, each at its own speed; the others wait, first come, first served."""

    def __init__(self, slots, tokens_per_second):
        self.slots, self.speed = slots, tokens_per_second
        self.running, self.waiting = {}, []

    def arrive(self, now, request, tokens):
        self.waiting.append((request, tokens))
        self._fill(now)

    def _fill(self, now):
        while self.waiting and len(self.running) < self.slots:
            request, tokens = self.waiting.pop(0)
            self.running[request] = now + tokens / self.speed

    def next(self):
        return min(((at, request) for request, at in self.running.items()), default=(float("inf"), None))

    def finish(self, now, request):
        del self.running[request]
        self._fill(now)

    def forget(self, now, request):
        """The client has gone; a server with slots works on (most do not notice)."""


class Shared:
    """All requests at once; so many tokens a second for all together, at most so many for one."""

    def __init__(self, together, one=float("inf")):
        self.together, self.one = together, one
        self.left, self.at = {}, 0.0

    def _speed(self):
        return min(self.one, self.together / max(1, len(self.left)))

    def _advance(self, now):
        speed = self._speed()
        for request in self.left:
            self.left[request] -= (now - self.at) * speed
        self.at = now

    def arrive(self, now, request, tokens):
        self._advance(now)
        self.left[request] = tokens

    def next(self):
        if not self.left:
            return float("inf"), None
        request = min(self.left, key=self.left.get)
        return self.at + max(0.0, self.left[request]) / self._speed(), request

    def finish(self, now, request):
        self._advance(now)
        del self.left[request]

    def forget(self, now, request):
        """See `Slots`."""


class Played:
    """What came of it: seconds, time-outs, the most in flight, and the window at the end."""

    def __init__(self):
        self.seconds = 0.0
        self.timeouts = 0
        self.peak = 0
        self.size = 0


def play(server, lengths, *, seconds=120.0, limit=256, token_limit=1024, first=1):
    """Ask for replies of these lengths (tokens), each once more after a time-out, as fast as the window lets."""
    origin = Origin(limit, seconds, first=first, start=64)
    played, now = Played(), 0.0
    todo, flights = list(reversed(lengths)), {}
    deadlines = []
    number = 0
    while todo or flights:
        while todo and origin.free(now) > 0:
            number += 1
            flights[number] = (origin.take(now), todo.pop())
            server.arrive(now, number, flights[number][1])
            heapq.heappush(deadlines, (now + seconds, number))
            played.peak = max(played.peak, len(flights))
        origin.wanted = origin.wanted or bool(todo)
        done_at, done = server.next()
        while deadlines and deadlines[0][1] not in flights:
            heapq.heappop(deadlines)
        late_at = deadlines[0][0] if deadlines else float("inf")
        opens_at = (origin.opens(now) if todo else None) or float("inf")
        now = max(now, min(done_at, late_at, max(opens_at, now + 0.001)))
        if now == done_at:
            server.finish(now, done)
            if done in flights:
                flight, tokens = flights.pop(done)
                origin.answered(flight, now, tokens, token_limit)
                origin.leave(flight)
        elif now == late_at:
            flight, tokens = flights.pop(deadlines[0][1])
            origin.timed_out(flight, now)
            origin.leave(flight)
            played.timeouts += 1
            todo.append(tokens)
        elif now > 1e7:
            raise AssertionError("it does not end")
    played.seconds, played.size = now, origin.size
    return played


def lengths(count, low, high, seed=1):
    """Lengths of replies, uniform."""
    chance = random.Random(seed)
    return [chance.randint(low, high) for _ in range(count)]
