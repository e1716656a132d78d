"""What one space has of another under other names, so that only what really differs is shown as a difference."""

from collections.abc import Mapping
from functools import cached_property

from tapc.ir import IdentityNames, NamePath, Space
from tapc.quota import under_names


class LaterNames:
    """The names that things of an earlier space have in a later one; those that it has not keep theirs.

    Args:
        before: the earlier space.
        after: the later one.

    Attributes:
        taxonomy: name of the earlier taxonomy; None if there is none.
    """

    def __init__(self, before: Space, after: Space) -> None:
        self._before = before
        self._after = after
        self._was, self._is = IdentityNames(before), IdentityNames(after)
        self.taxonomy = before.taxonomy.name if before.taxonomy is not None else None

    def __bool__(self) -> bool:
        """Whether anything has another name."""
        return self._before.moved != self._after.moved

    def axis(self, name: str) -> str:
        """The later name of an axis."""
        return self._axes.get(self._was.axis(name), name)

    def point(self, axis: str, value: str) -> tuple[str, str]:
        """The later names of an axis and of a value on it."""
        return self.axis(axis), self._values.get(self._was.point(axis, value), value)

    @property
    def nodes(self) -> Mapping[NamePath, NamePath]:
        """The later path of every node."""
        return self._nodes

    @cached_property
    def _nodes(self) -> Mapping[NamePath, NamePath]:
        later = {own: path for path, own in self._is.nodes.items()}
        return {path: later.get(own, path) for path, own in self._was.nodes.items()}

    @cached_property
    def words(self) -> Mapping[str, str]:
        """Later names of axes, and of their values behind the name of their axis, where they differ."""
        found: dict[str, str] = {}
        for axis, values in self._before.names().items():
            for value in values:
                parent, _, last = value.rpartition(".")
                now = ".".join(self.point(axis, value))
                # the rest of a path follows from the name of what is above it
                if now != ".".join([*(self.point(axis, parent) if parent else [self.axis(axis)]), last]):
                    found[f"{axis}.{value}"] = now
            if self.axis(axis) != axis:
                found[axis] = self.axis(axis)
        return found

    @cached_property
    def _axes(self) -> dict[str, str]:
        return {self._is.axis(name): name for name in self._after.names()}

    @cached_property
    def _values(self) -> dict[tuple[str, str], str]:
        return {self._is.point(axis, value): value for axis, values in self._after.names().items() for value in values}

    def earlier_space(self) -> Space:
        """The earlier space under the later names; nodes stay below the parents that they had."""
        if not self:
            return self._before
        return under_names(self._before, _InPlace(self)).model_copy(update={"moved": self._before.moved})

    def in_place(self) -> dict[NamePath, NamePath]:
        """The path of every node if none had moved to another parent."""
        found: dict[NamePath, NamePath] = {(): ()}
        for path, later in self.nodes.items():
            above = found[path[:-1]]
            found[path] = later if later[:-1] == above else (*above, path[-1])
        return found


class _InPlace:
    """Later names on the earlier tree."""

    def __init__(self, names: LaterNames) -> None:
        self._names = names
        self.nodes: Mapping[NamePath, NamePath] = names.in_place()
        self._dotted = {".".join(path): ".".join(own) for path, own in self.nodes.items()}

    def axis(self, name: str) -> str:
        return self._names.axis(name)

    def point(self, axis: str, value: str) -> tuple[str, str]:
        if axis == self._names.taxonomy:
            return self.axis(axis), self._dotted[value]
        return self._names.point(axis, value)
