"""A store in memory: replies, one account per dataset, claims under ceilings on cost. It keeps nothing on disk."""

import asyncio

from tapc.jobs import Reply, Usage, usage_cost
from tapc.store.protocol import Amount, Busy, Claim, Denied, Settled, Stored, Totals


class MemoryStore:
    def __init__(self):
        self.replies = {}
        self.asked = {}
        self.spent = {}
        self.accounts = []

    def get(self, keys):
        return {key: self.replies[key] for key in keys if key in self.replies}

    def account(self, dataset, budget, max_cost=None):
        made = MemoryAccount(self, f"run-{len(self.accounts)}", dataset, budget.total.cost, max_cost)
        self.accounts.append(made)
        return made

    def close(self):
        for account in self.accounts:
            account.close()

    def free(self, key):
        """A job is asked no more: its claim ends, and what waits for it or for money is looked at again."""
        del self.asked[key]
        for account in self.accounts:
            for watch in account.watches.pop(key, ()):
                watch.done() or watch.set_result(None)
            account.grant()


class MemoryAccount:
    def __init__(self, store, run, dataset, cap, max_cost):
        self.store, self.id, self.dataset = store, run, dataset
        self.caps = [("dataset", dataset, cap)] * (cap is not None) + [("run", run, max_cost)] * (max_cost is not None)
        self.open, self.waiting, self.watches = {}, [], {}
        self.cost = self.tokens = self.requests = self.unknown_cost = self.unknown_requests = 0
        self.closed = False
        self.events = []

    def claim(self, job, worst):
        future = asyncio.get_running_loop().create_future()
        self.waiting.append((job, worst, future))
        self.grant()
        return future

    def grant(self):
        """Answer the claims that wait, in order, as far as there is money for them."""
        waiting, self.waiting = self.waiting, []
        for job, worst, future in waiting:
            if future.done():
                continue
            answer = self._answer(job, worst)
            if answer is None:
                self.waiting.append((job, worst, future))
            else:
                future.set_result(answer)

    def _answer(self, job, worst):
        recipe, store = job.recipe, self.store
        if job.key in store.replies:
            return Stored(store.replies[job.key])
        if job.key in store.asked:
            return Busy(store.asked[job.key])
        for scope, name, cap in self.caps:
            spent = store.spent.get(self.dataset, 0) if scope == "dataset" else self.cost
            runs = store.accounts if scope == "dataset" else [self]
            held = sum(claim.worst.cost for run in runs if run.dataset == self.dataset for claim in run.open.values())
            if spent + worst.cost > cap:
                return Denied(scope, name, "cost", cap, spent, worst.cost)
            if spent + held + worst.cost > cap:
                return None
        claim = Claim(self.id, job.key, recipe.step, recipe.endpoint, recipe.realm, worst, recipe.price)
        self.open[job.key], store.asked[job.key] = claim, self.id
        self.events.append("claim")
        return claim

    def settle(self, claim, reply, *, label, chars):
        cost = max(usage_cost(claim.price, reply.usage), reply.cost)
        self.store.replies[claim.key] = reply
        self._end("settle", claim, cost, reply.usage.input + reply.usage.output)
        worst = claim.worst
        over = reply.usage.input > worst.input or reply.usage.output > worst.output or cost > worst.cost
        return done(Settled(cost, over, bool(self.caps)))

    def release(self, claim):
        self._end("release", claim, 0, 0)
        return done(None)

    def unknown(self, claim):
        worst = claim.worst
        self.unknown_cost += worst.cost
        self.unknown_requests += 1
        self._end("unknown", claim, worst.cost, worst.input + worst.output)
        return done(None)

    def _end(self, what, claim, cost, tokens):
        assert self.open.pop(claim.key) is claim, "a claim ends once"
        self.events.append(what)
        if what != "release":
            self.requests += 1
        self.cost, self.tokens = self.cost + cost, self.tokens + tokens
        self.store.spent[self.dataset] = self.store.spent.get(self.dataset, 0) + cost
        self.store.free(claim.key)

    def when_free(self, key):
        future = asyncio.get_running_loop().create_future()
        if key in self.store.asked:
            self.watches.setdefault(key, []).append(future)
        else:
            future.set_result(None)
        return future

    def holders(self):
        return done([])

    def totals(self):
        held = Amount(sum(claim.worst.cost for claim in self.open.values()), 0, len(self.open))
        mine = Amount(self.cost, self.tokens, self.requests)
        spent = Amount(self.store.spent.get(self.dataset, 0))
        return Totals(spent, held, mine, held, Amount(self.unknown_cost, 0, self.unknown_requests), len(self.waiting))

    def keep(self, answers):
        for job, reply in answers:
            self.store.replies.setdefault(job.key, reply)
        return done(None)

    def give_up(self, job):
        return done(self.store.replies.setdefault(job.key, Reply("gave_up", (), Usage(0, 0), 0)))

    def close(self):
        if not self.closed:
            self.closed = True
            for claim in list(self.open.values()):
                self.unknown(claim)


def done(value):
    future = asyncio.get_running_loop().create_future()
    future.set_result(value)
    return future
