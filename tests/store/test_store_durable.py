"""What is told as durable is on the disk: a power cut after any answer keeps it."""

import os
import random
import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from tracing import needs_strace, python, traced

from tapc.store import accounts, open_store, verify

WORKER = Path(__file__).with_name("store_worker.py")
JOBS = 40


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    """A run of 40 jobs that writes `kept N` to a file beside the store, each time a settlement has returned."""
    folder = tmp_path_factory.mktemp("durable") / "place"
    folder.mkdir()
    return traced(
        [sys.executable, str(WORKER), str(folder / "s"), str(folder / "log"), str(JOBS), str(10**12), "6", "0.001"],
        folder,
    )


def kept_at(trace):
    """(number of calls, job) of each answer that was told."""
    log = str(trace.root / "log")
    found = []
    for number, call in enumerate(trace.calls):
        if call.name == "write" and call.path == log and call.data.startswith(b"kept"):
            found.append((number + 1, int(call.data.split()[1])))
    return found


def billed_until(trace, until):
    log = str(trace.root / "log")
    lines = [c.data.decode().split() for c in trace.calls[:until] if c.name == "write" and c.path == log]
    return sum(int(line[2]) for line in lines if line[0] == "bill")


def put_back(files, root, place):
    folder = place / "s"
    folder.mkdir(parents=True)
    for path, data in files.items():
        name = os.path.relpath(path, root / "s")
        if name.startswith("store.db"):
            (folder / name).write_bytes(data)
    return folder


@needs_strace
def test_a_power_cut_after_any_answer_keeps_it(trace, tmp_path):
    kept = kept_at(trace)
    assert len(kept) >= JOBS * 0.7
    chance = random.Random(5)
    points = [kept[0][0], *sorted(chance.sample([until for until, _ in kept], 12)), kept[-1][0]]
    for number, until in enumerate(points):
        told = {job for at, job in kept if at <= until}
        for seed in (None, number):
            folder = put_back(trace.left(until, seed), trace.root, tmp_path / f"cut-{number}-{seed}")
            store = open_store(folder)
            try:
                assert verify(store).sound
                present = store.contains([job.to_bytes(32, "big") for job in told])
                assert {int.from_bytes(key, "big") for key in present} == told
                line = accounts(store)[0].lines[0]
                assert billed_until(trace, until) <= line.spent.cost + line.held.cost, "and no bill is forgotten"
            finally:
                store.close()


@needs_strace
def test_the_trace_itself_finds_what_is_not_synced(tmp_path):
    """The measure measures: a file that is written and not synced is lost, one that is synced is not."""
    folder = tmp_path / "place"
    folder.mkdir()
    script = textwrap.dedent("""
        import os, sys
        folder = sys.argv[1]
        for name, sync in (("a", True), ("b", False)):
            fd = os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY)
            os.write(fd, b"first")
            if sync:
                os.fsync(fd)
            os.pwrite(fd, b"F", 0)
        top = os.open(folder, os.O_RDONLY)
        os.fsync(top)
        fd = os.open(f"{folder}/c", os.O_CREAT | os.O_WRONLY)
        os.write(fd, b"x")
        os.fsync(fd)
    """)
    left = traced(python(script, folder), folder)
    found = {Path(path).name: data for path, data in left.left(len(left.calls)).items()}
    assert found == {"a": b"first", "b": b""}, "and `c` has no durable name"
    some = {bytes(left.left(len(left.calls), seed)[str(folder / "a")]) for seed in range(20)}
    assert some == {b"first", b"First"}
