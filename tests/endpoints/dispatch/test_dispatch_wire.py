"""The dispatcher over real sockets: manners, money, and the end of every job."""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path

import msgspec
import pytest
from accountant import Accountant

from tapc.endpoints import NoReply
from tapc.endpoints.dispatch import Dispatcher, Policy
from tapc.ir import Budget, Ceiling, Endpoint, EnvRef, Limit, Price, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, Usage, worst_case
from tapc.store import open_store

QUICK = Policy(
    tries=4, backoff_seconds=0.01, backoff_limit=0.05, patience_seconds=0.5, probe_seconds=30, busy_seconds=0.3, trip=3,
    first_window=64,
)  # fmt: skip
HASTY = msgspec.structs.replace(QUICK, probe_seconds=0.6)
"""Where nobody answers the probe; one that is answered may take its time on a busy machine."""

PAID = Price(input=2, output=10)


def recipe(endpoint="e", price=PAID, **changes):
    fields = {
        "step": "s", "endpoint": endpoint, "model": "m", "identity": "m", "realm": "real",
        "parameters": b'{"max_tokens":64}', "schema": None, "draw_group": 0, "seeded": False, "max_tokens": 64, "n": 1,
        "overhead": 64, "price": price,
    } | changes  # fmt: skip
    return Recipe(**fields)


def jobs(count, **changes):
    factory = JobFactory(recipe(**changes))
    return [factory.job((Message("user", f"say {i}"),), Draw(0, b"c" * 16, i, 0, 0)) for i in range(count)]


def endpoint(*urls, name="e", seconds=5.0, price=PAID, **changes):
    return Endpoint(
        name=name, model="m", urls=urls, price=price, transport=Transport(timeout_seconds=seconds), **changes
    )


class Outcome:
    def __init__(self):
        self.results = {}
        self.order = []
        self.problems = []
        self.at_start = []
        self.error = None

    def replies(self):
        return [r for r in self.results.values() if isinstance(r, Reply)]

    def reasons(self):
        return sorted(r.reason for r in self.results.values() if isinstance(r, NoReply))


async def play(work, endpoints, *, ledger=None, policy=QUICK, during=None, before=None, budget=None, **options):
    """Run jobs to their ends; every test goes through here, so every test checks that each job ends exactly once."""
    found, ledger = Outcome(), ledger or Accountant()

    class Ends:
        def put(self, job, answer):
            assert job.key not in found.results, "a job ended twice"
            assert job.key not in ledger.open or isinstance(answer, NoReply), "delivered before it was booked"
            found.results[job.key] = answer
            found.order.append(job)

    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        store = open_store(Path(folder) / "store")
        stack.callback(store.close)
        if before is not None:
            await before(store)
        account = store.account("d", budget or Budget())
        stack.callback(account.close)
        ledger.bind(account)
        dispatcher = Dispatcher(endpoints, ledger, Ends(), environ={}, policy=policy, **options)
        found.dispatcher, found.ledger = dispatcher, ledger
        found.at_start = await dispatcher.start()
        try:
            if not found.at_start:
                for job in work:
                    dispatcher.submit(job)
                if during is not None:
                    await during(dispatcher)
                async with asyncio.timeout(120):
                    await dispatcher.drain()
                assert set(found.results) == {job.key for job in work}
        finally:
            await dispatcher.aclose()
        async with asyncio.timeout(60):
            while ledger.open:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
        found.problems = dispatcher.problems
        found.spent = account.totals().run_spent
        assert account.totals().run_held.cost == 0
        stored = store.get([job.key for job in work])
        assert {k: r.texts for k, r in stored.items() if k in found.results} == {
            k: r.texts for k, r in found.results.items() if isinstance(r, Reply)
        }
    return found


def run(server, work, *, during=None, servers=(), spec=None, **options):
    async def main():
        async with server:
            return await play(work, [spec(server) if spec else endpoint(server.url)], during=during, **options)

    return asyncio.run(main())


def codes(problems):
    return [p.code for p in problems]


