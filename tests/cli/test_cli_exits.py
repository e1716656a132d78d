"""What ends a command early has a code, a next step and an exit code, whatever layer it comes from."""

from pathlib import Path
from typing import get_args

import pytest

from tapc.cli import exits
from tapc.diagnostics import Diagnostic
from tapc.inputs import InputError
from tapc.outputs import FolderError, SecretError
from tapc.sim.embedded import EmbeddedError
from tapc.store import StoreError
from tapc.workspace.errors import explain_error
from tapc.workspace.event_loop import Interrupted
from tapc.workspace.refused import Cause, Refused
from tapc.workspace.run.report import RunStatus
from tapc.workspace.spec.git import GitError

FINDING = Diagnostic("TAP882", "error", "there is no sample 9", (), ("give a rank",))


def test_every_end_of_a_run_and_every_cause_has_an_exit_code():
    assert set(exits.OF_RUN) == set(get_args(RunStatus))
    assert set(exits.OF_CAUSE) == set(get_args(Cause))


def test_the_numbers_are_those_of_the_readme():
    said = " ".join((Path(__file__).parents[2] / "README.md").read_text("utf-8").split())
    line = said[said.index("Exit codes: ") :].partition(".")[0]
    named = {
        exits.OK: "success", exits.WRONG_SPEC: "the spec is wrong", exits.USAGE: "wrong usage",
        exits.OVER_BUDGET: "over the budget", exits.CHANGES: "changes", exits.INCOMPLETE: "too few samples",
        exits.INTERRUPTED: "interrupted",
    }  # fmt: skip
    assert [number for number in named if number < 10] == [*range(6)]
    assert all(f"{number} {words}" in line for number, words in named.items())
    assert exits.INTERRUPTED == 128 + 2, "SIGINT is signal 2"
    assert exits.PIPE_CLOSED == 128 + 13, "SIGPIPE is signal 13"


@pytest.mark.parametrize(
    ("error", "command", "code", "exit_code", "step"),
    [
        (Refused([FINDING], "usage"), None, "TAP882", 2, "give a rank"),
        (GitError("TAP872", "there is no revision `x`", "look"), None, "TAP872", 2, "look"),
        (StoreError("TAP860", "there is no store", "name it"), None, "TAP860", 2, "name it"),
        (StoreError("TAP854", "the store has no space left", "make room"), None, "TAP854", 5, "make room"),
        (StoreError("TAP854", "the store has no space left", "make room"), "tapc run s", "TAP854", 5, "make room"),
        (
            InputError("TAP703", "rows.jsonl is not text", "save it as UTF-8"),
            "tapc run s",
            "TAP703",
            1,
            "save it as UTF-8",
        ),
        (InputError("TAP703", "rows.jsonl is not text"), "tapc run s", "TAP703", 1, "correct the file"),
        (FolderError("out is a file"), "tapc run s", "TAP920", 2, "nothing was sent"),
        (FolderError("out is in use", late=True), "tapc run s", "TAP920", 5, "run it again: tapc run s"),
        (SecretError("README.md"), "tapc run s", "TAP938", 5, "revoke it"),
        (EmbeddedError("no such fault"), "tapc run s", "TAP929", 2, "nothing was sent"),
        (Interrupted(), "tapc run s", "TAP921", 130, "run it again: tapc run s"),
        (OSError(28, "No space left on device"), "tapc run s", "TAP922", 5, "run it again: tapc run s"),
        (OSError(28, "No space left on device"), None, "TAP924", 2, "still stands"),
    ],
)
def test_an_error_is_explained(error, command, code, exit_code, step):
    found = explain_error(error, command)
    assert found is not None
    (finding,) = found.findings
    assert (finding.code, finding.severity, exits.OF_CAUSE[found.cause]) == (code, "error", exit_code)
    assert step in finding.notes[0]


@pytest.mark.parametrize("error", [ValueError("a fault of tapc"), KeyError("x")])
@pytest.mark.parametrize("command", [None, "tapc run s"])
def test_faults_of_tapc_pass_on(error, command):
    assert explain_error(error, command) is None


def test_a_closed_output_passes_on_and_a_closed_pipe_of_a_run_does_not():
    assert explain_error(BrokenPipeError(), None) is None
    found = explain_error(BrokenPipeError(), "tapc run s")
    assert found is not None
    assert [finding.code for finding in found.findings] == ["TAP922"]
