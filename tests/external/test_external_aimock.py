"""aimock: an OpenAI-compatible server with chaos of its own making, under the dispatcher and under the whole program."""

import asyncio
import json
import random
import time

import pytest
from called import Called
from foreign_spec import COST, JOBS, balanced, complete, foreign, stored, undisturbed, written
from paid_spec import ledger
from servers import chaotic

from tapc.endpoints import Answers, NoReply
from tapc.endpoints.dispatch import Dispatcher, Policy
from tapc.ir import Budget, Endpoint, EnvRef, Limit, Price, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply
from tapc.store import open_store

pytestmark = pytest.mark.external

FIXTURES = {
    "fixtures": [
        {
            "match": {"userMessage": "cut me off"},
            "response": {"content": "This sentence has no", "finishReason": "length"},
        },
        {"match": {"userMessage": "score this"}, "response": {"content": '{"score": 4}'}},
        {
            "match": {"userMessage": "think hard"},
            "response": {"content": "4", "reasoning": "two and two"},
        },
        {
            "match": {"userMessage": "fail with 400"},
            "response": {"error": {"message": "context too long", "type": "invalid_request_error"}, "status": 400},
        },
        {
            "match": {},
            "response": {
                "content": "Hello from somewhere else.",
                "usage": {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15},
            },
        },
    ]
}

