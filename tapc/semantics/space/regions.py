"""Regions of the sample space: for every axis a set of values, as bits of a number (taxonomy: bits of leaves)."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tapc.ir import Mix, Taxonomy, TaxonomyNode

MAX_STEPS = 20_000
"""Bound on the search for places where rules leave a mix empty; the planner checks every cell in any case."""


class Region(msgspec.Struct, frozen=True):
    """A box; axes that are not named are not restricted."""

    sets: Mapping[str, int]

    def __and__(self, other: "Region") -> "Region":
        sets = dict(self.sets)
        for axis, values in other.sets.items():
            sets[axis] = sets[axis] & values if axis in sets else values
        return Region(sets)

    @property
    def empty(self) -> bool:
        """Whether no sample can lie in it."""
        return any(not values for values in self.sets.values())

    def inside(self, other: "Region") -> bool:
        """Whether it lies in another; equal regions lie in each other."""
        return all(axis in self.sets and not self.sets[axis] & ~values for axis, values in other.sets.items())


EVERYWHERE = Region({})


class Axes:
    """Axes by name: their values, and what bits stand for.

    Attributes:
        full: all bits of each axis.
        leaves: dotted paths of the taxonomy's leaves, in canonical order.
    """

    def __init__(self, taxonomy: Taxonomy | None, mixes: Sequence[Mix]) -> None:
        self.mixes = {mix.name: mix for mix in mixes}
        self.full: dict[str, int] = {mix.name: (1 << len(mix.values)) - 1 for mix in mixes}
        self.tree = taxonomy
        self.leaves: list[str] = []
        self._bits = {mix.name: {value.name: 1 << i for i, value in enumerate(mix.values)} for mix in mixes}
        self._nodes: dict[tuple[str, ...], int] = {}
        if taxonomy is not None:
            for child in taxonomy.children:
                self._walk(child, ())
            self.full[taxonomy.name] = (1 << len(self.leaves)) - 1

    def _walk(self, node: TaxonomyNode, above: tuple[str, ...]) -> None:
        path = (*above, node.name)
        start = len(self.leaves)
        if not node.children:
            self.leaves.append(".".join(path))
        for child in node.children:
            self._walk(child, path)
        self._nodes[path] = start

    def is_tree(self, axis: str) -> bool:
        """Whether an axis is the taxonomy."""
        return self.tree is not None and self.tree.name == axis

    def names(self, axis: str) -> list[str]:
        """Names that conditions may use: values, or dotted paths of nodes."""
        if self.is_tree(axis):
            return [".".join(path) for path in self._nodes]
        return list(self._bits[axis])

    def bits(self, axis: str, path: tuple[str, ...]) -> int | None:
        """Bits of a value or subtree; None where there is none of that name."""
        if not self.is_tree(axis):
            return self._bits[axis].get(path[0]) if len(path) == 1 else None
        start = self._nodes.get(path)
        if start is None:
            return None
        return (1 << self._end(path, start)) - (1 << start)

    def _end(self, path: tuple[str, ...], start: int) -> int:
        node = self.node(path)
        return start + _leaf_count(node)

    def node(self, path: tuple[str, ...]) -> TaxonomyNode:
        """A node that is known to exist."""
        level = self.tree.children if self.tree is not None else ()
        node = next(child for child in level if child.name == path[0])
        for name in path[1:]:
            node = next(child for child in node.children if child.name == name)
        return node

    def sample(self, region: Region) -> str:
        """A sample that lies in a region, in words."""
        found: list[str] = []
        for axis in sorted(region.sets, key=lambda name: (not self.is_tree(name), name)):
            lowest = (region.sets[axis] & -region.sets[axis]).bit_length() - 1
            value = self.leaves[lowest] if self.is_tree(axis) else self.mixes[axis].values[lowest].name
            found.append(f"{axis} = {value}")
        return ", ".join(found)


def _leaf_count(node: TaxonomyNode) -> int:
    return sum(map(_leaf_count, node.children)) if node.children else 1


def covered(region: Region, boxes: Sequence[Region], full: Mapping[str, int], steps: list[int]) -> bool:
    """Whether a region lies in the union of boxes; gives up (True) once the steps are used up.

    What sticks out of the first box is cut into disjoint boxes, one per axis, and each is checked against the rest.
    """
    steps[0] -= 1
    if region.empty or steps[0] < 0:
        return True
    for index, box in enumerate(boxes):
        if not (region & box).empty:
            rest = boxes[index + 1 :]
            return all(covered(piece, rest, full, steps) for piece in _outside(region, box, full))
    return False


def _outside(region: Region, box: Region, full: Mapping[str, int]) -> Iterator[Region]:
    inner = dict(region.sets)
    for axis, values in box.sets.items():
        mine = inner.get(axis, full[axis])
        if mine & ~values:
            yield Region({**inner, axis: mine & ~values})
        inner[axis] = mine & values
