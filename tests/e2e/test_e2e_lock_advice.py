"""What a finding about a lock advises gets the user on: a conflict in git, and a damaged file."""

import json
import subprocess
from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1

dataset d {
  samples 40
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


def git(folder: Path, *arguments: str, fine: bool = True) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == fine, done.stderr + done.stdout


def edit(tapc: Called, old: str, new: str) -> None:
    path = tapc.folder / "d.tap"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_a_conflict_is_named_and_either_side_goes_on(tapc: Called, side: str) -> None:
    """Two branches lock other plans; git leaves both in the lock, and merges the spec."""
    folder = tapc.folder
    tapc("plan", "d.tap", "--lock", "-q")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "d.tap", "d.tap.lock")
    git(folder, "commit", "-q", "-m", "base")
    git(folder, "checkout", "-q", "-b", "more")
    edit(tapc, "samples 40", "samples 55")
    tapc("plan", "d.tap", "--lock", "-q")
    git(folder, "commit", "-qam", "more")
    git(folder, "checkout", "-q", "main")
    edit(tapc, "easy, hard", "easy, hard, odd")
    tapc("plan", "d.tap", "--lock", "-q")
    git(folder, "commit", "-qam", "odd")
    git(folder, "merge", "-q", "more", fine=False)
    assert "<<<<<<<" in (folder / "d.tap.lock").read_text(encoding="utf-8")
    assert "<<<<<<<" not in (folder / "d.tap").read_text(encoding="utf-8")

    for command in ("plan", "run", "diff"):
        given = ("d.tap", "--yes") if command == "run" else ("HEAD:d.tap", "d.tap") if command == "diff" else ("d.tap",)
        done = tapc(command, *given, code=1)
        assert "TAP811" in done.stderr and "git has left both sides of a conflict here" in done.stderr
        assert "git checkout --ours d.tap.lock" in done.stderr

    git(folder, "checkout", side, "d.tap.lock")
    first, again = (json.loads(tapc("plan", "d.tap", "--json", "-q", *more).stdout) for more in (("--lock",), ()))
    assert first["samples"] == 55
    assert first["digest"] == again["digest"]


def test_a_damaged_lock_is_deleted_and_written_again(tapc: Called) -> None:
    tapc("plan", "d.tap", "--lock", "-q")
    path = tapc.folder / "d.tap.lock"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    done = tapc("plan", "d.tap", "--lock", code=1)
    assert "TAP811" in done.stderr and "delete it, or take an earlier version from git" in done.stderr
    path.unlink()
    tapc("plan", "d.tap", "--lock", "-q")
    assert path.read_bytes() == whole
