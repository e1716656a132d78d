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


# Two branches merged by git


class Repository:
    """A repository with a spec and its lock, in which branches are made and merged; every plan is run."""

    def __init__(self, tapc: Called) -> None:
        self.tapc = tapc
        self.sent = self.run()
        git(tapc.folder, "init", "-q", "-b", "main")
        self.commit("base")

    def run(self) -> int:
        return self.tapc.run("d.tap")["requests"]["sent"]

    def told(self) -> int:
        """What `plan` says a run sends at least."""
        return json.loads(self.tapc("plan", "d.tap", "--json").stdout)["total"]["requests"]["floor"]

    def commit(self, message: str) -> None:
        git(self.tapc.folder, "add", "d.tap", "d.tap.lock")
        git(self.tapc.folder, "commit", "-qm", message)

    def branch(self, name: str, *edits: tuple[str, str]) -> int:
        """Edit, run and commit on a branch from main; returns what the run sent."""
        git(self.tapc.folder, "checkout", "-q", "main")
        git(self.tapc.folder, "checkout", "-q", "-b", name)
        for old, new in edits:
            edit(self.tapc, old, new)
        sent = self.run()
        self.commit(name)
        return sent

    def merge(self, one: str, other: str, *, clean: bool) -> None:
        git(self.tapc.folder, "checkout", "-q", one)
        git(self.tapc.folder, "merge", "-q", "--no-edit", other, fine=clean)


def questions(tapc: Called) -> set[str]:
    return {row["messages"][0]["content"] for row in tapc.rows("d", "sft")}


@pytest.mark.parametrize(("side", "samples"), [("--ours", 55), ("--theirs", 47)])
def test_two_branches_that_raise_samples(tapc: Called, side: str, samples: int) -> None:
    """The user decides between two numbers; with the lock of the same side nothing is sent."""
    repository = Repository(tapc)
    assert repository.branch("more", ("samples 40", "samples 55")) == 15
    rows = tapc.rows("d", "sft")
    repository.branch("some", ("samples 40", "samples 47"))
    assert repository.sent == 40
    if samples == 47:
        rows = tapc.rows("d", "sft")
    repository.merge("more", "some", clean=False)
    git(tapc.folder, "checkout", side, "d.tap", "d.tap.lock")
    assert repository.told() == repository.run() == 0
    assert tapc.rows("d", "sft") == rows
    assert len(rows) == samples


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_the_larger_number_with_either_lock(tapc: Called, side: str) -> None:
    """What both branches paid for is used, whichever lock is taken."""
    repository = Repository(tapc)
    repository.branch("more", ("samples 40", "samples 55"))
    repository.branch("some", ("samples 40", "samples 47"))
    repository.merge("more", "some", clean=False)
    git(tapc.folder, "checkout", "--ours", "d.tap")
    git(tapc.folder, "checkout", side, "d.tap.lock")
    told = repository.told()
    assert told == repository.run() <= 8, "at most the samples that the smaller branch does not have"
    git(tapc.folder, "checkout", "--theirs", "d.tap")
    repository.run()
    git(tapc.folder, "checkout", "--ours", "d.tap")
    assert repository.told() == repository.run() == 0


def test_a_rename_on_one_side_and_more_samples_on_the_other_merge_cleanly(tapc: Called) -> None:
    repository = Repository(tapc)
    lock = (tapc.folder / "d.tap.lock").read_bytes()
    renamed = repository.branch(
        "names", ("easy, hard", "simple, hard"), ("  endpoint", "  moved level.easy = level.simple\n  endpoint")
    )
    assert (tapc.folder / "d.tap.lock").read_bytes() == lock, "the lock counts by the names of before"
    assert renamed == 20, "prompts show the name, so those of the renamed value are other prompts"
    assert repository.branch("more", ("samples 40", "samples 55")) == 15
    repository.merge("more", "names", clean=True)
    told = repository.told()
    assert told == repository.run()
    assert 5 <= told <= 10, "the new samples of the renamed value"
    assert len(questions(tapc)) == 6


def test_other_texts_on_one_side_and_more_samples_on_the_other_merge_cleanly(tapc: Called) -> None:
    repository = Repository(tapc)
    assert repository.branch("texts", ('"{{ topic }} {{ level }}"', '"Say {{ topic }} {{ level }}"')) == 40
    assert repository.branch("more", ("samples 40", "samples 55")) == 15
    repository.merge("more", "texts", clean=True)
    assert repository.told() == repository.run() == 15


@pytest.mark.parametrize("side", ["--ours", "--theirs"])
def test_a_mix_on_one_side_and_more_samples_on_the_other(tapc: Called, side: str) -> None:
    """The counts conflict, and either side of them is good: the samples are drawn by the same mixes."""
    repository = Repository(tapc)
    repository.branch(
        "tones", ("  endpoint", "  mix tone { dry, warm }\n  endpoint"), ("{{ level }}", "{{ level }} {{ tone }}")
    )
    assert repository.branch("more", ("samples 40", "samples 55")) == 15
    repository.merge("more", "tones", clean=False)
    assert "TAP811" in tapc("plan", "d.tap", code=1).stderr
    git(tapc.folder, "checkout", side, "d.tap.lock")
    told = repository.told()
    assert told == repository.run()
    assert told >= 15, "no prompt of more than 40 samples had a tone"
    assert repository.told() == repository.run() == 0


def test_sides_of_different_datasets_are_named(tapc: Called) -> None:
    """A lock that both branches write first, of other mixes: no sample of one is a sample of the other."""
    repository = Repository(tapc)
    git(tapc.folder, "rm", "-q", "--cached", "d.tap.lock")
    git(tapc.folder, "commit", "-qm", "without a lock")
    (tapc.folder / "d.tap.lock").unlink()
    repository.branch("one", ("mix level", "mix tone { dry, warm }\n  mix level"))
    repository.branch("two", ("samples 40", "samples 44"))
    repository.merge("one", "two", clean=False)
    done = tapc("plan", "d.tap", code=1)
    assert "TAP816" in done.stderr
    assert "`identity level tone` and `identity level`" in " ".join(done.stderr.split())
    git(tapc.folder, "checkout", "--ours", "d.tap.lock")
    told = repository.told()
    assert told == repository.run()
    assert 4 <= told <= 8


def test_a_lock_of_another_taxonomy_is_an_error_that_names_both(tapc: Called) -> None:
    tapc("run", "d.tap", "-q")
    edit(tapc, "taxonomy topic", "taxonomy subject")
    edit(tapc, "{{ topic }}", "{{ subject }}")
    for command in ("plan", "run"):
        said = " ".join(tapc(command, "d.tap", code=1).stderr.split())
        assert "TAP816" in said
        assert "is of taxonomy `topic`, and the spec of taxonomy `subject`" in said
        assert "moved topic = subject" in said
    afresh = tapc("plan", "d.tap", "--no-lock", "--json")
    edit(tapc, "  endpoint", "  moved topic = subject\n  endpoint")
    assert json.loads(tapc("plan", "d.tap", "--json").stdout)["total"]["cached"] == 40
    assert json.loads(afresh.stdout)["samples"] == 40
    assert tapc.run("d.tap")["requests"]["sent"] == 0
    edit(tapc, "  moved topic = subject\n", "")
    (tapc.folder / "d.tap.lock").unlink()
    tapc("run", "d.tap", "-q")
    assert "taxonomy subject" in (tapc.folder / "d.tap.lock").read_text(encoding="utf-8")
