"""The ledger against an independent count, through failures, unknown outcomes, crashes and restarts."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tapc.ir import Budget, Ceiling, Price
from tapc.jobs import Job, Message, Recipe, Reply, Usage, WorstCase, usage_cost
from tapc.store import Busy, Claim, Denied, Stored, accounts, open_store, verify

PRICE = Price(input=7, output=11)
CAP, RUN_TOKENS, STEP_REQUESTS, ENDPOINT_COST = 20_000, 3_000, 25, 9_000
BUDGET = Budget(
    total=Ceiling(cost=CAP),
    per_run=Ceiling(tokens=RUN_TOKENS),
    steps=(("write", Ceiling(requests=STEP_REQUESTS)),),
    endpoints=(("pen", Ceiling(cost=ENDPOINT_COST)),),
)
JOBS = st.integers(0, 30)


def job(number):
    recipe = Recipe(
        "write" if number % 2 else "judge",
        "pen" if number % 3 else "ink",
        "m", "m", "real", b"{}", None, 0, False, 100, 1, 8, PRICE,
    )  # fmt: skip
    return Job(number.to_bytes(32, "big"), recipe, (Message("user", "x"),))


class Count:
    """What was billed or may be, by scope: [cost, tokens, requests] spent and held."""

    def __init__(self):
        self.spent, self.held = {}, {}

    def add(self, table, scopes, amount, sign=1):
        for scope in scopes:
            old = table.get(scope, (0, 0, 0))
            table[scope] = tuple(a + sign * b for a, b in zip(old, amount, strict=True))


class LedgerMachine(RuleBasedStateMachine):
    """One process after the other on one store; sometimes two runs at once."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ledger-"))
        self.loop = asyncio.new_event_loop()
        self.count = Count()
        self.billed = 0
        self.replies = {}
        self.open, self.pending = {}, []
        self.start()

    def start(self):
        self.store = open_store(self.folder)
        self.runs = [self.store.account("d", BUDGET) for _ in range(2)]

    def wait(self, awaitable):
        async def waited():
            return await awaitable()

        return self.loop.run_until_complete(waited())

    def catch_up(self):
        """Let the writer finish, then take the answers of claims that waited."""
        self.wait(lambda: self.runs[0].when_free(b"nobody"))
        for item in list(self.pending):
            run, number, worst, future = item
            if future.done():
                self.pending.remove(item)
                self.answered(run, number, worst, future.result())

    def scopes(self, run, number):
        recipe = job(number).recipe
        return [("dataset", "d"), ("run", run.id), ("step", recipe.step), ("endpoint", recipe.endpoint)]

    def answered(self, run, number, worst, answer):
        amount = (worst.cost, worst.input + worst.output, 1)
        if isinstance(answer, Claim):
            assert number not in self.replies
            assert number not in self.open
            self.open[number] = (run, answer)
            self.count.add(self.count.held, self.scopes(run, number), amount)
        elif isinstance(answer, Stored):
            assert answer.reply == self.replies[number]
        elif isinstance(answer, Denied):
            index = ("cost", "tokens", "requests").index(answer.resource)
            spent = self.count.spent.get((answer.scope, answer.name), (0, 0, 0))[index]
            assert spent == answer.spent
            assert spent + amount[index] > answer.cap
        else:
            assert isinstance(answer, Busy)
            assert number in self.open

    @rule(which=st.integers(0, 1), number=JOBS, tokens=st.integers(1, 400))
    def claim(self, which, number, tokens):
        run, worst = self.runs[which], WorstCase(tokens, tokens, tokens * 18)
        self.wait(lambda: self.put(run, number, worst))
        self.catch_up()

    async def put(self, run, number, worst):
        self.pending.append((run, number, worst, run.claim(job(number), worst)))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), used=st.integers(0, 100), text=st.text(max_size=20))
    def settle(self, data, used, text):
        number, run, claim = self.close_one(data)
        usage = Usage(claim.worst.input * used // 100, claim.worst.output * used // 100)
        cost = usage_cost(PRICE, usage)
        self.billed += cost
        reply = Reply("ok", (text.encode("utf-8", "replace").decode(),), usage, cost)
        self.replies[number] = reply
        self.count.add(self.count.spent, self.scopes(run, number), (cost, usage.input + usage.output, 1))
        self.wait(lambda: run.settle(claim, reply))
        self.catch_up()

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data):
        _, run, claim = self.close_one(data)
        self.wait(lambda: run.release(claim))
        self.catch_up()

    @precondition(lambda self: self.open)
    @rule(data=st.data(), billed=st.integers(0, 100))
    def unknown(self, data, billed):
        number, run, claim = self.close_one(data)
        self.charge(run, number, claim, billed)
        self.wait(lambda: run.unknown(claim))
        self.catch_up()

    def close_one(self, data):
        number = data.draw(st.sampled_from(sorted(self.open)))
        run, claim = self.open.pop(number)
        worst = claim.worst
        amount = (worst.cost, worst.input + worst.output, 1)
        self.count.add(self.count.held, self.scopes(run, number), amount, -1)
        return number, run, claim

    def charge(self, run, number, claim, billed):
        worst = claim.worst
        self.billed += worst.cost * billed // 100
        self.count.add(self.count.spent, self.scopes(run, number), (worst.cost, worst.input + worst.output, 1))

    @rule(billed=st.integers(0, 100), gently=st.booleans())
    def restart(self, billed, gently):
        """The process ends, and the next one begins; what was open may have been billed."""
        if gently:
            self.store.close()
        else:
            self.kill()
        for number, (run, claim) in self.open.items():
            self.charge(run, number, claim, billed)
        self.count.held.clear()
        self.open.clear()
        self.pending.clear()
        self.start()

    def kill(self):
        """What the system does for a process that is killed between two transactions: files are closed."""
        writing = self.store._writing
        writing.ledger.waiting.clear()
        writing.writer.close()
        writing.connection.close()
        writing.lock.close()
        self.store.connection.close()
        for run in self.runs:
            os.close(run._lock._descriptor)

    @invariant()
    def agrees(self):
        status = accounts(self.store, latest=1000)
        lines = {(line.kind, line.name): line for line in status[0].lines}
        lines |= {("run", run.id): run for run in status[0].runs}
        for (kind, name), line in lines.items():
            spent, held = line.spent, line.held
            assert (spent.cost, spent.tokens, spent.requests) == self.count.spent.get((kind, name), (0, 0, 0))
            assert (held.cost, held.tokens, held.requests) == self.count.held.get((kind, name), (0, 0, 0))
        total = lines.get(("dataset", "d"))
        if total is not None:
            assert self.billed <= total.spent.cost + total.held.cost <= CAP
        assert self.open or not self.pending, "nobody waits where nothing is held"

    @invariant()
    def replies_are_there(self):
        keys = {job(number).key: reply for number, reply in self.replies.items()}
        assert self.store.get(list(keys)) == keys

    def teardown(self):
        assert verify(self.store).sound
        self.store.close()
        self.loop.run_until_complete(asyncio.sleep(0))
        for *_, future in self.pending:
            future.cancel()
        self.loop.close()
        shutil.rmtree(self.folder)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(
    max_examples=20, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
