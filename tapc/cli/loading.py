"""Loads a spec for commands that need its counts; prints what is wrong and leaves if it is."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapc.cli import exits
from tapc.cli.findings import print_findings

if TYPE_CHECKING:
    from tapc.plan import Planned
    from tapc.workspace.checked import Checked


def counted(
    spec: Path, *, settings: Mapping[str, str], dataset: str | None, overrides: Sequence[str], color: str
) -> "tuple[Checked, Planned]":
    """Check and count a spec; exits with 1 and the findings if it is wrong, with 2 if an option is."""
    from tapc.workspace import OverrideError  # noqa: PLC0415 - the help needs nothing of this
    from tapc.workspace.checked import check_spec  # noqa: PLC0415 - the same
    from tapc.workspace.compiled import count_spec  # noqa: PLC0415 - the same

    try:
        checked = check_spec(spec, settings=settings, dataset=dataset, overrides=overrides)
    except OverrideError as error:
        raise click.BadParameter(str(error), param_hint="--endpoint") from error
    found = count_spec(checked)
    if found.planned is None:
        print_findings(found.diagnostics, color=color)
        sys.exit(exits.WRONG_SPEC)
    return checked, found.planned
