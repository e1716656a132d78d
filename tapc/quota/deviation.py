"""Distances of counts from exact shares."""

from fractions import Fraction

import msgspec

from tapc.quota.arrays import Ints
from tapc.quota.seats import family
from tapc.quota.tree import Tree


class Deviation(msgspec.Struct, frozen=True):
    """Largest distances from exact shares, in samples.

    Attributes:
        node: of a taxonomy node, from its share of the count of its parent.
        axis: of a mix value, over the whole set.
        axis_in_node: of a mix value, in any node, including the whole set.
        pair: of two values of two mixes, over the whole set.
    """

    node: Fraction
    axis: Fraction
    axis_in_node: Fraction
    pair: Fraction


def measure(tree: Tree, counts: Ints, reach: list[tuple[Fraction, Fraction]], pair: Fraction) -> Deviation:
    """Combine the deviations of all stages, and measure those of nodes."""
    node = Fraction(0)
    for parent, below in enumerate(tree.children):
        if below and counts[parent]:
            given = family(tree, parent, int(counts[parent]))
            off = max(
                abs(int(counts[child]) * given.scale - slope * given.total - offset)
                for child, slope, offset in zip(below, given.slope, given.offset, strict=True)
            )
            node = max(node, Fraction(off, given.scale))
    return Deviation(
        node=node,
        axis=max((whole for whole, _ in reach), default=Fraction(0)),
        axis_in_node=max((inside for _, inside in reach), default=Fraction(0)),
        pair=pair,
    )
