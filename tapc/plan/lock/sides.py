"""Locks in which git left both sides of a conflict: what the sides are, and whether either may be taken.

Either side of differing counts is good: the plan follows from the spec, and keeps the samples of that side. Sides that
count or draw samples by other names are not two versions of one dataset: each has samples that the other cannot have.
"""

import re
from collections.abc import Sequence

CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?: |\Z)|={7}\Z")
"""Lines with which git marks the two sides of a conflict."""

_HEADER = ("taxonomy", "identity")
"""Words of lines by which a lock counts and draws samples."""


def find_sides(lines: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """The lines of our side and of theirs; None if the marks of git are not complete."""
    ours: list[str] = []
    theirs: list[str] = []
    taken: tuple[list[str], ...] = (ours, theirs)
    for line in lines:
        mark = line[:7] if CONFLICT.match(line) else ""
        if mark == "<" * 7 and len(taken) == 2:
            taken = (ours,)
        elif mark == "|" * 7 and taken and taken[0] is ours and len(taken) == 1:
            taken = ()  # what both sides had before
        elif mark == "=" * 7 and (not taken or (taken[0] is ours and len(taken) == 1)):
            taken = (theirs,)
        elif mark == ">" * 7 and taken and taken[0] is theirs:
            taken = (ours, theirs)
        elif mark:
            return None
        else:
            for side in taken:
                side.append(line)
    return (ours, theirs) if len(taken) == 2 else None


def differing_headers(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[str, str, str]]:
    """What the two sides count and draw samples by, where it differs: the word, and what each has."""
    found: list[tuple[str, str, str]] = []
    if ours[:1] != theirs[:1]:
        found.append(("format", ours[0] if ours else "", theirs[0] if theirs else ""))
    for word in _HEADER:
        mine, other = _said(word, ours), _said(word, theirs)
        if mine != other and mine is not None and other is not None:
            found.append((word, mine, other))
    return found


def _said(word: str, lines: Sequence[str]) -> str | None:
    """What a line of the header says; None if there is none, as in the first format, or without a taxonomy."""
    return next((line[len(word) :].strip() for line in lines if line.split(" ", 1)[0] == word), None)
