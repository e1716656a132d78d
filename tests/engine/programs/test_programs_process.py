"""One run of a program, with real processes."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tapc.engine.programs.process import ProgramFault, run_program


def run(code, rows=("1", "2"), seconds=200.0, command=None):
    words = command or (sys.executable, "-c", code)
    return asyncio.run(run_program(words, rows, folder=Path.cwd(), environ=os.environ, seconds=seconds))


def test_answers_come_in_order():
    assert run("import sys\nfor line in sys.stdin: print(int(line) * 2)", [str(i) for i in range(3000)]) == [
        str(2 * i) for i in range(3000)
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit('boom')", "exit code 1: boom"),
        ("print('one')", "1 lines for 2 rows"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
        ("while True: print('x' * 1000)", "more than 64 MB"),
    ],
)
def test_faults_say_why(code, said):
    with pytest.raises(ProgramFault, match=said):
        run(code)


def test_what_floods_and_leaves_something_behind_is_not_waited_for(tmp_path):
    """Output that nobody reads any more is still there when it is killed, and one of its own keeps the stream open."""
    flood = (
        "import subprocess, sys; left = subprocess.Popen(['setsid', 'sleep', '600'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(left.pid))\n"
        "while True: sys.stdout.buffer.write(b'x' * (1 << 20))"
    )
    with pytest.raises(ProgramFault, match="more than 64 MB"):
        run(flood)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)  # raises if it was waited for


@pytest.mark.parametrize("size", [1 << 12, 1 << 17, 1 << 20])
def test_a_flood_ends_whatever_is_in_the_pipe(size):
    for _ in range(5):
        with pytest.raises(ProgramFault, match="more than 64 MB"):
            run(f"import sys\nwhile True: sys.stdout.buffer.write(b'x' * {size})")


def test_a_program_that_hangs_is_ended_with_what_it_started(tmp_path):
    code = f"import subprocess, time; c = subprocess.Popen(['sleep', '600']); open({str(tmp_path / 'pid')!r}, 'w').write(str(c.pid)); time.sleep(600)"
    with pytest.raises(ProgramFault, match="no answer within"):
        run(code, seconds=2.0)
    child = int((tmp_path / "pid").read_text())
    for _ in range(100):
        state = Path(f"/proc/{child}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child still runs")


def test_what_cannot_be_started_says_so():
    with pytest.raises(ProgramFault, match="cannot be started"):
        run("", command=("no-such-program",))
