"""Rows that cannot be used, with one rule for every reason.

A bad row is left out and counted by its reason, unless more than `MOST` of the rows of an input are bad: then the file
is probably not what the spec expects, and the first of them are reported as an error.
"""

from collections import Counter
from fractions import Fraction
from typing import Literal

import msgspec

from tapc.inputs.errors import InputError

MOST = Fraction(5, 100)
"""Largest share of bad rows in an input."""

SHOWN = 3
"""Rows shown in an error."""

Reason = Literal["empty", "marks", "syntax", "encoding", "repeated", "cells", "turns", "shape", "nesting", "size"]

_REASONS: dict[Reason, tuple[str, str]] = {
    "empty": ("has no text", "have no text"),
    "marks": (
        "holds marks of chat templates or broken characters",
        "hold marks of chat templates or broken characters",
    ),
    "syntax": ("cannot be parsed", "cannot be parsed"),
    "encoding": ("is not UTF-8", "are not UTF-8"),
    "repeated": ("names a key twice", "name a key twice"),
    "cells": ("has more or fewer cells than the header", "have more or fewer cells than the header"),
    "turns": ("is no conversation that can be read", "are no conversations that can be read"),
    "shape": ("has an object or a list where the text should be", "have an object or a list where the text should be"),
    "nesting": ("is nested too deeply", "are nested too deeply"),
    "size": ("is too large", "are too large"),
}


class Bad(msgspec.Struct, frozen=True, gc=False):
    """A row that cannot be used.

    Attributes:
        detail: the problem of this row, as the rest of a sentence: "contains a NUL character".
    """

    reason: Reason
    detail: str


class BadRows:
    """Counts bad rows of one input."""

    def __init__(self) -> None:
        self._counts: Counter[Reason] = Counter()
        self._first: dict[Reason, str] = {}
        self._shown: list[str] = []

    @property
    def total(self) -> int:
        """The number of bad rows."""
        return self._counts.total()

    def add(self, place: str, bad: Bad) -> None:
        """Count one; `place` is its file and line."""
        self._counts[bad.reason] += 1
        self._first.setdefault(bad.reason, place)
        if len(self._shown) < SHOWN:
            self._shown.append(f"{place} {bad.detail}")

    def notes(self) -> tuple[str, ...]:
        """One sentence per reason, in the order of the table above."""
        return tuple(
            f"{counted(self._counts[reason], *told)} ({'' if self._counts[reason] == 1 else 'the first: '}"
            f"{self._first[reason]})"
            for reason, told in _REASONS.items()
            if reason in self._counts
        )

    def check(self, name: str, rows: int) -> None:
        """Check that few enough of all rows are bad.

        Raises:
            InputError: too many are.
        """
        bad = self.total
        if not bad or Fraction(bad, rows) <= MOST:
            return
        of = f"{bad:,} of {rows:,} rows" if rows > 1 else "the only row"
        more = f"and {bad - SHOWN:,} more" if bad > SHOWN else ""
        limit = "correct them; up to 5% of the rows may be bad, and are then left out and counted"
        raise InputError("TAP711", f"{of} of {name} cannot be used", *filter(None, (*self._shown, more, limit)))


def counted(count: int, one: str, several: str) -> str:
    """A number of rows with a predicate."""
    return f"1 row {one}" if count == 1 else f"{count:,} rows {several}"
