"""Streams that go away or fill up, hang-ups, bare environments: a run that costs money outlives them."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from driving import PATIENCE, Tapc, clean_environment

LIMIT = ("--limit", "20")
TAPC = f"{sys.executable} -m tapc"


def shell(tapc: Tapc, script: str, *, without: tuple[str, ...] = (), **env: str) -> "subprocess.CompletedProcess[str]":
    environ = {k: v for k, v in clean_environment(**env).items() if k not in without}
    done = subprocess.run(
        ["/bin/bash", "-c", script.replace("TAPC", TAPC)],
        cwd=tapc.folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    assert "Exception ignored" not in done.stderr
    return done


def whole(tapc: Tapc) -> bool:
    return tapc.manifest("quickstart")["samples"]["accepted"] == 10


@pytest.mark.parametrize(
    ("script", "said", "code"),
    [
        ("TAPC run quickstart.tap --limit 10 | true; exit ${PIPESTATUS[0]}", "", 141),
        ("TAPC run quickstart.tap --limit 10 --log-json 2> >(head -c 10 >/dev/null)", "Done", 0),
        ("TAPC run quickstart.tap --limit 10 --log-json 2>/dev/full", "Done", 0),
        ("TAPC run quickstart.tap --limit 10 >/dev/full", "No space left", 5),
        ("TAPC run quickstart.tap --limit 10 >&- 2>&- <&-", "", 0),
    ],
    ids=["nobody reads", "nobody reads progress", "progress is full", "output is full", "all closed"],
)
def test_a_run_outlives_its_audience(tapc: Tapc, quickstart: Path, script: str, said: str, code: int) -> None:
    done = shell(tapc, script, TAPC_SIM="latency=0.01")
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
    assert whole(tapc)


def test_no_room_for_the_rows_is_told_with_the_folder_and_leaves_nothing(tapc: Tapc, quickstart: Path) -> None:
    """A limit on the size of files, above what opening a store takes, stands for a full disk: neither names a file."""
    tapc("run", "quickstart.tap", *LIMIT, "--quiet")
    done = shell(tapc, "ulimit -f 40; TAPC run quickstart.tap --limit 20 --offline --out more/out")
    assert done.returncode == 5
    assert "'more/out/quickstart'" in done.stderr
    assert "run it again: tapc run quickstart.tap --limit 20 --offline --out more/out" in " ".join(done.stderr.split())
    assert not (tapc.folder / "more").exists()


def test_a_bare_environment_and_a_read_only_folder_will_do(tapc: Tapc, quickstart: Path, tmp_path: Path) -> None:
    """Nothing is written beside the spec; where the user is root, the folder's mode stands for the wish alone."""
    bare = ("HOME", "USER", "LOGNAME", "TERM", "LANG", "LC_ALL", "PATH", "XDG_CACHE_HOME", "TMPDIR")
    elsewhere = tmp_path / "elsewhere"
    home = tapc.folder / "home"
    home.mkdir()
    quickstart.rename(home / "quickstart.tap")
    home.chmod(0o555)
    try:
        done = shell(
            tapc,
            f"cd home && LC_ALL=C TAPC run quickstart.tap --limit 10 --out {elsewhere}/out --store {elsewhere}/store",
            without=bare,
        )
    finally:
        home.chmod(0o755)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in home.iterdir()] == ["quickstart.tap"]
    manifest = json.loads((elsewhere / "out" / "quickstart" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["samples"]["accepted"] == 10


@pytest.mark.parametrize(
    ("prepare", "arguments", "code", "rule"),
    [
        ("true", "--store /proc/no/store", 5, "TAP852"),
        ("mkdir -p out/quickstart && echo mine > out/quickstart/notes.txt", "", 2, "TAP920"),
        ("mkdir -p .tapc && head -c 20000 /dev/urandom > .tapc/store.db", "", 5, "TAP85"),
    ],
    ids=["store cannot be made", "folder of somebody else", "store is no database"],
)
def test_places_that_cannot_be_used_are_told_before_anything_is_sent(
    tapc: Tapc, quickstart: Path, prepare: str, arguments: str, code: int, rule: str
) -> None:
    done = shell(tapc, f"{prepare}; TAPC run quickstart.tap {arguments}")
    assert done.returncode == code, done.stdout + done.stderr
    assert rule in done.stderr
    assert not (tapc.folder / "out" / "quickstart" / "manifest.json").exists()


def started(tapc: Tapc, *, prefix: tuple[str, ...] = (), latency: float = 1.0) -> "subprocess.Popen[str]":
    """A run with some replies in its store, far from its end however late a busy machine shows it to us."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "tapc", "run", "quickstart.tap", *LIMIT, "--concurrency", "8", "--log-json"],
        cwd=tapc.folder,
        env=clean_environment(TAPC_SIM=f"latency={latency}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if json.loads(line)["steps"][0]["done"] >= 8:
            return process
    raise AssertionError(f"the run ended by itself: {process.communicate()}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_end_writes_what_is_finished(tapc: Tapc, quickstart: Path, number: signal.Signals) -> None:
    tapc("run", "quickstart.tap", "--limit", "2")  # else nothing may be complete, and nothing is written
    process = started(tapc)
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert tapc.manifest("quickstart")["samples"]["accepted"] < 20
    events = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert [e["text"].split(":")[0] for e in events if e["event"] == "note"] == ["stopping"]
    progress = [e for e in events if e["event"] == "progress"]
    assert progress[-1]["phase"] == "writing"
    run = json.loads((tapc.folder / "out" / "quickstart" / "run.json").read_text(encoding="utf-8"))
    assert run["stopped"] == "interrupt"
    assert run["requests"]["failed"] == sum(step["failed"] for step in progress[-1]["steps"]) == 0, "only never asked"
    bytes_then = tapc.bytes_of("quickstart")
    assert tapc("run", "quickstart.tap", *LIMIT, "--offline", code=5)
    assert tapc.bytes_of("quickstart") == bytes_then, "an interrupted run writes what its store says"


def test_nohup_is_respected(tapc: Tapc, quickstart: Path) -> None:
    process = started(tapc, prefix=("nohup",), latency=0.2)
    process.send_signal(signal.SIGHUP)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert tapc.manifest("quickstart")["samples"]["accepted"] == 20


def test_ctrl_c_twice_leaves_at_once_and_keeps_what_is_stored(tapc: Tapc, quickstart: Path) -> None:
    before = tapc.run("quickstart.tap", "--limit", "2")["requests"]["sent"]
    process = tapc.start("run", "quickstart.tap", *LIMIT, "--log-json", TAPC_SIM="latency=3000")
    assert process.stderr is not None
    assert any(json.loads(line)["in_flight"] for line in process.stderr)
    process.send_signal(signal.SIGINT)
    assert any("stopping" in line for line in process.stderr), "two signals that a process has not seen yet are one"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, out + err
    assert "Traceback" not in err
    assert "TAP921" in err
    again = tapc.run("quickstart.tap", *LIMIT)
    assert again["requests"]["cached"] >= before
    assert again["samples"]["accepted"] == 20


def test_ctrl_c_does_not_wait_for_a_server_that_says_nothing_to_the_probe(tapc: Tapc) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        (tapc.folder / "d.tap").write_text(
            f"""tap 1
dataset d {{
  samples 4
  endpoint w {{ model "m", url "{url}" }}
  generate q {{ using w, prompt "x", max_tokens 20 }}
  emit prompts {{ prompt q }}
}}
""",
            encoding="utf-8",
        )
        process = tapc.start("run", "d.tap", "--yes")
        server.settimeout(PATIENCE)
        held, _ = server.accept()
        with held:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, f"the probe was waited for, 10 s, and told: {out + err}"
    assert "error" not in err
    assert not (tapc.folder / "out").exists()


def test_an_interrupt_never_makes_the_folder_poorer_than_its_store(tapc: Tapc) -> None:
    """Slots that are complete in the store are written even if the run is interrupted long before it reaches them."""
    spec = """tap 1

dataset wide {
  samples 2000
  taxonomy topic { alpha: "first", beta: "second", gamma: "third", delta: "fourth" }
  endpoint w { model "sim" }
  generate question { using w, prompt "Ask about {{ topic }}: {{ topic.definition }}.", max_tokens 40 }
  emit prompts { prompt question }
}
"""
    (tapc.folder / "wide.tap").write_text(spec, encoding="utf-8")
    tapc("run", "wide.tap", "--quiet")
    (tapc.folder / "wide.tap").write_text(spec.replace('"first"', '"other"'), encoding="utf-8")
    process = tapc.start("run", "wide.tap", "--concurrency", "4", "--log-json", TAPC_SIM="latency=0.1")
    assert process.stderr is not None
    assert any(json.loads(line)["steps"][0]["done"] >= 4 for line in process.stderr)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, out + err
    assert 1500 <= tapc.manifest("wide")["samples"]["accepted"] < 2000
    written = tapc.bytes_of("wide")
    tapc("run", "wide.tap", "--offline", "--quiet", code=5)
    assert tapc.bytes_of("wide") == written


def test_a_terminal_that_hangs_up_does_not_lose_the_run(tapc: Tapc, quickstart: Path) -> None:
    """The live view draws on a terminal that closes; the run writes what it has, as on any hang-up."""
    tapc("run", "quickstart.tap", "--limit", "2")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "tapc", "run", "quickstart.tap", "--concurrency", "8"],
        cwd=tapc.folder,
        env=clean_environment(TAPC_SIM="latency=0.05", TERM="xterm"),
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    seen = b""
    while b"question" not in seen:
        seen += os.read(leader, 4096)
    assert b"\x1b[" in seen, "a terminal gets the live view"
    os.close(leader)
    process.send_signal(signal.SIGHUP)
    process.wait(timeout=PATIENCE)
    assert tapc.manifest("quickstart")["samples"]["planned"] == 60
