"""What a run leaves that ends half-way: samples are finished before others are begun."""

import json
import signal
import time

import pytest
from counting_server import Answer, CountingServer
from driving import PATIENCE, Tapc
from paid_spec import paid, written

STEPS = """
  generate question { using w, prompt "Ask about {{ topic }}.", attempts 3 UNIQUE }
  generate answer { using w, prompt "Answer: {{ question }}" }
  generate review { using w, prompt "Review: {{ answer }}" }
"""
SAMPLES, REQUESTS = 300, 900


def spec_of(tapc: Tapc, url: str, unique: str, budget: str) -> str:
    steps = STEPS.replace("UNIQUE", f", {unique}" if unique else "")
    return written(tapc, paid(url, samples=SAMPLES, steps=steps, emits="emit sft { from review }", budget=budget))


def text_of(asked):
    """Different enough for `unique`."""
    words = [f"{asked.job[i : i + 4]}" for i in range(0, 20, 2)]
    return Answer(" ".join(words), delay=0.03)


@pytest.mark.parametrize("unique", ["", "require unique 0.9"], ids=["apart", "unique"])
@pytest.mark.parametrize("options", [(), ("--concurrency", "1"), ("--no-brake",)], ids=["default", "one", "no brake"])
def test_a_ceiling_at_half_of_the_requests_leaves_a_third_of_the_samples(tapc: Tapc, unique: str, options) -> None:
    quick = text_of if options[:1] != ("--concurrency",) else lambda a: Answer(text_of(a).text, delay=0)
    with CountingServer(quick) as server:
        spec = spec_of(tapc, server.url, unique, f"cost $10, requests {REQUESTS // 2}")
        run = tapc.run(spec, "--yes", *options, code=3)
        assert len(server.asked) == REQUESTS // 2
    assert run["stopped"] == "budget"
    assert run["samples"]["accepted"] == len(tapc.rows("money", "sft")) >= SAMPLES / 3
    if options:
        assert run["samples"]["accepted"] >= SAMPLES * 0.4


@pytest.mark.parametrize("unique", ["", "require unique 0.9"], ids=["apart", "unique"])
def test_an_interrupt_at_half_of_the_requests_leaves_a_third_of_the_samples(tapc: Tapc, unique: str) -> None:
    with CountingServer(text_of) as server:
        spec = spec_of(tapc, server.url, unique, "cost $10")
        process = tapc.start("run", spec, "--yes", "--json")
        while len(server.asked) < REQUESTS // 2:
            assert process.poll() is None, process.communicate()
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130, err
        run = json.loads(out)
        assert run["stopped"] == "interrupt"
        assert run["requests"]["sent"] == len(server.asked) < REQUESTS * 0.65
        assert run["samples"]["accepted"] == len(tapc.rows("money", "sft")) >= SAMPLES / 3

        rest = tapc.run(spec, "--yes")
        assert rest["samples"]["accepted"] == SAMPLES
        assert len(server.asked) == len({a.job for a in server.asked}), "nothing is asked twice"


def test_bytes_are_equal_at_any_concurrency(tapc: Tapc) -> None:
    """In the order of one at a time, of many, and after a ceiling."""
    found = []
    for concurrency in ("1", "64", "256"):
        with CountingServer(lambda a: Answer(text_of(a).text, delay=0.001)) as server:
            spec = spec_of(tapc, server.url, "require unique 0.9", "cost $10, cost $0.004 per run")
            store = f".store{concurrency}"
            for _ in range(20):
                done = tapc("run", spec, "--yes", "--store", store, "--concurrency", concurrency, code=None)
                if done.returncode != 3:
                    break
            assert done.returncode == 0, done.stderr
            made = tapc.bytes_of("money")
            found.append({name: content for name, content in made.items() if name.endswith(".jsonl")})
    assert found[0] == found[1] == found[2]
