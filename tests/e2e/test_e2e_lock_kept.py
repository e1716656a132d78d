"""The lock that runs write by themselves: when, how, what never touches it, and what is said once it is gone."""

import hashlib
import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from called import Called
from counting_server import Answer, CountingServer
from driving import QUICKSTART, ROOT, clean_environment

from tapc.plan.lock import read_lock
from tapc.quota import Lock
from tapc.source import SourceFile
from tapc.workspace.refused import Refused
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec
from tapc.workspace.spec.lock import NextLock, lock_after, save_lock

SPEC = """tap 1

param size = 40

dataset d {
  samples size
  taxonomy topic { physics { optics, heat }, biology }
  mix level { easy, hard }
  endpoint w { model "sim-w" }
  generate answer { using w, prompt "{{ topic }} {{ level }}" }
  emit sft { from answer }
}
"""


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    (tmp_path / "d.tap").write_text(SPEC, encoding="utf-8")
    return Called(tmp_path)


def lock_of(tapc: Called) -> Path:
    return tapc.folder / "d.tap.lock"


def edit(tapc: Called, old: str, new: str, name: str = "d.tap") -> None:
    path = tapc.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, check=True)


def plan(tapc: Called, *more: str) -> dict:
    return json.loads(tapc("plan", "d.tap", "--json", *more).stdout)


def test_a_run_writes_the_lock_once_and_records_its_hash(tapc: Called) -> None:
    before = plan(tapc)["digest"]
    run = tapc.run("d.tap")
    data = lock_of(tapc).read_bytes()
    assert run["lock"] == {"sha256": hashlib.sha256(data).hexdigest(), "saved": True}
    assert tapc.manifest("d")["lock"] == run["lock"]["sha256"]
    assert plan(tapc)["digest"] == run["plan_digest"] == before, "the lock of a plan is the plan"
    inode, folder = lock_of(tapc).stat().st_ino, tapc.bytes_of("d")
    assert tapc.run("d.tap")["requests"]["sent"] == 0
    assert lock_of(tapc).stat().st_ino == inode, "what has not changed is not written"
    assert tapc.bytes_of("d") == folder
    tapc("run", "d.tap", "--offline", "-q")
    assert tapc.bytes_of("d") == folder


def test_diff_says_what_a_lock_is_worth(tapc: Called) -> None:
    (tapc.folder / "d.tap").write_text(QUICKSTART.read_text(encoding="utf-8"), encoding="utf-8")
    tapc("run", "d.tap", "-q")
    edit(tapc, "samples 60", "samples 66")
    tapc("run", "d.tap", "-q")
    found = json.loads(tapc("diff", "d.tap", "d.tap", "--no-lock", "--format", "json").stdout)
    (change,) = found["changes"]
    kept, added = found["slots"]["kept"], found["slots"]["added"]
    assert (change["what"], change["severity"]) == ("lock", "extend")
    assert (change["before"], change["after"]) == ("66", f"{kept} of them, {added} others")
    assert kept + added == 66 > kept
    assert found["total"]["to_pay"] > 0
    assert "lock.samples" in tapc("diff", "d.tap", "d.tap", "--no-lock").stdout
    assert "none: the same plan" in tapc("diff", "d.tap", "d.tap").stdout


def test_a_second_plan_is_added_to_the_lock(tapc: Called) -> None:
    """Its samples come after those of the first, whose rows stay as they are."""
    assert "wrote d.tap.lock: commit it with the spec" in tapc("run", "d.tap").stderr
    assert "wrote" not in tapc("run", "d.tap").stderr
    rows = tapc.rows("d", "sft")
    edit(tapc, "size = 40", "size = 47")
    assert tapc.run("d.tap")["requests"]["sent"] == 7
    assert tapc.rows("d", "sft")[:40] == rows
    edit(tapc, "size = 47", "size = 40")
    run = tapc.run("d.tap")
    assert run["requests"]["sent"] == 0
    assert tapc.rows("d", "sft") == rows


