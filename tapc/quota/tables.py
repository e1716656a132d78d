"""Errors of pair counts while roundings are exchanged."""

import numpy as np

from tapc.quota.arrays import Flags, Ints
from tapc.quota.pairs import PairTable

_BITS = 16
ONE = 1 << _BITS
"""One sample, in the unit of errors."""


class Table:
    """The errors of one pair table, in 2**-16 samples.

    Attributes:
        index: value of the other mix, for every row.
        error: count minus target of each pair, shape (values of the other mix, V); it changes.
    """

    def __init__(self, index: Ints, table: PairTable, whole: Ints, up: Flags) -> None:
        self.index = index
        found = whole.copy()
        row, value = np.nonzero(up)
        np.add.at(found, (index[row], value), 1)
        low = np.array(table.numerator // table.scale, np.int64)
        fine = np.array((table.numerator - low.astype(object) * table.scale) * ONE // table.scale, np.int64)
        exact = np.array(table.numerator % table.scale == 0, np.bool_)
        self.error: Ints = ((found - low) << _BITS) - fine
        # The fraction of the target is truncated to 16 bits; exact integers decide whether a pair is too far off.
        self._most: Ints = np.where(exact, 0, 1)
        self._fine = fine

    def off(self) -> Ints:
        """The number of samples above (positive) or below (negative) the integers around the target."""
        return self.off_at(np.arange(len(self.error)))

    def off_at(self, others: Ints) -> Ints:
        """The same for some values of the other mix."""
        above = (self.error[others] + self._fine[others]) >> _BITS
        return np.maximum(above - self._most[others], 0) + np.minimum(above, 0)

    def tolls(self) -> tuple[Ints, Ints]:
        """How one sample less, and one more, changes the number of samples by which every pair is off: -1, 0 or 1."""
        above = (self.error + self._fine) >> _BITS
        return (above <= 0) * 1 - (above > self._most), (above >= self._most) * 1 - (above < 0)

    def add(self, row: int, source: int, target: int) -> None:
        """Record that a row changes a rounding of `source` to one of `target`."""
        self.error[self.index[row], source] -= ONE
        self.error[self.index[row], target] += ONE


def build_tables(index: list[Ints], tables: list[PairTable], whole: list[Ints], up: Flags) -> list[Table]:
    """The errors of all tables of a mix.

    Args:
        index: value of the other mix of every row, for each table.
        tables: targets.
        whole: pair counts without roundings, for each table.
        up: roundings.
    """
    return [Table(i, table, fixed, up) for i, table, fixed in zip(index, tables, whole, strict=True)]
