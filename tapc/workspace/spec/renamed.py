"""Names that the lock of a spec has and the spec no longer has: what was probably renamed, and the line that says so.

A lock knows names alone, so a rename is found where one name of a place is gone and one is new: a value of a mix, a
node below a node, or a mix or taxonomy that has half of its values still. Names that the latest plan did not count are
not missed, and names that any plan has counted are not new.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from tapc.diagnostics import Diagnostic, Edit, Fix, rule
from tapc.frontend import Compiled
from tapc.ir import Dataset, IdentityNames, Moved, NamePath, Renames
from tapc.plan import Lock
from tapc.semantics.report import Place
from tapc.semantics.show.space import moved as write_moved
from tapc.source import Span
from tapc.syntax import write_path

_Found = tuple[str, NamePath, NamePath]
"""Kind of axis, identity of what is gone, and the present path of what is new."""


def find_renamed(dataset: Dataset, lock: Lock, compiled: Compiled) -> list[Diagnostic]:
    """Findings about what was probably renamed since the latest plan of a lock."""
    names = IdentityNames(dataset.space)
    counted, ever = _LockedNames(lock, counted=True), _LockedNames(lock, counted=False)
    found = [*_axes(dataset, names, counted, ever), *_values(dataset, names, counted, ever)]
    found += _nodes(dataset, names, counted, ever)
    return [_finding(dataset, one, compiled) for one in found]


class _LockedNames:
    """Names of a lock: identities.

    Attributes:
        mixes: values by mix.
        leaves: paths of leaves.
    """

    def __init__(self, lock: Lock, *, counted: bool) -> None:
        cells = np.flatnonzero(lock.count) if counted else np.arange(len(lock.count))
        self.mixes: dict[str, set[str]] = {}
        for column, (name, values) in enumerate(lock.mixes):
            used: list[int] = np.unique(lock.values[cells, column]).tolist()
            self.mixes[name] = {values[n] for n in used if n >= 0}
        numbers: list[int] = np.unique(lock.leaf[cells]).tolist()
        self.taxonomy = lock.taxonomy
        self.leaves = {lock.leaves[n] for n in numbers} if lock.taxonomy else set[NamePath]()


def _axes(dataset: Dataset, names: IdentityNames, counted: _LockedNames, ever: _LockedNames) -> Iterator[_Found]:
    now = {names.axis(mix.name): mix for mix in dataset.space.mixes}
    gone = [name for name, values in counted.mixes.items() if values and name not in now]
    new = [mix for own, mix in now.items() if own not in ever.mixes and not mix.per_candidate]
    if len(gone) == len(new) == 1:
        values = {names.point(new[0].name, value.name)[1] for value in new[0].values}
        if 2 * len(values & counted.mixes[gone[0]]) >= len(values):
            yield "mix", (gone[0],), (new[0].name,)
    tree = dataset.space.taxonomy
    if tree is not None and counted.taxonomy not in ("", names.axis(tree.name)):
        leaves = set(names.nodes.values())
        if 2 * len(leaves & counted.leaves) >= len(counted.leaves):
            yield "taxonomy", (counted.taxonomy,), (tree.name,)


def _values(dataset: Dataset, names: IdentityNames, counted: _LockedNames, ever: _LockedNames) -> Iterator[_Found]:
    for mix in dataset.space.mixes:
        own = names.axis(mix.name)
        now = {names.point(mix.name, value.name)[1]: (mix.name, value.name) for value in mix.values}
        yield from _one("mix", (own,), now, counted.mixes.get(own, set()), ever.mixes.get(own, set()))


def _nodes(dataset: Dataset, names: IdentityNames, counted: _LockedNames, ever: _LockedNames) -> Iterator[_Found]:
    tree = dataset.space.taxonomy
    if tree is None or counted.taxonomy != names.axis(tree.name):
        return
    # of every node, the names of nodes below it: inner ones and leaves apart
    inner = {path[:-1] for path in names.nodes}
    paths = {own: (tree.name, *path) for path, own in names.nodes.items()}
    now = _children((own, path in inner) for path, own in names.nodes.items())
    then, always = _children(_all(counted.leaves)), _children(_all(ever.leaves))
    gone: dict[NamePath, bool] = {}
    new: dict[NamePath, bool] = {}
    for above, kind in {**now, **then}:
        if above and above not in paths:
            continue  # all below what is gone is gone
        fresh = now.get((above, kind), set()) - always.get((above, kind), set()) - always.get((above, not kind), set())
        lost = then.get((above, kind), set()) - {own[-1] for own in paths if own[:-1] == above}
        olds, news = [(*above, name) for name in sorted(lost)], [(*above, name) for name in sorted(fresh)]
        if len(olds) == len(news) == 1 and (not kind or _alike(now, then, news[0], olds[0])):
            yield "taxonomy", (counted.taxonomy, *olds[0]), paths[news[0]]
        else:
            gone |= dict.fromkeys(olds, kind)
            new |= dict.fromkeys(news, kind)
    # what is gone from one place, and is new in another under the same name
    new |= {own: path in inner for path, own in names.nodes.items() if any(own[: len(top)] == top for top in new)}
    for path, kind in gone.items():
        same = [own for own, its in new.items() if own[-1] == path[-1] and its == kind]
        if len(same) == 1 and (not kind or _alike(now, then, same[0], path)):
            yield "taxonomy", (counted.taxonomy, *path), paths[same[0]]


_Below = dict[tuple[NamePath, bool], set[str]]
"""Names below a node, of inner nodes (True) or leaves (False)."""


def _alike(now: _Below, then: _Below, new: NamePath, old: NamePath) -> bool:
    """Whether at least half of what is below a node was below another one."""
    names = [
        set[str]().union(*(side.get((path, kind), set()) for kind in (False, True)))
        for side, path in ((now, new), (then, old))
    ]
    return 2 * len(names[0] & names[1]) >= len(names[0])


def _all(leaves: Iterable[NamePath]) -> Iterator[tuple[NamePath, bool]]:
    """Paths of leaves and of all above them, and whether something is below."""
    for leaf in leaves:
        yield from ((leaf[:depth], depth < len(leaf)) for depth in range(1, len(leaf) + 1))


def _children(nodes: Iterable[tuple[NamePath, bool]]) -> _Below:
    found: _Below = {}
    for path, inner in nodes:
        found.setdefault((path[:-1], inner), set()).add(path[-1])
    return found


def _one(kind: str, above: NamePath, now: Mapping[str, NamePath], then: set[str], ever: set[str]) -> Iterator[_Found]:
    """What is gone and what is new below something, if it is one of each.

    Args:
        kind: kind of the axis.
        above: identity of what it is below.
        now: present paths, by the last name of their identity.
        then: names that the latest plan counted.
        ever: names that any plan counted.
    """
    gone, new = [name for name in then if name not in now], [path for name, path in now.items() if name not in ever]
    if len(gone) == len(new) == 1:
        yield kind, (*above, gone[0]), new[0]


def _finding(dataset: Dataset, found: _Found, compiled: Compiled) -> Diagnostic:
    kind, old, new = found
    renames = Renames(dataset.space.moved or ())
    here = (*new[:-1], old[-1])
    line = Moved.trusted(old=here if len(old) > 1 and renames.identity(here) == old else old, new=new)
    text = write_moved(line)
    message = f"`{write_path(old)}` is in the lock and no longer in the spec, and `{write_path(new)}` is new"
    place = compiled.origins.get(".".join((kind, *new)))
    labels = () if place is None else (place.label(),)
    notes = (f"if only the name changed, write `{text}`, and its samples stay", "otherwise there is nothing to do")
    fixes = _fix(text, compiled.origins.get("dataset"))
    return Diagnostic("TAP234", rule("TAP234").severity, message, labels, notes, fixes)


def _fix(line: str, place: Place | None) -> tuple[Fix, ...]:
    """Write a line at the beginning of a dataset."""
    if place is None:
        return ()
    text, start = place.file.text, place.span.end
    brace = text.find("{", start)
    end = text.find("\n", brace)
    if brace < 0 or end < 0:
        return ()
    same_line = text[brace + 1 : end].strip()
    more = "\n" if same_line and not same_line.startswith("//") else ""
    at = brace + 1 if more else end
    edit = Edit(place.file, Span(at, at), f"\n  {line}{more}")
    return (Fix(f"write `{line}`", (edit,)),)
