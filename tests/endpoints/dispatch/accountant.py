"""Watches a real run's account: every claim must end exactly once."""

from tapc.store import Claim


class Accountant:
    """Hands everything on to the run it is bound to, and keeps a journal."""

    def __init__(self):
        self.run = None
        self.open = {}
        self.events = []

    def bind(self, run):
        self.run = run

    def claim(self, job, worst):
        future = self.run.claim(job, worst)

        def claimed(done):
            if not done.cancelled() and done.exception() is None and isinstance(done.result(), Claim):
                assert job.key not in self.open, "claimed twice"
                self.open[job.key] = done.result()
                self.events.append(("claim", job.key))

        future.add_done_callback(claimed)
        return future

    def _end(self, what, claim, future):
        assert self.open[claim.key] is claim, "ended twice, or never claimed"
        self.events.append((what, claim.key))
        future.add_done_callback(lambda _: self.open.pop(claim.key))
        return future

    def settle(self, claim, reply, *, label, chars):
        return self._end("settle", claim, self.run.settle(claim, reply, label=label, chars=chars))

    def release(self, claim):
        return self._end("release", claim, self.run.release(claim))

    def unknown(self, claim):
        return self._end("unknown", claim, self.run.unknown(claim))

    def when_free(self, key):
        return self.run.when_free(key)

    def holders(self):
        return self.run.holders()

    def totals(self):
        return self.run.totals()

    def count(self, what):
        return sum(event == what for event, _ in self.events)

    @property
    def claims(self):
        return self.count("claim")
