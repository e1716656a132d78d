"""What an encoding is: how the rows of a config become the bytes of its files."""

from collections.abc import Callable, Iterable

import msgspec

from tapc.rows.columns import Column


class Encoding(msgspec.Struct, frozen=True):
    """One way to write rows.

    Attributes:
        name: how it is called.
        suffix: of its files, without the dot.
        encode: makes the bytes of one file, piece by piece, from its rows and the columns of their config. Rows are
            JSON objects with their line ends, in final order; all of them must be taken.
    """

    name: str
    suffix: str
    encode: Callable[[Iterable[bytes], tuple[Column, ...]], Iterable[bytes]]
