"""Counting by identity: a rename changes no count.

Ties are broken by order and by hash of names. So a space in which something was renamed is counted under its identity
names (`under_names`), exactly as it was counted before the rename, and the result is shown under the present names
(`presented`). Only these two functions know of renames; the rest of the allocator takes names as they are.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol

import msgspec
import numpy as np

from tapc.ir import Condition, Exclusion, IdentityNames, Mix, MixRule, NamePath, Space, TaxonomyNode
from tapc.ir import Test as Membership
from tapc.quota.arrays import Ints
from tapc.quota.bands import Band
from tapc.quota.problem import QuotaProblem
from tapc.quota.tree import MovedNode, build_tree

if TYPE_CHECKING:
    from tapc.quota.allocation import Allocation, Late

Counter = Callable[[Space, IdentityNames], "Allocation | list[QuotaProblem]"]
"""Counts the cells of a space under its names, to which the identities lead of what has other names elsewhere."""


def count_by_identity(space: Space, count: Counter) -> "Allocation | list[QuotaProblem]":
    """Count the cells of a space by identity; contradictions are worded with present names."""
    names = IdentityNames(space)
    if not names:
        return count(space, names)
    found = count(under_names(space, names), names)
    if isinstance(found, list):
        plain = space.model_copy(update={"moved": None})
        worded = count(plain, IdentityNames(plain))
        return worded if isinstance(worded, list) else found
    return presented(found, space, names)


class OtherNames(Protocol):
    """Other names for what is in a space; see `IdentityNames`, which are some."""

    @property
    def nodes(self) -> Mapping[NamePath, NamePath]:
        """The other path of every node, both without the axis."""
        ...

    def axis(self, name: str) -> str:
        """The other name of an axis."""
        ...

    def point(self, axis: str, value: str) -> tuple[str, str]:
        """The other names of an axis and of a value on it (a name, or the dotted path of a node)."""
        ...


def under_names(space: Space, names: OtherNames) -> Space:
    """The space under other names, in the order of these, without what was renamed."""
    tree = space.taxonomy
    if tree is not None:
        update = {"name": names.axis(tree.name), "children": _named(tree.children, (), (), names.nodes)}
        tree = tree.model_copy(update=update)
    mixes = sorted((_mix(mix, names) for mix in space.mixes), key=lambda mix: mix.name)
    rules = sorted((_rule(rule, names) for rule in space.rules), key=lambda rule: (rule.mix, _tests(rule.condition)))
    exclusions = sorted(
        (_exclusion(one, names) for one in space.exclusions),
        key=lambda one: (one.mix, one.values, _tests(one.condition)),
    )
    return Space.trusted(taxonomy=tree, mixes=tuple(mixes), rules=tuple(rules), exclusions=tuple(exclusions))


def _named(
    nodes: Iterable[TaxonomyNode], path: NamePath, identity: NamePath, identities: Mapping[NamePath, NamePath]
) -> tuple[TaxonomyNode, ...]:
    """Nodes below one with a path and an identity."""
    found: list[TaxonomyNode] = []
    for node in nodes:
        below = (*path, node.name)
        own = identities[below]
        children = _named(node.children, below, own, identities) if node.children else ()
        update = {"name": own[-1], "children": children}
        if own[:-1] == identity:
            same = own[-1] == node.name and all(a is b for a, b in zip(children, node.children, strict=True))
            found.append(node if same else node.model_copy(update=update))  # copies of 50,000 nodes take a second
        else:
            found.append(MovedNode.trusted(**{**dict(node), **update, "path": own}))
    return tuple(sorted(found, key=lambda node: (node.name, getattr(node, "path", ()))))


def _mix(mix: Mix, names: OtherNames) -> Mix:
    values = (value.model_copy(update={"name": names.point(mix.name, value.name)[1]}) for value in mix.values)
    ordered = tuple(sorted(values, key=lambda value: value.name))
    return mix.model_copy(update={"name": names.axis(mix.name), "values": ordered})


def _rule(rule: MixRule, names: OtherNames) -> MixRule:
    shares = sorted(((names.point(rule.mix, value)[1], share) for value, share in rule.shares), key=lambda one: one[0])
    return MixRule.trusted(condition=_condition(rule.condition, names), mix=names.axis(rule.mix), shares=tuple(shares))


def _exclusion(exclusion: Exclusion, names: OtherNames) -> Exclusion:
    condition = None if exclusion.condition is None else _condition(exclusion.condition, names)
    return Exclusion.trusted(
        mix=names.axis(exclusion.mix), values=_points(exclusion.mix, exclusion.values, names), condition=condition
    )


def _condition(condition: Condition, names: OtherNames) -> Condition:
    tests = (
        Membership.trusted(axis=names.axis(test.axis), values=_points(test.axis, test.values, names))
        for test in condition.tests
    )
    return Condition.trusted(tests=tuple(sorted(tests, key=lambda test: test.axis)))


def _tests(condition: Condition | None) -> list[tuple[str, tuple[str, ...]]]:
    return [(test.axis, test.values) for test in condition.tests] if condition else []


def _points(axis: str, values: Iterable[str], names: OtherNames) -> tuple[str, ...]:
    return tuple(sorted(names.point(axis, value)[1] for value in values))


def presented(found: "Allocation", space: Space, names: IdentityNames) -> "Allocation":
    """Counts by identity under the present names of a space, and in the order of these."""
    tree = build_tree(space.taxonomy)
    nodes = np.array([0, *_places((names.nodes[path] for path in tree.parts[1:]), found.tree.parts)], np.int64)
    leaf_of = np.full(len(nodes), -1, np.int64)
    leaf_of[nodes[tree.leaves]] = np.arange(len(tree.leaves))
    leaf = leaf_of[found.tree.leaves[found.leaf]]
    mixes = tuple(sorted((m.name, tuple(v.name for v in m.values)) for m in space.mixes if not m.per_candidate))
    identities = [name for name, _ in found.mixes]
    columns: list[Ints] = []
    for name, values in mixes:
        column = identities.index(names.axis(name))
        places = _places(found.mixes[column][1], [names.point(name, value)[1] for value in values])
        columns.append(places[found.values[:, column]])
    order = np.lexsort((*reversed(columns), leaf))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return msgspec.structs.replace(
        found,
        tree=tree,
        node_counts=found.node_counts[nodes],
        mixes=mixes,
        leaf=leaf[order],
        values=np.stack([c[order] for c in columns], axis=1) if columns else found.values,
        count=found.count[order],
        words=(found.words[0][order], found.words[1][order]),
        bands=tuple(_band(band, place) for band in found.bands),
        late=None if found.late is None else _late(found.late, order, place, [name for name, _ in mixes], names),
        presents=found,
    )


def _late(late: "Late", order: Ints, place: Ints, mixes: Iterable[str], names: IdentityNames) -> "Late":
    """What samples are drawn as, which keeps its identity names and their order."""
    batches = msgspec.structs.replace(late.batches, cell=place[late.batches.cell])
    shown = tuple(sorted(name for name in mixes if names.axis(name) in late.mixes))
    return msgspec.structs.replace(late, mixes=shown, of=late.of[order], batches=batches)


def _band(band: Band, place: Ints) -> Band:
    order = np.argsort(place[band.cells])
    return Band(place[band.cells][order], band.sizes[order])


def _places(things: Iterable[object], known: Iterable[object]) -> Ints:
    """The position of each thing among known ones."""
    at = {thing: n for n, thing in enumerate(known)}
    return np.array([at[thing] for thing in things], np.int64)
