"""The lock of a plan: what the lock before it had, and what the plan changed."""

from collections.abc import Iterable
from math import prod

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.quota import Allocation, Divisions, Events, Lock, Mark, added, flattened, tidied, together

_RETURNS = 16
"""Most plans that an undone edit can return to exactly."""

_MOST_EVENTS = 100_000
"""Most events, which keep a lock of 66,000 cells below a megabyte; beyond that, only the latest plan is kept."""

_Ints = npt.NDArray[np.int64]


def lock_of(
    allocation: Allocation, imports: Iterable[tuple[str, str]] = (), prices: Iterable[tuple[str, str]] = ()
) -> Lock:
    """The lock of a plan; of a plan that was made with this lock, it is the same lock.

    Args:
        allocation: counts of the plan, and the lock they were made with.
        imports: (name, hex hash) of the modules and data files of the spec.
        prices: (name, hex hash) of the price tables.
    """
    allocation = allocation.by_identity()
    before, base = allocation.before, allocation.base
    axis = allocation.tree.axis
    mixes = tuple(name for name, _ in base.mixes)
    identity = mixes if before is None else before.identity
    if before is None or before.taxonomy != axis:  # no cell of another taxonomy is a cell of this one
        before = _empty(axis, identity)
    joined = _joined(before, allocation, base)
    new = sorted(set(mixes) - set(identity))
    joined = msgspec.structs.replace(
        joined,
        identity=tuple(sorted((*identity, *new))),
        joined=tuple(sorted((*joined.joined, *((name, joined.marks[-1].plan) for name in new)))),
    )
    return _short(msgspec.structs.replace(joined, imports=tuple(sorted(imports)), prices=tuple(sorted(prices))))


def _empty(axis: str, identity: tuple[str, ...]) -> Lock:
    none = np.zeros(0, np.int64)
    return Lock(
        samples=0,
        taxonomy=axis,
        leaves=(),
        mixes=(),
        identity=identity,
        leaf=none,
        values=np.zeros((0, 0), np.int64),
        count=none,
        events=Events(none, none, none),
    )


def _joined(before: Lock, whole: Allocation, allocation: Allocation) -> Lock:
    """The lock before a plan with the events of the plan.

    Args:
        before: the lock.
        whole: the plan.
        allocation: the plan without late mixes.
    """
    tree = allocation.tree
    used = np.unique(allocation.leaf)
    paths = tuple(tree.parts[int(tree.leaves[leaf])] for leaf in used)
    leaves = tuple(sorted({*before.leaves, *paths}))
    mixes = _union(before.mixes, allocation.mixes)
    # Cells of both as rows of indices into these names: their leaf, then a value or -1 of each mix.
    then = np.stack(
        (_places(before.leaves, leaves)[before.leaf], *_columns(before.mixes, before.values, mixes)), axis=1
    )
    leaf = _places(paths, leaves)[np.searchsorted(used, allocation.leaf)]
    now = np.stack((leaf, *_columns(allocation.mixes, allocation.values, mixes)), axis=1)
    first, cell = _same(np.concatenate((then, now)), (len(leaves), *(len(values) + 1 for _, values in mixes)))
    cells = np.concatenate((then, now))[first]
    change = np.zeros(len(cells), np.int64)
    np.add.at(change, cell[len(then) :], allocation.count)
    np.add.at(change, cell[: len(then)], -before.count)
    changed = np.flatnonzero(change)
    versions, new = _divisions(before, whole, cell[: len(then)], cell[len(then) :])
    plan = before.plans + bool(len(changed) or len(new.base))
    new = msgspec.structs.replace(new, plan=np.full(len(new.base), plan))
    marks = before.marks[:-1] if before.knows(allocation.basis.mark) else before.marks
    events = Events(
        np.concatenate((cell[: len(then)][before.events.cell], changed)),
        np.concatenate((before.events.plan, np.full(len(changed), plan))),
        np.concatenate((before.events.change, change[changed])),
    )
    order = np.lexsort((events.plan, events.cell))
    return tidied(
        msgspec.structs.replace(
            before,
            leaves=leaves,
            mixes=mixes,
            leaf=cells[:, 0],
            values=cells[:, 1:],
            events=Events(events.cell[order], events.plan[order], events.change[order]),
            marks=(*marks, Mark(plan, allocation.basis.mark, allocation.basis.base)),
            divisions=together(versions, new),
        )
    )


