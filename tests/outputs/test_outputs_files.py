"""Spool, shards, tally and Markdown, on a real disk."""

import hashlib
import json
import os
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.jobs import Draw, JobFactory, Message, Recipe, Reply, Usage
from tapc.outputs.folder import StagedFolder
from tapc.outputs.markdown import table
from tapc.outputs.shards import write_shards
from tapc.outputs.spool import Spool
from tapc.outputs.tally import Tally
from tapc.outside.visible import markdown_line


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
    staged = StagedFolder(tmp_path / "d")
    entries = write_shards(rows, staged, "x", "train", shard_bytes=200)
    assert len(entries) > 3
    assert next(e.path for e in entries) == f"data/x/train-00000-of-{len(entries):05d}.jsonl"
    read = b"".join((staged.path / e.path).read_bytes() for e in entries)
    assert read == b"".join(rows)
    assert sum(e.rows for e in entries) == 100
    for entry in entries:
        assert hashlib.sha256((staged.path / entry.path).read_bytes()).hexdigest() == entry.sha256


def test_a_shard_is_closed_once_it_holds_its_bytes(tmp_path: Path) -> None:
    staged = StagedFolder(tmp_path / "d")
    entries = write_shards([b"123456789\n"] * 4, staged, "x", "train", shard_bytes=10)
    assert [entry.rows for entry in entries] == [1, 1, 1, 1]
    entries = write_shards([b"123456789\n"] * 4, staged, "y", "train", shard_bytes=11)
    assert [entry.rows for entry in entries] == [2, 2]


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    staged = StagedFolder(tmp_path / "d")
    assert write_shards([], staged, "x", "train") == []
    assert not list(staged.path.iterdir())


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


def test_markdown_survives_any_text() -> None:
    assert markdown_line("a|b\n<c> *d*") == r"a\|b \<c\> \*d\*"
    assert table(["h|", "n"], [["x\ny", "1"]], right=(1,)) == [r"| h\| | n |", "| --- | ---: |", "| x y | 1 |"]