def test_dispatcher_delivers_every_job(wire):
    found = run(wire.serve(wire.chat()), jobs(50))
    assert len(found.replies()) == 50 and found.ledger.count("settle") == 50
    tally = found.dispatcher.counts["s", "e"]
    assert (tally.sent, tally.done, tally.retried, tally.failed, tally.in_flight) == (50, 50, 0, 0, 0)
    assert (tally.input_tokens, tally.output_tokens, tally.cost) == (500, 250, 50 * (10 * 2 + 5 * 10))


def test_dispatcher_claims_before_it_sends_and_books_before_it_delivers(wire):
    ledger = Accountant()
    seen = []

    async def handler(request, writer):
        seen.append(len(ledger.open))
        return wire.chat()

    found = run(wire.serve(handler), jobs(5), ledger=ledger)
    assert all(count >= 1 for count in seen) and len(found.replies()) == 5


def test_dispatcher_sends_the_first_paid_job_alone(wire):
    flight = 0
    together = []

    async def handler(request, writer):
        nonlocal flight
        flight += 1
        together.append(flight)
        await asyncio.sleep(0.02)
        flight -= 1
        return wire.chat()

    found = run(wire.serve(handler), jobs(20))
    assert together[0] == 1 and together[1] == 1 and max(together) > 5 and len(found.replies()) == 20


def test_dispatcher_stops_an_endpoint_that_uses_more_than_its_bound(wire):
    found = run(wire.serve(wire.chat(usage=(10, 5000))), jobs(8))
    assert codes(found.problems) == ["TAP908"]
    assert len(found.replies()) == 1 and found.reasons() == ["endpoint"] * 7 and found.ledger.claims == 1


@pytest.mark.parametrize(
    ("status", "booked"),
    [(500, "unknown"), (503, "unknown"), (429, "release"), (408, "unknown"), (409, "release"), (499, "unknown")],
)
def test_dispatcher_tries_again_and_books_each_try(wire, status, booked):
    server = wire.serve(wire.http(status, b""), wire.http(status, b""), wire.chat())
    found = run(server, jobs(1))
    assert len(found.replies()) == 1
    assert [e for e, _ in found.ledger.events] == ["claim", booked, "claim", booked, "claim", "settle"]
    assert found.dispatcher.counts["s", "e"].retried == 2


@pytest.mark.parametrize("status", [400, 422])
def test_dispatcher_does_not_repeat_what_was_refused(wire, status):
    server = wire.serve(wire.chat(), wire.http(status, {"error": {"message": "too long"}}), wire.chat())
    found = run(server, jobs(3), policy=QUICK)
    assert len(server.chats) == 3 and found.reasons() == ["refused"] and found.ledger.count("release") == 1
    assert any("too long" in r.detail for r in found.results.values() if isinstance(r, NoReply))


def test_dispatcher_gives_an_endpoint_up_that_refuses_everything(wire):
    server = wire.serve(wire.http(400, {"error": {"message": "unknown parameter: top_p"}}))
    found = run(server, jobs(100))
    assert codes(found.problems) == ["TAP912"] and "top_p" in found.problems[0].message
    assert len(server.chats) == QUICK.consecutive_failures


@pytest.mark.parametrize(("status", "code"), [(401, "TAP904"), (403, "TAP904"), (404, "TAP906"), (307, "TAP907")])
def test_dispatcher_stops_at_once_where_no_request_can_succeed(wire, status, code):
    server = wire.serve(wire.http(status, {"error": {"message": "no"}}))
    found = run(server, jobs(30))
    assert codes(found.problems) == [code] and found.reasons() == ["endpoint"] * 30
    assert len(server.chats) == 1 and found.ledger.count("release") == 1


def test_probe_finds_a_refused_key_before_anything_is_claimed(wire):
    async def handler(request, writer):
        return wire.http(401, {"error": {"message": "bad key"}})

    server = wire.Loopback(handler)
    found = run(server, jobs(3))
    assert codes(found.at_start) == ["TAP904"] and "bad key" in found.at_start[0].message
    assert not server.chats and not found.ledger.events


def test_probe_finds_an_endpoint_that_is_not_there_or_does_not_answer(wire):
    found = asyncio.run(play(jobs(1), [endpoint("http://127.0.0.1:9/v1")], policy=HASTY))
    assert codes(found.at_start) == ["TAP905"]

    async def silent(request, writer):
        await asyncio.sleep(30)

    found = run(wire.Loopback(silent), jobs(1), policy=HASTY)
    assert codes(found.at_start) == ["TAP905"]


