"""Loads a spec for commands that need its counts; prints what is wrong and ends the command if it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tapc.cli import exits, options
from tapc.cli.errors import leave
from tapc.diagnostics import Diagnostic

if TYPE_CHECKING:
    from tapc.plan import Planned
    from tapc.workspace.spec.checked import Checked
    from tapc.workspace.spec.lock import FoundLock, NextLock


class Loaded(msgspec.Struct, frozen=True):
    """A spec with its plan.

    Attributes:
        checked: the spec.
        planned: its plan.
        lock: the lock that it was planned with; None with `--no-lock`.
        changed: whether `--set` or `--endpoint` made another dataset of it, to which its lock does not belong.
    """

    checked: "Checked"
    planned: "Planned"
    lock: "FoundLock | None"
    changed: bool

    def next_lock(self) -> "NextLock | None":
        """The lock that the plan makes; None with `--no-lock`."""
        from tapc.workspace.spec.lock import lock_after

        return None if self.lock is None else lock_after(self.checked, self.planned, self.lock)

    def missed(self, store: Path) -> list[Diagnostic]:
        """A finding if the last run had a lock that is gone."""
        from tapc.workspace.run.locking import lost_lock

        found = lost_lock(self.lock, self.planned, store)
        return [] if found is None else [found]


def counted(
    spec: Path, *, settings: Mapping[str, str], dataset: str | None, overrides: Sequence[str], color: str
) -> "tuple[Checked, Planned]":
    """A spec and its plan; see `load`."""
    loaded = load(spec, settings=settings, dataset=dataset, overrides=overrides, color=color)
    return loaded.checked, loaded.planned


def load(
    spec: Path,
    *,
    settings: Mapping[str, str],
    dataset: str | None,
    overrides: Sequence[str],
    color: str,
    offline: bool = False,
    locked: bool = True,
) -> Loaded:
    """Check and count a spec, or the one a saved plan was made from.

    Offline, nothing is downloaded for it; its lock is read if `locked` is set. Exits with 1 and the findings if it is
    wrong, or not as the saved plan has it; with 2 if an option is wrong.
    """
    from tapc.workspace.spec.checked import OverrideError, check_spec, with_unused
    from tapc.workspace.spec.counted import count_spec

    if spec.suffix == ".json":
        given = bool(settings or dataset or overrides)
        return _saved(spec, given=given, color=color, offline=offline, locked=locked)
    outside = options.follows_outside()
    try:
        checked = check_spec(spec, settings=settings, dataset=dataset, overrides=overrides, outside=outside)
    except OverrideError as error:
        raise click.BadParameter(str(error), param_hint="--endpoint") from error
    found = count_spec(checked, offline=offline, outside=outside, locked=locked)
    if found.planned is None:
        leave(found.diagnostics, exits.WRONG_SPEC, color)
    return Loaded(with_unused(found.checked), found.planned, found.lock, changed=bool(settings or overrides))


def _saved(path: Path, *, given: bool, color: str, offline: bool, locked: bool) -> Loaded:
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
    found = count_spec(checked, offline=offline, outside=outside, locked=locked)
    stale = outdated(saved, path, checked, found.planned)
    if stale is not None or found.planned is None:
        wrong = found.diagnostics if found.planned is None else []
        leave([*([stale] if stale else []), *wrong], exits.WRONG_SPEC, color)
    return Loaded(found.checked, found.planned, found.lock, changed=bool(saved.settings or saved.endpoints))
