"""Rows in the order slots finish, given back in rank order.

Slots finish in any order; files are written in rank order. Encoded rows go to a temporary file at once, and only their
places are kept in memory (12 bytes a row), so that memory does not grow with the rows themselves.
"""

from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

_BUFFER = 1 << 20
_CHUNK = 4096


class Spool:
    """Append encoded rows with their rank; iterate them by rank, and in order of addition within a rank.

    Args:
        path: file to create; removed by `close`.

    Raises:
        OSError: the disk is full or gone; what was handed in before is of no use without the rest.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("w+b", buffering=_BUFFER)
        self._ranks: array[int] = array("q")
        self._sizes: array[int] = array("I")

    def __len__(self) -> int:
        return len(self._ranks)

    def add(self, rank: int, row: bytes) -> None:
        """Keep one encoded row."""
        self._file.write(row)
        self._ranks.append(rank)
        self._sizes.append(len(row))

    def ranks(self) -> npt.NDArray[np.int64]:
        """Ranks of the rows, in order of addition."""
        return np.array(self._ranks, dtype=np.int64)

    def ordered(self, chosen: npt.NDArray[np.bool_] | None = None) -> Iterator[bytes]:
        """All rows by rank, or those chosen.

        Args:
            chosen: whether to take a row, in order of addition.
        """
        self._file.flush()
        order = np.argsort(np.frombuffer(self._ranks, np.int64), kind="stable")
        if chosen is not None:
            order = order[chosen[order]]
        sizes = np.array(self._sizes, dtype=np.uint32)
        starts = np.cumsum(sizes, dtype=np.int64) - sizes
        at, read = -1, self._file.read
        for first in range(0, len(order), _CHUNK):
            places = order[first : first + _CHUNK]
            for start, size in zip(starts[places].tolist(), sizes[places].tolist(), strict=True):
                if start != at:
                    self._file.seek(start)
                yield read(size)
                at = start + size

    def close(self) -> None:
        """Forget everything."""
        self._file.close()
        self._path.unlink(missing_ok=True)
