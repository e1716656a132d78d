"""Replacing slots that failed, within their cell and its reserve."""

from collections import Counter
from typing import Protocol

import msgspec

from tapc.engine.fold.slotrun import Finished
from tapc.ir import Reserve
from tapc.steps import SlotKey


class Shortage(msgspec.Struct, frozen=True):
    """A cell that ends with fewer accepted slots than planned.

    Attributes:
        key: any slot of the cell.
        missing: how many slots it lacks.
        reason: the most frequent reason among its failed slots.
    """

    key: SlotKey
    missing: int
    reason: str


class SpareSlots(Protocol):
    """The slots behind the planned ones. Each fold has its own: which of them there are can depend on earlier ones."""

    def planned(self, key: SlotKey) -> int:
        """Slots that the plan has in the cell of a slot; ordinals from there on are replacements."""
        ...

    def replacement(self, key: SlotKey, used: int, rank: int) -> SlotKey:
        """A slot in the cell of another, in the order in which they are admitted.

        Args:
            key: any slot of the cell.
            used: replacements that the cell has had.
            rank: the rank of the new slot.
        """
        ...


class _Cell:
    __slots__ = ("key", "lost", "open", "reasons", "used")

    def __init__(self, key: SlotKey) -> None:
        self.key = key
        self.open = 0
        self.used = 0
        self.lost = 0
        self.reasons: Counter[str] = Counter()


class Replacements:
    """Books failed slots and makes the next round of slots in their place.

    Only cells with failures take memory.

    Args:
        spare: where they come from.
        reserve: how many a cell may use.
        first_rank: rank of the first replacement, the number of planned slots.
    """

    def __init__(self, spare: SpareSlots, reserve: Reserve, first_rank: int) -> None:
        self._spare = spare
        self._reserve = reserve
        self._rank = first_rank
        self._cells: dict[bytes, _Cell] = {}

    def book(self, finished: Finished) -> None:
        """Note a finished slot; accepted ones need nothing.

        A slot without a reply is not replaced: network luck must not steer content.
        """
        if finished.status == "accepted":
            return
        key = finished.state.key
        cell = self._cells.get(key.cell)
        if cell is None:
            cell = self._cells[key.cell] = _Cell(key)
        if finished.status == "rejected":
            cell.open += 1
            short = finished.short
            cell.reasons[f"{short.step}: {short.reason}" if short else "rejected"] += 1
        else:
            cell.lost += 1
            cell.reasons[finished.missing] += 1

    def next_round(self) -> list[SlotKey]:
        """Slots for all open failures, in order of cells; empty when nothing is open or every reserve is used up."""
        found: list[SlotKey] = []
        for _, cell in sorted(self._cells.items()):
            planned = self._spare.planned(cell.key)
            now = min(cell.open, self._reserve.most(planned) - cell.used)
            for i in range(cell.used, cell.used + now):
                found.append(self._spare.replacement(cell.key, i, self._rank))
                self._rank += 1
            cell.used += now
            cell.lost += cell.open - now
            cell.open = 0
        return found

    def shortages(self) -> list[Shortage]:
        """Cells that lack slots, in order of cells; open failures count as lacking."""
        return [
            Shortage(cell.key, cell.lost + cell.open, _most_common(cell.reasons))
            for _, cell in sorted(self._cells.items())
            if cell.lost + cell.open
        ]


def _most_common(reasons: Counter[str]) -> str:
    return min(reasons, key=lambda reason: (-reasons[reason], reason))
