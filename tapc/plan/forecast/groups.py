"""Groups of cells whose acceptance is counted together: cells, or strata if there are very many."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from tapc.plan.compile import Planned
from tapc.plan.estimate import LANGUAGE, Strata
from tapc.plan.forecast.rates import Rate
from tapc.plan.forecast.stages import Ints
from tapc.plan.forecast.tally import StepCounts
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


class StepRecord(msgspec.Struct, frozen=True):
    """What one step did in a run, as it is recorded.

    Attributes:
        counts: `reached`, `passed`, `tries`, `good` of each group that was reached, with the number of the group.
        reasons: failures by reason.
    """

    counts: list[tuple[int, int, int, int, int]]
    reasons: dict[str, int]


class Record(msgspec.Struct, frozen=True):
    """Acceptance in the run of a plan.

    Attributes:
        axes: names of the axes whose values make a group.
        values: their values, by group.
        fine: whether taxonomy values are leaves; else they are nodes of the first level.
        steps: counts by name of step.
    """

    axes: tuple[str, ...]
    values: list[tuple[str, ...]]
    fine: bool
    steps: dict[str, StepRecord]


def record_of(groups: Groups, names: Sequence[str], counts: Sequence[StepCounts]) -> Record:
    """What is recorded of counts.

    Args:
        groups: groups of the plan.
        names: names of the steps.
        counts: counts of each.
    """
    steps: dict[str, StepRecord] = {}
    for name, one in zip(names, counts, strict=True):
        table = np.stack((one.reached, one.passed, one.tries, one.good), axis=1)
        some = np.flatnonzero(table.any(axis=1))
        steps[name] = StepRecord([(int(g), *map(int, table[g])) for g in some], one.reasons)  # type: ignore[misc]
    return Record(groups.axes, list(groups.values), groups.fine, steps)


def rates_from(record: Record, step: str, groups: Groups) -> tuple[Rate, Rate] | None:
    """Success of tries and passing of slots that a record has of a step, by group of another plan.

    Groups are matched by the axes that both have; what matches nothing counts for all, as a group of its own. The rates
    therefore have one more group than the plan, the last one.
    """
    found = record.steps.get(step)
    if found is None or not found.counts:
        return None
    common = [axis for axis in groups.axes if axis in record.axes]
    here = [groups.axes.index(axis) for axis in common]
    there = [record.axes.index(axis) for axis in common]
    coarse = not (record.fine and groups.fine)

    def name(values: Sequence[str], at: Sequence[int]) -> tuple[str, ...]:
        picked = (values[i] for i in at)
        return tuple(value.partition(".")[0] for value in picked) if coarse else tuple(picked)

    sums: dict[tuple[str, ...], list[int]] = {}
    for number, *numbers in found.counts:
        row = sums.setdefault(name(record.values[number], there), [0, 0, 0, 0])
        for i, n in enumerate(numbers):
            row[i] += n
    table = np.zeros((len(groups) + 1, 4))
    mine: dict[tuple[str, ...], list[int]] = {}
    for number, values in enumerate(groups.values):
        mine.setdefault(name(values, here), []).append(number)
    for key, numbers in sums.items():
        at = mine.get(key, [len(groups)])
        # several groups of this plan are what one was there: each knows what that one knows, and they share its weight
        table[at] += np.array(numbers, np.float64) / len(at)
    return Rate(table[:, 3], table[:, 2]), Rate(table[:, 1], table[:, 0])
