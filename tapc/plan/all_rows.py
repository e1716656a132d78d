"""`samples all`: one slot per matching row, in the cell to which the row belongs.

Axes whose values are in the rows (or in the names of their files) follow the rows: each of their values gets as many
slots as it has rows, and its shares in the spec have no effect. All other axes divide those slots by their shares. If
one axis follows, the allocator gets its numbers as counts, so that all its bounds hold over the whole set. If several
do, each combination of their values is allocated separately, and the bounds hold within each.
"""

import hashlib
from collections.abc import Iterable, Mapping
from fractions import Fraction

import numpy as np

from tapc.ir import IdentityNames, Mix, Share, Space, Taxonomy, TaxonomyNode
from tapc.plan.assignment import Rows
from tapc.quota import (
    Allocation,
    Basis,
    Deviation,
    Lock,
    QuotaProblem,
    count_by_identity,
    count_cells,
    digest_of,
    find_basis,
    make_bands,
    path_below,
    with_base,
)

_ZERO = Share(kind="count", value=Fraction(0))


def allocate_all(space: Space, rows: Rows, lock: Lock | None) -> Allocation | list[QuotaProblem]:
    """Count the samples of every cell so that every matching row has a slot."""
    sizes = _sizes(space, rows)
    if isinstance(sizes, QuotaProblem):
        return [sizes]

    def count(named: Space, names: IdentityNames) -> Allocation | list[QuotaProblem]:
        order = sorted(range(len(rows.axes)), key=lambda n: names.axis(rows.axes[n]))
        axes = tuple(names.axis(rows.axes[n]) for n in order)
        of = {tuple(names.point(rows.axes[n], name[n])[1] for n in order): size for name, size in sizes.items()}
        return _allocate(named, axes, of, lock)

    return count_by_identity(space, count)


def _allocate(
    space: Space, axes: tuple[str, ...], sizes: Mapping[tuple[str, ...], int], lock: Lock | None
) -> Allocation | list[QuotaProblem]:
    """Count the samples of cells.

    Args:
        space: the space; its names are those of the lock.
        axes: axes that follow the rows.
        sizes: number of rows by values of these axes.
        lock: counts of earlier plans.
    """
    total = sum(sizes.values())
    if not axes:
        return count_cells(space, total, lock)
    if len(axes) == 1:
        return count_cells(_follow(space, axes[0], {name[0]: n for name, n in sizes.items()}), total, lock)
    # A combination must have base cells of its own, so the axes cannot be late.
    basis, lock = find_basis(space, tuple((".".join(name), n) for name, n in sizes.items()), lock, axes)
    parts: list[Allocation] = []
    for name, size in sorted(sizes.items()):
        held, kept = space, lock
        for axis, value in zip(axes, name, strict=True):
            held = _follow(held, axis, {value: size})
            kept = None if kept is None else kept.only(axis, value)
        part = count_cells(held, size, kept, basis)
        if isinstance(part, list):
            return part
        parts.append(part)
    return _joined(parts, lock, basis)


def _sizes(space: Space, rows: Rows) -> dict[tuple[str, ...], int] | QuotaProblem:
    """Number of rows by combination of values; a combination that the space excludes has none."""
    paths = (f"step.{rows.step}.file", f"step.{rows.step}.hub", f"step.{rows.step}.samples", "samples")
    used = [pool for pool in rows.pool_of.values() if len(rows.pools[pool])]
    if len(used) != len(set(used)):
        message = f"`samples all` cannot tell to which {', '.join(rows.axes)} the rows of `{rows.step}` belong"
        return QuotaProblem(
            "rows", message, paths, ("several of them read the same file; add `match`, or write a number of samples",)
        )
    sizes = {name: len(rows.pools[pool]) for name, pool in rows.pool_of.items() if len(rows.pools[pool])}
    gone = {(e.mix, value) for e in space.exclusions if e.condition is None for value in e.values}
    sizes = {
        name: n
        for name, n in sizes.items()
        if not any((axis, value) in gone for axis, value in zip(rows.axes, name, strict=True))
    }
    if not sizes:
        return QuotaProblem("rows", f"no row of `{rows.step}` belongs to any cell", paths, rows.notes)
    return sizes


