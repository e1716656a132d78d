"""What a row is drawn as: the hash of its text, and a number among equal ones.

A row is told from others by its text, and by the turns that lead to it. So adding a column to the spec, or editing one
that no prompt reads, changes no draw. Rows with the same text are *variants* of it if their columns or the values of
their axes differ: the first variant (by hash) is drawn as its text, the others as text and columns. Equal rows are
numbered.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from tapc.quota.arrays import Words, scramble
from tapc.steps import Origin

Ints = npt.NDArray[np.int64]


class RowIdentities:
    """Identities of rows, by number of the row.

    Args:
        words: two words per row.
        copies: number of each row among equal ones; None if all of them are 0.
    """

    def __init__(self, words: Words, copies: npt.NDArray[np.uint32] | None) -> None:
        self._data = words.astype(">u8").tobytes()
        self._copies = copies
        self._order: Ints | None = None

    def __len__(self) -> int:
        return len(self._data) // 16

    @property
    def words(self) -> Words:
        """The words in the order of bytes that draws have."""
        return np.frombuffer(self._data, ">u8").reshape(-1, 2)

    def copies(self, rows: Ints) -> Ints:
        """The number of rows among equal ones."""
        return np.zeros(len(rows), np.int64) if self._copies is None else self._copies[rows].astype(np.int64)

    def origins(self, rows: Ints) -> list[Origin]:
        """What rows are drawn as."""
        data = self.words[rows].tobytes()
        copies: list[int] = self.copies(rows).tolist()
        return [Origin(data[16 * n : 16 * n + 16], copy) for n, copy in enumerate(copies)]

    def matches(self, row: int, origin: Origin) -> bool:
        """Whether a row is drawn as this."""
        return self._data[16 * row : 16 * row + 16] == origin.cell and self._copy(row) == origin.ordinal

    def _copy(self, row: int) -> int:
        return 0 if self._copies is None else int(self._copies[row])

    def find(self, origin: Origin) -> int:
        """The number of the row that is drawn as this, -1 if there is none."""
        words = self.words[:, 0]
        if self._order is None:
            self._order = np.argsort(words, kind="stable")
        first = int.from_bytes(origin.cell[:8], "big")
        low, high = (int(np.searchsorted(words, first, side, sorter=self._order)) for side in ("left", "right"))
        return next((row for row in self._order[low:high].tolist() if self.matches(row, origin)), -1)


def identify(
    texts: Words, columns: Words, belongs: npt.NDArray[np.int32], pools: Sequence[bytes]
) -> tuple[RowIdentities, tuple[Ints, ...]]:
    """Identities of rows, and the rows of each pool in order of the hash of their text.

    Args:
        texts: hash of the text of every row, shape (rows, 2).
        columns: hash of the columns of every row.
        belongs: pool of every row.
        pools: a name of every pool that does not depend on the other ones.
    """
    of_pool = np.array(
        [int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big") for name in pools], np.uint64
    )
    variant = scramble(columns ^ of_pool[belongs]) if len(belongs) else columns
    order = np.lexsort((variant, texts[:, 1], texts[:, 0]))
    by_pool = order[np.argsort(belongs[order], kind="stable")] if len(pools) > 1 else order
    edges = np.searchsorted(belongs[by_pool], np.arange(len(pools) + 1))
    rows = tuple(by_pool[edges[n] : edges[n + 1]] for n in range(len(pools)))
    if not len(order):
        return RowIdentities(texts, None), rows
    # In the order of text, then variant: where another text begins, and where another variant does.
    text = np.any(texts[order[1:]] != texts[order[:-1]], axis=1)
    if text.all():
        return RowIdentities(texts, None), rows
    text = np.concatenate(([True], text))
    other = text | np.concatenate(([True], variant[order[1:]] != variant[order[:-1]]))
    place = np.arange(len(order))
    first = np.maximum.accumulate(np.where(other, place, 0))
    copies = np.empty(len(order), np.uint32)
    copies[order] = place - first
    words = texts.copy()
    later = order[first > np.maximum.accumulate(np.where(text, place, 0))]
    for half in (0, 1):
        words[later, half] = scramble(texts[later, half] ^ scramble(variant[later] + np.uint64(half)))
    return RowIdentities(words, copies if copies.any() else None), rows