def test_the_lock_is_there_before_the_first_request(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    seen: list[bool] = []

    def answer(_: object) -> Answer:
        seen.append((tmp_path / "d.tap.lock").is_file())
        return Answer()

    with CountingServer(answer) as server:
        text = SPEC.replace('model "sim-w"', f'url "{server.url}", model "m", price {{ input $1/M, output $4/M }}')
        (tmp_path / "d.tap").write_text(text, encoding="utf-8")
        tapc("run", "d.tap", "--yes", "-q")
    assert len(seen) == 40
    assert all(seen)


TRIES = {
    "--set": ("run", "d.tap", "--set", "size=8"),
    "--endpoint": ("run", "d.tap", "--endpoint", "w=http://127.0.0.1:9/v1", "--yes"),
    "--limit": ("run", "d.tap", "--limit", "3"),
    "--offline": ("run", "d.tap", "--offline"),
    "--partial": ("run", "d.tap", "--partial"),
    "--no-lock": ("run", "d.tap", "--no-lock"),
    "preview": ("preview", "d.tap", "-n", "2"),
    "plan": ("plan", "d.tap"),
    "plan of a saved plan": ("plan", "d.tap", "--out", "plan.json"),
    "test": ("test", "d.tap"),
    "diff": ("diff", "d.tap", "d.tap"),
    "check": ("check", "d.tap"),
    "status": ("status",),
}


@pytest.mark.parametrize("name", TRIES)
@pytest.mark.parametrize("locked", [False, True])
def test_what_never_writes_the_lock(tapc: Called, name: str, *, locked: bool) -> None:
    if locked:
        tapc("run", "d.tap", "-q")
        edit(tapc, "size = 40", "size = 44")
    before = lock_of(tapc).read_bytes() if locked else None
    tapc(*TRIES[name], code=None)
    assert (lock_of(tapc).read_bytes() if lock_of(tapc).exists() else None) == before


def test_a_saved_plan_writes_the_lock_unless_it_is_of_other_settings(tapc: Called) -> None:
    tapc("plan", "d.tap", "--set", "size=8", "--out", "small.json")
    tapc("plan", "d.tap", "--out", "plan.json")
    tapc("run", "small.json", "-q")
    assert not lock_of(tapc).exists()
    tapc("run", "plan.json", "-q")
    assert lock_of(tapc).read_text(encoding="utf-8").startswith("tapc.lock/2\nsamples 40\n")
    assert tapc.run("plan.json")["requests"]["sent"] == 0, "the lock that it wrote is of the saved plan"


def test_lock_and_out_go_together(tapc: Called) -> None:
    done = tapc("plan", "d.tap", "--lock", "--out", "plan.json")
    assert "wrote d.tap.lock" in done.stderr
    assert "wrote plan.json" in done.stderr
    assert "d.tap.lock is up to date" in tapc("plan", "d.tap", "--lock").stderr
    tapc("run", "plan.json", "-q")


@pytest.mark.parametrize("option", ["--lock", "--out"])
def test_what_writes_nothing_says_so_at_once(tapc: Called, option: str) -> None:
    given = (option, "plan.json") if option == "--out" else (option,)
    assert "in a command of its own" in tapc("plan", "d.tap", "--why", "0", *given, code=2).stderr
    assert not lock_of(tapc).exists()


def test_a_reader_that_goes_away_finds_the_lock_written(tapc: Called) -> None:
    with tapc.start("plan", "d.tap", "--lock", "--out", "plan.json") as process:
        assert process.stdout is not None
        process.stdout.close()  # as `| head -0` does: the first line that is printed ends the command
        process.wait(timeout=120)
    assert lock_of(tapc).is_file()
    tapc("run", "plan.json", "-q")


def test_a_plan_that_is_not_as_expected_writes_no_lock(tapc: Called) -> None:
    edit(tapc, "emit sft", "expect { samples >= 50 }\n  emit sft")
    tapc("plan", "d.tap", "--lock", "--out", "plan.json", code=1)
    tapc("run", "d.tap", code=1)
    assert [path.name for path in tapc.folder.iterdir() if path.name != ".tapc"] == ["d.tap"]


def test_a_lock_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    """The temporary file of so long a name has none that a file system takes; the dataset is made all the same."""
    tapc, name = Called(tmp_path), "d" * 240 + ".tap"
    (tmp_path / name).write_text(SPEC, encoding="utf-8")
    done = tapc("run", name, "--json")
    assert done.stderr.count("TAP815") == 1
    assert "cannot be written: File name too long" in done.stderr
    run = json.loads(done.stdout)
    assert (run["samples"]["accepted"], run["lock"]["saved"]) == (40, False)
    assert tapc.manifest("d")["lock"] == run["lock"]["sha256"]
    assert "TAP924" in tapc("plan", name, "--lock", code=2).stderr, "what was asked for by name is an error"


def test_a_lock_of_the_first_format_is_read_and_written_in_the_second(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    whole = lock_of(tapc).read_text(encoding="utf-8")
    lines = [line for line in whole.splitlines() if not line.startswith(("plan ", "identity "))]
    lock_of(tapc).write_text("\n".join(["tapc.lock/1", *lines[1:], ""]), encoding="utf-8")
    assert tapc.run("d.tap")["requests"]["sent"] == 0
    assert lock_of(tapc).read_text(encoding="utf-8") == whole


def test_line_ends_of_git_are_no_change(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    data = lock_of(tapc).read_bytes().replace(b"\n", b"\r\n")
    lock_of(tapc).write_bytes(data)
    assert tapc.run("d.tap")["requests"]["sent"] == 0
    assert lock_of(tapc).read_bytes() == data


# A lock that is gone


def lost(tapc: Called, *command: str) -> str:
    done = tapc(*command, code=None)
    return done.stderr if "TAP813" in done.stderr else ""


def test_a_lock_that_is_gone_is_missed_and_git_has_it(tapc: Called) -> None:
    (tapc.folder / "d.tap").write_text(QUICKSTART.read_text(encoding="utf-8"), encoding="utf-8")
    tapc("run", "d.tap", "-q")
    git(tapc.folder, "init", "-q", "-b", "main")
    git(tapc.folder, "add", "d.tap", "d.tap.lock")
    git(tapc.folder, "commit", "-qm", "first")
    lock_of(tapc).unlink()
    assert not lost(tapc, "plan", "d.tap"), "the same samples follow from the spec alone"
    edit(tapc, "samples 60", "samples 66")
    for command in (("plan", "d.tap"), ("run", "d.tap", "--limit", "1")):
        said = lost(tapc, *command)
        assert "d.tap.lock is gone: the last run of `quickstart`" in said
        assert "git checkout HEAD -- d.tap.lock" in said
    assert [found["code"] for found in plan(tapc)["diagnostics"]].count("TAP813") == 1
    assert not lost(tapc, "plan", "d.tap", "--no-lock")
    afresh = plan(tapc)["total"]["cached"]
    git(tapc.folder, "checkout", "HEAD", "--", "d.tap.lock")
    assert not lost(tapc, "plan", "d.tap")
    assert afresh < plan(tapc)["total"]["cached"]


def test_going_on_without_it_ends_the_matter(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    lock_of(tapc).unlink()
    edit(tapc, "size = 40", "size = 47")
    assert lost(tapc, "run", "d.tap")
    assert not lost(tapc, "plan", "d.tap")
    lock_of(tapc).unlink()
    assert not lost(tapc, "plan", "d.tap"), "the lock of the last run was of these very samples"


def test_a_copy_of_a_spec_is_told_where_its_lock_is(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    (tapc.folder / "e.tap").write_text(SPEC.replace("size = 40", "size = 47"), encoding="utf-8")
    assert "cp d.tap.lock e.tap.lock" in lost(tapc, "plan", "e.tap")
    lock_of(tapc).rename(tapc.folder / "e.tap.lock")
    assert not lost(tapc, "plan", "e.tap")
    assert tapc.run("e.tap")["requests"]["sent"] == 7


def test_nothing_is_missed_in_a_fresh_store_and_accounts_stay_about_money(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    assert "no account" not in tapc("budget", "show", "d").stdout
    assert "lock" not in tapc("budget", "show", "d", "--json").stdout
    lock_of(tapc).unlink()
    edit(tapc, "size = 40", "size = 47")
    assert not lost(tapc, "plan", "d.tap", "--store", "other")
    assert lost(tapc, "plan", "d.tap")


# Processes that write one lock


def next_lock(folder: Path) -> NextLock:
    counted = count_spec(check_spec(folder / "d.tap", settings={}, dataset=None))
    assert counted.planned is not None and counted.lock is not None
    return lock_after(counted.checked, counted.planned, counted.lock)


def test_two_plans_of_one_lock_write_it_once_or_not_at_all(tapc: Called) -> None:
    folder = tapc.folder
    first, second = next_lock(folder), next_lock(folder)
    assert save_lock(first)
    assert not save_lock(second), "the same plan, made twice"
    edit(tapc, "size = 40", "size = 44")
    late = next_lock(folder)
    edit(tapc, "size = 44", "size = 48")
    assert save_lock(next_lock(folder))
    text = lock_of(tapc).read_bytes()
    with pytest.raises(Refused) as refused:
        save_lock(late)
    assert [found.code for found in refused.value.findings] == ["TAP814"]
    assert lock_of(tapc).read_bytes() == text
    lock_of(tapc).unlink()
    with pytest.raises(Refused):
        save_lock(late)


def test_two_runs_at_once_share_a_lock(tapc: Called) -> None:
    running = [tapc.start("run", "d.tap", "-q") for _ in range(2)]
    for process in running:
        _, said = process.communicate(timeout=240)
        assert process.returncode == 0, said
    text = lock_of(tapc).read_bytes()
    lock_of(tapc).unlink()
    tapc("run", "d.tap", "-q")
    assert lock_of(tapc).read_bytes() == text


WRITER = """
    import sys
    from pathlib import Path
    from tapc.workspace.spec.lock import NextLock, save_lock

    spec, path = map(Path, sys.argv[1:])
    texts = [f"tapc.lock/2\\nsamples {n}\\nidentity\\nleaf . {n} :{n}\\n" + "\\n" * 400_000 for n in (1, 2)]
    save_lock(NextLock(spec, path, path.read_text() if path.exists() else None, texts[0], ""))
    print("ready", flush=True)
    while True:
        for before, after in (texts, reversed(texts)):
            save_lock(NextLock(spec, path, before, after, ""))
"""


def test_a_killed_writer_leaves_a_whole_lock_and_no_file_for_ever(tapc: Called) -> None:
    spec, path = tapc.folder / "d.tap", lock_of(tapc)
    left = 0
    for number in range(6):
        command = [sys.executable, "-c", textwrap.dedent(WRITER), str(spec), str(path)]
        environment = clean_environment(PYTHONPATH=str(ROOT))
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.003 * number)
            process.send_signal(signal.SIGKILL)
        text = path.read_text(encoding="utf-8")
        assert isinstance(read_lock(SourceFile("d.tap.lock", text)), Lock)
        assert len(text) > 400_000
        left = max(left, len(list(tapc.folder.glob(".*.tapc-new"))))
        assert left <= 1, "each writer removes what the one before it left"
    path.unlink()
    tapc("run", "d.tap", "-q")
    assert not list(tapc.folder.glob(".*.tapc-new"))


def test_only_temporary_files_of_this_lock_are_removed(tapc: Called) -> None:
    stale = tapc.folder / ".d.tap.lock.ab12_z9q.tapc-new"
    others = [tapc.folder / name for name in (".e.tap.lock.ab12_z9q.tapc-new", ".d.tap.lock.swp", "d.tap.lock.orig")]
    for path in (stale, *others):
        path.write_text("x", encoding="utf-8")
    tapc("plan", "d.tap", "--lock", "-q")
    assert not stale.exists()
    assert all(path.exists() for path in others)
