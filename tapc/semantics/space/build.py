"""From checked drafts to the canonical IR."""

from tapc.ir import Language, Mix, MixValue, Taxonomy, TaxonomyNode
from tapc.semantics.report import Report
from tapc.semantics.space.context import Context, NodeDraft
from tapc.semantics.space.entries import AxisDraft
from tapc.semantics.space.languages import language_of

LANGUAGE_AXIS = "language"


def build_taxonomy(root: NodeDraft, report: Report) -> Taxonomy:
    """The tree, children sorted by name; origins are recorded for nodes that are in a spec."""
    axis = f"taxonomy.{root.name}"
    report.origin(axis, root.place)
    return Taxonomy.model_construct(
        name=root.name,
        title=root.title,
        definition=root.definition,
        notes=root.notes,
        examples=root.examples,
        children=_children(root, axis, report),
    )


def _children(draft: NodeDraft, path: str, report: Report) -> tuple[TaxonomyNode, ...]:
    found: list[TaxonomyNode] = []
    names = {child.name for child in draft.children}
    for place, child in _by_name(draft.children):
        below = f"{path}.{child.name}"
        report.origin(below, child.place)
        if "." in child.name:
            _unambiguous(child, names, report)
        # model_construct: every part was made and checked here, and a tree may have 50,000 leaves.
        node = TaxonomyNode.model_construct(
            name=child.name,
            title=child.title,
            definition=child.definition,
            notes=child.notes,
            examples=child.examples,
            share=child.share,
            children=_children(child, below, report) if child.children else (),
            place=place,
        )
        found.append(node)
    return tuple(found)


def _unambiguous(draft: NodeDraft, siblings: set[str], report: Report) -> None:
    """Report a name that reads like a path through a sibling."""
    parts = draft.name.split(".")
    other = next((".".join(parts[:n]) for n in range(1, len(parts)) if ".".join(parts[:n]) in siblings), None)
    if other is not None:
        message = f'the node `"{draft.name}"` reads like a path through its sibling `{other}`'
        report.add("TAP226", message, draft.place, notes=("give it another name; what is printed is the title",))


def build_mix(context: Context, axis: AxisDraft, position: int) -> Mix:
    """A mix, values sorted by name, and its position among mixes; tags of languages are checked here."""
    root = axis.root
    path = f"mix.{root.name}"
    context.report.origin(path, root.place)
    values: list[MixValue] = []
    for place, child in _by_name(root.children):
        context.report.origin(f"{path}.{child.name}", child.place)
        language: Language | None = None
        if root.name == LANGUAGE_AXIS:
            language = language_of(context, child.name, child.place)
        value = MixValue.model_construct(
            name=child.name,
            title=child.title,
            definition=child.definition,
            notes=child.notes,
            examples=child.examples,
            share=child.share,
            language=language,
            place=place,
        )
        values.append(value)
    return Mix.model_construct(
        name=root.name,
        title=root.title,
        definition=root.definition,
        notes=root.notes,
        examples=root.examples,
        values=tuple(values),
        per_candidate=axis.per_candidate,
        place=position,
    )


def _by_name(siblings: tuple[NodeDraft, ...]) -> list[tuple[int, NodeDraft]]:
    """Siblings sorted by name, each with its place among them in the spec."""
    return sorted(enumerate(siblings), key=lambda pair: pair[1].name)
