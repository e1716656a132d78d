"""The smallest cap that a plan names: a run that costs what was expected ends under it, and not under a cent less."""

import json

import pytest
from counting_server import Answer, CountingServer
from driving import Tapc
from paid_spec import ledger, paid, written

PRICE = "price { input $50/M, output $100/M }"
STEPS = 'generate answer { using w, prompt "Say something about {{ topic.title }}.", expect_tokens 50 }'
CENT = 10**10
"""Picodollars."""


def spec(url: str, cap: float) -> str:
    return paid(url, samples=24, budget=f"cost ${cap:.6f}", price=PRICE, steps=STEPS).replace(
        "topic { alpha, beta, gamma, delta }", "topic { alpha, betas, gamma, delta }"
    )


def plan_of(tapc: Tapc, name: str) -> dict:
    return json.loads(tapc("plan", name, "--json").stdout)


@pytest.mark.parametrize(("less", "code"), [(0.0, 0), (0.01, 3)])
def test_the_run_ends_under_exactly_the_smallest_cap(tapc: Tapc, less: float, code: int) -> None:
    with CountingServer() as server:
        plan = plan_of(tapc, written(tapc, spec(server.url, 5)))
        (step,) = (s for s in plan["steps"] if s["endpoint"])
        used = (step["input_tokens"]["expected"] // 24, step["output_tokens"]["expected"] // 24)
        assert step["input_tokens"]["expected"] == used[0] * 24  # all prompts are of one length
        server.behave = lambda _: Answer(usage=used)
        smallest = plan["budget"]["smallest_cap_usd"]
        assert smallest > plan["total"]["cost_usd"]["expected"]
        name = written(tapc, spec(server.url, smallest - less))
        tapc("run", name, "--yes", "-q", code=code)
        spent, held = ledger(tapc)
        assert held.cost == 0
        assert spent.cost <= round((smallest - less) * 10**12)
        if code == 0:
            assert spent.cost == round(plan["total"]["cost_usd"]["expected"] * 10**12)
            again = plan_of(tapc, name)
            assert again["total"]["requests"]["ceiling"] == 0
            assert again["budget"]["smallest_cap_usd"] == pytest.approx(spent.cost / 10**12)
        else:
            rest = plan_of(tapc, written(tapc, spec(server.url, 5)))
            assert 0 < rest["total"]["requests"]["floor"] < 24
            assert rest["budget"]["spent_usd"] == pytest.approx(spent.cost / 10**12)
            assert spent.cost + CENT >= round((smallest - less) * 10**12) - step["cost_usd"]["ceiling"] * 10**12
