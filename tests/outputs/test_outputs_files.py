"""Spool, shards, tally and the exchange of folders, on a real disk."""

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, Usage
from tapc.outputs import FolderError
from tapc.outputs.folder import StagedFolder
from tapc.outputs.jsonl import write_jsonl
from tapc.outputs.markdown import escape, table
from tapc.outputs.spool import Spool
from tapc.outputs.tally import Tally


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.binary(max_size=30)), max_size=60))
def test_spool_gives_rows_back_by_rank_and_then_in_order_of_addition(rows: list[tuple[int, bytes]]) -> None:
    path = Path(f"/tmp/tapc-spool-{os.getpid()}")
    spool = Spool(path)
    for rank, row in rows:
        spool.add(rank, row)
    assert list(spool.ordered()) == [row for _, row in sorted(rows, key=lambda item: item[0])]
    assert list(spool.ordered()) == [row for _, row in sorted(rows, key=lambda item: item[0])], "reading twice"
    spool.close()
    assert not path.exists()


def test_shards_hold_all_rows_in_order_with_true_hashes(tmp_path: Path) -> None:
    rows = [json.dumps({"n": n}).encode() + b"\n" for n in range(100)]
    entries = write_jsonl(rows, tmp_path / "data" / "x", "train", tmp_path, shard_bytes=200)
    assert len(entries) > 3
    assert next(e.path for e in entries) == f"data/x/train-00000-of-{len(entries):05d}.jsonl"
    read = b"".join((tmp_path / e.path).read_bytes() for e in entries)
    assert read == b"".join(rows)
    assert sum(e.rows for e in entries) == 100
    for entry in entries:
        assert hashlib.sha256((tmp_path / entry.path).read_bytes()).hexdigest() == entry.sha256


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    assert write_jsonl([], tmp_path / "data" / "x", "train", tmp_path) == []
    assert not (tmp_path / "data").exists()


def test_tally_counts_each_reply_once(tmp_path: Path) -> None:
    recipe = Recipe("s", "writer", "sim", "sim", "sim", b"{}", None, 0, False, 10, 1, 0, None)
    factory = JobFactory(recipe)
    jobs = [factory.job((Message("user", str(i)),), Draw(0, b"", 0, 0, 0)) for i in range(3)]
    big = 9 * 10**17  # sums pass 2**63
    reply = Reply("ok", ("x",), Usage(10, 3), big, model="sim-1")
    tally = Tally(tmp_path / "visits")
    for job in (
        *jobs,
        *jobs,
        jobs[0],
        *[factory.job((Message("user", f"y{i}"),), Draw(0, b"", 0, 0, 0)) for i in range(20)],
    ):
        tally.visit(job, reply)
    (use,) = tally.models()
    assert (use.replies, use.input, use.output, use.cost) == (23, 230, 69, 23 * big)
    assert (use.endpoint, use.returned, use.simulated) == ("writer", "sim-1", True)
    tally.close()
    assert not list(tmp_path.iterdir())


def test_a_folder_is_exchanged_as_a_whole(tmp_path: Path) -> None:
    final = tmp_path / "out" / "d"
    for text in ("one", "two"):
        staged = StagedFolder(final, "manifest.json")
        (staged.path / "manifest.json").write_text(text)
        (staged.path / text).write_text("x")
        staged.commit()
        assert (final / "manifest.json").read_text() == text
    assert sorted(p.name for p in final.iterdir()) == ["manifest.json", "two"]
    assert [p.name for p in final.parent.iterdir() if ".new-" in p.name or ".old" in p.name] == []


def test_discarding_leaves_the_old_version(tmp_path: Path) -> None:
    final = tmp_path / "d"
    final.mkdir()
    (final / "manifest.json").write_text("old")
    staged = StagedFolder(final, "manifest.json")
    (staged.path / "manifest.json").write_text("new")
    staged.discard()
    assert (final / "manifest.json").read_text() == "old"
    assert [p for p in tmp_path.iterdir() if ".new-" in p.name] == []


def test_discarding_removes_the_folders_it_made_if_nobody_uses_them(tmp_path: Path) -> None:
    first, second = (StagedFolder(tmp_path / "a" / "b" / name, "manifest.json") for name in ("one", "two"))
    first.discard()
    assert second.path.is_dir()
    StagedFolder(tmp_path / "a" / "c" / "three", "manifest.json").discard()
    assert [p.name for p in (tmp_path / "a").iterdir()] == ["b"], "folders that were there before stay"


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_tapc_did_not_make_is_never_replaced(tmp_path: Path, kind: str) -> None:
    final = tmp_path / "d"
    if kind == "file":
        final.write_text("precious")
    else:
        final.mkdir()
        (final / "thesis.tex").write_text("precious")
    with pytest.raises(FolderError, match="--out"):
        StagedFolder(final, "manifest.json")


def test_what_a_killed_process_left_is_swept_and_live_work_is_not(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from tapc.outputs.folder import StagedFolder;"
        "s = StagedFolder(Path(sys.argv[1]), 'manifest.json'); print(s.path, flush=True); time.sleep(60)"
    )
    final = tmp_path / "d"
    child = subprocess.Popen([sys.executable, "-c", code, str(final)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    left = Path(child.stdout.readline().strip())
    mine = StagedFolder(final, "manifest.json")
    assert left.is_dir(), "the work of a live process was swept away"
    mine.discard()
    child.send_signal(signal.SIGKILL)
    child.wait()
    for _ in range(50):
        StagedFolder(final, "manifest.json").discard()
        if not left.exists():
            break
        time.sleep(0.02)
    assert not left.exists()


def test_an_exchange_that_never_ends_elsewhere_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspended process in the middle of its exchange: the old version stays, and the wait has an end."""
    monkeypatch.setattr("tapc.outputs.folder._PATIENCE", 0.2)
    final = tmp_path / "d"
    first = StagedFolder(final, "manifest.json")
    (first.path / "manifest.json").write_text("old")
    first.commit()
    second = StagedFolder(final, "manifest.json")
    (second.path / "manifest.json").write_text("new")
    with (tmp_path / ".d.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError, match="suspended"):
            second.commit()
        assert (final / "manifest.json").read_text() == "old"
    second.commit()
    assert (final / "manifest.json").read_text() == "new"


def test_an_exchange_cut_short_is_put_right(tmp_path: Path) -> None:
    """Where the file system cannot swap two folders, a crash may leave the old version under its side name."""
    old = tmp_path / ".d.old"
    old.mkdir()
    (old / "manifest.json").write_text("old")
    StagedFolder(tmp_path / "d", "manifest.json").discard()
    assert (tmp_path / "d" / "manifest.json").read_text() == "old"


def test_markdown_survives_any_text() -> None:
    assert escape("a|b\n<c> *d*") == r"a\|b \<c\> \*d\*"
    assert table(["h|", "n"], [["x\ny", "1"]], right=(1,)) == [r"| h\| | n |", "| --- | ---: |", "| x y | 1 |"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o755), (0o077, 0o700), (0o002, 0o775)])
def test_a_dataset_is_as_private_as_the_umask_says(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        staged = StagedFolder(tmp_path / "d", "manifest.json")
        staged.commit()
    finally:
        os.umask(before)
    assert (tmp_path / "d").stat().st_mode & 0o777 == mode
