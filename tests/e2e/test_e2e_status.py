"""`tapc status` looks at runs of other processes."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from called import Called
from driving import Tapc


def status(tapc: Tapc) -> dict:
    """One look, in this process: on a busy machine a process of its own takes longer to start than a run to go on."""
    done = Called(tapc.folder)("status", "--json", code=None)
    return json.loads(done.stdout) if done.returncode == 0 else {"running": [], "latest": []}


def wait_for(tapc: Tapc, wanted: Callable[[dict], bool], run: "subprocess.Popen[str] | None" = None) -> dict:
    """Look until it is so. How long that takes is the machine's affair; a run that ends by itself never gets there."""
    while True:
        ended = run is not None and run.poll() is not None
        found = status(tapc)
        if wanted(found):
            return found
        assert not ended, found
        time.sleep(0.05)


def test_a_live_a_suspended_and_a_killed_run(tapc: Tapc, quickstart: Path) -> None:
    run = tapc.start("run", "quickstart.tap", "-q", TAPC_SIM="latency=3000")
    try:
        live = wait_for(tapc, lambda s: any(r["held"]["requests"] for r in s["running"]), run)
        (line,) = live["running"]
        assert (line["pid"], line["state"], line["dataset"]) == (run.pid, "running", "quickstart")
        for kind in ("step", "endpoint"):
            assert sum(f["requests"] for f in live["in_flight"] if f["kind"] == kind) == line["held"]["requests"]
        assert live["accounts"][0]["ceiling"]["usd"] == 1.0
        assert live["accounts"][0]["held"]["usd"] > 0
        shown = tapc("status").stdout
        assert str(run.pid) in next(text for text in shown.splitlines() if line["id"] in text).split()
        assert "step question" in shown
        os.kill(run.pid, signal.SIGSTOP)
        wait_for(tapc, lambda s: s["running"][0]["state"] == "suspended", run)
        os.kill(run.pid, signal.SIGKILL)
        run.wait(timeout=10)
    finally:
        _end(run)
    dead = wait_for(tapc, lambda s: not s["running"])
    assert dead["latest"][0]["state"] == "crashed"
    assert dead["latest"][0]["held"]["requests"] > 0, "nobody has charged its open requests yet"
    assert "No run is using" in tapc("status").stdout

    tapc("run", "quickstart.tap", "-q")
    after = status(tapc)
    assert [r["state"] for r in after["latest"]] == ["ended", "crashed"]
    assert all(r["held"]["requests"] == 0 for r in after["latest"])
    assert "crash" in tapc("budget", "show").stdout


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait(timeout=10)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
