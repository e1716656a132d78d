"""A server that bills cache writes, lengths of the input and tiers: billed <= spent + held <= cap, kills among it."""

import json
import random
import time
from pathlib import Path

import pytest
from billing import Billing, Style
from billing_server import BillingServer
from called import Called
from driving import Tapc
from paid_spec import ledger, paid, written
from witness import Witness, faulty, until_asked

PRICE = {
    "input": "2",
    "cached_input": "0.5",
    "cache_write": "2.5",
    "output": "8",
    "above": [{"tokens": 250, "input": "4", "cached_input": "1", "cache_write": "5", "output": "12"}],
    "flex": "0.5",
    "priority": "2",
}
STATED = """price {
      input $2/M, cached_input $0.50/M, cache_write $2.50/M, output $8/M
      above 250 { input $4/M, output $12/M }
      flex 50%
      PRIORITY
    }"""
LONG = "Rivers carry sand and clay down to the sea, grain by grain and year by year. " * 12
STEPS = f"""
  generate question {{ using w, prompt "Ask about {{{{ topic }}}}." }}
  generate answer {{ using w, system "{LONG}", prompt "{LONG} Answer: {{{{ question }}}}" }}
"""
"""One step below the threshold and one above it, whose prompts share most of their text."""


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    return Called(tmp_path)


WRITING = f"""
  generate answer {{ using w, prompt "{LONG} {{{{ topic }}}}" }}
"""
"""Its first prompt is long enough to be written to a cache."""

WAYS = [
    ("openai", "flex", "default", ""),
    ("litellm", "", "priority", "priority 200%"),
    ("anthropic", "", "default", ""),
    ("excluded", "flex", "flex", ""),
    ("openai", "priority", "default", "priority 200%"),
]


@pytest.mark.parametrize(("style", "asked", "default", "priority"), WAYS[:3])
def test_billed_by_every_rule_is_at_most_booked(
    tapc: Tapc, style: Style, asked: str, default: str, priority: str
) -> None:
    chance = random.Random(f"{style} {asked} {default}")
    billing = Billing(PRICE, default_tier=default, style=style, seed=7)
    extra = f'extra {{ service_tier "{asked}" }}' if asked else ""
    stated = STATED.replace("PRIORITY", priority)
    with BillingServer(billing, faulty(0.2, 3)) as server:
        text = paid(server.url, samples=16, timeout="1s", price=stated, endpoint=extra, steps=STEPS, budget="cost $0.3")
        spec = written(tapc, text)
        witness = Witness(tapc, server, 3 * 10**11)
        run = tapc.start("run", spec, "--yes", "--quiet")
        until_asked(server, chance.randrange(3, 15), run)
        time.sleep(chance.random() * 0.1)
        run.kill()
        run.communicate()
        witness.check()
        server.behave = faulty(0.0, 4)
        written(tapc, text.replace("timeout 1s", "timeout 60s"))
        server.settle()  # requests in flight at the kill are still answered, and billed
        booked, billed = sum(amount.cost for amount in ledger(tapc)), server.billed
        tapc("run", spec, "--yes", "--quiet", code=None)
        witness.check()
        now = sum(amount.cost for amount in ledger(tapc))
        assert now - booked == server.billed - billed, "without faults every bill is met exactly"
        assert billing.tokens["cached_input"] > 0 < billing.tokens["cache_write"]
        assert len(billing.served) > 1 or asked != "flex"


@pytest.mark.parametrize(("style", "asked", "default", "priority"), WAYS)
def test_the_bill_lies_between_the_floor_and_the_ceiling_of_the_plan(
    tapc: Tapc, style: Style, asked: str, default: str, priority: str
) -> None:
    billing = Billing(PRICE, default_tier=default, style=style, seed=8)
    extra = f'extra {{ service_tier "{asked}" }}' if asked else ""
    with BillingServer(billing) as server:
        price = STATED.replace("PRIORITY", priority)
        spec = written(
            tapc,
            paid(server.url, samples=12, timeout="60s", price=price, endpoint=extra, steps=STEPS, budget="cost $3"),
        )
        planned = json.loads(tapc("plan", spec, "--json").stdout)["total"]["cost_usd"]
        tapc("run", spec, "--yes", "--quiet")
        assert ledger(tapc)[0].cost == server.billed
        assert planned["floor"] <= server.billed / 10**12 <= planned["ceiling"]


def test_writes_without_a_price_stop_the_endpoint_below_the_cap(tapc: Tapc) -> None:
    """A cap was crossed by 19% so: writes were charged as input, and billed at 1.25 of it."""
    with BillingServer(Billing({"input": "2", "cache_write": "2.5", "output": "8"})) as server:
        price = "price { input $2/M, output $8/M }"
        spec = written(tapc, paid(server.url, samples=400, price=price, steps=WRITING, budget="cost $0.2"))
        done = tapc("run", spec, "--yes", "--quiet", code=5)
        assert "TAP913" in done.stderr
        assert "cache_write" in done.stderr
        spent, held = ledger(tapc)
        assert server.billed <= spent.cost + held.cost <= 2 * 10**11
        assert len(server.asked) == 1, "the first request goes alone where money is at stake"


def test_a_project_default_of_priority_stops_the_endpoint_below_the_cap(tapc: Tapc) -> None:
    billing = Billing({"input": "2", "output": "8", "priority": "2.5"}, default_tier="priority", block=0)
    with BillingServer(billing) as server:
        price = "price { input $2/M, output $8/M }"
        spec = written(tapc, paid(server.url, samples=40, price=price, budget="cost $0.2"))
        looked = tapc("doctor", spec, "--yes", code=None)
        assert "TAP913" in looked.stderr, "doctor says it before a run does"
        examined = server.billed
        done = tapc("run", spec, "--yes", "--quiet", code=5)
        assert "TAP913" in done.stderr
        assert "priority" in done.stderr
        assert server.billed - examined <= ledger(tapc)[0].cost <= 2 * 10**11


def test_without_a_budget_it_is_said_once_and_the_run_goes_on(tapc: Tapc) -> None:
    billing = Billing({"input": "2", "cache_write": "4", "output": "8"})
    with BillingServer(billing) as server:
        price = "price { input $2/M, output $8/M }"
        spec = written(tapc, paid(server.url, samples=8, price=price, steps=STEPS, budget="requests 100"))
        done = tapc("run", spec, "--yes", "--quiet")
        assert done.stderr.count("TAP913") == 1
        assert server.billed == ledger(tapc)[0].cost, "writes at twice the input price, the dearest known"