def test_probe_waits_for_a_server_that_starts(wire):
    async def main():
        server = wire.serve(wire.chat())
        async with server:
            port = server.port
        late = wire.serve(wire.chat())

        async def start_late():
            await asyncio.sleep(0.3)
            late._server = await asyncio.start_server(late._serve, "127.0.0.1", port)

        task = asyncio.create_task(start_late())
        policy = Policy(probe_seconds=5.0)
        found = await play(jobs(1), [endpoint(f"http://127.0.0.1:{port}/v1")], policy=policy)
        await task
        late._server.close()
        return found

    assert len(asyncio.run(main()).replies()) == 1


def test_probe_trusts_servers_without_a_models_route(wire):
    async def handler(request, writer):
        return wire.http(404, b"") if request.method == "GET" else wire.chat()

    assert len(run(wire.Loopback(handler), jobs(2)).replies()) == 2


def test_missing_variables_are_found_before_anything_is_sent(wire):
    server = wire.serve(wire.chat())
    found = run(server, jobs(1), spec=lambda s: endpoint(s.url, key=EnvRef(name="NO_SUCH_KEY")))
    assert codes(found.at_start) == ["TAP901"] and "NO_SUCH_KEY" in found.at_start[0].message
    assert not server.requests


def test_dispatcher_honors_retry_after(wire):
    times = []

    async def handler(request, writer):
        times.append(time.monotonic())
        return wire.http(429, b"", (("retry-after-ms", "300"),)) if len(times) == 1 else wire.chat()

    found = run(wire.serve(handler), jobs(4))
    assert len(found.replies()) == 4 and times[1] - times[0] >= 0.3


