"""Two runs on one store at the same time: no job is asked twice, and neither waits for the other to end."""

import json
from pathlib import Path

from driving import Tapc


def test_two_runs_share_the_work(tapc: Tapc, quickstart: Path) -> None:
    slow = {"TAPC_SIM": "latency=0.02"}
    both = [tapc.start("run", "quickstart.tap", "--out", name, "--json", **slow) for name in ("one", "two")]
    done = [process.communicate(timeout=120) for process in both]
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
