"""The result of every reader: a plain tree, or a refusal."""

from collections.abc import Iterable

import msgspec

from tapc.diagnostics import Diagnostic
from tapc.source import ordinal

MAX_DEPTH = 48
"""Levels of a tree; the language allows 64, and needs some of them for the enclosing blocks."""

MAX_NODES = 200_000


class Node(msgspec.Struct, frozen=True):
    """A node of an imported tree.

    Attributes:
        weight: a plain decimal number, followed by `%` if it is a share of the parent; empty if none is given.
        examples: texts by name.
    """

    name: str
    title: str = ""
    definition: str = ""
    weight: str = ""
    examples: tuple[tuple[tuple[str, str], ...], ...] = ()
    children: tuple["Node", ...] = ()


class Refusal(Exception):  # noqa: N818 - not an error of the program: `convert.py` reports it as a finding
    """The input cannot be imported."""

    def __init__(self, code: str, message: str, note: str) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, "error", message, (), (note,))


def unlike(children: Iterable[Node], where: str) -> tuple[Node, ...]:
    """Return siblings after checking that their names differ and that none reads like a path through another.

    Raises:
        Refusal: two names are equal, or one begins with another followed by a dot.
    """
    found: dict[str, Node] = {}
    places: dict[str, int] = {}
    for place, child in enumerate(children, 1):
        if child.name in found:
            which = f"the {ordinal(places[child.name])} and the {ordinal(place)} of their siblings"
            message = f"{where}: two nodes are named `{child.name[:80]}`, {which}"
            raise Refusal("TAP723", message, "give siblings different names in the source")
        found[child.name] = child
        places[child.name] = place
    for name in found:
        parts = name.split(".")
        other = next((".".join(parts[:n]) for n in range(1, len(parts)) if ".".join(parts[:n]) in found), None)
        if other is not None:
            message = f"{where}: the node `{name[:80]}` reads like a path through its sibling `{other[:80]}`"
            raise Refusal("TAP723", message, "name it without the dot, or put it below that sibling")
    return tuple(found.values())
