"""The dispatcher against aimock: an OpenAI-compatible server with faults of its own making."""

import asyncio
import json

import pytest

from tapc.ir import Budget, Endpoint, EnvRef, Limit, Price, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply
from tapc.runtime.dispatch import Dispatcher, NoReply, Policy
from tapc.runtime.store import open_store

pytestmark = pytest.mark.external

PAID = Price(input=1_000_000, output=4_000_000)
SCHEMA = json.dumps({"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}).encode()
PATIENT = Policy(backoff_seconds=0.02, backoff_limit=0.2, patience_seconds=60, tries=12, trip=10)


def jobs(*texts, **changes):
    fields = {
        "step": "s", "endpoint": "e", "model": "gpt-4", "identity": "gpt-4", "realm": "real",
        "parameters": b'{"max_tokens":64}', "schema": None, "lane": 0, "seeded": True, "max_tokens": 64, "n": 1,
        "overhead": 64, "price": PAID,
    } | changes  # fmt: skip
    factory = JobFactory(Recipe(**fields))
    return [factory.job((Message("user", t),), Draw(0, b"c" * 16, i, 0, 0)) for i, t in enumerate(texts)]


def run(server, work, folder, *, key=None, environ=None, policy=PATIENT):
    async def main():
        results = {}
        store = open_store(folder)
        account = store.account("d", Budget(), None)
        spec = Endpoint(
            name="e", model="gpt-4", urls=(server.url,), price=PAID, key=key,
            limit=Limit(concurrency=16), transport=Transport(timeout_seconds=10),
        )  # fmt: skip
        dispatcher = Dispatcher(
            [spec],
            account,
            on_result=lambda job, result: results.__setitem__(job.key, result),
            environ=environ or {},
            policy=policy,
        )
        problems = await dispatcher.start()
        if not problems:
            for job in work:
                dispatcher.submit(job)
            async with asyncio.timeout(120):
                await dispatcher.drain()
        problems = problems + dispatcher.problems
        await dispatcher.aclose()
        totals = account.totals()
        stored = store.get([job.key for job in work])
        account.close()
        store.close()
        return [results.get(job.key) for job in work], problems, totals, stored

    return asyncio.run(main())


def test_external_replies_are_read(start_aimock, tmp_path):
    server = start_aimock()
    work = jobs("hello", "cut me off", "think hard", "fail with 400")
    (plain, cut, thought, refused), problems, totals, stored = run(server, work, tmp_path / "store")
    assert not problems
    assert (plain.outcome, plain.texts, plain.usage.input, plain.usage.output) == (
        "ok", ("Hello from somewhere else.",), 9, 6,
    )  # fmt: skip
    assert cut.outcome == "length" and cut.texts == ("This sentence has no",)
    assert thought.texts == ("4",) and thought.reasoning == ("two and two",)
    assert isinstance(refused, NoReply) and refused.reason == "refused" and "context too long" in refused.detail
    assert len(stored) == 3 and totals.held.cost == 0


def test_external_structured_replies_are_validated(start_aimock, tmp_path):
    (reply,), _, _, _ = run(start_aimock(), jobs("score this", schema=SCHEMA), tmp_path / "store")
    assert reply.outcome == "ok" and json.loads(reply.texts[0]) == {"score": 4}


def test_external_keys_are_checked_before_anything_is_asked(start_aimock, tmp_path):
    server = start_aimock(AIMOCK_API_KEYS="right-key-0123456789")
    wrong = {"key": EnvRef(name="K"), "environ": {"K": "wrong-key-0123456789"}}
    (nothing,), problems, totals, _ = run(server, jobs("hello"), tmp_path / "wrong", **wrong)
    assert [p.code for p in problems] == ["TAP904"] and not isinstance(nothing, Reply)
    assert "wrong-key" not in str(problems) and totals.spent.cost == 0
    right = {"key": EnvRef(name="K"), "environ": {"K": "right-key-0123456789"}}
    (reply,), problems, _, _ = run(server, jobs("hello"), tmp_path / "right", **right)
    assert reply.outcome == "ok" and not problems


def test_external_chaos_loses_nothing_and_is_paid_for_as_booked(start_aimock, tmp_path):
    """Refusals, drops, broken bodies and errors: every job gets its reply, and what the server did stands in the books."""
    server = start_aimock()
    server.chaos(dropRate=0.1, malformedRate=0.05, disconnectRate=0.1, rateLimitRate=0.01)
    work = jobs(*(f"hello {i}" for i in range(300)))
    results, problems, totals, stored = run(server, work, tmp_path / "store")
    assert not problems and all(isinstance(r, Reply) and r.outcome == "ok" for r in results)
    assert len(stored) == 300
    journal = server.journal()
    faults = [entry for entry in journal if entry["response"].get("chaosAction")]
    served = len(journal) - len(faults)
    assert served == 300, "a job was answered twice, or not at all"
    assert faults
    server_billed = served * (9 * PAID.input + 6 * PAID.output)
    assert server_billed <= totals.spent.cost and totals.held.cost == 0


def test_external_rate_limits_are_honoured(start_aimock, tmp_path):
    server = start_aimock()
    server.chaos(rateLimitRate=1)
    policy = Policy(patience_seconds=2.5, tries=3, refusals=1000)
    results, problems, totals, _ = run(server, jobs("a", "b", "c"), tmp_path / "store", policy=policy)
    assert [p.code for p in problems] == ["TAP910"] and not any(isinstance(r, Reply) for r in results)
    assert len(server.journal()) <= 6, "Retry-After: 1 was not honoured"
    assert totals.spent.cost == 0
