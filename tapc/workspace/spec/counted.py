"""From a checked spec to its counts."""

import msgspec

from tapc.diagnostics import Diagnostic, in_order, rule
from tapc.frontend import Compiled
from tapc.inputs import InputError, NamedFiles, named_files, read_resources
from tapc.plan import Planned, QuotaProblem, plan_dataset
from tapc.quota import find_unreached
from tapc.workspace.spec.checked import Checked, all_findings
from tapc.workspace.spec.checkout import Checkout, check_out
from tapc.workspace.spec.git import GitLoader
from tapc.workspace.spec.lock import FoundLock, find_lock, other_taxonomy
from tapc.workspace.spec.renamed import find_renamed

_SHOWN = 3
"""Leaves without a sample that are named."""

_PROBLEM_CODES = {
    "over": "TAP203",
    "under": "TAP203",
    "bounds": "TAP203",
    "percent": "TAP201",
    "overlap": "TAP212",
    "no-values": "TAP214",
    "cycle": "TAP215",
    "size": "TAP108",
    "rows": "TAP716",
}
"""Codes by kind of problem: a contradiction breaks the same rule whether the front end or the counting finds it."""


class Counted(msgspec.Struct, frozen=True):
    """A spec with its counts.

    Attributes:
        checked: the spec.
        planned: the plan; None if the spec is wrong.
        diagnostics: findings of the check and the counting.
        checkout: files of a revision, which must stay as long as the plan is used.
        lock: the lock that the plan was made with; None if it was not to be read.
    """

    checked: Checked
    planned: Planned | None
    diagnostics: list[Diagnostic]
    checkout: Checkout | None = None
    lock: FoundLock | None = None


def count_spec(
    checked: Checked,
    revision: GitLoader | None = None,
    *,
    offline: bool = False,
    outside: bool = False,
    locked: bool = True,
) -> Counted:
    """Count every cell of a checked spec; contradictions become diagnostics at their places in the source.

    A lock next to the spec (`SPEC.lock`) is read unless `locked` is False, from the revision if one is given; a damaged
    one is an error.
    Files that inputs and checks name are read too, from the same place; one that cannot be used is an error. Offline no
    connection is opened for them. Links among them may lead out of the spec's folder only if `outside` is set; those of
    a revision are followed by git's rules.

    Raises:
        GitError: the revision cannot be read.
    """
    if checked.dataset is None:
        return Counted(checked, None, all_findings(checked))
    lock = find_lock(checked, revision) if locked else None
    if isinstance(lock, Diagnostic):
        return Counted(checked, None, in_order([*checked.diagnostics, lock]))
    folder, checkout = checked.path.parent, None
    if revision is not None and (named := named_files(checked.dataset)) != NamedFiles():
        checkout = check_out(named, folder, revision)
        if checkout.errors:
            return Counted(checked, None, in_order([*checked.diagnostics, *checkout.errors]))
        folder = checkout.folder
    read = read_resources(checked.dataset, folder, offline=offline, outside=outside or checkout is not None)
    if read.errors:
        found = [_unusable(error, checked.compiled) for error in read.errors]
        return Counted(checked, None, in_order([*checked.diagnostics, *found]))
    planned = plan_dataset(checked.dataset, None if lock is None else lock.lock, read.resources)
    wrong = _wrong(planned, lock, checked.compiled)
    renamed = find_renamed(checked.dataset, lock.lock, checked.compiled) if lock is not None and lock.lock else []
    if isinstance(planned, list) or wrong:
        return Counted(checked, None, in_order([*checked.diagnostics, *wrong, *renamed]))
    whole = checked.dataset.samples is None  # only then is every row meant to belong to a value
    left_out = [
        _left_out(checked, rows.step, notes)
        for rows in read.resources.rows
        if (notes := rows.notes if whole else rows.lost)
    ]
    guessed = [_guessed(checked, step, guesses) for step, guesses in read.guesses]
    missed = _unreached(checked, planned)
    marked = checked.compiled.allowances.mark([*left_out, *guessed, *renamed, *missed], checked.dataset.name)
    found = in_order([*checked.diagnostics, *marked])
    return Counted(msgspec.structs.replace(checked, diagnostics=found), planned, found, checkout, lock)


def _wrong(planned: Planned | list[QuotaProblem], lock: FoundLock | None, compiled: Compiled) -> list[Diagnostic]:
    """Why a plan cannot be used."""
    if isinstance(planned, list):
        return [_finding(problem, compiled) for problem in planned]
    odd = None if lock is None else other_taxonomy(lock, planned)
    return [] if odd is None else [odd]


def _unreached(checked: Checked, planned: Planned) -> list[Diagnostic]:
    """A finding about leaves that no sample reaches."""
    dataset = planned.dataset
    if dataset.space.taxonomy is None or dataset.samples is None:
        return []
    found = find_unreached(dataset.space, dataset.samples)
    if not found.leaves:
        return []
    name = dataset.space.taxonomy.name
    shown = ", ".join(f"`{leaf}`" for leaf in found.leaves[:_SHOWN]) + (" …" if len(found.leaves) > _SHOWN else "")
    message = f"{len(found.leaves):,} of {found.of:,} leaves of `{name}` get no sample: {shown}"
    notes = [] if found.least is None else [f"`samples {found.least}` is the least that gives every leaf one"]
    if dataset.samples >= found.of:
        notes.append(f"or spread samples over leaves: `taxonomy {name} by leaves at_least 1`")
    else:
        notes.append("or take parts of the tree with `only [ … ]`")
    place = checked.compiled.origins.get(f"taxonomy.{name}")
    labels = () if place is None else (place.label(),)
    return [Diagnostic("TAP610", rule("TAP610").severity, message, labels, tuple(notes))]


def _left_out(checked: Checked, step: str, notes: tuple[str, ...]) -> Diagnostic:
    """A finding about rows of an input that no slot can get."""
    return _about_rows("TAP717", f"some rows of `{step}` are left out", checked, step, notes)


def _guessed(checked: Checked, step: str, guesses: tuple[str, ...]) -> Diagnostic:
    """A finding about how rows of an input were read, if that was guessed."""
    return _about_rows("TAP718", f"how rows of `{step}` are read was guessed", checked, step, guesses)


def _about_rows(code: str, message: str, checked: Checked, step: str, notes: tuple[str, ...]) -> Diagnostic:
    origins = checked.compiled.origins
    place = next((origins[path] for part in ("file", "hub") if (path := f"step.{step}.{part}") in origins), None)
    return Diagnostic(code, rule(code).severity, message, () if place is None else (place.label(),), notes)


def _unusable(error: InputError, compiled: Compiled) -> Diagnostic:
    place = next((compiled.origins[path] for path in error.origin if path in compiled.origins), None)
    labels = () if place is None else (place.label(),)
    return Diagnostic(error.code, rule(error.code).severity, error.message, labels, error.notes)


def _finding(problem: QuotaProblem, compiled: Compiled) -> Diagnostic:
    code = _PROBLEM_CODES[problem.kind]
    places = [compiled.origins[path] for path in problem.paths if path in compiled.origins]
    return Diagnostic(
        code, rule(code).severity, problem.message, tuple(place.label() for place in places), problem.notes
    )
