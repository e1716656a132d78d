"""Real processes on one store: killed at random moments, or several at once. The server's own count is the judge."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tapc.store import Amount, accounts, open_store, verify

WORKER = Path(__file__).with_name("store_worker.py")
WORST = 400_000


class Server:
    """What the server's log says."""

    def __init__(self, path):
        self.path = path

    def lines(self, word):
        if not self.path.exists():
            return []
        text = self.path.read_text()
        return [line.split() for line in text[: text.rfind("\n") + 1].splitlines() if line.startswith(word)]

    def billed(self):
        return sum(int(line[2]) for line in self.lines("bill"))

    def bills(self):
        return Counter(int(line[1]) for line in self.lines("bill"))


def start(folder, log, jobs, cap, workers=16, pause=0.004):
    arguments = [str(a) for a in (folder, log, jobs, cap, workers, pause)]
    return subprocess.Popen([sys.executable, str(WORKER), *arguments])


def wait_for(condition):
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("the worker did not start")


def books(folder):
    """Spent and held of the account, as another process sees them."""
    store = open_store(folder, offline=True)
    try:
        line = accounts(store)[0].lines[0] if accounts(store)[0].lines else None
        return (line.spent, line.held) if line else (Amount(), Amount())
    finally:
        store.close()


def stored(folder, jobs):
    """Jobs that have a reply."""
    store = open_store(folder, offline=True)
    try:
        keys = store.contains([number.to_bytes(32, "big") for number in range(jobs)])
        return {int.from_bytes(key, "big") for key in keys}
    finally:
        store.close()


def test_kills_at_random_moments_lose_nothing_and_cross_no_ceiling(tmp_path):
    folder, server, jobs = tmp_path / "s", Server(tmp_path / "log"), 1500
    cap = jobs * 210_000
    chance, seen = random.Random(7), 0
    for _ in range(9):
        began, before = len(server.lines("open")), len(server.lines("read"))
        process = start(folder, server.path, jobs, cap)
        wait_for(lambda began=began: len(server.lines("open")) > began)
        enough = before + int(160 * chance.random() ** 2)
        wait_for(lambda enough=enough, p=process: len(server.lines("read")) >= enough or p.poll() is not None)
        process.send_signal(signal.SIGKILL)
        process.wait()
        spent, held = books(folder)
        assert server.billed() <= spent.cost + held.cost <= cap
        old = {int(line[1]) for line in server.lines("read")[before:-64]}
        assert old <= stored(folder, jobs), "what was read well before the kill, four replies a worker, is durable"
        seen += len(old)
        assert {int(line[1]) for line in server.lines("kept")} <= stored(folder, jobs)
    assert seen, "some lived long enough"
    before = server.bills()
    kept = {int(line[1]) for line in server.lines("kept")}
    assert start(folder, server.path, jobs, cap).wait() == 0
    after = server.bills()
    assert all(after[number] == before[number] for number in kept), "what was kept is never asked again"
    spent, held = books(folder)
    assert server.billed() <= spent.cost <= cap
    assert held == Amount()
    store = open_store(folder)
    try:
        assert verify(store).sound
        assert {run.end for run in accounts(store)[0].runs} == {"crashed", "closed"}
        done = store.contains([number.to_bytes(32, "big") for number in range(jobs)])
        assert len(done) == jobs or spent.cost + WORST > cap, "only the ceiling may stop it"
    finally:
        store.close()


def test_two_processes_share_the_work_and_ask_nothing_twice(tmp_path):
    folder, server, jobs = tmp_path / "s", Server(tmp_path / "log"), 600
    cap = 10**12
    processes = [start(folder, server.path, jobs, cap) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    kept = Counter(int(line[1]) for line in server.lines("kept"))
    assert set(kept) == set(range(jobs))
    assert set(kept.values()) == {1}, "one reply a job, whoever asked"
    spent, held = books(folder)
    assert held == Amount()
    assert server.billed() <= spent.cost
    assert spent.requests == sum(server.bills().values())


def test_two_processes_share_a_ceiling(tmp_path):
    folder, server, cap = tmp_path / "s", Server(tmp_path / "log"), 40_000_000
    processes = [start(folder, server.path, 5000, cap) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    spent, held = books(folder)
    assert held == Amount()
    assert server.billed() <= spent.cost <= cap
    assert spent.cost + WORST > cap, "the ceiling is used up"
