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


def differing_headers(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[str, str]]:
    """What the two sides count and draw samples by, where it differs, as their lines say it."""
    found: list[tuple[str, str]] = []
    if ours[:1] != theirs[:1]:
        found.append(("".join(ours[:1]), "".join(theirs[:1])))
    for word in _HEADER:
        both = _line(word, ours), _line(word, theirs)
        absent = not all(both) and word != "taxonomy"  # the first format has no `identity`
        if both[0] != both[1] and not absent:
            found.append((both[0] or f"no {word}", both[1] or f"no {word}"))
    return found


def _line(word: str, lines: Sequence[str]) -> str:
    """The line of the header that begins with a word; empty if there is none."""
    return next((line for line in lines if line.split(" ", 1)[0] == word), "")
