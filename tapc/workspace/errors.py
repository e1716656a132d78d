"""Errors that are not faults of tapc, as findings: a code, what is wrong, what to do next."""

from tapc.diagnostics import Diagnostic
from tapc.inputs import InputError
from tapc.outputs import FolderError, SecretError
from tapc.sim.embedded import EmbeddedError
from tapc.store import StoreError
from tapc.workspace.event_loop import Interrupted
from tapc.workspace.refused import Cause, Refused

_MISUSED = ("TAP858", "TAP859", "TAP860")
"""Codes of errors of the store that come from what the command line names."""


def explain_error(error: Exception, command: str | None) -> Refused | None:
    """Say what stopped a command; None for faults of tapc itself, which pass on.

    Args:
        error: the exception.
        command: the command line to repeat, if the command makes a dataset; else None.
    """
    if isinstance(error, Refused):
        return error
    if isinstance(error, StoreError):
        cause: Cause = "usage" if error.code in _MISUSED else "incomplete"
        return _refused(error.code, error.message, error.next_step, cause)
    if isinstance(error, InputError):  # checks read files again once a plan is made
        return _refused(error.code, error.message, error.notes[0] if error.notes else "correct the file", "spec")
    if isinstance(error, OSError):
        return _explain_system(error, command)
    return _explain_run(error, f"run it again: {command}")


def _explain_run(error: Exception, again: str) -> Refused | None:
    """Say what stopped the making of a dataset."""
    if isinstance(error, FolderError):
        if not error.late:
            return _refused("TAP920", str(error), "the store is as it was; nothing was sent", "usage")
        kept = f"what stood there still stands, and replies are kept; then {again}"
        return _refused("TAP920", str(error), kept, "incomplete")
    if isinstance(error, SecretError):
        found = f"{error} would hold a key that came from the environment"
        return _refused("TAP938", found, "look for it in the spec and its input files, and revoke it", "incomplete")
    if isinstance(error, EmbeddedError):
        settings = "docs/simulated-endpoint.md lists the settings; nothing was sent"
        return _refused("TAP929", str(error), settings, "usage")
    if isinstance(error, Interrupted):
        stopped = "interrupted before the dataset was written"
        return _refused("TAP921", stopped, f"replies are kept; {again}", "interrupt")
    return None


def _explain_system(error: OSError, command: str | None) -> Refused | None:
    """Say what the operating system refused; a closed pipe is the output's, but during a run may be any."""
    message = f"the system refused: {error}"
    if command is None and isinstance(error, BrokenPipeError):
        return None
    if command is None:
        return _refused("TAP924", message, "what stood there before still stands", "usage")
    return _refused("TAP922", message, f"replies that were stored are kept; run it again: {command}", "incomplete")


def _refused(code: str, message: str, next_step: str, cause: Cause) -> Refused:
    return Refused([Diagnostic(code, "error", message, (), (next_step,))], cause)