def _follow(space: Space, axis: str, counts: Mapping[str, int]) -> Space:
    """The space with counts instead of shares for an axis."""
    if space.taxonomy is not None and space.taxonomy.name == axis:
        return space.model_copy(update={"taxonomy": _counted_tree(space.taxonomy, counts)})
    return space.model_copy(
        update={
            "mixes": tuple(_counted_mix(mix, counts) if mix.name == axis else mix for mix in space.mixes),
            "rules": tuple(rule for rule in space.rules if rule.mix != axis),
            "exclusions": tuple(e for e in space.exclusions if e.mix != axis),
        }
    )


def _counted_mix(mix: Mix, counts: Mapping[str, int]) -> Mix:
    values = tuple(value.model_copy(update={"share": _count(counts.get(value.name, 0))}) for value in mix.values)
    return mix.model_copy(update={"values": values})


def _counted_tree(taxonomy: Taxonomy, counts: Mapping[str, int]) -> Taxonomy:
    return taxonomy.model_copy(update={"children": _counted(taxonomy.children, (), counts)[0]})


def _counted(
    nodes: Iterable[TaxonomyNode], above: tuple[str, ...], counts: Mapping[str, int]
) -> tuple[tuple[TaxonomyNode, ...], int]:
    """Nodes with counts instead of shares, and the sum of these."""
    found: list[TaxonomyNode] = []
    total = 0
    for node in nodes:
        path = path_below(above, node)
        children, size = _counted(node.children, path, counts) if node.children else ((), counts.get(".".join(path), 0))
        found.append(node.model_copy(update={"children": children, "share": _count(size)}))
        total += size
    return tuple(found), total


def _count(size: int) -> Share:
    return Share(kind="count", value=Fraction(size)) if size else _ZERO


def _joined(parts: list[Allocation], lock: Lock | None, basis: Basis) -> Allocation:
    """Allocations of disjoint sets of cells as one."""
    bases = [part.late.base for part in parts if part.late is not None]
    if not bases:
        return _put_together(parts, lock, basis)
    return with_base(_put_together(parts, None, basis), _put_together(bases, lock, basis), lock)


def _put_together(parts: list[Allocation], lock: Lock | None, basis: Basis) -> Allocation:
    leaf = np.concatenate([part.leaf for part in parts])
    values = np.concatenate([part.values for part in parts])
    order = np.lexsort((*reversed(values.T), leaf))
    words = (
        np.concatenate([part.words[0] for part in parts])[order],
        np.concatenate([part.words[1] for part in parts])[order],
    )
    count = np.concatenate([part.count for part in parts])[order]
    first = parts[0]
    bands = make_bands(lock, first.tree.axis, tuple(name for name, _ in first.mixes), words[0], count)
    state = hashlib.blake2b(b"tapc.joined/1", digest_size=16)
    for part in parts:
        state.update(part.digest.encode())
    if len(bands) > 1:  # those of the parts say nothing about the order of slots of two parts
        state.update(digest_of(words, count, bands).encode())
    return Allocation(
        samples=sum(part.samples for part in parts),
        tree=first.tree,
        node_counts=np.stack([part.node_counts for part in parts]).sum(axis=0),
        mixes=first.mixes,
        leaf=leaf[order],
        values=values[order],
        count=count,
        words=words,
        reached=Deviation(
            node=max(part.reached.node for part in parts),
            axis=max(part.reached.axis for part in parts),
            axis_in_node=max(part.reached.axis_in_node for part in parts),
            pair=max(part.reached.pair for part in parts),
        ),
        bands=bands,
        before=lock,
        basis=basis,
        digest=state.hexdigest(),
    )
