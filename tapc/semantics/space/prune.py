"""`only` and `except`: which nodes of a graft or table stay."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import msgspec

from tapc.diagnostics import did_you_mean
from tapc.semantics.report import Place
from tapc.semantics.space.body import PathGiven
from tapc.semantics.space.context import UNMARKED, Context, NodeDraft

_Tree = dict[str, "_Tree | None"]


def prune(
    context: Context,
    children: tuple[NodeDraft, ...],
    only: Sequence[PathGiven],
    dropped: Sequence[PathGiven],
    place: Place,
) -> tuple[NodeDraft, ...]:
    """Keep what `only` names, with all below and above it, then leave out what `except` names.

    Where all siblings have percentages and some are left out, the others absorb their share in proportion.
    """
    if not only and not dropped:
        return children
    kept = _tree(given for given in only if _exists(context, children, given, "only"))
    lost = _tree(given for given in dropped if _exists(context, children, given, "except"))
    if only and kept:
        children = _keep(children, kept)
    if lost:
        children = _drop(children, lost)
    if not children:
        context.report.add("TAP220", "`only` and `except` leave nothing", place)
    return children


def _exists(context: Context, children: tuple[NodeDraft, ...], given: PathGiven, word: str) -> bool:
    level = children
    for depth, part in enumerate(given.parts):
        found = next((child for child in level if child.name == part), None)
        if found is None:
            above = ".".join(given.parts[:depth])
            where = f"in `{above}`" if above else "here"
            better = did_you_mean(part, (child.name for child in level))
            notes = (f"did you mean `{better}`?",) if better else (_offer(level),)
            context.report.add("TAP219", f"`{word}` names `{part}`, which is not {where}", given.place, notes=notes)
            return False
        level = found.children
    return True


def _offer(level: tuple[NodeDraft, ...]) -> str:
    return "there are " + ", ".join(f"`{child.name}`" for child in level[:12]) if level else "it is a leaf"


def _tree(paths: Iterable[PathGiven]) -> _Tree:
    """Paths as a tree; None stands for everything below."""
    root: _Tree = {}
    for given in paths:
        level = root
        for part in given.parts[:-1]:
            below = level.setdefault(part, {})
            if below is None:
                break
            level = below
        else:
            level[given.parts[-1]] = None
    return root


def _keep(children: tuple[NodeDraft, ...], kept: _Tree) -> tuple[NodeDraft, ...]:
    found: list[NodeDraft] = []
    for child in children:
        if child.name in kept:
            below = kept[child.name]
            found.append(child if below is None else _with_children(child, _keep(child.children, below)))
    return _absorbed(children, tuple(found))


def _drop(children: tuple[NodeDraft, ...], lost: _Tree) -> tuple[NodeDraft, ...]:
    found: list[NodeDraft] = []
    for child in children:
        if child.name not in lost:
            found.append(child)
            continue
        below = lost[child.name]
        rest = () if below is None else _drop(child.children, below)
        if rest:
            found.append(_with_children(child, rest))
    return _absorbed(children, tuple(found))


def _absorbed(before: tuple[NodeDraft, ...], after: tuple[NodeDraft, ...]) -> tuple[NodeDraft, ...]:
    if len(before) == len(after) or not all(child.share.kind == "percent" for child in before):
        return after
    had = sum((child.share.value for child in before), Fraction(0))
    has = sum((child.share.value for child in after), Fraction(0))
    if has == 0:
        return tuple(msgspec.structs.replace(child, share=UNMARKED, sized=False) for child in after)
    return tuple(
        msgspec.structs.replace(child, share=child.share.model_copy(update={"value": child.share.value * had / has}))
        for child in after
    )


def _with_children(child: NodeDraft, children: tuple[NodeDraft, ...]) -> NodeDraft:
    return msgspec.structs.replace(child, children=children)
