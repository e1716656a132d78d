"""Another process on the same store that is suspended, and one that goes on: no wait for it is without end."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_dispatch_wire import endpoint, jobs, play

from tapc.endpoints import NoReply
from tapc.endpoints.dispatch import Policy
from tapc.ir import Budget, Ceiling
from tapc.jobs import Reply

WORKER = Path(__file__).with_name("holding_worker.py")
SOON = Policy(suspended_seconds=0.4, busy_seconds=60, backoff_seconds=0.01, trip=3, first_window=64)


@contextlib.contextmanager
def holder(store, *, cap=1000, count, first=0, stopped=True):
    """A process with open intents for some jobs, stopped by a signal."""
    command = [sys.executable, str(WORKER), str(store.folder), str(cap), str(count), str(first)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "claimed\n"
        if stopped:
            os.kill(process.pid, signal.SIGSTOP)
        yield process
    finally:
        process.kill()
        process.communicate()


def play_beside(work, server, *, cap=1000, count, first=0, stopped=True, policy=SOON, then=None):
    """Run jobs while another process holds some of them; returns what was found, its process id and what was noted."""
    notes, kept = [], []

    async def main():
        with contextlib.ExitStack() as stack:

            async def before(store):
                kept.append(stack.enter_context(holder(store, cap=cap, count=count, first=first, stopped=stopped)))

            async def during(dispatcher):
                if then is not None:
                    await then(kept[0])

            async with server:
                budget = Budget(total=Ceiling(requests=cap))
                options = {"before": before, "during": during, "budget": budget, "policy": policy, "note": notes.append}
                return await play(work, [endpoint(server.url)], **options)

    found = asyncio.run(main())
    return found, kept[0].pid, notes


def test_jobs_a_suspended_run_asks_are_left_and_the_others_answered(wire):
    work, server = jobs(12), wire.serve(wire.chat())
    found, pid, _ = play_beside(work, server, count=5)
    assert found.reasons() == ["busy"] * 5 and len(found.replies()) == len(server.chats) == 7
    details = {found.results[job.key].detail for job in work[:5]}
    assert all(f"(process {pid}, suspended) is asking it, and has been suspended for" in d for d in details)


def test_money_a_suspended_run_holds_is_not_waited_for_without_end(wire):
    """Ten requests are allowed and the other run holds four: six are made, and the rest ends naming the process."""
    work, server = jobs(12), wire.serve(wire.chat())
    found, pid, _ = play_beside(work, server, cap=10, count=4, first=100)
    assert len(found.replies()) == len(server.chats) == 6 and found.reasons() == ["busy"] * 6
    (detail,) = {r.detail for r in found.results.values() if isinstance(r, NoReply)}
    assert f"(process {pid}, suspended): $" in detail and "for 4 requests, suspended for" in detail


def test_a_run_that_wakes_in_time_is_waited_for(wire):
    async def wake(process):
        await asyncio.sleep(0.15)
        os.kill(process.pid, signal.SIGCONT)
        await asyncio.sleep(0.6)
        process.kill()  # its intents are charged, and its jobs free

    work, server = jobs(6), wire.serve(wire.chat())
    patient = Policy(suspended_seconds=5, busy_seconds=60)
    found, _, _ = play_beside(work, server, count=3, policy=patient, then=wake)
    assert all(isinstance(r, Reply) for r in found.results.values()) and len(server.chats) == 6


@pytest.mark.parametrize("cap", [1000, 10])
def test_a_run_that_answers_nothing_is_given_up_too(wire, cap):
    """It is not suspended, but nothing comes of it."""
    policy = Policy(suspended_seconds=60, busy_seconds=0.4, backoff_seconds=0.01)
    work, server = jobs(12), wire.serve(wire.chat())
    found, pid, _ = play_beside(
        work, server, cap=cap, count=5, first=0 if cap > 12 else 100, stopped=False, policy=policy
    )
    assert len(found.replies()) == {1000: 7, 10: 5}[cap] and set(found.reasons()) == {"busy"}
    assert all(f"(process {pid})" in r.detail for r in found.results.values() if isinstance(r, NoReply))


def test_it_is_said_whom_one_waits_for(wire, monkeypatch):
    monkeypatch.setattr("tapc.endpoints.dispatch.peer_runs._TELL", 0.1)
    found, pid, notes = play_beside(jobs(12), wire.serve(wire.chat()), count=5)
    assert found.reasons() == ["busy"] * 5
    (said,) = notes
    assert said.startswith("5 jobs wait for run ") and f"(process {pid}, suspended)" in said
