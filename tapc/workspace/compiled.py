"""From a path to a checked dataset and its counts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic, has_errors, in_order, rule
from tapc.ir import Dataset
from tapc.plan import Planned, Problem, plan_dataset
from tapc.semantics import Compiled, compile_spec
from tapc.source import DiskLoader
from tapc.workspace.locking import find_lock
from tapc.workspace.overrides import apply_overrides

_PROBLEM_CODES = {
    "over": "TAP230",
    "under": "TAP231",
    "bounds": "TAP232",
    "percent": "TAP233",
    "overlap": "TAP234",
    "no-values": "TAP235",
    "cycle": "TAP236",
    "size": "TAP237",
}


class Checked(msgspec.Struct, frozen=True):
    """A spec after everything that can be said about it without counting.

    Attributes:
        path: as the user gave it.
        compiled: what the front end found.
        dataset: with overrides applied; None where the spec is wrong.
    """

    path: Path
    compiled: Compiled
    dataset: Dataset | None

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """Findings, in order."""
        return self.compiled.diagnostics


class Counted(msgspec.Struct, frozen=True):
    """A spec with its counts; `planned` is None where it is wrong, and the diagnostics say why."""

    checked: Checked
    planned: Planned | None
    diagnostics: list[Diagnostic]


def check_spec(
    path: Path, *, settings: Mapping[str, str], dataset: str | None, overrides: Sequence[str] = ()
) -> Checked:
    """Parse, resolve, check and lower one spec.

    Raises:
        OverrideError: an `--endpoint` option cannot be applied.
    """
    compiled = compile_spec(path, DiskLoader(), settings=settings, dataset=dataset)
    lowered = compiled.dataset if not has_errors(compiled.diagnostics) else None
    if lowered is not None:
        lowered = apply_overrides(lowered, overrides)
    return Checked(path, compiled, lowered)


def count_spec(checked: Checked) -> Counted:
    """Count every cell of a checked spec; contradictions become diagnostics at their places in the source.

    A lock beside the spec (`SPEC.lock`) is read; a damaged one is an error.
    """
    if checked.dataset is None:
        return Counted(checked, None, checked.diagnostics)
    lock = find_lock(checked.path)
    if isinstance(lock, Diagnostic):
        return Counted(checked, None, in_order([*checked.diagnostics, lock]))
    planned = plan_dataset(checked.dataset, lock)
    if isinstance(planned, list):
        findings = [_finding(problem, checked.compiled) for problem in planned]
        return Counted(checked, None, in_order([*checked.diagnostics, *findings]))
    return Counted(checked, planned, checked.diagnostics)


def _finding(problem: Problem, compiled: Compiled) -> Diagnostic:
    code = _PROBLEM_CODES[problem.kind]
    places = [compiled.origins[path] for path in problem.paths if path in compiled.origins]
    return Diagnostic(
        code, rule(code).severity, problem.message, tuple(place.label() for place in places), problem.notes
    )


def check_counts(path: Path, *, settings: Mapping[str, str], dataset: str | None) -> list[Diagnostic]:
    """Everything `tapc check` has to say about a spec: the front end's findings, then contradictions between counts."""
    return count_spec(check_spec(path, settings=settings, dataset=dataset)).diagnostics
