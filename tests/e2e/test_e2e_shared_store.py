"""What one store saves: jobs of two runs at a time, of renamed copies, and endpoints that are not needed."""

import json
from pathlib import Path

from counting_server import CountingServer, well
from driving import PATIENCE, Tapc
from paid_spec import paid, written


def test_two_runs_share_the_work(tapc: Tapc, quickstart: Path) -> None:
    slow = {"TAPC_SIM": "latency=0.02"}
    both = [tapc.start("run", "quickstart.tap", "--out", name, "--json", **slow) for name in ("one", "two")]
    done = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0], done
    runs = [json.loads(out) for out, _ in done]
    assert sum(run["requests"]["sent"] for run in runs) == 540
    assert all(run["samples"]["accepted"] == 60 for run in runs)
    folders = [tapc.folder / name / "quickstart" for name in ("one", "two")]
    for path in folders[0].rglob("*"):
        if path.is_file() and path.name != "run.json":
            assert path.read_bytes() == (folders[1] / path.relative_to(folders[0])).read_bytes()


def test_a_copy_with_other_names_pays_for_nothing(tapc: Tapc, quickstart: Path) -> None:
    """Names of datasets, steps and endpoints are no part of a job's key."""
    tapc("run", "quickstart.tap")
    text = quickstart.read_text(encoding="utf-8")
    for old, new in (
        ("dataset quickstart", "dataset renamed"),
        ("endpoint writer", "endpoint author"),
        ("using writer", "using author"),
        ("generate question", "generate riddle"),
        ("{{ question }}", "{{ riddle }}"),
    ):
        assert old in text
        text = text.replace(old, new)
    (tapc.folder / "renamed.tap").write_text(text, encoding="utf-8")
    run = tapc.run("renamed.tap")
    assert (run["requests"]["sent"], run["requests"]["cached"]) == (0, 540)


def test_a_run_that_the_store_can_serve_needs_no_endpoint_and_no_key(tapc: Tapc) -> None:
    key = 'key env("MONEY_KEY")'
    with CountingServer(well) as server:
        url = server.url
        spec = written(tapc, paid(url, endpoint=key))
        tapc("run", spec, "--yes", MONEY_KEY="sk-abcdefghijklmnopqrstuvwxyz")
        before, connections = tapc.bytes_of("money"), server.connections
        assert connections > 0
        run = tapc.run(spec)
        assert (run["requests"]["sent"], run["requests"]["cached"], run["mode"]) == (0, 80, "live")
        assert server.connections == connections
    assert tapc.run(spec)["requests"]["sent"] == 0, "the server is gone, and nobody minds"
    assert tapc.bytes_of("money") == before
    more = written(tapc, paid(url, endpoint=key, samples=44))
    assert "TAP901" in tapc("run", more, "--yes", code=5).stderr, "one reply is missing: now the key is"
    gone = tapc("run", more, "--yes", code=5, MONEY_KEY="sk-abcdefghijklmnopqrstuvwxyz")
    assert "TAP905" in gone.stderr
    assert tapc.bytes_of("money") == before, "what there was stays"