PAID = Price(input=1_000_000, output=4_000_000)
SCHEMA = json.dumps({"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}).encode()
PATIENT = Policy(backoff_seconds=0.02, backoff_limit=0.2, patience_seconds=60, tries=12, trip=10)


def jobs(*texts, **changes):
    fields = {
        "step": "s", "endpoint": "e", "model": "gpt-4", "identity": "gpt-4", "realm": "real",
        "parameters": b'{"max_tokens":64}', "schema": None, "draw_group": 0, "seeded": True, "max_tokens": 64, "n": 1,
        "overhead": 64, "price": PAID,
    } | changes  # fmt: skip
    factory = JobFactory(Recipe(**fields))
    return [factory.job((Message("user", t),), Draw(0, b"c" * 16, i, 0, 0)) for i, t in enumerate(texts)]


def run(server, work, folder, *, key=None, environ=None, policy=PATIENT):
    async def main():
        answers = Answers()
        store = open_store(folder)
        account = store.account("d", Budget(), None)
        spec = Endpoint(
            name="e", model="gpt-4", urls=(server.url,), price=PAID, key=key,
            limit=Limit(concurrency=16), transport=Transport(timeout_seconds=10),
        )  # fmt: skip
        dispatcher = Dispatcher(
            [spec],
            account,
            answers,
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
        results = {job.key: answer for job, answer in answers.take()}
        return [results.get(job.key) for job in work], problems, totals, stored

    return asyncio.run(main())


def test_external_replies_are_read(start_aimock, tmp_path):
    server = start_aimock(FIXTURES)
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
    (reply,), _, _, _ = run(start_aimock(FIXTURES), jobs("score this", schema=SCHEMA), tmp_path / "store")
    assert reply.outcome == "ok" and json.loads(reply.texts[0]) == {"score": 4}


def test_external_keys_are_checked_before_anything_is_asked(start_aimock, tmp_path):
    server = start_aimock(FIXTURES, AIMOCK_API_KEYS="right-key-0123456789")
    wrong = {"key": EnvRef(name="K"), "environ": {"K": "wrong-key-0123456789"}}
    (nothing,), problems, totals, _ = run(server, jobs("hello"), tmp_path / "wrong", **wrong)
    assert [p.code for p in problems] == ["TAP904"] and not isinstance(nothing, Reply)
    assert "wrong-key" not in str(problems) and totals.spent.cost == 0
    right = {"key": EnvRef(name="K"), "environ": {"K": "right-key-0123456789"}}
    (reply,), problems, _, _ = run(server, jobs("hello"), tmp_path / "right", **right)
    assert reply.outcome == "ok" and not problems


def test_external_chaos_loses_nothing_and_is_paid_for_as_booked(start_aimock, tmp_path):
    """Refusals, drops, broken bodies and errors: every job gets its reply, and what the server did stands in the books."""
    server = start_aimock(FIXTURES)
    server.chaos(dropRate=0.1, malformedRate=0.05, disconnectRate=0.1, rateLimitRate=0.01)
    work = jobs(*(f"hello {i}" for i in range(300)))
    results, problems, totals, stored = run(server, work, tmp_path / "store")
    assert not problems
    assert [r for r in results if not isinstance(r, Reply) or r.outcome != "ok"] == []
    assert len(stored) == 300
    journal = server.journal()
    faults = [entry for entry in journal if chaotic(entry)]
    served = len(journal) - len(faults)
    assert served == 300, "a job was answered twice, or not at all"
    assert faults
    server_billed = served * (9 * PAID.input + 6 * PAID.output)
    assert server_billed <= totals.spent.cost and totals.held.cost == 0


def test_external_rate_limits_are_honoured(start_aimock, tmp_path):
    server = start_aimock(FIXTURES)
    server.chaos(rateLimitRate=1)
    policy = Policy(patience_seconds=2.5, tries=3, refusals=1000)
    results, problems, totals, _ = run(server, jobs("a", "b", "c"), tmp_path / "store", policy=policy)
    assert [p.code for p in problems] == ["TAP910"] and not any(isinstance(r, Reply) for r in results)
    assert len(server.journal()) <= 6, "Retry-After: 1 was not honoured"
    assert totals.spent.cost == 0


def test_external_kills_under_chaos_pay_for_nothing_twice(start_aimock, tapc):
    """Killed at random moments while one request in four goes wrong, then left to end: the bytes of a calm run."""
    server, chance = start_aimock(), random.Random(5)
    text = foreign(server.url)
    spec = written(tapc, text)
    server.chaos(dropRate=0.08, malformedRate=0.06, disconnectRate=0.08, rateLimitRate=0.03, latencyMs=120)
    asked = 0
    for _ in range(3):
        process = tapc.start("run", spec, "--yes", "--quiet", "--concurrency", "4")
        end = time.monotonic() + 30
        while len(server.journal()) <= asked and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.5)
        process.kill()
        process.communicate()
        journal = server.journal()
        asked = len(journal)
        billed = COST * sum(entry["response"]["status"] == 200 and not chaotic(entry) for entry in journal)
        spent, held = ledger(tapc, "foreign")
        assert billed <= spent.cost + held.cost <= 10**12
    kept = stored(tapc)
    served = sum(server.served().values())
    assert 0 < kept < JOBS
    run = tapc.run(spec, "--yes", "--concurrency", "8")
    complete(tapc, run)
    assert run["requests"]["cached"] == kept, "what was stored is not asked again"
    assert sum(server.served().values()) - served == JOBS - kept
    balanced(tapc, COST * sum(server.served().values()))
    server.chaos()
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)


def test_external_chaos_without_end_ends_the_run_and_calm_completes_it(start_aimock, tapc):
    server, called = start_aimock(), Called(tapc.folder)
    text = foreign(server.url)
    spec = written(tapc, text)
    server.chaos(disconnectRate=1)
    began = time.monotonic()
    done = called("run", spec, "--yes", code=5)
    assert time.monotonic() - began < 60
    assert "closed the connection before it answered" in " ".join((done.stdout + done.stderr).split())
    assert stored(tapc) == 0 and ledger(tapc, "foreign")[1].cost == 0
    charged = ledger(tapc, "foreign")[0]
    assert charged.requests == len(server.journal()), "each may have been billed"
    server.chaos()
    complete(tapc, called.run(spec, "--yes"))
    assert set(server.served().values()) == {1}
    assert balanced(tapc, COST * JOBS).cost == charged.cost + COST * JOBS
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)
