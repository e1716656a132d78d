"""The engine and the dispatcher on another store than SQLite's: they know no more of one than the protocol says."""

import asyncio
import os
from pathlib import Path

import pytest
from memory_store import MemoryStore
from stepkit import LANGUAGES, dataset, endpoint, generate, judge, scale

from tapc.endpoints import Answers
from tapc.endpoints.dispatch import Dispatcher
from tapc.engine import Metered, Pipeline, Session, Silent, Work
from tapc.engine.programs import JobRouter, Programs
from tapc.ir import Budget, Ceiling, Price
from tapc.plan import plan_dataset
from tapc.sim.embedded import embedded_endpoint
from tapc.store import open_store

PRICE = Price(input=1_000, output=2_000)


def planned(*, cap=None):
    """Forty questions with an answer and a verdict each, asked of simulated models at a price."""
    endpoints = tuple(endpoint(name, "sim", price=PRICE) for name in ("writer", "referee"))
    spec = dataset(
        generate("question", "Ask a question in {{ language }}", "language", attempts=2),
        generate("answer", "Answer: {{ question }}", "question"),
        judge("verdict", "answer", scale("quality")),
        endpoints=endpoints,
        mixes=(LANGUAGES,),
        budget=Budget(total=Ceiling(cost=cap)),
    )
    return plan_dataset(spec.model_copy(update={"samples": 40}))


class Rows:
    def __init__(self):
        self.found = {}

    def add(self, state, status):
        results = sorted((name, repr(result)) for name, result in state.results.items())
        self.found[state.key.rank] = (status, results)

    def visit(self, job, reply, slot):
        pass


async def run(plan, store, *, offline=False):
    work = Work(
        dataset=plan.dataset.name,
        pipeline=Pipeline(plan.programs(), plan.dataset.accept),
        slots=plan.slots.between(0, len(plan.slots)),
        planned=len(plan.slots),
        spare=plan.replacements(),
        reserve=plan.dataset.reserve,
        open_slot=plan.open_slot,
        expected=(),
        cap=plan.dataset.budget.total.cost,
    )
    rows = Rows()
    session = Session(work, store, rows, Silent())
    if offline:
        return session.offline(), rows.found, None
    account = store.account(plan.dataset.name, plan.dataset.budget, None)
    answers = Answers()
    dispatcher = Dispatcher(plan.dataset.endpoints, account, answers, environ={}, embedded=embedded_endpoint({}))

    async def start():
        assert await dispatcher.start() == []

    sender = JobRouter(dispatcher, Programs(account, answers, folder=Path.cwd(), environ=os.environ), start)
    result = await session.live(sender, answers, Metered)
    await dispatcher.drain()
    await dispatcher.aclose()
    account.close()
    return result, rows.found, account


def test_a_plan_makes_the_same_rows_on_another_store(tmp_path):
    async def main():
        sqlite, memory = open_store(tmp_path / "store"), MemoryStore()
        first, rows, one = await run(planned(), sqlite)
        result, same, other = await run(planned(), memory)
        assert first.accepted == result.accepted > 30 and same == rows
        assert other.totals().run_spent == one.totals().run_spent
        assert other.totals().run_held.requests == 0 and other.events.count("settle") == len(memory.replies)
        sent = len(other.events)
        again, rebuilt, _ = await run(planned(), memory, offline=True)
        assert rebuilt == rows and again.accepted == result.accepted
        resumed, _, third = await run(planned(), memory)
        assert resumed.accepted == result.accepted and third.events == [] and sent == len(other.events)
        sqlite.close()

    asyncio.run(main())


@pytest.mark.parametrize("store", ["sqlite", "memory"])
def test_a_ceiling_ends_a_run_on_any_store(store, tmp_path):
    async def main():
        whole = MemoryStore()
        await run(planned(), whole)
        cap = whole.spent["d"] // 2
        made = open_store(tmp_path / "store") if store == "sqlite" else MemoryStore()
        result, _, account = await run(planned(cap=cap), made)
        totals = account.totals()
        assert result.stopped == "budget" and set(result.failures) == {"ceiling"}
        assert 0 < totals.run_spent.cost <= cap and totals.run_held.cost == 0
        made.close()

    asyncio.run(main())
