"""Checks an allocation cell by cell with fractions and dictionaries; shares no code with the allocator."""

from collections import Counter
from fractions import Fraction

from tapc.ir import Mix, Share, Space, TaxonomyNode


def paths(children: tuple[TaxonomyNode, ...], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], TaxonomyNode]:
    found = {}
    for node in children:
        found[(*above, node.name)] = node
        found |= paths(node.children, (*above, node.name))
    return found


def divide(shares: list[Share], total: int) -> list[Fraction]:
    """The exact shares: raise or lower a water level until all bounds hold, by bisection over its breakpoints."""
    sizes = [Fraction(0)] * len(shares)
    rest = Fraction(total)
    flexible = []
    weighted = any(s.kind == "weight" for s in shares)
    for i, s in enumerate(shares):
        if s.kind == "count":
            sizes[i] = s.value
            rest -= s.value
        elif s.kind == "percent" and weighted:
            sizes[i] = max(Fraction(s.at_least or 0), s.value * total)
            if s.at_most is not None:
                sizes[i] = min(sizes[i], Fraction(s.at_most))
            rest -= sizes[i]
        else:
            flexible.append(i)

    def at(level: Fraction) -> list[Fraction]:
        out = []
        for i in flexible:
            size = max(shares[i].value * level, Fraction(shares[i].at_least or 0))
            out.append(size if shares[i].at_most is None else min(size, Fraction(shares[i].at_most)))
        return out

    marks = {Fraction(0)}
    for i in flexible:
        if shares[i].value:
            marks |= {Fraction(b) / shares[i].value for b in (shares[i].at_least, shares[i].at_most) if b is not None}
    points = sorted(marks)
    low = max((p for p in points if sum(at(p)) <= rest), default=Fraction(0))
    slope = sum(at(low + 1), Fraction(0)) * 0
    later = [p for p in points if p > low]
    probe = later[0] if later else low + 1
    slope = (sum(at(probe), Fraction(0)) - sum(at(low), Fraction(0))) / (probe - low)
    level = low + (rest - sum(at(low), Fraction(0))) / slope if slope else low
    for i, size in zip(flexible, at(level), strict=True):
        sizes[i] = size
    return sizes


def check(space: Space, samples: int, allocation, late: frozenset[str] = frozenset()) -> Fraction:
    """Assert every bound of nodes and values; returns the largest deviation of a pair of values of two mixes.

    Late mixes are allocated after the others, and so are measured by these.
    """
    nodes = paths(space.taxonomy.children) if space.taxonomy else {}
    leaves = [path for path, node in nodes.items() if not node.children] or [()]
    mixes = sorted((m for m in space.mixes if not m.per_candidate), key=lambda m: m.name)
    cells = {}
    for leaf, row, count in zip(
        allocation.leaf.tolist(), allocation.values.tolist(), allocation.count.tolist(), strict=True
    ):
        cell = (leaves[leaf], tuple(m.values[v].name for m, v in zip(mixes, row, strict=True)))
        assert cell not in cells
        assert count > 0
        cells[cell] = count
    assert sum(cells.values()) == samples
    size = Counter()
    for (leaf, _), count in cells.items():
        for depth in range(len(leaf) + 1):
            size[leaf[:depth]] += count
    if space.taxonomy:
        check_nodes(space.taxonomy.children, (), size)
        for path in nodes:
            assert allocation.counts()["topic"][".".join(path)] == size[path]
    for n, mix in enumerate(mixes):
        check_mix(space, mixes, n, mix, cells, samples)
    order = in_order(space, [mix for mix in mixes if mix.name not in late])
    order += in_order(space, [mix for mix in mixes if mix.name in late])
    later = [(earlier, mix) for n, mix in enumerate(order) for earlier in order[:n]]
    return max((pair_deviation(space, mixes, *pair, cells, samples) for pair in later), default=Fraction(0))


