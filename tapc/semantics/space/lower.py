"""From composed statements to the canonical sample space."""

import msgspec

from tapc.ir import Mix, Space, Taxonomy
from tapc.semantics.space.build import build_mix, build_taxonomy
from tapc.semantics.space.context import Context, NodeDraft
from tapc.semantics.space.counts import CountCheck
from tapc.semantics.space.entries import AxisDraft, AxisReader
from tapc.semantics.space.leaves import weigh_by_leaves
from tapc.semantics.space.moved import lower_moved
from tapc.semantics.space.rules import lower_rules
from tapc.semantics.space.sums import check_tree
from tapc.semantics.space_input import SpaceInput, SpaceStatement
from tapc.syntax.nodes import Entry, Exclude, When


def lower_space(given: SpaceInput) -> Space:
    """Lower the sample space of one dataset.

    Everything that is wrong goes to `given.report`; the result then holds what could be read.
    """
    context = Context(given)
    taxonomy: Taxonomy | None = None
    mixes: dict[str, Mix] = {}
    before = len(given.report.diagnostics)
    renamed: list[SpaceStatement] = []
    for statement in given.statements:
        entry = statement.statement
        if not isinstance(entry, Entry):
            continue
        if entry.keyword == "taxonomy":
            taxonomy = _taxonomy(context, statement, entry) or taxonomy
        elif entry.keyword == "moved":
            renamed.append(statement)
        else:
            mix = _mix(context, statement, entry, len(mixes))
            if mix is not None:
                mixes[mix.name] = mix
    ordered = tuple(mixes[name] for name in sorted(mixes))
    rules = [(s.file, s.statement) for s in given.statements if isinstance(s.statement, When)]
    exclusions = [(s.file, s.statement) for s in given.statements if isinstance(s.statement, Exclude)]
    lowered = lower_rules(context, taxonomy, ordered, rules, exclusions)
    # what is missing because it is wrong is not missing
    moved = lower_moved(context, taxonomy, ordered, renamed if len(given.report.diagnostics) == before else ())
    return Space.trusted(
        taxonomy=taxonomy, mixes=ordered, rules=lowered.rules, exclusions=lowered.exclusions, moved=moved
    )


def _taxonomy(context: Context, statement: SpaceStatement, entry: Entry) -> Taxonomy | None:
    draft = _axis(context, statement, entry)
    return None if draft is None else build_taxonomy(draft.root, context.report)


def _mix(context: Context, statement: SpaceStatement, entry: Entry, place: int) -> Mix | None:
    draft = _axis(context, statement, entry)
    return None if draft is None else build_mix(context, draft, place)


def _axis(context: Context, statement: SpaceStatement, entry: Entry) -> AxisDraft | None:
    kind = "taxonomy" if entry.keyword == "taxonomy" else "mix"
    before, missing = len(context.report.diagnostics), context.unresolved
    found = AxisReader(context, kind).read(statement.file, entry)
    if found is None or context.broken:
        return None
    root: NodeDraft = found.root
    what = f"the {kind} `{root.name}`"
    if not root.children:
        if len(context.report.diagnostics) == before and context.unresolved == missing:
            members = "nodes" if kind == "taxonomy" else "values"
            context.report.add("TAP220", f"{what} has no {members}", root.place)
        return None
    if found.by_leaves is not None:
        root = weigh_by_leaves(root, found.by_leaves)
        found = msgspec.structs.replace(found, root=root)
    check_tree(context, root, what)
    if len(context.report.diagnostics) == before:
        CountCheck(context).check(root, context.given.samples, what)
    return found
