"""Exit codes, the same for all commands. Nothing else knows their numbers."""

from collections.abc import Mapping

OK = 0
WRONG_SPEC = 1
USAGE = 2
OVER_BUDGET = 3
CHANGES = 4
INCOMPLETE = 5
INTERRUPTED = 130
PIPE_CLOSED = 141
"""What shells report for a process that ended because the reader of its output went away."""

OF_RUN: Mapping[str, int] = {
    "ok": OK,
    "short": INCOMPLETE,
    "empty": INCOMPLETE,
    "unexpected": INCOMPLETE,
    "budget": OVER_BUDGET,
    "interrupt": INTERRUPTED,
    "brake": INCOMPLETE,
}
"""By how a run ended (`tapc.workspace.run.execution.RunStatus`)."""

OF_CAUSE: Mapping[str, int] = {"spec": WRONG_SPEC, "usage": USAGE, "incomplete": INCOMPLETE, "interrupt": INTERRUPTED}
"""By what stopped a command (`tapc.workspace.refused.Cause`)."""
