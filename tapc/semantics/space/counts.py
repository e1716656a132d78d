"""Whether counts and bounds can hold, given the totals above them."""

from collections.abc import Sequence
from fractions import Fraction
from math import floor

from tapc.semantics.report import Place
from tapc.semantics.space.context import Context, NodeDraft, number_text

MAX_LABELS = 6


class CountCheck:
    """Checks one tree (or one mix, whose values are the children of its root)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._least: dict[int, int] = {}
        self._bounded: set[int] = set()

    def check(self, root: NodeDraft, samples: int | None, what: str) -> None:
        """Check a tree over the dataset's samples; None means the total is not known."""
        self._measure(root)
        if id(root) in self._bounded:
            total = None if samples is None else Fraction(samples)
            self._below(root, total, what, exact=True)

    def _measure(self, node: NodeDraft) -> int:
        """Samples a node needs at least; remembers the nodes that have counts or bounds below them."""
        needed = sum(self._measure(child) for child in node.children) if node.children else 0
        share = node.share
        marked = share.kind == "count" or share.at_least is not None or share.at_most is not None
        if marked or any(id(child) in self._bounded for child in node.children):
            self._bounded.add(id(node))
        least = int(share.value) if share.kind == "count" else max(share.at_least or 0, needed)
        self._least[id(node)] = least
        return least

    def _below(self, node: NodeDraft, total: Fraction | None, what: str, *, exact: bool) -> None:
        """Check the children of a node that has a total.

        Args:
            node: the parent.
            total: its samples, None if not known.
            what: the parent in words.
            exact: whether the total is a fixed number rather than a share that will be rounded.
        """
        children = node.children
        needed = sum(self._least[id(child)] for child in children)
        limit = total
        if node.share.at_most is not None and (limit is None or limit > node.share.at_most):
            limit = Fraction(node.share.at_most)
        if limit is not None and needed > floor(limit):
            self._report(children, f"need {needed:,} samples", what, limit, node.place)
            return
        if total is not None and not self._fills(children, total, what, node.place, exact=exact):
            return
        totals = self._totals(children, total)
        for child in children:
            if child.children and id(child) in self._bounded:
                fixed = child.share.kind == "count"
                self._below(child, totals[id(child)], f"`{child.name}`", exact=fixed)

    def _fills(self, children: Sequence[NodeDraft], total: Fraction, what: str, place: Place, *, exact: bool) -> bool:
        """Whether children that cannot stretch take the whole total."""
        counts = sum((child.share.value for child in children if child.share.kind == "count"), Fraction(0))
        percents = sum((child.share.value for child in children if child.share.kind == "percent"), Fraction(0))
        if not any(child.share.kind == "weight" for child in children) and counts:
            taken = counts + percents * total
            if taken != total or not exact:
                words = "percentages and counts" if percents else "counts"
                self._report(children, f"take {number_text(taken)} samples by {words}", what, total, place)
                return False
        most = [self._most(child) for child in children]
        if children and all(bound is not None for bound in most):
            top = sum(bound or 0 for bound in most)
            if top < total:
                self._report(children, f"can take at most {top:,} samples", what, total, place)
                return False
        return True

    def _most(self, child: NodeDraft) -> int | None:
        return int(child.share.value) if child.share.kind == "count" else child.share.at_most

    def _totals(self, children: Sequence[NodeDraft], total: Fraction | None) -> dict[int, Fraction | None]:
        """Exact totals of children; None where a clamp that is on makes them depend on others."""
        fixed = {id(child): child.share.value for child in children if child.share.kind == "count"}
        if total is None:
            return {id(child): fixed.get(id(child)) for child in children}
        percents = sum((child.share.value for child in children if child.share.kind == "percent"), Fraction(0))
        rest = total - sum(fixed.values(), Fraction(0)) - percents * total
        weights = sum((child.share.value for child in children if child.share.kind == "weight"), Fraction(0))
        found: dict[int, Fraction] = {}
        for child in children:
            share = child.share
            if share.kind == "percent":
                found[id(child)] = share.value * total
            elif share.kind == "weight":
                found[id(child)] = rest * share.value / weights if weights else Fraction(0)
        clamped = any(
            (child.share.at_most is not None and found[id(child)] > child.share.at_most)
            or (child.share.at_least is not None and found[id(child)] < child.share.at_least)
            for child in children
            if id(child) in found
        )
        return {id(child): fixed.get(id(child), None if clamped else found.get(id(child))) for child in children}

    def _report(self, children: Sequence[NodeDraft], taken: str, what: str, total: Fraction, place: Place) -> None:
        marked = [child for child in children if self._least[id(child)] or child.share.at_most is not None]
        names = ", ".join(f"`{child.name}` {_mark(child, self._least[id(child)])}" for child in marked[:MAX_LABELS])
        names += " and others" if len(marked) > MAX_LABELS else ""
        labels = [child.place.label(_mark(child, self._least[id(child)])) for child in marked[:MAX_LABELS]]
        about = number_text(total) if total.denominator == 1 else f"about {float(total):,.1f}"
        message = f"the children of {what} {taken}, but it has {about}"
        notes = (names, "change a number, or leave one of them unmarked: it takes what is left")
        self._context.report.add("TAP203", message, *(labels or [place.label()]), notes=notes)


def _mark(child: NodeDraft, least: int) -> str:
    share = child.share
    if share.kind == "count":
        return f"count {int(share.value):,}"
    bounds = [f"at_least {least:,}"] if least else []
    if share.at_most is not None:
        bounds.append(f"at_most {share.at_most:,}")
    return " ".join(bounds)
