"""The data that each stage of the allocation passes to the next."""

import msgspec

from tapc.quota.arrays import Ints, Words


class Rows(msgspec.Struct, frozen=True):
    """Partial cells with a count above 0, sorted by leaf and then by values.

    Attributes:
        leaf: leaf of every row.
        values: index of the value, for each mix split so far.
        count: samples.
        words: two 64-bit sums of the content hashes of leaf and values.
    """

    leaf: Ints
    values: dict[str, Ints]
    count: Ints
    words: tuple[Words, Words]
