"""LiteLLM's proxy as a gateway: its keys, its errors, its way to hand waits on, and the spec through it as without it."""

import time
from itertools import pairwise

import pytest
from called import Called
from foreign_spec import COST, JOBS, balanced, complete, foreign, stored, undisturbed, written
from servers import GATEWAY_KEY, UPSTREAM_KEY, chaotic

pytestmark = pytest.mark.external

KEY = 'key env("GATEWAY_KEY")'
OWN = 2
"""Requests a gateway may lose by itself, when the server behind it closes an idle connection; they never arrive there."""


def nowhere(tapc, *secrets):
    """No file of the run holds a secret."""
    for path in tapc.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not any(secret.encode() in data for secret in secrets), path


def test_external_gateway_changes_nothing(gateway, tapc, monkeypatch):
    """The same rows as without it; every job is asked once, on both of its sides."""
    monkeypatch.setenv("GATEWAY_KEY", GATEWAY_KEY)
    before = len(gateway.upstream.journal())
    called = Called(tapc.folder)
    spec = written(tapc, foreign(gateway.url, key=KEY, timeout="20s"))
    run = called.run(spec, "--yes")
    complete(tapc, run)
    lost = run["requests"]["retried"]
    assert run["requests"] == run["requests"] | {"sent": JOBS + lost, "failed": 0}
    assert lost <= OWN
    assert len(gateway.upstream.journal()) - before == JOBS
    spent = balanced(tapc, COST * JOBS)
    assert spent.requests == JOBS + lost
    assert spent.cost == COST * JOBS or lost, "the usage it passes on is believed"
    nowhere(tapc, GATEWAY_KEY, UPSTREAM_KEY)
    through = {name: data for name, data in tapc.bytes_of("foreign").items() if name.startswith("data/")}
    direct = undisturbed(tapc, foreign(gateway.upstream.url))
    assert through == {name: data for name, data in direct.items() if name.startswith("data/")}
    assert called.run(spec, "--yes")["requests"]["sent"] == 0


@pytest.mark.parametrize("key", ["sk-wrong-0123456789abcdef", "no-key-at-all-0123456789"])
def test_external_gateway_refuses_a_wrong_key(gateway, tapc, key, monkeypatch):
    monkeypatch.setenv("GATEWAY_KEY", key)
    before = len(gateway.upstream.journal())
    done = Called(tapc.folder)("run", written(tapc, foreign(gateway.url, key=KEY)), "--yes", code=5)
    assert "error[TAP9" in done.stderr
    assert key not in done.stdout + done.stderr
    assert len(gateway.upstream.journal()) == before
    nowhere(tapc, key)


def test_external_gateway_passes_faults_on_and_the_run_survives(gateway, tapc, monkeypatch):
    """Faults behind the gateway arrive as its errors, waits under its own name for them; each job is answered once."""
    monkeypatch.setenv("GATEWAY_KEY", GATEWAY_KEY)
    upstream, called = gateway.upstream, Called(tapc.folder)
    text = foreign(gateway.url, key=KEY, timeout="20s")
    spec = written(tapc, text)
    before, served = len(upstream.journal()), upstream.served()
    upstream.chaos(dropRate=0.08, malformedRate=0.06, disconnectRate=0.08, rateLimitRate=0.03)
    run = called.run(spec, "--yes")
    complete(tapc, run)
    new = upstream.journal()[before:]
    faults = [entry for entry in new if chaotic(entry)]
    assert 0 < len(faults) <= run["requests"]["retried"] <= len(faults) + OWN
    assert set((upstream.served() - served).values()) == {1}
    assert stored(tapc) == JOBS
    balanced(tapc, COST * sum(entry["response"]["status"] == 200 for entry in new))
    nowhere(tapc, GATEWAY_KEY, UPSTREAM_KEY)
    upstream.chaos()
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)


def test_external_gateway_waits_are_kept(gateway, tapc, monkeypatch):
    """The provider's Retry-After comes as `llm_provider-retry-after`: the canary does not ask again within that second."""
    monkeypatch.setenv("GATEWAY_KEY", GATEWAY_KEY)
    upstream = gateway.upstream
    before = len(upstream.journal())
    upstream.chaos(rateLimitRate=1)
    process = tapc.start("run", written(tapc, foreign(gateway.url, key=KEY, timeout="20s")), "--yes", "--json")
    end = time.monotonic() + 60
    while len(upstream.journal()) < before + 4 and time.monotonic() < end:
        time.sleep(0.05)
    upstream.chaos()
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err
    refused = [entry["timestamp"] for entry in upstream.journal()[before:] if chaotic(entry)]
    assert len(refused) >= 4 > OWN
    assert balanced(tapc, COST * JOBS).requests <= JOBS + OWN, "what was turned away costs nothing"
    gaps = [later - earlier for earlier, later in pairwise(refused)]
    assert min(gaps) >= 900, "milliseconds: Retry-After: 1 was not honoured"
