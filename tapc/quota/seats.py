"""Integer counts of siblings: the quota method of Balinski and Young (1975), as earliest deadline first.

A sibling with target t(m) of m samples may get its next sample as soon as t(m) exceeds its count (its *release*), and
must have it before t(m) exceeds the count by one (its *deadline*). Serving the earliest deadline among the released
siblings keeps every sibling within one of its target at every m (Tijdeman 1980), and no sibling loses when m grows.
With t(m) = (slope * m + offset) / scale and c samples so far,

    release  = floor((c * scale - offset) / slope) + 1
    deadline = ((c + 1) * scale - offset) / slope

Long histories start from an anchor below m: floors, plus one for those with the earliest deadlines.
"""

import heapq
from fractions import Fraction
from functools import partial
from math import gcd, lcm

import msgspec
import numpy as np

from tapc.ir import Share
from tapc.quota.arrays import Ints
from tapc.quota.problem import QuotaError, QuotaProblem, collect
from tapc.quota.shares import Siblings, targets
from tapc.quota.tree import Tree

HISTORY = 512
"""Most samples of history that are replayed."""

_FINE = 256
"""Resolution of deadlines, in parts of a sample, so that hashes decide real ties only."""

_NEVER = 1 << 62


class Family(msgspec.Struct, frozen=True):
    """The count of a parent and the targets of its children, `(slope * m + offset) / scale`, as integers."""

    node: int
    total: int
    slope: list[int]
    offset: list[int]
    scale: int

    @property
    def anchor(self) -> int:
        """The number of samples at which the replayed history starts."""
        if sum(self.offset):  # no sibling takes the rest, so the targets hold at this total only
            return self.total
        start = 0 if self.total <= HISTORY else self.total - self.total % min(self.scale, HISTORY)
        for slope, offset in zip(self.slope, self.offset, strict=True):
            if slope * start + offset < 0:
                start = -(offset // slope)
        return min(start, self.total)


def count_nodes(tree: Tree, samples: int) -> Ints:
    """Samples of every node, top down.

    Raises:
        QuotaError: shares contradict each other or the counts above them.
    """
    counts = np.zeros(len(tree.parts), np.int64)
    counts[0] = samples
    by_depth: dict[int, list[int]] = {}
    for node, below in enumerate(tree.children):
        if below:
            by_depth.setdefault(int(tree.depth[node]), []).append(node)
    for depth in sorted(by_depth):
        families = collect(partial(family, tree, node, int(counts[node])) for node in by_depth[depth])
        small = [f for f in families if (f.total + 1) * f.scale * _FINE < _NEVER]
        _deal_level(tree, small, counts)
        for large in families:
            if (large.total + 1) * large.scale * _FINE >= _NEVER:
                below = tree.children[large.node]
                counts[list(below)] = deal(large, [int(tree.words[c]) for c in below])
    return counts


def family(tree: Tree, node: int, total: int) -> Family:
    """The children of a parent and their exact targets.

    Raises:
        QuotaError: their shares contradict each other or `total`.
    """
    below = tree.children[node]
    shares = [tree.shares[c] for c in below]
    if all(_plain(share) for share in shares):
        weights = [share.value for share in shares]
        scale = lcm(*[w.denominator for w in weights])
        whole = [int(w * scale) for w in weights]
        mass = sum(whole)
        if mass > 0:
            common = gcd(*whole)
            return Family(node, total, [w // common for w in whole], [0] * len(whole), mass // common)
        if total:
            message = f"the weights in {tree.title(node)} add up to 0, but it has {total} samples to divide"
            raise QuotaError(QuotaProblem("under", message, (tree.ir_path(node),)))
        return Family(node, 0, [0] * len(whole), [0] * len(whole), 1)
    names = tuple(tree.parts[c][-1] for c in below)
    found = targets(Siblings(tree.title(node), tree.ir_path(node), names, tuple(shares)), total)
    return integers(node, total, found.slope, found.offset)


def _plain(share: Share) -> bool:
    return share.kind == "weight" and share.at_least is None and share.at_most is None


def integers(node: int, total: int, slope: list[Fraction], offset: list[Fraction]) -> Family:
    """Convert exact targets to a common denominator."""
    scale = lcm(*[x.denominator for x in slope], *[x.denominator for x in offset])
    return Family(node, total, [int(x * scale) for x in slope], [int(x * scale) for x in offset], scale)


def deal(given: Family, ties: list[int]) -> list[int]:
    """Counts of one family in exact integers of any size; ties go to the smaller number."""
    slope, offset, scale = given.slope, given.offset, given.scale
    start = given.anchor
    counts = [(a * start + b) // scale for a, b in zip(slope, offset, strict=True)]

    def deadline(i: int) -> int:
        return -((offset[i] - (counts[i] + 1) * scale) * _FINE // slope[i])

    def release(i: int) -> int:
        return (counts[i] * scale - offset[i]) // slope[i] + 1

    live = [i for i, a in enumerate(slope) if a > 0]
    owed = start - sum(counts)
    short = [i for i in live if (slope[i] * start + offset[i]) % scale]
    for i in sorted(short, key=lambda i: (deadline(i), ties[i]))[:owed]:
        counts[i] += 1
    waiting = [(release(i), i) for i in live]
    heapq.heapify(waiting)
    ready: list[tuple[int, int, int]] = []
    for m in range(start + 1, given.total + 1):
        while waiting and waiting[0][0] <= m:
            i = heapq.heappop(waiting)[1]
            heapq.heappush(ready, (deadline(i), ties[i], i))
        i = heapq.heappop(ready)[2]
        counts[i] += 1
        heapq.heappush(waiting, (release(i), i))
    return counts


class _Bench(msgspec.Struct):
    """The children of many families in one set of arrays; families with the longest history first."""

    child: Ints
    family: Ints
    starts: Ints
    slope: Ints
    offset: Ints
    scale: Ints
    anchor: Ints
    steps: Ints
    ties: Ints

    def deadlines(self, counts: Ints, which: Ints | slice) -> Ints:
        scale = self.scale[self.family[which]]
        slope = np.maximum(self.slope[which], 1)
        return -(((self.offset[which] - (counts + 1) * scale) * _FINE) // slope)


def _deal_level(tree: Tree, families: list[Family], counts: Ints) -> None:
    """`deal` for all families of one depth in lockstep."""
    families = [f for f in families if f.total]
    if not families:
        return
    families.sort(key=lambda f: f.anchor - f.total)
    bench = _seat(tree, families)
    rest = bench.slope * bench.anchor[bench.family] + bench.offset
    held = rest // bench.scale[bench.family]
    rest -= held * bench.scale[bench.family]
    due = np.where(rest > 0, bench.deadlines(held, slice(None)), _NEVER)
    order = np.lexsort((bench.ties, due, bench.family))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) - bench.starts[bench.family[order]]
    owed = bench.anchor - np.add.reduceat(held, bench.starts)
    held += place < owed[bench.family]
    _replay(bench, held)
    counts[bench.child] = held


def _seat(tree: Tree, families: list[Family]) -> _Bench:
    sizes = [len(f.slope) for f in families]
    child = np.array([c for f in families for c in tree.children[f.node]], np.int64)
    ties = np.empty(len(child), np.int64)
    ties[np.argsort(tree.words[child], kind="stable")] = np.arange(len(child))
    anchor = np.array([f.anchor for f in families], np.int64)
    return _Bench(
        child=child,
        family=np.repeat(np.arange(len(families)), sizes),
        starts=np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int64),
        slope=np.array([a for f in families for a in f.slope], np.int64),
        offset=np.array([b for f in families for b in f.offset], np.int64),
        scale=np.array([f.scale for f in families], np.int64),
        anchor=anchor,
        steps=np.array([f.total for f in families], np.int64) - anchor,
        ties=ties,
    )


def _replay(bench: _Bench, held: Ints) -> None:
    """Give one sample per family and step to the earliest deadline among the released children."""
    due = np.where(bench.slope > 0, bench.deadlines(held, slice(None)), _NEVER)
    target = bench.slope * bench.anchor[bench.family] + bench.offset
    taken = held * bench.scale[bench.family]
    ends = np.append(bench.starts, len(held))
    # Families are sorted by falling number of steps, so those with a step left are a prefix: `active` families with
    # `end` children. `target` and `taken` are in units of 1 / scale.
    for step in range(1, int(bench.steps[0]) + 1):
        active = int(np.searchsorted(-bench.steps, -step, side="right"))
        end = int(ends[active])
        starts, member = bench.starts[:active], bench.family[:end]
        target[:end] += bench.slope[:end]
        open_due = np.where(target[:end] > taken[:end], due[:end], _NEVER)
        earliest = np.minimum.reduceat(open_due, starts)
        tie = np.where(open_due == earliest[member], bench.ties[:end], _NEVER)
        chosen = np.flatnonzero(tie == np.minimum.reduceat(tie, starts)[member])
        held[chosen] += 1
        taken[chosen] += bench.scale[bench.family[chosen]]
        due[chosen] = bench.deadlines(held[chosen], chosen)
