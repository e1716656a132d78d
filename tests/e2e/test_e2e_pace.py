"""What a run leaves behind about the speed of its servers, over real sockets: figures that are recorded, no clock."""

import json
import os
import signal
import sqlite3
from pathlib import Path

from called import Called
from counting_server import Answer, CountingServer
from driving import Tapc
from paid_spec import paid, stored_texts, written

DELAY = 0.06


def delayed(_asked) -> Answer:
    return Answer(delay=DELAY)


def pace_of(tapc: Tapc, spec: str) -> dict | None:
    (endpoint,) = json.loads(tapc("plan", spec, "--json").stdout)["endpoints"]
    return endpoint["pace"]


def measured(folder: Path) -> list[tuple]:
    database = sqlite3.connect(folder / ".tapc" / "store.db")
    try:
        return database.execute("SELECT name, at, value FROM measured WHERE kind = 'pace'").fetchall()
    finally:
        database.close()


def test_a_run_records_the_speed_of_its_server_and_later_plans_use_it(tmp_path):
    tapc = Called(tmp_path)
    with CountingServer(delayed) as server:
        spec = written(tapc, paid(server.url, samples=40, timeout="20s"))
        assumed = tapc("plan", spec).stdout
        assert "Time is assumed for w: 40 tokens per second of each request, up to 64 at once." in assumed
        assert pace_of(tapc, spec) is None
        sent = tapc.run(spec, "--yes")["requests"]["sent"]
        more = written(tapc, paid(server.url, samples=400, timeout="20s", name="more"), "more.tap")
        pace = pace_of(tapc, more)
        assert pace is not None
        assert (pace["server"], pace["requests"]) == (server.url, sent)
        assert DELAY <= pace["median_seconds"] <= pace["high_seconds"]
        shown = tapc("plan", more).stdout
        assert f"Time as measured at {server.url} (counted): " in shown
        assert "assumed" not in shown.replace("acceptance", "")
        assert pace_of(tapc, written(tapc, paid("http://127.0.0.1:9/v1", name="other"), "other.tap")) is None


def test_stored_replies_say_nothing_new_of_a_server(tmp_path):
    tapc = Called(tmp_path)
    with CountingServer(delayed) as server:
        spec = written(tapc, paid(server.url, samples=12, timeout="20s"))
        tapc("run", spec, "--yes", "-q")
        before = measured(tmp_path)
        tapc("run", spec, "--yes", "-q")
        tapc("run", spec, "--offline", "-q")
    assert len(before) == 1
    assert measured(tmp_path) == before


def test_an_interrupted_run_records_what_was_answered_and_nothing_else(tapc: Tapc) -> None:
    with CountingServer(delayed) as server:
        spec = written(tapc, paid(server.url, samples=400, timeout="200s"))
        run = tapc.start("run", spec, "--yes", "--log-json")
        assert run.stderr is not None
        for line in run.stderr:
            if line.startswith("{") and sum(step["done"] for step in json.loads(line).get("steps", [])) >= 12:
                break
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=120)
        assert run.returncode == 130
        ((_, _, value),) = measured(tapc.folder)
        assert json.loads(value)["answered"] == len(stored_texts(tapc.folder / ".tapc")) == len(server.asked) < 800


def test_of_a_url_from_the_environment_only_the_host_is_kept(tmp_path):
    """Its path and key are secrets, and are nowhere in the store; plans without them still know the speed."""
    secret, key = "9f8e7d6c5b4a39281706f5e4", "sk-test-8412-abcdefghijklmnop"
    tapc = Called(tmp_path)
    with CountingServer(delayed) as server:
        host = server.url.removesuffix("/v1")
        url = f"{host}/{secret}/v1"
        text = paid("X", samples=6, endpoint='key env("THE_KEY")', timeout="20s").replace('"X"', 'env("THE_URL")')
        spec = written(tapc, text)
        tapc("run", spec, "--yes", "-q", THE_URL=url, THE_KEY=key)
    pace = pace_of(tapc, spec)
    assert pace is not None
    assert pace["server"] == host
    for root, _, files in os.walk(tmp_path / ".tapc"):
        for name in files:
            content = (Path(root) / name).read_bytes()
            assert secret.encode() not in content
            assert key.encode() not in content


def test_simulated_models_in_this_process_take_no_time(tmp_path):
    tapc = Called(tmp_path)
    spec = written(tapc, paid("x").replace('    url "x"\n', "").replace('"counted"', '"sim"'))
    tapc("run", spec, "--yes", "-q")
    assert measured(tmp_path) == []
    assert "Time" not in tapc("plan", spec).stdout