def check_nodes(children, above, size) -> None:
    if not children:
        return
    for node, exact in zip(children, divide([c.share for c in children], size[above]), strict=True):
        mine = size[(*above, node.name)]
        assert abs(mine - exact) < 1, (above, node.name, mine, exact)
        if node.share.kind == "count":
            assert mine == node.share.value
        assert mine >= (node.share.at_least or 0)
        assert node.share.at_most is None or mine <= node.share.at_most
        check_nodes(node.children, (*above, node.name), size)


def holds(condition, leaf, values) -> bool:
    for test in condition.tests if condition else ():
        if test.axis == "topic":
            dotted = ".".join(leaf)
            if not any(dotted == v or dotted.startswith(v + ".") for v in test.values):
                return False
        elif values[test.axis] not in test.values:
            return False
    return True


def shares_at(space, mix, leaf, values, samples) -> dict[str, Fraction]:
    given = {v.name: v.share for v in mix.values}
    for rule in space.rules:
        if rule.mix == mix.name and holds(rule.condition, leaf, values):
            given = dict(rule.shares)
    exact = dict(zip(given, divide(list(given.values()), samples), strict=True))
    for exclusion in space.exclusions:
        if exclusion.mix == mix.name and holds(exclusion.condition, leaf, values):
            exact = {k: v for k, v in exact.items() if k not in exclusion.values}
    total = sum(exact.values(), Fraction(0))
    return {k: v / total for k, v in exact.items()}


def needed(space, mix) -> set[str]:
    rules = [r for r in (*space.rules, *space.exclusions) if r.mix == mix.name and r.condition]
    return {test.axis for r in rules for test in r.condition.tests}


def in_order(space, mixes) -> list[Mix]:
    """Those that others depend on first, ties by name."""
    order, rest = [], list(mixes)
    while rest:
        waiting = {m.name for m in rest}
        order.append(next(m for m in rest if not needed(space, m) & waiting - {m.name}))
        rest.remove(order[-1])
    return order


def pair_deviation(space, mixes, earlier, later, cells, samples) -> Fraction:
    """Products of shares in every leaf; of a mix that depends on another, its shares in the cells that were made."""
    found, target = Counter(), Counter()
    plain = not any(needed(space, m) & {other.name for other in mixes} for m in (earlier, later))
    shares = {}
    for (leaf, row), count in cells.items():
        values = dict(zip((m.name for m in mixes), row, strict=True))
        found[values[earlier.name], values[later.name]] += count
        place = (leaf, *(values[m.name] for m in mixes if m.name in needed(space, later)))
        if place not in shares:
            mine = shares_at(space, later, leaf, values, samples)
            its = shares_at(space, earlier, leaf, values, samples) if plain else None
            shares[place] = mine, its
        mine, its = shares[place]
        for other, part in its.items() if plain else [(values[earlier.name], Fraction(1))]:
            for value, share in mine.items():
                target[other, value] += count * part * share
    return max((abs(found[pair] - target[pair]) for pair in {*found, *target}), default=Fraction(0))


def check_mix(space, mixes, n, mix, cells, samples) -> None:
    """Every value in every node: exact shares applied to the realised counts of what the mix depends on."""
    needs = needed(space, mix)
    keep = [k for k, m in enumerate(mixes) if m.name in needs]
    context = Counter()
    got = Counter()
    for (leaf, row), count in cells.items():
        context[leaf, tuple(row[k] for k in keep)] += count
        for depth in range(len(leaf) + 1):
            got[leaf[:depth], row[n]] += count
    want = Counter()
    for (leaf, row), count in context.items():
        values = {mixes[k].name: v for k, v in zip(keep, row, strict=True)}
        for value, share in shares_at(space, mix, leaf, values, samples).items():
            for depth in range(len(leaf) + 1):
                want[leaf[:depth], value] += share * count
    for key in got.keys() | want.keys():
        assert abs(got[key] - want[key]) < 1, (mix.name, key, got[key], want[key])
