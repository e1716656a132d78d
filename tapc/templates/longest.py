"""The longest texts of each axis, for upper bounds of prompts.

A prompt made of these is at least as long as the prompt of any slot, unless a condition in the template writes more for
one value than for another; the estimate therefore also renders actual slots.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from tapc.ir import Language, Mix, Space, Taxonomy, TaxonomyNode
from tapc.templates.axes import Inherited, value_view
from tapc.templates.axis_views import Examples, LanguageView, MixValueView, NodeView


def longest_names(space: Space) -> dict[str, Any]:
    """Names that templates see of a slot whose axes all have their longest texts, mixes `per candidate` too."""
    found: dict[str, Any] = {}
    if space.taxonomy is not None:
        found[space.taxonomy.name] = _longest_leaf(space.taxonomy)
    for mix in space.mixes:
        found[mix.name] = longest_value(mix)
    return found


def longest_value(mix: Mix) -> MixValueView:
    """A value of a mix with the longest texts of all values."""
    views = [value_view(mix, value) for value in mix.values]
    title = _longest(str(view) for view in views)
    languages = [value.language for value in mix.values if value.language is not None]
    if languages:
        name = _longest(view.name for view in views)
        made: MixValueView = LanguageView(_language(languages, name), title)
    else:
        made = MixValueView(_longest(view.name for view in views), title)
    described = [view for view in views if hasattr(view, "definition")]
    made.describe(
        _longest(view.definition for view in described) if described else None,
        _notes([view.note for view in views]),
        _examples([view.example for view in views if hasattr(view, "example")]),
    )
    return made


def _language(languages: Sequence[Language], name: str) -> Language:
    return Language(
        tag=_longest(one.tag for one in languages),
        name=_longest([name, *(one.name for one in languages)]),
        endonym=_longest(one.endonym for one in languages),
        script=_longest(one.script for one in languages),
        direction=languages[0].direction,
    )


class _Texts:
    """The longest texts of some nodes, collected one by one."""

    def __init__(self) -> None:
        self.name = self.title = self.path = ""
        self.definition: str | None = None
        self.notes: dict[str, str] = {}
        self.examples = Examples()

    def add(self, node: TaxonomyNode, inherited: Inherited, path: str) -> None:
        """Take a node into account."""
        self.name = _longest((self.name, node.name))
        self.title = _longest((self.title, node.title or node.name.replace("_", " ")))
        self.path = _longest((self.path, path))
        if inherited.definition is not None:
            self.definition = _longest((self.definition or "", inherited.definition))
        self.notes = _notes([self.notes, inherited.notes])
        self.examples = _examples([self.examples, inherited.examples])

    def view(self, parent: NodeView | None) -> NodeView:
        """A node with all of these texts."""
        made = NodeView(self.name, self.title)
        made.describe(self.definition, self.notes, self.examples)
        made.path = self.path
        if parent is not None:
            made.parent = parent
        return made


def _longest_leaf(taxonomy: Taxonomy) -> NodeView:
    leaves, inner, deepest = _Texts(), _Texts(), 1
    pending = [(node, Inherited().under(taxonomy), "", 1) for node in taxonomy.children]
    while pending:
        node, above, path, depth = pending.pop()
        inherited = above.under(node)
        title = node.title or node.name.replace("_", " ")
        path = f"{path} > {title}" if path else title
        deepest = max(deepest, depth)
        (inner if node.children else leaves).add(node, inherited, path)
        pending.extend((child, inherited, path, depth + 1) for child in node.children)
    parent: NodeView | None = None
    for _ in range(deepest - 1):
        parent = inner.view(parent)
    return leaves.view(parent)


def _longest(texts: Iterable[str]) -> str:
    return max(texts, key=_size, default="")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _notes(parts: Sequence[dict[str, str]]) -> dict[str, str]:
    names = {name for part in parts for name in part}
    return {name: _longest(part[name] for part in parts if name in part) for name in sorted(names)}


def _examples(sets: Sequence[Examples]) -> Examples:
    return max(sets, key=lambda one: _size(str(one)), default=Examples())
