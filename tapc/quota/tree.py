"""The taxonomy as arrays."""

from collections.abc import Sequence

import msgspec
import numpy as np

from tapc.ir import Share, Taxonomy, TaxonomyNode
from tapc.quota.arrays import Ints, content_words


class MovedNode(TaxonomyNode):
    """A node that was moved to another parent.

    Attributes:
        path: the names under which it is counted, which do not follow from those of its parent.
    """

    path: tuple[str, ...]


def path_below(above: tuple[str, ...], node: TaxonomyNode) -> tuple[str, ...]:
    """The names under which a node below one with a path is counted."""
    return node.path if isinstance(node, MovedNode) else (*above, node.name)


class Tree(msgspec.Struct, frozen=True):
    """Nodes in depth-first order, children in the order of the IR; node 0 is the whole set.

    Attributes:
        axis: name of the taxonomy; empty if there is none (then the root is the only leaf).
        parts: path of every node, as names below the root, under which it is counted.
        shares: share of every node (that of the root is a placeholder).
        parent, depth: of every node; -1 for the parent of the root.
        first, last: range of leaves of every node, `first <= leaf < last`.
        children: children of every node.
        leaves: node of every leaf.
        by_path: nodes by dotted path.
        words: 63-bit content hash of every node, which breaks ties.
    """

    axis: str
    parts: tuple[tuple[str, ...], ...]
    shares: tuple[Share, ...]
    parent: Ints
    depth: Ints
    first: Ints
    last: Ints
    children: tuple[tuple[int, ...], ...]
    leaves: Ints
    words: Ints
    by_path: dict[str, int]

    @property
    def levels(self) -> int:
        """The number of levels, including the root's."""
        return int(self.depth.max()) + 1

    def dotted(self, node: int) -> str:
        """The path of a node as users write it; empty for the root."""
        return ".".join(self.parts[node])

    def ir_path(self, node: int) -> str:
        """The IR path of a node."""
        return ".".join(("taxonomy", self.axis, *self.parts[node])) if self.axis else "samples"

    def title(self, node: int) -> str:
        """The name of a node in messages, preceded by the axis."""
        return ".".join((self.axis, *self.parts[node])) if self.axis else "the dataset"

    def ancestors(self) -> "Ints":
        """The node at each depth above (or at) each leaf, -1 below it; shape (levels, leaves)."""
        table = np.full((self.levels, len(self.leaves)), -1, np.int64)
        node = self.leaves.copy()
        columns = np.arange(len(self.leaves))
        while len(columns):
            table[self.depth[node], columns] = node
            node = self.parent[node]
            keep = node >= 0
            node, columns = node[keep], columns[keep]
        return table


def build_tree(taxonomy: Taxonomy | None) -> Tree:
    """Flatten a taxonomy, without recursion, so that its depth is not limited by the call stack."""
    parts: list[tuple[str, ...]] = []
    depth: list[int] = []
    shares: list[Share] = []
    parent: list[int] = []
    children: list[list[int]] = []
    leaves: list[int] = []
    stack: list[tuple[tuple[str, ...], Share, int, Sequence[TaxonomyNode]]]
    stack = [((), Share(), -1, taxonomy.children if taxonomy else ())]
    while stack:
        path, share, above, below = stack.pop()
        node = len(parts)
        parts.append(path)
        depth.append(0 if above < 0 else depth[above] + 1)
        shares.append(share)
        parent.append(above)
        children.append([])
        if above >= 0:
            children[above].append(node)
        if not below:
            leaves.append(node)
        for child in reversed(below):
            stack.append((path_below(path, child), child.share, node, child.children))
    axis = taxonomy.name if taxonomy else ""
    size = [0] * len(parts)
    for leaf in leaves:
        size[leaf] = 1
    for node in range(len(parts) - 1, 0, -1):
        size[parent[node]] += size[node]
    marks = np.zeros(len(parts) + 1, np.int64)
    marks[np.array(leaves, np.int64) + 1] = 1
    first = np.cumsum(marks)[:-1]
    words = [content_words((axis, *path))[0] >> 1 for path in parts]
    return Tree(
        axis=axis,
        parts=tuple(parts),
        shares=tuple(shares),
        parent=np.array(parent, np.int64),
        depth=np.array(depth, np.int64),
        first=first,
        last=first + np.array(size, np.int64),
        children=tuple(tuple(c) for c in children),
        leaves=np.array(leaves, np.int64),
        words=np.array(words, np.int64),
        by_path={".".join(path): node for node, path in enumerate(parts)},
    )
