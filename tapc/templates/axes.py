"""Views of a whole sample space, built once and shared by all slots."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tapc.ir import Described, Mix, MixValue, Space, Taxonomy, TaxonomyNode
from tapc.templates.axis_views import Examples, ExampleView, LanguageView, MixValueView, NodeView

_CELLS = 8192
"""Most cells whose views are cached."""


class Inherited(msgspec.Struct, frozen=True):
    """Attributes that a node passes down: all but its title."""

    definition: str | None = None
    notes: dict[str, str] = {}
    examples: Examples = Examples()

    def under(self, node: Described) -> "Inherited":
        """The attributes at a node: its own, otherwise inherited ones (notes key by key)."""
        if node.definition is None and not node.notes and not node.examples:
            return self
        return Inherited(
            self.definition if node.definition is None else node.definition,
            {**self.notes, **dict(node.notes)} if node.notes else self.notes,
            Examples(map(ExampleView, node.examples)) if node.examples else self.examples,
        )


class FlatTaxonomy:
    """The tree as lists in canonical order (depth-first, children in the order of the IR).

    Attributes:
        nodes: all nodes.
        parents: index of the parent of each node, -1 for the first level.
        leaves: indexes of the leaves.
    """

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.nodes: list[TaxonomyNode] = []
        self.parents: list[int] = []
        self.leaves: list[int] = []
        self._root = taxonomy
        self._views: dict[int, tuple[NodeView, Inherited]] = {}
        self._top = Inherited().under(taxonomy)
        pending = [(node, -1) for node in reversed(taxonomy.children)]
        while pending:
            node, parent = pending.pop()
            index = len(self.nodes)
            self.nodes.append(node)
            self.parents.append(parent)
            if node.children:
                pending.extend((child, index) for child in reversed(node.children))
            else:
                self.leaves.append(index)

    def path(self, index: int) -> str:
        """Dotted path of a node."""
        names: list[str] = []
        while index >= 0:
            names.append(self.nodes[index].name)
            index = self.parents[index]
        return ".".join(reversed(names))

    def view(self, index: int) -> NodeView:
        """View of a node; built on first use."""
        return self._seen(index)[0]

    def _seen(self, index: int) -> tuple[NodeView, Inherited]:
        found = self._views.get(index)
        if found is None:
            node, parent = self.nodes[index], self.parents[index]
            above, inherited = (None, self._top) if parent < 0 else self._seen(parent)
            inherited = inherited.under(node)
            view = NodeView(node.name, node.title)
            view.describe(inherited.definition, inherited.notes, inherited.examples)
            view.place(above)
            found = self._views[index] = (view, inherited)
        return found


def value_view(mix: Mix, value: MixValue) -> MixValueView:
    """View of one value of a mix."""
    inherited = Inherited().under(mix).under(value)
    if value.language is None:
        view = MixValueView(value.name, value.title)
    else:
        view = LanguageView(value.language, value.title)
    view.describe(inherited.definition, inherited.notes, inherited.examples)
    return view


class AxisViews:
    """Views by index, as slots refer to them.

    Attributes:
        mixes: names of the mixes that cells have, in canonical order (without those drawn `per candidate`).
    """

    def __init__(self, space: Space) -> None:
        slot_mixes = sorted((mix for mix in space.mixes if not mix.per_candidate), key=lambda mix: mix.name)
        self.mixes = tuple(mix.name for mix in slot_mixes)
        self._values = [[(value.name, value_view(mix, value)) for value in mix.values] for mix in slot_mixes]
        self._drawn = {
            mix.name: {value.name: value_view(mix, value) for value in mix.values}
            for mix in space.mixes
            if mix.per_candidate
        }
        self._taxonomy = FlatTaxonomy(space.taxonomy) if space.taxonomy is not None else None
        self._axis = space.taxonomy.name if space.taxonomy is not None else ""
        self._leaves: dict[int, tuple[str, NodeView]] = {}
        self._cells: dict[tuple[int, tuple[int, ...]], tuple[dict[str, Any], dict[str, str]]] = {}

    def cell(self, leaf: int, values: tuple[int, ...]) -> tuple[dict[str, Any], dict[str, str]]:
        """`names` and `axes` of a cell; its slots share both, so copy them before a change."""
        found = self._cells.get((leaf, values))
        if found is None:
            if len(self._cells) >= _CELLS:
                self._cells.clear()
            found = self._cells[leaf, values] = self.names(leaf, values), self.axes(leaf, values)
        return found

    def names(self, leaf: int, values: Sequence[int]) -> dict[str, Any]:
        """Names that templates see, by axis; a new dict over shared views."""
        found: dict[str, Any] = {}
        if self._taxonomy is not None:
            found[self._axis] = self._leaf(self._taxonomy, leaf)[1]
        for name, views, index in zip(self.mixes, self._values, values, strict=True):
            found[name] = views[index][1]
        return found

    def axes(self, leaf: int, values: Sequence[int]) -> dict[str, str]:
        """Dotted path of the leaf and names of the values, by axis; a new dict."""
        found: dict[str, str] = {}
        if self._taxonomy is not None:
            found[self._axis] = self._leaf(self._taxonomy, leaf)[0]
        for name, views, index in zip(self.mixes, self._values, values, strict=True):
            found[name] = views[index][0]
        return found

    def drawn(self, mix: str, value: str) -> MixValueView:
        """View of a value of a `per candidate` mix.

        Raises:
            KeyError: there is no such mix or value.
        """
        return self._drawn[mix][value]

    def _leaf(self, taxonomy: FlatTaxonomy, leaf: int) -> tuple[str, NodeView]:
        found = self._leaves.get(leaf)
        if found is None:
            index = taxonomy.leaves[leaf]
            found = self._leaves[leaf] = (taxonomy.path(index), taxonomy.view(index))
        return found


def views(space: Space) -> AxisViews:
    """Views of a sample space."""
    return AxisViews(space)
