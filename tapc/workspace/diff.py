"""`tapc diff` and `tapc plan --against`: two plans, from files or git revisions."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.plan import DiffDocument, Planned, Side, compare, cost_plan
from tapc.store import has_database
from tapc.workspace.estimate import estimate_plan, language_rates
from tapc.workspace.plan.misses import Earlier
from tapc.workspace.refused import Refused
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec
from tapc.workspace.spec.git import GitError, GitLoader

_LATEST = 4
"""Most revisions of a spec in which a stored job is looked for."""


class Where(msgspec.Struct, frozen=True):
    """One spec to compare.

    Attributes:
        path: path of the spec; of a spec in a revision, its path in the work tree.
        revision: revision of git; None means the file as it is now.
        shown: name that the user gave.
    """

    path: Path
    revision: str | None
    shown: str


class Unplannable(Refused):
    """One of the two specs is wrong; `subject` says which."""

    def __init__(self, where: Where, findings: list[Diagnostic]) -> None:
        super().__init__(findings, "spec", where.shown)


def find_sides(arguments: Sequence[str]) -> tuple[Where, Where]:
    """Read `A B` or `REV REV PATH`, where A and B are files or `REV:path`.

    Raises:
        GitError: something is neither a file nor of the form `REV:path`.
    """
    if len(arguments) == 3:
        first, second, path = arguments
        return tuple(Where(Path(path), rev, f"{rev}:{path}") for rev in (first, second))  # type: ignore[return-value]
    first, second = arguments
    return _where(first), _where(second)


def _where(text: str) -> Where:
    if Path(text).is_file():
        return Where(Path(text), None, text)
    revision, colon, path = text.partition(":")
    if not colon or not revision or not path:
        hint = f"write REV:PATH, or two revisions and a path: tapc diff {text} HEAD specs/x.tap"
        raise GitError("TAP873", f"`{text}` is not a file", hint)
    return Where(_in_tree(revision, path), revision, text)


def _in_tree(revision: str, path: str) -> Path:
    """Resolve a path as git does, from the top of the repository; if it is not there, from the current folder."""
    loader = GitLoader(Path.cwd(), revision)
    top = Path(os.path.relpath(loader.root / path))
    return top if loader.has(top) or not loader.has(Path(path)) else Path(path)


def load_side(
    where: Where, *, settings: Mapping[str, str], dataset: str | None, outside: bool = False, locked: bool = True
) -> Side:
    """Check, count and cost one spec, with its imports and (if `locked`) its lock from the same revision.

    Raises:
        GitError: the revision cannot be read.
        Unplannable: the spec is wrong.
    """
    folder = where.path.parent
    while not folder.is_dir():
        folder = folder.parent
    loader = None if where.revision is None else GitLoader(folder, where.revision)
    checked = check_spec(where.path, settings=settings, dataset=dataset, loader=loader, outside=outside)
    counted = count_spec(checked, loader, outside=outside, locked=locked)
    if counted.planned is None:
        raise Unplannable(where, counted.diagnostics)
    side = side_of(counted.planned, where.shown)
    return (
        side
        if counted.checkout is None
        else msgspec.structs.replace(side, held=counted.checkout, notes=counted.checkout.notes)
    )


def earlier_plans(
    spec: Path, revision: str | None, *, settings: Mapping[str, str], dataset: str | None
) -> Iterator[Earlier]:
    """The plan of a revision; without one, plans of the latest revisions that changed the spec, if they have one.

    Raises:
        GitError: the revision that was named cannot be read.
        Unplannable: its spec is wrong.
    """
    if revision is not None:
        side = load_side(Where(spec, revision, f"{revision}:{spec}"), settings=settings, dataset=dataset)
        yield Earlier(revision, side.planned, named=True)
        return
    try:
        names = GitLoader(spec.parent, "HEAD").touched(spec, _LATEST)
    except GitError:
        return
    for name in names:
        with contextlib.suppress(GitError, Unplannable):
            side = load_side(Where(spec, name, f"{name}:{spec}"), settings=settings, dataset=dataset)
            yield Earlier(name, side.planned, named=False)


def side_of(planned: Planned, shown: str) -> Side:
    """A plan as one side of a comparison."""
    return Side(shown, planned, cost_plan(planned, language_rates(), {}))


def diff_document(before: Side, after: Side, store: Path) -> DiffDocument:
    """Compare two plans; if there is a store, its replies decide what is to be paid, as in `plan`.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    if not has_database(store):
        return compare(before, after)
    found = estimate_plan(after.planned, store)
    return compare(before, msgspec.structs.replace(after, costs=found.costs), found.kept, found.forecast)
