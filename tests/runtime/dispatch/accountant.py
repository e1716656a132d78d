"""A ledger in memory that checks how it is used: every claim ends exactly once, and nothing is delivered before."""

import asyncio

from tapc.runtime.store.answers import Busy, Claim, Denied, Settled, Stored


class Accountant:
    """Grants claims after a turn of the loop; `requests` is a ceiling on claims, spent for good when they are made."""

    def __init__(self, requests=None):
        self.requests = requests
        self.open = {}
        self.events = []
        self.stored = {}
        self.claims = 0
        self.taken = {}

    def _later(self, value=None):
        future = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(lambda: future.done() or future.set_result(value))
        return future

    def claim(self, job, worst):
        if job.key in self.taken:
            return self._later(Busy("other"))
        if job.key in self.stored:
            return self._later(Stored(self.stored[job.key]))
        assert job.key not in self.open, "claimed twice"
        if self.requests is not None and self.claims >= self.requests:
            return self._later(Denied("dataset", "d", "requests", self.requests, self.requests, 1))
        self.claims += 1
        recipe = job.recipe
        claim = Claim(job.key, recipe.step, recipe.endpoint, recipe.realm, worst, recipe.price)
        self.open[job.key] = claim
        self.events.append(("claim", job.key))
        return self._later(claim)

    def _end(self, what, claim):
        assert self.open.pop(claim.key) is claim
        self.events.append((what, claim.key))

    def settle(self, claim, reply, *, label, chars):
        self._end("settle", claim)
        self.stored[claim.key] = reply
        over = reply.usage.input > claim.worst.input or reply.usage.output > claim.worst.output
        return self._later(Settled(reply.cost, over))

    def release(self, claim):
        self._end("release", claim)
        return self._later()

    def unknown(self, claim):
        self._end("unknown", claim)
        return self._later()

    def when_free(self, key):
        return self.taken[key]

    def count(self, what):
        return sum(event == what for event, _ in self.events)
