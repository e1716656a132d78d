"""Forecasts are kept with the runs they were made for, and scored by what the server counted."""

import json
import signal

from called import Called
from counting_server import Answer, CountingServer
from driving import Tapc
from paid_spec import paid, written

PICO = 10**12


def well(_asked) -> Answer:
    return Answer(delay=0.02)


def picky(asked) -> Answer:
    """Every fourth answer does not pass."""
    return Answer("no" if asked.number % 4 == 3 else None)


def track(tapc: Tapc, spec: str) -> dict:
    return json.loads(tapc("plan", spec, "--track", "--json").stdout)


def planned(tapc: Tapc, spec: str) -> dict:
    return json.loads(tapc("plan", spec, "--json").stdout)


def steps(length: str = "") -> str:
    return f'generate answer {{ using w, prompt "Ask about {{{{ topic }}}}."{length} }}'


def test_the_forecast_before_a_run_is_scored_by_what_the_server_counted(tmp_path):
    tapc = Called(tmp_path)
    with CountingServer(picky) as server:
        checked = steps(", require length >= 5 chars")
        spec = written(tapc, paid(server.url, samples=40, steps=checked, timeout="20s"))
        tapc.run(spec, "--yes")
        counted, billed = len(server.asked), server.billed
        spec = written(tapc, paid(server.url, samples=80, steps=checked, timeout="20s"))
        before = planned(tapc, spec)
        run = tapc.run(spec, "--yes")
        (second, first) = track(tapc, spec)["runs"]
    assert (first["state"], second["state"]) == ("scored", "scored")
    assert first["actual"]["requests"] == counted > 40
    assert round(first["actual"]["usd"] * PICO) == billed
    assert first["forecast"]["requests"] == 40
    assert first["forecast"]["requests_interval"] is None, "nothing was known of its acceptance"
    assert first["requests_hold"] is first["usd_holds"] is None
    assert second["actual"]["requests"] == len(server.asked) - counted
    assert second["plan_digest"] == run["plan_digest"]
    assert second["forecast"] == run["forecast"]
    assert second["forecast"]["requests"] == before["total"]["requests"]["expected"]
    assert second["forecast"]["requests_interval"] == before["forecast"]["requests"]
    assert second["forecast"]["usd_interval"] == before["forecast"]["cost_usd"]
    assert second["forecast"]["pace"] == "measured"
    for name, hold in (("requests", "requests_hold"), ("usd", "usd_holds")):
        ends = second["forecast"][f"{name}_interval"]
        assert second[hold] == (ends["low"] <= second["actual"][name] <= ends["high"])


def test_runs_that_send_nothing_are_no_runs_to_score(tmp_path):
    tapc = Called(tmp_path)
    with CountingServer(well) as server:
        spec = written(tapc, paid(server.url, samples=6, timeout="20s"))
        assert tapc.run(spec, "--yes")["forecast"]["requests"] == 12
        assert tapc.run(spec, "--yes")["forecast"] is None
        assert tapc.run(spec, "--offline")["forecast"] is None
        assert len(track(tapc, spec)["runs"]) == 1
        other = written(tapc, paid(server.url, name="other"), "other.tap")
        assert track(tapc, other)["runs"] == []
        assert "No run of other" in tapc("plan", other, "--track").stdout


def test_a_run_of_the_first_samples_is_scored_by_a_forecast_of_these(tmp_path):
    tapc = Called(tmp_path)
    with CountingServer(well) as server:
        spec = written(tapc, paid(server.url, samples=60, timeout="20s"))
        tapc("run", spec, "--yes", "-q", "--limit", "10")
        (run,) = track(tapc, spec)["runs"]
        assert (run["forecast"]["requests"], run["actual"]["requests"]) == (20, 20)


def test_runs_that_did_not_end_by_themselves_are_marked_and_not_scored(tapc: Tapc) -> None:
    with CountingServer(lambda _: Answer(delay=0.1)) as server:
        spec = written(tapc, paid(server.url, samples=400, timeout="200s"))
        for end in (signal.SIGINT, signal.SIGKILL):
            run = tapc.start("run", spec, "--yes", "--log-json", "--concurrency", "4")
            assert run.stderr is not None
            begun = len(server.asked)
            for line in run.stderr:
                if line.startswith("{") and len(server.asked) >= begun + 12:
                    break
            run.send_signal(end)
            run.communicate(timeout=120)
        tapc("run", spec, "--yes", "-q", "--max-cost", "0.003", code=3)
        document = track(tapc, spec)
        assert [run["state"] for run in document["runs"]] == ["stopped", "unfinished", "interrupted"]
        assert document["summary"]["runs"] == 0
        assert document["summary"]["median_requests_error"] is None
        assert all(run["requests_hold"] is run["seconds_hold"] is None for run in document["runs"])
        assert document["runs"][1]["actual"] is None
        shown = tapc("plan", spec, "--track").stdout
        for word in ("interrupted", "unfinished", "stopped", "No run has ended by itself yet"):
            assert word in shown
