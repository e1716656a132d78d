"""Samples that an axis which was added, removed or renamed makes other samples."""

from collections import Counter

from tapc.quota import Allocation


def count_anew(before: Allocation, after: Allocation) -> int:
    """The number of samples that both plans have by the axes they share, but which other axes make other samples."""
    axes = [{side.tree.axis, *(name for name, _ in side.mixes)} - {""} for side in (before, after)]
    if axes[0] == axes[1]:
        return 0
    shared = axes[0] & axes[1]
    old, new = (_by_names(side, shared) for side in (before, after))
    return sum(min(count, new[names]) for names, count in old.items() if names in new)


def _by_names(side: Allocation, axes: set[str]) -> Counter[tuple[str, ...]]:
    """Samples by their names on some axes."""
    columns = [n for n, (name, _) in enumerate(side.mixes) if name in axes]
    columns.sort(key=lambda n: side.mixes[n][0])
    found: Counter[tuple[str, ...]] = Counter()
    for leaf, values, count in zip(side.leaf.tolist(), side.values.tolist(), side.count.tolist(), strict=True):
        path = side.tree.parts[int(side.tree.leaves[leaf])] if side.tree.axis in axes else ()
        found[*path, "", *(side.mixes[n][1][values[n]] for n in columns)] += count
    return found
