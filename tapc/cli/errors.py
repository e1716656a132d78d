"""Ends a command that cannot go on: with findings, a next step and an exit code."""

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

from tapc.cli import exits, options
from tapc.cli.printing import print_findings, say
from tapc.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tapc.semantics import Place


@contextmanager
def explained(color: str, *, again: bool = False, origins: "Mapping[str, Place] | None" = None) -> Generator[None]:
    """Within it, errors that are not faults of tapc end the command.

    Args:
        color: value of `--color`.
        again: whether the command makes a dataset, so that running it again continues where it stopped.
        origins: places of the spec's parts, for findings about them.
    """
    try:
        yield
    except Exception as error:  # of any type: those that `explain_error` does not know are raised again
        from tapc.workspace.errors import explain_error

        refused = explain_error(error, options.same_again() if again else None)
        if refused is None:
            raise
        if refused.subject:
            say(f"{refused.subject}:")
        from tapc.semantics import placed

        leave(placed(refused.findings, origins or {}), exits.OF_CAUSE[refused.cause], color)


def leave(findings: Sequence[Diagnostic], code: int, color: str) -> NoReturn:
    """Print findings and end the command."""
    print_findings(findings, color=color)
    sys.exit(code)
