"""How a lock records the cells of slots where mixes were added later; see `tapc.quota.batches`.

A plan that changes the division of a base cell records a *version* of it: batches that are added to those before, or,
where it changed those before, all batches again. A version of one part without values says that there are no late mixes
any more.
"""

import msgspec
import numpy as np

from tapc.quota.arrays import Flags, Ints


class Divisions(msgspec.Struct, frozen=True):
    """Parts in order of base cell, plan, batch and place.

    Attributes:
        mixes: (name, names of values) of the late mixes, both sorted.
        base: cell of the lock of every part.
        plan: number of the plan that recorded the version.
        batch: number of the batch within the base cell; the first of a version is 0 if it replaces those before.
        size: slots.
        values: index of the value of each late mix, -1 of one that the plan did not have; shape (parts, mixes).
    """

    mixes: tuple[tuple[str, tuple[str, ...]], ...]
    base: Ints
    plan: Ints
    batch: Ints
    size: Ints
    values: Ints

    def select(self, rows: Ints | Flags) -> "Divisions":
        """Some of the parts."""
        return msgspec.structs.replace(
            self,
            base=self.base[rows],
            plan=self.plan[rows],
            batch=self.batch[rows],
            size=self.size[rows],
            values=self.values[rows],
        )

    def current(self) -> "Divisions":
        """The parts of the latest versions, without base cells that have no late mixes any more."""
        cells = int(self.base.max(initial=-1)) + 1
        since = np.zeros(cells, np.int64)
        whole = self.batch == 0
        np.maximum.at(since, self.base[whole], self.plan[whole])
        return self.select((self.plan >= since[self.base]) & np.any(self.values >= 0, axis=1))

    def tidied(self, cells: Ints) -> "Divisions | None":
        """The parts of some cells, which are numbered through, with the names that they need; None without any."""
        at = np.searchsorted(cells, self.base)
        there = np.append(cells, -1)[at] == self.base
        chosen = self.select(there)
        mixes: list[tuple[str, tuple[str, ...]]] = []
        columns: list[Ints] = []
        for column, (name, names) in enumerate(self.mixes):
            index = chosen.values[:, column]
            known = np.unique(index[index >= 0])
            if len(known):
                held: list[int] = known.tolist()
                mixes.append((name, tuple(names[n] for n in held)))
                columns.append(np.where(index >= 0, np.searchsorted(known, index), -1))
        if not mixes:
            return None
        return msgspec.structs.replace(chosen, mixes=tuple(mixes), base=at[there], values=np.stack(columns, axis=1))

    def named(self, mixes: tuple[tuple[str, tuple[str, ...]], ...]) -> "Divisions":
        """The same with indices into other names, of which there may be more."""
        own = {name: (column, names) for column, (name, names) in enumerate(self.mixes)}
        columns: list[Ints] = []
        for name, names in mixes:
            index = np.full(len(self.base), -1, np.int64)
            if name in own:
                column, known = own[name]
                place = {value: n for n, value in enumerate(names)}
                index = np.array([*(place[value] for value in known), -1], np.int64)[self.values[:, column]]
            columns.append(index)
        values = np.stack(columns, axis=1) if columns else np.zeros((len(self.base), 0), np.int64)
        return msgspec.structs.replace(self, mixes=mixes, values=values)


def added(before: Divisions, parts: Divisions, cells: Ints) -> Divisions:
    """The versions that a plan adds to those of a lock: of the base cells whose division it changed.

    Args:
        before: the parts of the latest versions (`Divisions.current`).
        parts: those of the plan, with the same mixes.
        cells: cells that have samples.
    """
    size = 1 + max(int(column.max(initial=-1)) for column in (before.base, parts.base, cells))
    then, now = (np.bincount(side.base, minlength=size) for side in (before, parts))
    first, start = np.cumsum(then) - then, np.cumsum(now) - now
    place = np.arange(len(parts.base)) - start[parts.base]
    # Part by part of a cell: whether it is the same as before. `changed` is by cell.
    both = np.flatnonzero(place < then[parts.base])
    old = first[parts.base[both]] + place[both]
    same = (parts.batch[both] == before.batch[old]) & (parts.size[both] == before.size[old])
    same &= np.all(parts.values[both] == before.values[old], axis=1)
    changed = now < then
    changed[parts.base[both[~same]]] = True
    # A batch to which something is added is changed, too.
    more = np.flatnonzero((place == then[parts.base]) & (place > 0))
    changed[parts.base[more[parts.batch[more] == parts.batch[more - 1]]]] = True
    found = parts.select(changed[parts.base] | (place >= then[parts.base]))
    gone = np.intersect1d(np.flatnonzero((then > 0) & (now == 0)), cells)
    none = np.zeros(len(gone), np.int64)
    base = np.concatenate((found.base, gone))
    order = np.argsort(base, kind="stable")
    return msgspec.structs.replace(
        found,
        base=base[order],
        plan=np.concatenate((found.plan, none))[order],
        batch=np.concatenate((found.batch, none))[order],
        size=np.concatenate((found.size, none + 1))[order],
        values=np.concatenate((found.values, np.full((len(gone), parts.values.shape[1]), -1)))[order],
    )


def together(first: Divisions, second: Divisions) -> Divisions:
    """The versions of two, which have the same mixes."""
    base, plan = np.concatenate((first.base, second.base)), np.concatenate((first.plan, second.plan))
    order = np.lexsort((plan, base))  # stable, so batches and places of a version keep their order
    return Divisions(
        mixes=first.mixes,
        base=base[order],
        plan=plan[order],
        batch=np.concatenate((first.batch, second.batch))[order],
        size=np.concatenate((first.size, second.size))[order],
        values=np.concatenate((first.values, second.values))[order],
    )
