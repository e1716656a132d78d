"""Proposes `moved` lines where names changed: what is gone, and what came in its place.

A pair is proposed if both are the same but for their name, or if one thing is gone from its place and one came there.
`improve` keeps only lines with which replies stay that are lost without them: it makes the later plan again with the
lines, and compares its jobs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from tapc.ir import Dataset, IdentityNames, Mix, MixValue, Moved, NamePath, Renames, Space, Taxonomy, TaxonomyNode
from tapc.plan.diff.renaming import LaterNames

_SINGLE = 8
"""Most lines that are tried one by one; of more, all or none are proposed."""

_Named = TypeVar("_Named", Mix, MixValue, TaxonomyNode)

Measure = Callable[[Dataset], int | None]
"""The number of jobs that a later dataset shares with the earlier one; None if it has no plan."""


class Proposal(msgspec.Struct, frozen=True):
    """Lines for the later spec.

    Attributes:
        lines: the lines.
        kept: jobs that the plans share with them.
        before: jobs that they share without them.
    """

    lines: tuple[Moved, ...]
    kept: int
    before: int


def improve(before: Dataset, after: Dataset, measure: Measure) -> Proposal | None:
    """Lines that keep jobs; None if none does.

    Args:
        before: the earlier dataset.
        after: the later one.
        measure: counts the jobs that a variant of the later one shares with the earlier one.
    """
    lines = renamed_pairs(before.space, after.space)
    if not lines:
        return None
    without, kept = measure(after) or 0, measure(_with(after, lines)) or 0
    if kept <= without:
        return None
    for line in list(lines) if 1 < len(lines) <= _SINGLE else ():
        others = [other for other in lines if other is not line]
        if (measure(_with(after, others)) or 0) >= kept:
            lines = others
    return Proposal(tuple(lines), kept, without)


def _with(dataset: Dataset, lines: Iterable[Moved]) -> Dataset:
    moved = sorted((*(dataset.space.moved or ()), *lines), key=lambda line: line.new)
    return dataset.model_copy(update={"space": dataset.space.model_copy(update={"moved": tuple(moved)})})


def renamed_pairs(before: Space, after: Space) -> list[Moved]:
    """Lines for what probably has another name now."""
    pairs = list(_pairs(before, after))
    olds, news = [line.old for line in pairs], [line.new for line in pairs]
    found = [line for line in pairs if olds.count(line.old) == news.count(line.new) == 1]
    was, now = Renames(before.moved or ()), Renames([*(after.moved or ()), *found])
    try:
        # the earlier name is written, unless it has become something else
        return [line if now.identity(line.old) == was.identity(line.old) else _first(line, was) for line in found]
    except RecursionError:
        return []


def _first(line: Moved, was: Renames) -> Moved:
    return _line(was.identity(line.old), line.new)


def _pairs(before: Space, after: Space) -> Iterator[Moved]:
    """Lines of axes, then of what is on them."""
    later = LaterNames(before, after)
    now, was = IdentityNames(after), IdentityNames(before)
    axes = {now.axis(name) for name in after.names()}
    if before.taxonomy is not None and after.taxonomy is not None:
        gone = was.axis(before.taxonomy.name) not in axes
        yield from _of_taxonomies(before.taxonomy, after.taxonomy, later, gone=gone)
    lost = [mix for mix in before.mixes if was.axis(mix.name) not in axes]
    there = {later.axis(mix.name) for mix in before.mixes if mix not in lost}
    pairs = _paired(lost, [mix for mix in after.mixes if mix.name not in there], _same_mix)
    yield from (_line((old.name,), (new.name,)) for old, new in pairs)
    new_of = {mix.name: mix for mix in after.mixes}
    pairs += [(mix, new_of[later.axis(mix.name)]) for mix in before.mixes if mix not in lost]
    for old, new in pairs:
        yield from _of_values(old, new, later)


def _of_values(old: Mix, new: Mix, later: LaterNames) -> Iterator[Moved]:
    names = {value.name for value in new.values}
    gone = [value for value in old.values if later.point(old.name, value.name)[1] not in names]
    there = {later.point(old.name, value.name)[1] for value in old.values}
    for one, other in _paired(gone, [value for value in new.values if value.name not in there], _same):
        yield _line((old.name, one.name), (new.name, other.name))


def _of_taxonomies(old: Taxonomy, new: Taxonomy, later: LaterNames, *, gone: bool) -> Iterator[Moved]:
    if gone:
        yield _line((old.name,), (new.name,))
    found = _Trees(later.nodes)
    found.compare(old.children, new.children, (), ())
    found.find_elsewhere()
    yield from (_line((old.name, *was), (new.name, *now)) for was, now in found.lines)


class _Trees:
    """Compares two taxonomies from the root down.

    Attributes:
        lines: paths of what has another name or place, before and after.
    """

    def __init__(self, places: Mapping[NamePath, NamePath]) -> None:
        self.lines: list[tuple[NamePath, NamePath]] = []
        self._places = places
        self._gone: dict[NamePath, TaxonomyNode] = {}
        self._come: dict[NamePath, TaxonomyNode] = {}

    def compare(
        self, first: Sequence[TaxonomyNode], second: Sequence[TaxonomyNode], was: NamePath, now: NamePath
    ) -> None:
        """Compare the children of two nodes that are one."""
        there = {node.name: node for node in second}
        names = {node.name: self._name((*was, node.name)) for node in first}
        lost = [node for node in first if names[node.name] not in there]
        fresh = [node for node in second if node.name not in names.values()]
        pairs = _paired(lost, fresh, _same_node)
        self.lines += [((*was, one.name), (*now, other.name)) for one, other in pairs]
        kept = {id(node) for pair in pairs for node in pair}
        self._gone |= {(*was, *path): node for top in lost if id(top) not in kept for path, node in _below(top)}
        self._come |= {(*now, *path): node for top in fresh if id(top) not in kept for path, node in _below(top)}
        pairs += [(node, there[names[node.name]]) for node in first if names[node.name] in there]
        for one, other in pairs:
            self.compare(one.children, other.children, (*was, one.name), (*now, other.name))

    def _name(self, path: NamePath) -> str:
        """The name that the spec already gives to a node."""
        return self._places[path][-1]

    def find_elsewhere(self) -> None:
        """What is gone from one place and is in another, with all that is below it."""
        for path, node in sorted(self._gone.items(), key=lambda item: len(item[0])):
            found = [other for other, one in self._come.items() if one.name == node.name and _kind(one) == _kind(node)]
            if len(found) == 1 and not any(path[: len(was)] == was for was, _ in self.lines):
                self.lines.append((path, found[0]))
                self.compare(node.children, self._come[found[0]].children, path, found[0])


def _same_node(one: TaxonomyNode, other: TaxonomyNode) -> bool:
    """Whether both are the same but for the name, or have the same names below."""
    below = [{path[1:] for path, _ in _below(node)} for node in (one, other)]
    return _same(one, other) or (bool(one.children) and below[0] == below[1])


def _below(node: TaxonomyNode) -> Iterator[tuple[NamePath, TaxonomyNode]]:
    """A node and all below it, by their paths from the node above."""
    yield (node.name,), node
    for child in node.children:
        yield from (((node.name, *path), one) for path, one in _below(child))


def _line(old: NamePath, new: NamePath) -> Moved:
    return Moved.trusted(old=old, new=new)


def _paired(
    gone: Sequence[_Named], come: Sequence[_Named], same: Callable[[_Named, _Named], bool]
) -> list[tuple[_Named, _Named]]:
    """Pairs that are the same but for the name, and of each kind the one that is left on either side."""
    found: list[tuple[_Named, _Named]] = []
    for one in gone:
        alike = [other for other in come if same(one, other)]
        if len(alike) == 1 and sum(same(another, alike[0]) for another in gone) == 1:
            found.append((one, alike[0]))
    done = {id(one) for pair in found for one in pair}
    for kind in (False, True):
        rest, left = ([one for one in side if id(one) not in done and _kind(one) == kind] for side in (gone, come))
        if len(rest) == len(left) == 1 and not _contains(rest[0], left[0]) and not _contains(left[0], rest[0]):
            found.append((rest[0], left[0]))
    return found


def _kind(one: Mix | MixValue | TaxonomyNode) -> bool:
    """What two things must have in common to be one: whether there are nodes below, or candidates draw it."""
    return one.per_candidate if isinstance(one, Mix) else isinstance(one, TaxonomyNode) and bool(one.children)


def _contains(one: Mix | MixValue | TaxonomyNode, other: Mix | MixValue | TaxonomyNode) -> bool:
    """Whether a node of the other's name is below one."""
    return isinstance(one, TaxonomyNode) and any(path[-1] == other.name for path, _ in _below(one))


def _same(one: _Named, other: _Named) -> bool:
    """Whether both are the same but for the name."""
    return one.model_copy(update={"name": other.name}) == other


def _same_mix(one: Mix, other: Mix) -> bool:
    """Whether both have the same values."""
    return one.per_candidate == other.per_candidate and {v.name for v in one.values} == {v.name for v in other.values}
