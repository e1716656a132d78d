"""Ceilings of every kind, against a server that counts: used up, never crossed."""

import json

import pytest
from counting_server import INPUT_PRICE, OUTPUT_PRICE, Answer, CountingServer
from driving import PATIENCE, Tapc
from paid_spec import budget, ledger, paid, written

WORST = 160 * INPUT_PRICE + 60 * OUTPUT_PRICE
"""Picodollars no request of the spec can exceed: bytes of the prompt, overhead, and `max_tokens`."""


@pytest.mark.parametrize(
    ("ceiling", "arguments", "said"),
    [
        ("cost $0.0046", (), "cost ceiling of the dataset"),
        ("tokens 1500", (), "tokens ceiling of the dataset"),
        ("requests 30", (), "requests ceiling of the dataset"),
        ("cost $1, cost $0.002 per run", (), "cost ceiling of this run"),
        ("cost $1, step answer { requests 7 }", (), "requests ceiling of the step 'answer'"),
        ("cost $1, endpoint w { cost $0.002 }", (), "cost ceiling of the endpoint 'w'"),
        ("cost $1", ("--max-cost", "0.002"), "cost ceiling of this run"),
    ],
    ids=["cost", "tokens", "requests", "per run", "step", "endpoint", "max-cost"],
)
def test_a_ceiling_is_used_up_and_not_crossed(tapc: Tapc, ceiling: str, arguments: tuple[str, ...], said: str) -> None:
    with CountingServer() as server:
        spec = written(tapc, paid(server.url, budget=ceiling))
        run = tapc.run(spec, "--yes", *arguments, code=3)
        spent, held = ledger(tapc)
        assert run["stopped"] == "budget"
        assert {loss["reason"] for loss in run["lost"]} == {"ceiling"}
        assert said in run["lost"][0]["detail"]
        assert (server.billed, server.tokens, len(server.asked)) == (spent.cost, spent.tokens, spent.requests)
        assert held.cost == 0
        answers = sum(a.prompt.startswith("Answer:") for a in server.asked)
        cap, used, worst = {
            "cost ceiling of the dataset": (4_600_000_000, server.billed, WORST),
            "tokens ceiling of the dataset": (1500, server.tokens, 220),
            "requests ceiling of the dataset": (30, len(server.asked), 1),
            "requests ceiling of the step 'answer'": (7, answers, 1),
        }.get(said, (2_000_000_000, server.billed, WORST))
        assert used <= cap, "crossed"
        assert used + worst > cap, "not used up: another request would have fitted"


def test_a_ceiling_too_small_for_any_request_sends_none(tapc: Tapc) -> None:
    with CountingServer() as server:
        spec = written(tapc, paid(server.url, budget="cost $0.0002"))
        done = tapc("run", spec, "--yes", code=3)
        assert not server.asked
        assert "raise `budget`" in done.stdout


def test_stopped_runs_go_on_and_pay_for_nothing_twice(tapc: Tapc) -> None:
    with CountingServer() as server:
        spec = written(tapc, paid(server.url, budget="cost $1, cost $0.002 per run"))
        runs = 0
        while tapc("run", spec, "--yes", "--quiet", code=None).returncode == 3:
            runs += 1
            assert runs < 5
        assert tapc.manifest("money")["samples"]["short"] == 0
        assert len(server.asked) == len({a.job for a in server.asked}) == 80
        line = budget(tapc)
        assert line["spent"]["requests"] == 80
        assert round(line["spent"]["usd"] * 10**12) == server.billed
        assert server.billed > 2_000_000_000, "a ceiling of each run, not of all of them"


def test_two_runs_share_one_cap_and_one_answer(tapc: Tapc) -> None:
    with CountingServer(lambda _: Answer(delay=0.05)) as server:
        spec = written(tapc, paid(server.url, budget="cost $0.0046"))
        both = [tapc.start("run", spec, "--yes", "--json", "--out", name) for name in ("one", "two")]
        done = [process.communicate(timeout=PATIENCE) for process in both]
        assert [process.returncode for process in both] == [3, 3], done
        runs = [json.loads(out) for out, _ in done]
        assert sum(run["requests"]["sent"] for run in runs) == len(server.asked) == len({a.job for a in server.asked})
        spent, held = ledger(tapc)
        assert (spent.cost, held.cost) == (server.billed, 0)
        assert server.billed <= 4_600_000_000 < server.billed + WORST


def test_a_lying_endpoint_is_stopped_by_its_canary(tapc: Tapc) -> None:
    """It ignores `max_tokens`: one request is charged as reported, and no second one is sent."""
    with CountingServer(lambda _: Answer(factor=10)) as server:
        spec = written(tapc, paid(server.url, budget="cost $0.01"))
        done = tapc("run", spec, "--yes", code=5)
        assert "TAP908" in done.stderr
        assert len(server.asked) == 1
        assert server.billed == ledger(tapc)[0].cost


def test_usage_above_the_bound_is_charged_and_ends_the_run(tapc: Tapc) -> None:
    with CountingServer(lambda a: Answer(usage=(10**9, 10)) if a.number == 20 else Answer(delay=0.01)) as server:
        spec = written(tapc, paid(server.url, budget="cost $0.02"))
        done = tapc("run", spec, "--yes", code=5)
        assert "TAP908" in done.stderr
        assert len(server.asked) < 80
        assert ledger(tapc)[0].cost >= 10**9 * INPUT_PRICE, "what it says it charges is believed"
        before = len(server.asked)
        assert tapc.run(spec, "--yes", code=3)["requests"]["sent"] == 0
        assert len(server.asked) == before
