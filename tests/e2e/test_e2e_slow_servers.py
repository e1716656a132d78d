"""Servers that are slow, and a client that is away for a while: nothing times out, nothing is paid for twice."""

import os
import signal
import time

import pytest
from counting_server import Answer, CountingServer
from driving import Tapc
from paid_spec import PRICE, ledger, paid, written
from slow_server import SlowServer

from tapc.store import Amount

NAMES = ("a", "b", "c", "d")


def pool(url: str, *, samples: int = 20, timeout: str = "4s", more: str = "", price: str = PRICE) -> str:
    """Four endpoints at one server, each asked for a quarter of the samples."""
    endpoints = "\n".join(
        f'  endpoint {name} {{ model "m-{name}", url "{url}", {price}, max_tokens 400, '
        f"transport {{ timeout {timeout} }}{more} }}"
        for name in NAMES
    )
    return f"""tap 1

dataset money {{
  samples {samples}
  taxonomy topic {{ alpha, beta, gamma, delta }}
{endpoints}
  generate answer {{ using 1 of [a, b, c, d], prompt "Say something of {{{{ topic }}}}." }}
  emit sft {{ from answer }}
  budget {{ cost $1 }}
}}
"""


@pytest.mark.parametrize("price", [PRICE, "price free"])
def test_four_endpoints_at_one_slow_server_finish_without_a_time_out(tapc: Tapc, price: str) -> None:
    """50 tokens a second over four slots, replies of 300 tokens, 120 s: all thirty times as fast here."""
    with SlowServer(slots=4, speed=12.5 * 30, tokens=300) as server:
        spec = written(tapc, pool(server.url, price=price))
        done = tapc.run(spec, "--yes")
        assert done["samples"]["accepted"] == 20
        assert (done["requests"]["sent"], done["requests"]["retried"], done["requests"]["failed"]) == (20, 0, 0)
        assert len(server.asked) == len({asked.job for asked in server.asked}) == 20
        assert len({asked.body["model"] for asked in server.asked}) == 4
        assert server.peak > 2, "the slots are used"
        if price == PRICE:
            spent, held = ledger(tapc)
            assert (spent.requests, held) == (20, Amount())
            assert spent.tokens == 20 * 320, "nothing was charged at its worst case"


def test_endpoints_at_one_server_keep_its_limit_together(tapc: Tapc) -> None:
    """Each says that two at once are right for the server; that is two, not eight."""
    with SlowServer(slots=8, speed=6000, tokens=300) as server:
        spec = written(tapc, pool(server.url, samples=80, timeout="20s", more=", limit { concurrency 2 }"))
        assert tapc.run(spec, "--yes")["samples"]["accepted"] == 80
        assert server.peak == 2
        assert {asked.body["model"] for asked in server.asked} == {"m-a", "m-b", "m-c", "m-d"}


def test_endpoints_at_one_server_take_turns(tapc: Tapc) -> None:
    """One place, four queues: none is served before the others have had as much, as long as they have work."""
    with SlowServer(slots=1, speed=6000, tokens=300) as server:
        spec = written(tapc, pool(server.url, samples=40, timeout="20s", more=", limit { concurrency 1 }"))
        assert tapc.run(spec, "--yes")["samples"]["accepted"] == 40
        assert server.peak == 1
        first = [asked.body["model"] for asked in server.asked[:16]]
        assert max(first.count(f"m-{name}") for name in NAMES) <= 6, first


@pytest.mark.parametrize("samples", [1, 12])
def test_what_was_answered_while_the_process_was_suspended_is_read_not_asked_again(tapc: Tapc, samples: int) -> None:
    """SIGSTOP past the time limit; the server answers meanwhile. Its count of requests is the judge."""
    with CountingServer() as server:
        seen = 0

        def behave(_: object) -> Answer:
            nonlocal seen
            seen += 1
            return Answer(delay=0.01 if seen <= 4 else 0.8)

        server.behave = behave
        steps = 'generate answer { using w, prompt "Say {{ topic }}." }'
        spec = written(tapc, paid(server.url, samples=samples + 4, steps=steps, timeout="2s"))
        process = tapc.start("run", spec, "--yes", "--json")
        while len(server.asked) < 5:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGSTOP)
        before = len(server.asked)
        time.sleep(4)
        os.kill(process.pid, signal.SIGCONT)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
        assert before >= 5
        assert len(server.asked) == len({asked.job for asked in server.asked}) == samples + 4
        assert (ledger(tapc)[0].cost, ledger(tapc)[1].cost) == (server.billed, 0)
