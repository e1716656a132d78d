"""Where rows belong: values of axes by the value of a column, and files by the axis values in their path."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import msgspec

from tapc.inputs.labels import Labels
from tapc.ir import Mix, Space, TaxonomyNode, Template
from tapc.templates import AxisViews, compile_template, views


class Axes:
    """The axes of a space that slots have.

    Attributes:
        values: names (dotted paths of leaves) by axis, in the order in which slots number them.
        labels: meaning of the values of a column, by axis.
    """

    def __init__(self, space: Space) -> None:
        self._views: AxisViews = views(space)
        self._taxonomy = space.taxonomy.name if space.taxonomy is not None else None
        self.values: dict[str, list[str]] = {}
        self.labels: dict[str, Labels] = {}
        if space.taxonomy is not None:
            leaves = list(_leaves(space.taxonomy.children, "", ()))
            self.values[space.taxonomy.name] = [path for path, _ in leaves]
            self.labels[space.taxonomy.name] = Labels(self.values[space.taxonomy.name], _tree_labels(leaves))
        for mix in sorted((m for m in space.mixes if not m.per_candidate), key=lambda m: m.name):
            self.values[mix.name] = [value.name for value in mix.values]
            self.labels[mix.name] = _mix_labels(mix)

    def paths(self, template: Template) -> tuple[tuple[str, ...], dict[str, list[tuple[str, ...]]]]:
        """The axes in a path, and every path with the combinations of their values that lead to it."""
        axes = tuple(sorted(axis for axis in self.values if axis in template.reads))
        renderer = compile_template(template)
        mixes = [axis for axis in self.values if axis != self._taxonomy]
        found: dict[str, list[tuple[str, ...]]] = {}
        for choice in product(*(range(len(self.values[axis])) for axis in axes)):
            at: Mapping[str, int] = dict(zip(axes, choice, strict=True))
            names = self._views.names(at.get(self._taxonomy or "", 0), [at.get(mix, 0) for mix in mixes])
            path = renderer.render(names, 0)
            found.setdefault(path, []).append(tuple(self.values[a][i] for a, i in at.items()))
        return axes, found


def _mix_labels(mix: Mix) -> Labels:
    """Labels of a mix: names, titles, tags; names of languages in English and in the language itself."""
    labels: dict[str, str] = {}
    tags: dict[str, str] = {}
    for value in mix.values:
        named = value.language
        for label in (value.title or value.name, value.name.replace("_", " "), named.tag if named else value.name):
            labels.setdefault(label, value.name)
        if named is not None:
            tags[named.tag] = value.name
    for value in mix.values:
        for label in (value.language.name, value.language.endonym) if value.language else ():
            labels.setdefault(label, value.name)
    labels |= {value.name: value.name for value in mix.values}
    return Labels((value.name for value in mix.values), labels, languages=tags)


class _Leaf(msgspec.Struct, frozen=True):
    name: str
    titles: tuple[str, ...]


def _leaves(nodes: Sequence[TaxonomyNode], prefix: str, above: tuple[str, ...]) -> Iterator[tuple[str, _Leaf]]:
    for node in nodes:
        titles = (*above, node.title or node.name.replace("_", " "))
        if node.children:
            yield from _leaves(node.children, f"{prefix}{node.name}.", titles)
        else:
            yield prefix + node.name, _Leaf(node.name, titles)


def _tree_labels(leaves: list[tuple[str, _Leaf]]) -> dict[str, str]:
    """Labels of leaves; a label of several leaves means none of them."""
    owners: dict[str, set[str]] = {}
    for path, leaf in leaves:
        for label in (" > ".join(leaf.titles), leaf.titles[-1], leaf.name):
            owners.setdefault(label, set()).add(path)
    labels = {label: next(iter(paths)) for label, paths in owners.items() if len(paths) == 1}
    return labels | {path: path for path, _ in leaves}