def test_dispatcher_waits_when_a_success_says_that_the_limit_is_used_up(wire):
    times = []
    spent = (("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "300ms"))

    async def handler(request, writer):
        times.append(time.monotonic())
        return wire.chat(headers=spent if len(times) == 1 else ())

    found = run(wire.serve(handler), jobs(3))
    assert len(found.replies()) == 3 and times[1] - times[0] >= 0.29


def test_dispatcher_keeps_to_the_stated_concurrency(wire):
    flight = peak = 0

    async def handler(request, writer):
        nonlocal flight, peak
        flight += 1
        peak = max(peak, flight)
        await asyncio.sleep(0.01)
        flight -= 1
        return wire.chat()

    def spec(server):
        return endpoint(server.url, limit=Limit(concurrency=3))

    assert len(run(wire.serve(handler), jobs(30), spec=spec).replies()) == 30 and peak == 3


def test_dispatcher_learns_how_much_a_server_bears(wire):
    """A server that turns down more than eight at once; nothing is lost, and the refusals stay few."""
    flight = peak = refused = 0

    async def handler(request, writer):
        nonlocal flight, peak, refused
        if flight >= 8:
            refused += 1
            return wire.http(429, b"", (("retry-after-ms", "5"),))
        flight += 1
        peak = max(peak, flight)
        await asyncio.sleep(0.005)
        flight -= 1
        return wire.chat()

    found = run(wire.serve(handler), jobs(600))
    assert len(found.replies()) == 600 and peak == 8 and refused < 600


def test_dispatcher_fails_over_and_leaves_dead_replicas_alone(wire):
    async def main():
        good, bad = wire.serve(wire.chat()), wire.serve(wire.http(500, b"broken"))
        async with good, bad:
            patient = msgspec.structs.replace(QUICK, probe_seconds=4)
            found = await play(jobs(60), [endpoint(bad.url, good.url, "http://127.0.0.1:9/v1")], policy=patient)
            return found, len(bad.chats), len(good.chats)

    found, broken, served = asyncio.run(main())
    assert len(found.replies()) == 60 and served == 60 and broken < 10
    assert codes(found.problems) == ["TAP905"]  # one replica of three was not there, and is said so


def test_what_befalls_an_endpoint_is_said_while_the_run_goes_on(wire, monkeypatch):
    """A replica that takes the key no more, one that fails for a while, and one that asks to wait."""
    monkeypatch.setattr("tapc.endpoints.dispatch.faults._WORTH_TELLING", 0.05)
    calls, notes = {"away": 0, "ill": 0, "busy": 0}, []

    def behaving(name, first, then, until):
        async def handler(request, writer):
            calls[name] += request.method == "POST"
            return then if first <= calls[name] < until and request.method == "POST" else wire.chat()

        return wire.serve(handler)

    async def main(server, *others):
        async with contextlib.AsyncExitStack() as stack:
            for each in (server, *others):
                await stack.enter_async_context(each)
            urls = [each.url for each in (server, *others)]
            return await play(jobs(40), [endpoint(*urls, limit=Limit(concurrency=4))], note=notes.append)

    away = behaving("away", 5, wire.http(401, {"error": {"message": "key expired"}}), 10**6)
    found = asyncio.run(main(away, wire.serve(wire.chat())))
    assert len(found.replies()) == 40 and codes(found.problems) == ["TAP904"]
    assert notes == [f"endpoint 'e' goes on without {away.url}: HTTP 401: key expired"]
    notes.clear()
    found = asyncio.run(main(behaving("ill", 5, wire.http(500, b"oops"), 10)))
    assert len(found.replies()) == 40 and not found.problems
    assert notes == ["endpoint 'e' fails 3 times in a row: HTTP 500: oops", "endpoint 'e' answers again"]
    notes.clear()
    found = asyncio.run(main(behaving("busy", 5, wire.http(429, b"slow", (("retry-after-ms", "100"),)), 8)))
    assert len(found.replies()) == 40
    assert notes == ["endpoint 'e' asks to wait 0 s: HTTP 429: slow", "endpoint 'e' answers again"]


def test_dispatcher_spreads_over_replicas(wire):
    async def main():
        async def slow(request, writer):
            await asyncio.sleep(0.01)
            return wire.chat()

        a, b = wire.serve(slow), wire.serve(slow)
        async with a, b:
            found = await play(jobs(100, price=None), [endpoint(a.url, b.url, price=None)])
            return found, len(a.chats), len(b.chats)

    found, left, right = asyncio.run(main())
    assert len(found.replies()) == 100 and min(left, right) > 40


def test_a_slow_endpoint_does_not_hold_up_others(wire):
    async def main():
        gate = asyncio.Event()

        async def stuck(request, writer):
            await gate.wait()
            return wire.chat()

        slow, quick = wire.serve(stuck), wire.serve(wire.chat())
        async with slow, quick:
            work = jobs(10, endpoint="slow") + jobs(40, endpoint="quick", draw_group=1)

            async def during(dispatcher):
                while dispatcher.outstanding > 10:  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.01)
                gate.set()

            endpoints = [endpoint(slow.url, name="slow", seconds=20), endpoint(quick.url, name="quick")]
            return await play(work, endpoints, during=during)

    found = asyncio.run(main())
    assert len(found.replies()) == 50
    assert all(job.recipe.endpoint == "quick" for job in found.order[:40])


def test_dispatcher_gives_a_dead_endpoint_up(wire):
    async def drop(request, writer):
        writer.transport.abort()

    found = run(wire.serve(drop), jobs(40), policy=Policy(
        tries=4, backoff_seconds=0.01, backoff_limit=0.05, patience_seconds=0.2, trip=2, probe_seconds=0.5))  # fmt: skip
    assert not found.replies() and codes(found.problems) == ["TAP905"]
    assert found.ledger.count("unknown") == found.ledger.claims  # each try was written, so each is charged


def test_dispatcher_survives_a_server_that_never_answers(wire):
    async def hang(request, writer):
        await asyncio.sleep(60)

    found = run(wire.serve(hang), jobs(3), spec=lambda s: endpoint(s.url, seconds=0.1), policy=Policy(
        tries=2, backoff_seconds=0.01, patience_seconds=0.1, probe_seconds=0.5))  # fmt: skip
    assert not found.replies() and found.ledger.count("unknown") == found.ledger.claims > 0


def test_ceilings_end_jobs_without_a_request(wire):
    server = wire.serve(wire.chat())
    found = run(server, jobs(20), budget=Budget(total=Ceiling(requests=5)))
    assert len(found.replies()) == 5 and found.reasons() == ["ceiling"] * 15 and len(server.chats) == 5


OTHERS = Reply("ok", ("theirs",), Usage(10, 5), 70)


def test_stored_replies_are_delivered_without_a_request(wire):
    work = jobs(2)

    async def before(store):
        other = store.account("d")
        await other.settle(await other.claim(work[0], worst_case(work[0])), OTHERS)
        other.close()

    server = wire.serve(wire.chat())
    found = run(server, work, before=before)
    assert found.results[work[0].key].texts == ("theirs",) and len(server.chats) == 1


def test_a_job_another_run_asks_is_waited_for(wire):
    async def main():
        work, others = jobs(2), {}
        server = wire.serve(wire.chat())

        async def before(store):
            others["run"] = store.account("d")
            others["claim"] = await others["run"].claim(work[0], worst_case(work[0]))

        async def during(dispatcher):
            await asyncio.sleep(0.05)
            await others["run"].settle(others["claim"], OTHERS)
            others["run"].close()

        async with server:
            found = await play(work, [endpoint(server.url)], before=before, during=during)
        return work, found, len(server.chats)

    work, found, sent = asyncio.run(main())
    assert found.results[work[0].key].texts == ("theirs",) and sent == 1


def test_a_job_another_run_never_ends_is_given_up(wire):
    async def main():
        work = jobs(1)
        server = wire.serve(wire.chat())

        async def before(store):
            await store.account("d").claim(work[0], worst_case(work[0]))

        async with server:
            return await play(work, [endpoint(server.url)], before=before)

    assert asyncio.run(main()).reasons() == ["busy"]


def test_stop_finishes_what_is_in_flight(wire):
    async def main():
        gate = asyncio.Event()

        async def handler(request, writer):
            await gate.wait()
            return wire.chat()

        server = wire.serve(handler)

        async def during(dispatcher):
            while len(server.chats) < 4:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
            dispatcher.stop()
            gate.set()

        async with server:
            spec = endpoint(server.url, price=None, limit=Limit(concurrency=4))
            return await play(jobs(20, price=None), [spec], during=during)

    found = asyncio.run(main())
    assert len(found.replies()) == 4 and found.reasons() == ["stopped"] * 16
    assert found.ledger.count("settle") == 4


def test_abort_charges_what_was_sent(wire):
    async def main():
        async def handler(request, writer):
            await asyncio.sleep(30)

        server = wire.serve(handler)

        async def during(dispatcher):
            while len(server.chats) < 4:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.01)
            dispatcher.abort()

        async with server:
            spec = endpoint(server.url, price=None, limit=Limit(concurrency=4), seconds=60)
            return await play(jobs(20, price=None), [spec], during=during)

    found = asyncio.run(main())
    assert found.reasons() == ["stopped"] * 20 and found.ledger.count("unknown") == 4


