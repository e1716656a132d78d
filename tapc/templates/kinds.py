"""The attributes of a sample space that templates may read, and where they are missing."""

from collections.abc import Sequence

from tapc.ir import Mix, Space, Taxonomy
from tapc.templates.axes import FlatTaxonomy, value_view
from tapc.templates.axis_views import MixValueView, NodeView
from tapc.templates.scope import Attribute, Kind, list_kind, text_kind

_Named = Sequence[tuple[str, NodeView | MixValueView]]


def space_kinds(space: Space) -> dict[str, Kind]:
    """Kinds of all axes by name, for a `TemplateScope`."""
    found = {mix.name: mix_kind(mix) for mix in space.mixes}
    if space.taxonomy is not None:
        found[space.taxonomy.name] = taxonomy_kind(space.taxonomy)
    return found


def taxonomy_kind(taxonomy: Taxonomy) -> Kind:
    """Kind of the axis of the taxonomy: attributes of its leaves."""
    flat = FlatTaxonomy(taxonomy)
    named = [(flat.path(index), index) for index in flat.leaves]
    return _node_kind(flat, f"the axis `{taxonomy.name}`", named)


def _node_kind(flat: FlatTaxonomy, what: str, named: list[tuple[str, int]]) -> Kind:
    """Kind of some nodes, each under the name of the leaf from which it is reached."""
    nodes = [(name, flat.view(index)) for name, index in named]
    attributes = _described(what, nodes)
    attributes["path"] = Attribute(text_kind())
    above = [(name, flat.parents[index]) for name, index in named if flat.parents[index] >= 0]
    if above:
        missing = tuple(name for name, index in named if flat.parents[index] < 0)
        attributes["parent"] = Attribute(_node_kind(flat, f"the parent of {what}", above), missing)
    return Kind(what, attributes, values=tuple(sorted({node.name for _, node in nodes})))


def mix_kind(mix: Mix) -> Kind:
    """Kind of a mix: attributes of its values."""
    what = f"the axis `{mix.name}`"
    named = [(value.name, value_view(mix, value)) for value in mix.values]
    attributes = _described(what, named)
    if any(value.language is not None for value in mix.values):
        attributes |= {name: Attribute(text_kind()) for name in ("tag", "endonym", "script", "direction")}
    return Kind(what, attributes, values=tuple(name for name, _ in named))


def _described(what: str, named: _Named) -> dict[str, Attribute]:
    return {
        "name": Attribute(text_kind()),
        "title": Attribute(text_kind()),
        "definition": Attribute(text_kind(), _lacking(named, "definition")),
        "note": Attribute(_notes(what, named)),
        "example": Attribute(_examples(named), _lacking(named, "example")),
    }


def _lacking(named: _Named, attribute: str) -> tuple[str, ...]:
    return tuple(name for name, view in named if not hasattr(view, attribute))


def _notes(what: str, named: _Named) -> Kind:
    keys = sorted({key for _, view in named for key in view.note})
    lacking = {key: tuple(name for name, view in named if key not in view.note) for key in keys}
    return Kind(f"the notes of {what}", {key: Attribute(text_kind(), lacking[key]) for key in keys})


def _examples(named: _Named) -> Kind:
    lists = {id(view.example): view.example for _, view in named if hasattr(view, "example")}
    fields: dict[str, int] = {}
    total = 0
    for examples in lists.values():
        for example in examples:
            total += 1
            for name in example.as_json():
                fields[name] = fields.get(name, 0) + 1
    attributes = {
        name: Attribute(text_kind(), () if count == total else ("some examples",)) for name, count in fields.items()
    }
    return list_kind(Kind("an example", attributes), "the list of examples")
