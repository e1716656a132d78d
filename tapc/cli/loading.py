"""Loads a spec for commands that need its counts; prints what is wrong and ends the command if it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tapc.cli import exits, options
from tapc.cli.errors import leave
from tapc.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tapc.plan import Planned
    from tapc.workspace.spec.checked import Checked


def counted(
    spec: Path,
    *,
    settings: Mapping[str, str],
    dataset: str | None,
    overrides: Sequence[str],
    color: str,
    offline: bool = False,
) -> "tuple[Checked, Planned]":
    """Check and count a spec, or the one a saved plan was made from; offline nothing is downloaded for it.

    Exits with 1 and the findings if it is wrong, or not as the saved plan has it; with 2 if an option is wrong.
    """
    from tapc.workspace.spec.checked import OverrideError, check_spec, with_unused
    from tapc.workspace.spec.counted import count_spec

    if spec.suffix == ".json":
        return _saved(spec, given=bool(settings or dataset or overrides), color=color, offline=offline)
    outside = options.follows_outside()
    try:
        checked = check_spec(spec, settings=settings, dataset=dataset, overrides=overrides, outside=outside)
    except OverrideError as error:
        raise click.BadParameter(str(error), param_hint="--endpoint") from error
    found = count_spec(checked, offline=offline, outside=outside)
    if found.planned is None:
        leave(found.diagnostics, exits.WRONG_SPEC, color)
    return with_unused(found.checked), found.planned


def _saved(path: Path, *, given: bool, color: str, offline: bool) -> "tuple[Checked, Planned]":
    """The spec of a saved plan, if the plan still follows from it."""
    from tapc.workspace.plan.saved import outdated, read_plan, spec_of
    from tapc.workspace.spec.checked import check_spec
    from tapc.workspace.spec.counted import count_spec

    if given:
        raise click.UsageError("a saved plan has its own --set, --dataset and --endpoint; leave them out")
    saved = read_plan(path)
    if isinstance(saved, Diagnostic):
        leave([saved], exits.WRONG_SPEC, color)
    spec, outside = spec_of(saved, path), options.follows_outside()
    checked = check_spec(
        spec, settings=saved.settings, dataset=saved.dataset, overrides=saved.endpoints, outside=outside
    )
    found = count_spec(checked, offline=offline, outside=outside)
    stale = outdated(saved, path, checked, found.planned)
    if stale is not None or found.planned is None:
        wrong = found.diagnostics if found.planned is None else []
        leave([*([stale] if stale else []), *wrong], exits.WRONG_SPEC, color)
    return checked, found.planned
