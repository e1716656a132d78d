"""Batches of jobs for real programs: every job ends once, whatever happens."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import uvloop

from tapc.endpoints import NoReply
from tapc.engine.programs import Programs
from tapc.jobs import Draw, JobFactory, Message
from tapc.steps.recipes import program_recipe


class Kept:
    """Keeps answers in memory, or fails as a full disk does."""

    def __init__(self, *, full=False):
        self.full = full
        self.answers = []

    def keep(self, answers):
        future = asyncio.get_running_loop().create_future()
        if self.full:
            future.set_exception(OSError("no space left on device"))
        else:
            self.answers += answers
            future.set_result(None)
        return future


def ends_of(code, count, *, keeper=None, loop=asyncio.new_event_loop, close_after=None):
    """What came of each job, in order, and the error that ended the programs."""
    recipe = program_recipe(step="s", command=(sys.executable, "-c", code), digest="")
    jobs = [JobFactory(recipe).job((Message("user", str(i)),), Draw(0, b"", 0, 0, 0)) for i in range(count)]
    ends = {}

    async def main():
        done = asyncio.Event()

        class Ends:
            def put(self, job, answer):
                assert job.key not in ends, "a job ends once"
                ends[job.key] = answer
                if len(ends) == count:
                    done.set()

        programs = Programs(keeper or Kept(), Ends(), folder=Path.cwd(), environ=os.environ)
        for job in jobs:
            programs.submit(job)
        if close_after is not None:
            await asyncio.sleep(close_after)
        else:
            async with asyncio.timeout(60):
                await done.wait()
        await programs.aclose()
        return programs.error

    with asyncio.Runner(loop_factory=loop) as runner:
        error = runner.run(main())
    return [ends[job.key] for job in jobs], error


def test_rows_at_fault_stand_alone_and_the_others_are_answered():
    code = (
        "import sys\nfor line in sys.stdin:\n    if int(line) in (3, 40): sys.exit('bad row')\n    print(int(line) * 2)"
    )
    keeper = Kept()
    ends, error = ends_of(code, 64, keeper=keeper)
    assert error is None
    lost = [i for i, end in enumerate(ends) if isinstance(end, NoReply)]
    assert lost == [3, 40]
    assert all(ends[i].reason == "failed" and "bad row" in ends[i].detail for i in lost)
    assert all(end.texts == (str(2 * i),) for i, end in enumerate(ends) if i not in lost)
    assert len(keeper.answers) == 62


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_program_that_never_answers_is_given_up(loop):
    ends, error = ends_of("import os, sys; os.close(0); sys.exit('no')", 300, loop=loop)
    assert error is None
    reasons = [end.reason for end in ends]
    assert reasons.count("failed") < 20
    assert reasons.count("endpoint") > 280
    assert "never answers" in next(end.detail for end in ends if end.reason == "endpoint")


def test_answers_that_cannot_be_stored_end_all_jobs_with_the_error():
    ends, error = ends_of("import sys\nfor line in sys.stdin: print(1)", 40, keeper=Kept(full=True))
    assert isinstance(error, OSError)
    assert {end.reason for end in ends} == {"stopped"}


def test_closing_ends_what_runs():
    ends, _ = ends_of("import time; time.sleep(600)", 40, close_after=1.0)
    assert {end.reason for end in ends} == {"stopped"}