def test_stop_gives_back_claims_that_wait_for_money(wire):
    async def main():
        server = wire.serve(wire.chat())
        other = jobs(1, draw_group=7)[0]

        async def before(store):
            await store.account("d", Budget(total=Ceiling(requests=1))).claim(other, worst_case(other))

        async def during(dispatcher):
            await asyncio.sleep(0.05)
            dispatcher.stop()

        async with server:
            spec, budget = endpoint(server.url, price=None), Budget(total=Ceiling(requests=1))
            return await play(jobs(5, price=None), [spec], before=before, during=during, budget=budget)

    found = asyncio.run(main())
    assert found.reasons() == ["stopped"] * 5 and not found.ledger.events


def test_stop_at_any_moment_leaves_no_claim_open(wire):
    async def main(turns, halt):
        server = wire.serve(wire.chat())

        async def during(dispatcher):
            for _ in range(turns):
                await asyncio.sleep(0.0003)
            getattr(dispatcher, halt)()

        async with server:
            found = await play(jobs(40, price=None), [endpoint(server.url, price=None)], during=during)
        assert found.ledger.count("settle") >= len(found.replies())
        return found

    for turns in range(0, 24, 2):
        for halt in ("stop", "abort"):
            found = asyncio.run(main(turns, halt))
            assert set(found.reasons()) <= {"stopped"} and len(found.results) == 40


