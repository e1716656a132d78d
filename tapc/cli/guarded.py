"""Runs what a command does with a store, and tells troubles like findings."""

import sys
from collections.abc import Generator
from contextlib import contextmanager

from tapc.cli import exits
from tapc.cli.findings import print_findings


@contextmanager
def troubles(color: str) -> Generator[None]:
    """Within it, a store that cannot be used and a system that refuses end the command with a code and a next step."""
    from tapc.diagnostics import Diagnostic  # noqa: PLC0415 - the help needs nothing of this
    from tapc.store import StoreError  # noqa: PLC0415 - the same
    from tapc.workspace.errors import unwritten  # noqa: PLC0415 - the same

    try:
        yield
    except StoreError as error:
        finding = Diagnostic(error.code, "error", error.message, (), (error.next_step,))
        print_findings([finding], color=color)
        sys.exit(exits.USAGE if error.code in ("TAP858", "TAP859", "TAP860") else exits.SHORT)
    except OSError as error:
        print_findings([unwritten(error)], color=color)
        sys.exit(exits.USAGE)
