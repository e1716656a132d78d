"""Groups of cells with prompts and replies of similar size.

A stratum is a language and a node of the first level of the taxonomy. Tokens per job are estimated by stratum, from
slots that are actually rendered; cells multiply them by their exact counts.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.ir import Reserve, Space
from tapc.plan.slots import Slots
from tapc.quota import Allocation
from tapc.steps import SlotKey

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LANGUAGE = "language"
"""The axis that decides the number of tokens per character."""

_SEARCHED = 4096
"""Number of first slots that are searched for strata that the sample misses."""

_MORE = 256
"""Most slots that are added for such strata."""


class Strata(msgspec.Struct, frozen=True):
    """The strata of an allocation.

    Attributes:
        of_cell: stratum of every cell.
        languages: value of the language axis by stratum; empty if there is none.
        tags: BCP-47 tag of the language by stratum.
        branches: node of the first level by stratum; empty if there is no taxonomy.
        numbers: stratum by (branch, language) index, to find that of a slot.
    """

    of_cell: Ints
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    branches: tuple[str, ...]
    top_of_leaf: Ints
    column: int | None
    numbers: dict[tuple[int, int], int]

    def __len__(self) -> int:
        return len(self.languages)

    def of_slot(self, key: SlotKey) -> int:
        """Stratum of a slot."""
        language = -1 if self.column is None else key.values[self.column]
        return self.numbers[int(self.top_of_leaf[key.leaf]), language]


def find_strata(space: Space, allocation: Allocation) -> Strata:
    """Group the cells of an allocation."""
    tree = allocation.tree
    above = tree.ancestors()
    tops = above[1] if len(above) > 1 else np.full(len(tree.leaves), -1, np.int64)
    names = [name for name, _ in allocation.mixes]
    column = names.index(LANGUAGE) if LANGUAGE in names else None
    language = (
        np.full(len(allocation), -1, np.int64) if column is None else allocation.values[:, column].astype(np.int64)
    )
    pairs = np.stack((tops[allocation.leaf], language), axis=1)
    found, numbers = np.unique(pairs, axis=0, return_inverse=True)
    rows: list[tuple[int, int]] = [(int(top), int(value)) for top, value in found.tolist()]
    values = () if column is None else allocation.mixes[column][1]
    spoken = [values[value] if value >= 0 else "" for _, value in rows]
    tags = _tags(space)
    return Strata(
        of_cell=numbers.reshape(-1).astype(np.int64),
        languages=tuple(spoken),
        tags=tuple(tags.get(name, name) for name in spoken),
        branches=tuple(tree.dotted(top) if top >= 0 else "" for top, _ in rows),
        top_of_leaf=tops,
        column=column,
        numbers={row: number for number, row in enumerate(rows)},
    )


def _tags(space: Space) -> dict[str, str]:
    mixes = (mix for mix in space.mixes if mix.name == LANGUAGE)
    return {value.name: value.language.tag for mix in mixes for value in mix.values if value.language is not None}


def sample_slots(slots: Slots, strata: Strata, most: int) -> Iterator[SlotKey]:
    """Slots to render: all, or a sample at even distances of rank, plus one slot for each stratum it misses."""
    size = len(slots)
    if size <= most:
        yield from slots
        return
    seen: set[int] = set()
    for n in range(most):
        key = slots.at(n * size // most)
        seen.add(strata.of_slot(key))
        yield key
    for key in slots.between(0, _SEARCHED):
        if len(seen) >= min(len(strata), most + _MORE):
            return
        stratum = strata.of_slot(key)
        if stratum not in seen:
            seen.add(stratum)
            yield key


class Cells:
    """The cells of a plan, for whole numbers that add up.

    Args:
        allocation: counts.
        strata: strata of the cells.
        reserve: replacements that a cell may use.
    """

    def __init__(self, allocation: Allocation, strata: Strata, reserve: Reserve) -> None:
        self.allocation = allocation
        self.strata = strata
        self.count = allocation.count
        counts, inverse = np.unique(allocation.count, return_inverse=True)
        spare = [reserve.most(count) for count in counts.tolist()]
        self.most = self.count + np.array(spare, np.int64)[inverse.reshape(-1)] if spare else self.count
        self._order = np.lexsort(allocation.words)
        self._back = np.argsort(self._order, kind="stable")

    def __len__(self) -> int:
        return len(self.count)

    def whole(self, amounts: npt.NDArray[np.floating[Any]]) -> Ints:
        """Whole numbers for amounts by cell, each off by less than one, so that every sum of many is nearly exact.

        The remainder of rounding one cell is carried to the next, in order of the hashes of the cells: neighbors in
        that order have nothing in common, so no value of an axis is favored.
        """
        steps = np.rint(np.cumsum(amounts[self._order]))
        return np.diff(steps, prepend=0.0).astype(np.int64)[self._back]

    def times(self, axes: tuple[str, ...]) -> int:
        """The number of combinations of values of some axes; for no axes, the number of slots."""
        return self.shares(axes)[1] if axes else int(self.count.sum())

    def shares(self, axes: tuple[str, ...]) -> tuple[Floats, int]:
        """The share of each cell in its combination of values of some axes, and the number of combinations."""
        numbers = self.combinations(axes)
        sums = np.bincount(numbers, weights=self.count.astype(np.float64))
        return self.count / sums[numbers], len(sums)

    def combinations(self, axes: tuple[str, ...]) -> Ints:
        """The combination of values of some axes that each cell has, as numbers from 0."""
        names = [name for name, _ in self.allocation.mixes]
        columns = [
            self.allocation.values[:, names.index(axis)] if axis in names else self.allocation.leaf for axis in axes
        ]
        if not columns or not len(self):
            return np.zeros(len(self), np.int64)
        _, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        return inverse.reshape(-1).astype(np.int64)
