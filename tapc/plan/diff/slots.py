"""Slots of two allocations compared by identity: cell and ordinal."""

from collections.abc import Iterable

import numpy as np

from tapc.plan.diff.document import AxisValue, Slots
from tapc.quota import Allocation

_Counts = list[int]
"""Before, after, kept."""


def compare_slots(before: Allocation, after: Allocation) -> tuple[Slots, dict[str, list[AxisValue]]]:
    """Slots kept, added and dropped, in all and by value of every axis of either side."""
    old, new = _halves(before), _halves(after)
    _, first, second = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    kept = np.zeros(len(after), np.int64)
    kept[second] = np.minimum(before.count[first], after.count[second])
    whole = _slots([before.samples, after.samples, int(kept.sum())])
    axes = {name: _rows(rows) for name, rows in _by_axis(before, after, kept.tolist()).items()}
    return whole, axes


def _halves(side: Allocation) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    """The content hashes of all cells, as values that can be sorted."""
    both = np.stack(side.words, axis=1).astype(">u8")
    return np.ascontiguousarray(both).view(np.dtype((np.void, 16))).reshape(-1)


def _by_axis(before: Allocation, after: Allocation, kept: list[int]) -> dict[str, dict[str, _Counts]]:
    found: dict[str, dict[str, _Counts]] = {}
    for position, side in enumerate((before, after)):
        for axis, counts in side.counts().items():
            for name, n in counts.items():
                found.setdefault(axis, {}).setdefault(name, [0, 0, 0])[position] = n
    names = [_paths(after, leaf) for leaf in range(len(after.tree.leaves))]
    leaves = np.zeros(len(names), np.int64)
    held = np.array(kept, np.int64)
    np.add.at(leaves, after.leaf, held)
    for paths, n in zip(names, leaves.tolist(), strict=True):
        for path in paths if n else ():
            found[after.tree.axis][path][2] += n
    for column, (axis, values) in enumerate(after.mixes):
        sums = np.zeros(len(values), np.int64)
        np.add.at(sums, after.values[:, column], held)
        for value, n in zip(values, sums.tolist(), strict=True):
            found[axis][value][2] += n
    return found


def _paths(side: Allocation, leaf: int) -> Iterable[str]:
    """Dotted paths of a leaf and of all nodes above it, the root apart."""
    if not side.tree.axis:
        return ()
    parts = side.tree.parts[int(side.tree.leaves[leaf])]
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _slots(counts: _Counts) -> Slots:
    before, after, kept = counts
    return Slots(before=before, after=after, kept=kept, added=after - kept, dropped=before - kept)


def _rows(rows: dict[str, _Counts]) -> list[AxisValue]:
    return [AxisValue(name=name, **_slots(totals).model_dump()) for name, totals in rows.items()]