def test_a_broken_ledger_ends_the_run_and_says_why(wire):
    class Full(Accountant):
        def settle(self, claim, reply, *, label, chars):
            self.unknown(claim)
            raise OSError(28, "No space left on device")

    async def main():
        server = wire.serve(wire.chat())
        async with server:
            with pytest.raises(OSError, match="No space"):
                await play(jobs(10), [endpoint(server.url)], ledger=Full())

    asyncio.run(main())


def test_in_process_jobs_take_the_same_way(wire):
    body = wire.chat("inside").partition(b"\r\n\r\n")[2]
    calls = []

    async def handler(head, request):
        calls.append(head)
        if len(calls) == 2:
            raise ConnectionError("dropped")
        return 200, [], body

    spec = Endpoint(name="e", model="sim")
    found = asyncio.run(play(jobs(5, realm="sim", price=None), [spec], embedded=handler))
    assert [r.texts for r in found.replies()] == [("inside",)] * 5 and found.replies()[0].origin == "sim:"
    assert calls[0].startswith(b"POST /v1/chat/completions HTTP/1.1\r\n") and found.ledger.count("unknown") == 1


def test_a_few_jobs_are_claimed_ahead_and_given_back_when_the_endpoint_pauses(wire):
    """Sixteen in flight, two more claimed; all claims that were not sent are gone while `Retry-After` lasts."""

    async def main():
        gate, held, ledger = asyncio.Event(), [], Accountant()
        flight = 0

        async def handler(request, writer):
            nonlocal flight
            if gate.is_set():
                return wire.chat()
            flight += 1
            await gate.wait()
            flight -= 1
            return wire.http(429, b"", (("retry-after-ms", "1500"),)) if flight == 8 else wire.chat()

        async def during(dispatcher):
            while flight < 16 or len(ledger.open) < 18:  # noqa: ASYNC110 - what is waited for has no event
                await asyncio.sleep(0.005)
            assert (flight, len(ledger.open)) == (16, 18)
            gate.set()
            while ledger.open:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
            held.append(dispatcher.outstanding)

        async with wire.serve(handler) as server:
            spec = endpoint(server.url, price=None, limit=Limit(concurrency=16))
            found = await play(jobs(60, price=None), [spec], ledger=ledger, during=during)
            return found, held, len(server.chats)

    found, held, sent = asyncio.run(main())
    assert len(found.replies()) == 60 and held[0] > 30, "claims were given back while jobs waited for the endpoint"
    assert found.ledger.count("release") >= 3 and sent == 61


def test_claims_ahead_of_a_paused_endpoint_hold_no_room_another_needs(wire):
    """One ceiling over two endpoints: the one that pauses must not keep money from the one that works."""

    async def main():
        async def refuse(request, writer):
            return wire.http(429, b"", (("retry-after", "25"),))

        paused, quick = wire.serve(refuse), wire.serve(wire.chat())
        async with paused, quick:
            work = jobs(40, endpoint="paused", price=None) + jobs(30, endpoint="quick", draw_group=1, price=None)
            asked = []

            async def during(dispatcher):
                while dispatcher.counts["s", "quick"].done < 30:  # noqa: ASYNC110 - what is waited for has no event
                    await asyncio.sleep(0.01)
                asked.append(len(paused.chats))
                dispatcher.stop()

            limit = Limit(concurrency=24)
            endpoints = [
                endpoint(paused.url, name="paused", price=None, limit=limit),
                endpoint(quick.url, name="quick", price=None),
            ]
            budget = Budget(total=Ceiling(requests=30))
            return await play(work, endpoints, during=during, budget=budget), asked

    found, asked = asyncio.run(main())
    assert len(found.replies()) == 30 and asked[0] <= 24, "the pause was not over"


@pytest.mark.parametrize("cap", [17, 40])
def test_a_ceiling_is_used_up_while_jobs_are_claimed_ahead(wire, cap):
    async def slow(request, writer):
        await asyncio.sleep(0.02)
        return wire.chat()

    server = wire.serve(slow)
    found = run(
        server,
        jobs(80, price=None),
        spec=lambda s: endpoint(s.url, price=None, limit=Limit(concurrency=16)),
        budget=Budget(total=Ceiling(requests=cap)),
    )
    assert len(found.replies()) == len(server.chats) == cap and found.reasons() == ["ceiling"] * (80 - cap)
