"""Groups of cells whose acceptance is counted together: cells, or strata if there are very many."""

from collections.abc import Mapping

import msgspec
import numpy as np

from tapc.plan.compile import Planned
from tapc.plan.estimate import LANGUAGE, Strata
from tapc.plan.forecast.stages import Ints
from tapc.steps import SlotKey

MOST = 4096
"""Most groups; of more cells, their strata are the groups."""


class Groups(msgspec.Struct, frozen=True):
    """The groups of a plan.

    Attributes:
        of_cell: group of each cell.
        axes: names of the axes whose values make a group.
        values: values of these axes, by group; of strata, the first level of the taxonomy.
        numbers: group by leaf and values of a slot; empty if the groups are strata.
        strata: strata of the plan.
        fine: whether the groups are cells.
    """

    of_cell: Ints
    axes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    numbers: Mapping[tuple[int, tuple[int, ...]], int]
    strata: Strata
    fine: bool

    def __len__(self) -> int:
        return len(self.values)

    def of_slot(self, key: SlotKey) -> int:
        """The group of a slot."""
        return self.numbers[key.leaf, key.values] if self.fine else self.strata.of_slot(key)


def find_groups(planned: Planned, strata: Strata) -> Groups:
    """The groups of a plan."""
    given = planned.allocation
    tree = given.tree
    axes = ((tree.axis,) if tree.axis else ()) + tuple(name for name, _ in given.mixes)
    if len(given) > MOST:
        kept = [axis for axis in axes if axis in (tree.axis, LANGUAGE)]
        found: list[tuple[str, ...]] = []
        for branch, language in zip(strata.branches, strata.languages, strict=True):
            found.append(tuple(branch if axis == tree.axis else language for axis in kept))
        return Groups(strata.of_cell, tuple(kept), tuple(found), {}, strata, fine=False)
    names = [tree.dotted(int(node)) for node in tree.leaves]
    found, numbers = [], dict[tuple[int, tuple[int, ...]], int]()
    leaves: list[int] = given.leaf.tolist()
    rows: list[list[int]] = given.values.tolist()
    for leaf, row in zip(leaves, rows, strict=True):
        numbers[leaf, tuple(row)] = len(found)
        of_mixes = [mix[1][at] for mix, at in zip(given.mixes, row, strict=True)]
        found.append((names[leaf], *of_mixes) if tree.axis else tuple(of_mixes))
    return Groups(np.arange(len(given), dtype=np.int64), axes, tuple(found), numbers, strata, fine=True)
