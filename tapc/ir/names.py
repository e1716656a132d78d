"""Identity names: the names under which axes, nodes and values are counted and drawn.

Counts, draws, splits and names of rows follow from names. So that a rename changes none of them, `moved old = new`
says what a thing was called before, and everything that is hashed uses the name it had first. `Renames` follows names
back: the line for the longest beginning of a path applies, then the next one, until none does. With

    moved topic.phys = topic.physics
    moved topic = subject

`subject.physics.optics` is `topic.phys.optics`: the second line makes it `topic.physics.optics`, to which the first one
applies. Lowering ensures that every line is of use, that they do not form a cycle, and that no two things have the
same identity.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from tapc.ir.space import Moved, Space, TaxonomyNode

NamePath = tuple[str, ...]
"""The name of an axis, then names of nodes below it, or of a value."""


class Renames:
    """Follows names back through `moved` lines.

    Args:
        moved: the lines.
    """

    def __init__(self, moved: Iterable[Moved]) -> None:
        self._old = {line.new: line.old for line in moved}

    def identity(self, path: NamePath) -> NamePath:
        """The first name of what a path names now; see `trace`."""
        return self.trace(path)[0]

    def trace(self, path: NamePath) -> tuple[NamePath, list[NamePath]]:
        """The first name of what a path names now, and the new names of the lines that lead there, in order.

        Raises:
            RecursionError: the lines form a cycle.
        """
        applied: list[NamePath] = []
        while (line := self._longest(path)) is not None:
            if line in applied:
                raise RecursionError(".".join(line))
            applied.append(line)
            path = self._old[line] + path[len(line) :]
        return path, applied

    def _longest(self, path: NamePath) -> NamePath | None:
        for size in range(len(path), 0, -1):
            if path[:size] in self._old:
                return path[:size]
        return None


class IdentityNames:
    """Identities of everything in a space; false if nothing was renamed.

    Args:
        space: the space.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        self._renames = Renames(space.moved or ())
        self._any = bool(space.moved)

    def __bool__(self) -> bool:
        return self._any

    def axis(self, name: str) -> str:
        """The identity of an axis."""
        return self._renames.identity((name,))[0]

    def point(self, axis: str, value: str) -> tuple[str, str]:
        """The identities of an axis and of a value on it (a name, or the dotted path of a node)."""
        if not self._any:
            return axis, value
        return self.axis(axis), self._values[axis][value]

    @property
    def nodes(self) -> dict[NamePath, NamePath]:
        """Identity of every node of the taxonomy by its path, both without the axis."""
        return self._nodes

    @cached_property
    def _nodes(self) -> dict[NamePath, NamePath]:
        tree = self._space.taxonomy
        if tree is None:
            return {}
        return {path: self._renames.identity((tree.name, *path))[1:] for path in node_paths(tree.children)}

    @cached_property
    def _values(self) -> dict[str, dict[str, str]]:
        """Identities of values by axis and name, of nodes as dotted paths."""
        found = {
            mix.name: {value.name: self._renames.identity((mix.name, value.name))[1] for value in mix.values}
            for mix in self._space.mixes
        }
        if self._space.taxonomy is not None:
            found[self._space.taxonomy.name] = {".".join(now): ".".join(own) for now, own in self.nodes.items()}
        return found


def node_paths(nodes: Iterable[TaxonomyNode], above: NamePath = ()) -> Iterator[NamePath]:
    """Paths of nodes and all that is below them, each after its parent."""
    for node in nodes:
        path = (*above, node.name)
        yield path
        yield from node_paths(node.children, path)
