"""`tapc run` when some requests cannot be had: what it says, what it keeps, and how to go on without them."""

import json
from pathlib import Path

import pytest
from called import Called
from driving import Tapc
from refusing import every_seventh, refusing_server


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    return Called(tmp_path)


def test_refused_requests_are_told_and_given_up_on_demand(tapc: Tapc, quickstart: Path) -> None:
    with refusing_server(every_seventh) as (url, asked):
        pointed = ("quickstart.tap", "--endpoint", f"tutor={url}#sim-large", "--limit", "30")
        done = tapc("run", *pointed, code=5)
        run = json.loads((tapc.folder / "out/quickstart/run.json").read_text())
        assert run["stopped"] is None
        assert run["failures"].keys() == {"refused"}
        lost = run["lost"][0]
        assert (lost["step"], lost["endpoint"], lost["reason"]) == ("answer", "tutor", "refused")
        assert "this prompt is too long" in lost["detail"]
        assert not lost["given_up"]
        assert f"{lost['jobs']:,} of answer at tutor: HTTP 400: this prompt is too long" in done.stdout
        assert lost["key"][:12] in done.stdout
        assert "--give-up" in done.stdout
        short = run["samples"]["short"]
        assert short > 0
        assert len(tapc.rows("quickstart", "preference")) == 30 - short, "what is finished is written"

        second = tapc.run(*pointed, "--give-up")
        assert second["samples"] == {"planned": 30, "accepted": 30, "short": 0}
        assert second["requests"]["gave_up"] >= lost["jobs"]
        assert any(entry["given_up"] for entry in second["lost"])
        rejected = tapc.manifest("quickstart")["rejected"]["answer"]
        assert rejected["gave-up"] == second["requests"]["gave_up"]

        before, bytes_of = len(asked), tapc.bytes_of("quickstart")
        third = tapc.run(*pointed)
        assert third["requests"]["sent"] == 0, "what was given up is not asked again"
        assert len(asked) == before
        assert tapc.bytes_of("quickstart") == bytes_of
        assert tapc.run(*pointed, "--offline")["samples"]["accepted"] == 30


def test_nothing_is_given_up_where_the_endpoint_never_answered(tapc: Tapc, quickstart: Path) -> None:
    with refusing_server(lambda body: "unknown parameter: temperature") as (url, _):
        run = tapc.run("quickstart.tap", "--endpoint", f"writer={url}", "--limit", "4", "--give-up", code=5)
    assert run["requests"]["gave_up"] == 0
    assert run["failures"] == {"refused": 4}
    stats = json.loads(tapc("cache", "stats", "--json").stdout)
    assert stats["replies"] == 0


def test_partial_writes_what_is_stored_and_sends_nothing(tapc: Tapc, quickstart: Path) -> None:
    tapc("run", "quickstart.tap", "--limit", "10")
    spent = json.loads(tapc("budget", "show", "--json").stdout)
    run = tapc.run("quickstart.tap", "--partial", "--out", "look")
    assert run["mode"] == "partial"
    assert run["requests"]["sent"] == 0
    assert run["samples"]["planned"] == 60
    assert run["samples"]["accepted"] >= 10
    rows = (tapc.folder / "look/quickstart/data/preference").glob("*.jsonl")
    assert sum(len(f.read_text().splitlines()) for f in rows) == run["samples"]["accepted"]
    assert json.loads(tapc("budget", "show", "--json").stdout) == spent
    assert "Written as far as it is stored" in tapc("run", "quickstart.tap", "--partial").stdout
    tapc("run", "quickstart.tap", "--offline", code=5)
    tapc("run", "quickstart.tap", "--partial", "--give-up", code=2)
