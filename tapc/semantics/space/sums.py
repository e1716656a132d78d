"""Whether the percentages of siblings add up."""

from collections.abc import Sequence
from fractions import Fraction

from tapc.semantics.report import Place
from tapc.semantics.space.context import Context, NodeDraft, number_text, percent_text

MAX_LABELS = 6


def check_tree(context: Context, root: NodeDraft, what: str) -> None:
    """Check the siblings below every node; `what` names the root for people."""
    pending = [(root, what)]
    while pending:
        node, name = pending.pop()
        if node.children:
            check_siblings(context, node.children, name, node.place)
            pending.extend((child, f"`{child.name}`") for child in node.children if child.children)


def check_siblings(context: Context, siblings: Sequence[NodeDraft], parent: str, place: Place) -> None:
    """Check that percentages sum to 100 where nothing else takes a share, and stay under 100 where something does."""
    percents = [child for child in siblings if child.share.kind == "percent"]
    total = sum((child.share.value for child in percents), Fraction(0))
    weights = [child for child in siblings if child.share.kind == "weight"]
    if percents:
        others = len(siblings) - len(percents)
        if (not others and total != 1) or total > 1 or (others and total == 1):
            _report_sum(context, siblings, percents, total, parent)
            return
    if weights and not any(child.share.value for child in weights) and total < 1:
        names = ", ".join(f"`{child.name}`" for child in weights[:MAX_LABELS])
        message = f"nothing under {parent} takes what is left: the weights of {names} are all 0"
        context.report.add("TAP202", message, place, notes=("give one of them a weight, or none of them any mark",))


def _report_sum(
    context: Context, siblings: Sequence[NodeDraft], percents: list[NodeDraft], total: Fraction, parent: str
) -> None:
    listed = " + ".join(percent_text(child.share.value) for child in percents[:12])
    listed += " + …" if len(percents) > 12 else ""
    marked = {id(child) for child in percents}
    others = [child for child in siblings if id(child) not in marked]
    if others:
        names = ", ".join(f"`{child.name}`" for child in others[:3]) + (" and others" if len(others) > 3 else "")
        message = f"percentages under {parent} sum to {percent_text(total)}, which leaves nothing for {names}"
    else:
        message = f"percentages under {parent} sum to {percent_text(total)}, not 100%"
    off = abs(total - 1) * 100
    note = f"{listed} = {percent_text(total)}"
    if off:
        note += f"; {number_text(off)} points too {'many' if total > 1 else 'few'}"
    labels = [child.place.label(f"`{child.name}` {percent_text(child.share.value)}") for child in percents]
    context.report.add("TAP201", message, *labels[:MAX_LABELS], notes=(note,))
