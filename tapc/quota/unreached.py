"""Leaves of a taxonomy that no sample reaches, and how many samples would reach all of them."""

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.ir import MAX_SAMPLES, IdentityNames, Space
from tapc.quota.arrays import Ints
from tapc.quota.naming import under_names
from tapc.quota.problem import QuotaError
from tapc.quota.seats import count_nodes
from tapc.quota.tree import Tree, build_tree

_MOST_LEAVES = 5000
"""Leaves up to which the least number of samples is looked for; counting takes a millisecond per thousand of them."""


class Unreached(msgspec.Struct, frozen=True):
    """Leaves without a sample.

    Attributes:
        leaves: dotted paths, in order of the tree.
        of: number of leaves that have a share at all.
        least: fewest samples with which all of those have one; None where it was not looked for, or there is none.
    """

    leaves: tuple[str, ...]
    of: int
    least: int | None


def find_unreached(space: Space, samples: int) -> Unreached:
    """Find leaves that have a share and get no sample.

    Raises:
        QuotaError: shares contradict each other.
    """
    identities = IdentityNames(space)  # which decide ties
    tree = build_tree(under_names(space, identities).taxonomy if identities else space.taxonomy)
    got, shared = _of_leaves(tree, samples), _with_share(tree)
    missed = np.flatnonzero(shared & (got == 0))
    now = {own: path for path, own in identities.nodes.items()} if identities else {}
    paths = [tree.parts[int(node)] for node in tree.leaves[missed].tolist()]
    names = tuple(".".join(now.get(path, path)) for path in paths)
    return Unreached(names, int(shared.sum()), _least(tree, shared, samples) if names else None)


def _with_share(tree: Tree) -> npt.NDArray[np.bool_]:
    """Whether a leaf has a share: neither its own nor that of a node above it is nothing."""
    some = np.ones(len(tree.parts), np.bool_)
    parents: list[int] = tree.parent.tolist()
    for node, share in enumerate(tree.shares):
        nothing = (share.value == 0 and not share.at_least) or share.at_most == 0
        some[node] = (node == 0 or some[parents[node]]) and not nothing
    return some[tree.leaves]


def _of_leaves(tree: Tree, samples: int) -> Ints:
    return count_nodes(tree, samples)[tree.leaves]


def _least(tree: Tree, shared: npt.NDArray[np.bool_], samples: int) -> int | None:
    """Halve the numbers between one that is too small and one that is enough: more samples never take one away."""
    if len(tree.leaves) > _MOST_LEAVES:
        return None
    low, high = samples, max(samples, len(tree.leaves), 1)
    try:
        while not _reached(tree, shared, high):
            if high >= MAX_SAMPLES:
                return None
            low, high = high, min(MAX_SAMPLES, 2 * high)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if _reached(tree, shared, middle) else (middle, high)
    except QuotaError:  # counts and bounds that only fit the samples of now
        return None
    return high


def _reached(tree: Tree, shared: npt.NDArray[np.bool_], samples: int) -> bool:
    return bool((_of_leaves(tree, samples)[shared] > 0).all())
