"""Troubles outside the spec, told like findings: a code, what is wrong, what to do next."""

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.inputs import InputError
from tapc.outputs import FolderError, SecretError
from tapc.sim.embedded import EmbeddedError
from tapc.store import StoreError
from tapc.workspace.event_loop import Interrupted

TROUBLES = (StoreError, FolderError, SecretError, EmbeddedError, InputError, Interrupted, OSError)
"""What `explain_trouble` can tell."""

_WRONG_SPEC = 1
_SHORT = 5
_USAGE = 2
_INTERRUPTED = 130


class Trouble(msgspec.Struct, frozen=True):
    """A finding and the exit code that goes with it."""

    diagnostic: Diagnostic
    exit_code: int


def explain_trouble(error: Exception, command: str) -> Trouble:  # noqa: PLR0911 - one for each kind
    """Say what stopped a command.

    Args:
        error: one of `TROUBLES`; anything else is a bug and passes on.
        command: the line to give once more, with the places it was given.
    """
    again = f"run it again: {command}"
    if isinstance(error, (StoreError, InputError)):
        return _coded(error)
    if isinstance(error, FolderError) and error.late:
        return _told("TAP920", str(error), f"what stood there still stands, and replies are kept; then {again}", _SHORT)
    if isinstance(error, FolderError):
        return _told("TAP920", str(error), "the store is as it was; nothing was sent", _USAGE)
    if isinstance(error, SecretError):
        found = f"{error} would hold a key that came from the environment"
        return _told("TAP938", found, "look for it in the spec and its input files, and revoke it", _SHORT)
    if isinstance(error, EmbeddedError):
        return _told("TAP929", str(error), "docs/simulated-endpoint.md lists the settings; nothing was sent", _USAGE)
    if isinstance(error, Interrupted):
        return _told("TAP921", "interrupted before the dataset was written", f"replies are kept; {again}", _INTERRUPTED)
    if isinstance(error, OSError):
        return _told("TAP922", f"the system refused: {error}", f"replies that were stored are kept; {again}", _SHORT)
    raise error


def _coded(error: StoreError | InputError) -> Trouble:
    """What has a code of its own; inputs are read again, by checks, once a plan is made."""
    if isinstance(error, StoreError):
        return _told(error.code, error.message, error.next_step, _SHORT)
    return _told(error.code, error.message, error.notes[0] if error.notes else "correct the file", _WRONG_SPEC)


def _told(code: str, message: str, next_step: str, exit_code: int) -> Trouble:
    return Trouble(Diagnostic(code, "error", message, (), (next_step,)), exit_code)


def unwritten(error: OSError) -> Diagnostic:
    """A file that could not be written outside of any run."""
    return Diagnostic("TAP924", "error", f"the system refused: {error}", (), ("what stood there before still stands",))
