"""The text of how late mixes divide the cells of a lock."""

import re

import numpy as np

from tapc.ir import MAX_SAMPLES
from tapc.plan.lock.names import ABSENT, PARTS, DamageError, escape, unescape
from tapc.quota import Divisions

_VERSION = re.compile(r"([1-9][0-9]{0,8})([=+])(.+)", re.DOTALL)
_PART = re.compile(r"([^*]+)(?:\*([1-9][0-9]{0,9}))?", re.DOTALL)


def write_divisions(divisions: Divisions) -> dict[int, str]:
    """The text of every cell that late mixes divide."""
    names = [[*(escape(value, PARTS) for value in values), ABSENT] for _, values in divisions.mixes]
    found: dict[int, str] = {}
    cell = plan = batch = -1
    columns = (divisions.base, divisions.plan, divisions.batch, divisions.size)
    rows: list[list[int]] = divisions.values.tolist()
    for (base, since, number, size), row in zip(np.stack(columns, axis=1).tolist(), rows, strict=True):
        if base != cell:
            found[base] = f"{since}{'+' if number else '='}"
        elif since != plan:
            found[base] += f";{since}{'+' if number else '='}"
        else:
            found[base] += "|" if number != batch else ","
        cell, plan, batch = base, since, number
        values = "/".join(known[index] for known, index in zip(names, row, strict=True))
        found[base] += values if size == 1 else f"{values}*{size}"
    return found


class DivisionsReader:
    """Reads the text of one cell after another.

    Args:
        mixes: names of the late mixes, sorted.
    """

    def __init__(self, mixes: tuple[str, ...]) -> None:
        self._mixes = mixes
        self._known: list[dict[str, int]] = [{} for _ in mixes]
        self._rows: list[tuple[int, int, int, int]] = []  # cell, plan, batch, size
        self._values: list[tuple[int, ...]] = []

    def read(self, cell: int, text: str) -> int | None:
        """Read the versions of a cell.

        Returns:
            The samples that the latest version divides; None if there are no late mixes any more.

        Raises:
            DamageError: the text is not valid.
        """
        last, batch, total, divided = 0, 0, 0, False
        for version in text.split(";"):
            found = _VERSION.fullmatch(version)
            if found is None or int(found[1]) <= last or (found[2] == "+" and not divided):
                raise DamageError(f"`{version}` does not divide a cell")
            last = int(found[1])
            if found[2] == "=":
                batch, total = 0, 0
            kinds: set[bool] = set()
            for parts in found[3].split("|"):
                for part in parts.split(","):
                    size, named = self._read_part(cell, last, batch, part)
                    total += size
                    kinds.add(named)
                batch += 1
            divided = kinds == {True}
            if total > MAX_SAMPLES or not (divided or (batch, total) == (1, 1)):
                raise DamageError(f"`{version}` does not divide a cell")
        return total if divided else None

    def _read_part(self, cell: int, plan: int, batch: int, text: str) -> tuple[int, bool]:
        found = _PART.fullmatch(text)
        names = found[1].split("/") if found else []
        if found is None or len(names) != len(self._mixes):
            raise DamageError(f"`{text}` is not a value of each late mix")
        size = int(found[2] or 1)
        row = tuple(
            -1 if name == ABSENT else known.setdefault(unescape(name, PARTS), len(known))
            for name, known in zip(names, self._known, strict=True)
        )
        self._rows.append((cell, plan, batch, size))
        self._values.append(row)
        return size, any(index >= 0 for index in row)

    def divisions(self, place: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Divisions | None:
        """What was read, with other numbers of cells; None if it is nothing.

        Args:
            place: the new number of every cell.
        """
        if not self._rows:
            return None
        base, plan, batch, size = np.array(self._rows, np.int64).T
        values = np.array(self._values, np.int64)
        mixes: list[tuple[str, tuple[str, ...]]] = []
        for column, (mix, known) in enumerate(zip(self._mixes, self._known, strict=True)):
            names = tuple(sorted(known))
            mixes.append((mix, names))
            number = {name: n for n, name in enumerate(names)}
            index = np.array([*(number[name] for name in known), -1], np.int64)
            values[:, column] = index[values[:, column]]
        order = np.argsort(place[base], kind="stable")
        return Divisions(tuple(mixes), place[base][order], plan[order], batch[order], size[order], values[order])