def _divisions(before: Lock, whole: Allocation, then: _Ints, now: _Ints) -> tuple[Divisions, Divisions]:
    """How late mixes divide cells: the versions of the lock, and those that the plan adds, which have no number yet.

    Args:
        before: the lock.
        whole: the plan.
        then: new numbers of the cells of the lock.
        now: new numbers of the base cells of the plan.
    """
    late, none = whole.late, np.zeros(0, np.int64)
    columns = [] if late is None else [n for n, (name, _) in enumerate(whole.mixes) if name in whole.basis.late]
    names = tuple(whole.mixes[n] for n in columns)
    parts = Divisions(names, none, none, none, none, np.zeros((0, len(names)), np.int64))
    if late is not None:
        batches = late.batches.select(np.argsort(now[late.batches.base], kind="stable"))
        values = whole.values[batches.cell][:, columns]
        parts = Divisions(names, now[batches.base], 0 * batches.base, batches.batch, batches.size, values)
    versions = before.divisions
    parts = parts.named(_union(names, () if versions is None else versions.mixes))
    if versions is None:
        return parts.select(none), parts
    versions = versions.named(parts.mixes)
    versions = msgspec.structs.replace(versions, base=then[versions.base])
    versions = versions.select(np.lexsort((versions.plan, versions.base)))
    return versions, added(versions.current(), parts, now)


def _union(
    first: tuple[tuple[str, tuple[str, ...]], ...], second: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    values: dict[str, set[str]] = {}
    for name, names in (*first, *second):
        values.setdefault(name, set()).update(names)
    return tuple((name, tuple(sorted(values[name]))) for name in sorted(values))


def _places(names: tuple[object, ...], known: tuple[object, ...]) -> _Ints:
    place = {name: n for n, name in enumerate(known)}
    return np.array([place[name] for name in names], np.int64)


def _columns(
    mixes: tuple[tuple[str, tuple[str, ...]], ...], values: _Ints, known: tuple[tuple[str, tuple[str, ...]], ...]
) -> list[_Ints]:
    """The values of cells, by indices into other lists of names; -1 of a mix that they do not have."""
    own = {name: column for column, (name, _) in enumerate(mixes)}
    found: list[_Ints] = []
    for name, names in known:
        if name not in own:
            found.append(np.full(len(values), -1, np.int64))
            continue
        index = values[:, own[name]]
        places = np.append(_places(mixes[own[name]][1], names), -1)  # an index of -1 reads the -1 at the end
        found.append(places[index])
    return found


def _same(rows: _Ints, sizes: tuple[int, ...]) -> tuple[_Ints, _Ints]:
    """One row of each group of equal rows, groups in order of rows, and the group of each row.

    Args:
        rows: the rows; their first column starts at 0, the others at -1.
        sizes: number of different values in each column.
    """
    if prod(sizes) < 1 << 62:
        keys = np.zeros(len(rows), np.int64)
        for column, size in enumerate(sizes):
            keys = keys * size + rows[:, column] + bool(column)
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    else:
        _, first, group = np.unique(rows, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), group.reshape(-1).astype(np.int64)


def _short(lock: Lock) -> Lock:
    """A lock without plans that are too many, or too large, to return to."""
    if len(lock.marks) > _RETURNS:
        lock = flattened(lock, lock.marks[-_RETURNS].plan)
    events = len(lock.events.cell) + (0 if lock.divisions is None else len(lock.divisions.base))
    return lock if events <= max(_MOST_EVENTS, len(lock.count)) else flattened(lock, lock.plans)


def changed(lock: Lock, imports: Iterable[tuple[str, str]], prices: Iterable[tuple[str, str]]) -> list[str]:
    """Names of modules and price tables that differ from the lock, sorted."""
    now = {("import", name): digest for name, digest in imports}
    now |= {("price", name): digest for name, digest in prices}
    then = {("import", name): digest for name, digest in lock.imports}
    then |= {("price", name): digest for name, digest in lock.prices}
    return sorted(
        {f"{kind} {name}" for kind, name in now.keys() | then.keys() if now.get((kind, name)) != then.get((kind, name))}
    )
