"""What the readers of one sample space share."""

from fractions import Fraction

import msgspec

from tapc.ir import Example, Share
from tapc.semantics.report import Place, Report
from tapc.semantics.space_input import SpaceInput
from tapc.source import SourceFile
from tapc.syntax.nodes import Name, Path, Quoted, Text, Value

MAX_NODES = 250_000
MAX_DEPTH = 64
MAX_FOLLOWED = 32

UNMARKED = Share.trusted()
"""Shared by all entries without a share."""


class NodeDraft(msgspec.Struct, frozen=True):
    """A node or value as read, before it is checked against its siblings.

    Attributes:
        place: its head, or the row it comes from.
        given: whether a share was written.
        sized: whether that says how large it is, and not only within which bounds.
        children: in order of the text; empty for leaves and values.
    """

    name: str
    place: Place
    share: Share = UNMARKED
    given: bool = False
    sized: bool = False
    title: str | None = None
    definition: str | None = None
    notes: tuple[tuple[str, str], ...] = ()
    examples: tuple[Example, ...] = ()
    children: tuple["NodeDraft", ...] = ()


class Context:
    """One lowering: what is given, what has been used up, and what is being copied.

    Attributes:
        broken: whether the space is too large; said once.
        copying: declarations being copied, outermost first.
        unresolved: number of copies of something that is not there, which is reported where it is read or named.
        plain: shares by the number they are written as.
    """

    def __init__(self, given: SpaceInput) -> None:
        self.given = given
        self.broken = False
        self.copying: list[Place] = []
        self.unresolved = 0
        self.plain: dict[str, Share] = {}
        self._left = MAX_NODES

    @property
    def report(self) -> Report:
        """Takes findings."""
        return self.given.report

    def spend(self, place: Place, nodes: int = 1) -> bool:
        """Count nodes; False once there are too many."""
        self._left -= nodes
        if self._left < 0 and not self.broken:
            self.too_large(f"more than {MAX_NODES:,} nodes and values", place)
        return not self.broken

    def too_large(self, message: str, place: Place) -> None:
        """Report a bound that is passed, once."""
        if not self.broken:
            self.broken = True
            self.report.add("TAP222", message, place)

    def follow(self, file: SourceFile, value: Value) -> tuple[Value, Place]:
        """The value behind params, and where it stands."""
        place = Place(file, value.span)
        for _ in range(MAX_FOLLOWED):
            if not isinstance(value, Path):
                break
            bound = self.given.parameter(place.file, value)
            if bound is None:
                break
            value, place = bound.value, bound.place
        return value, place

    def text(self, file: SourceFile, value: Value) -> str | None:
        """A string or text block, behind params too; None where it is something else."""
        found, _ = self.follow(file, value)
        return found.text if isinstance(found, Quoted | Text) else None


def word_of(value: object) -> str | None:
    """A value as a single unquoted name."""
    if isinstance(value, Path) and len(value.parts) == 1 and isinstance(value.parts[0], Name):
        return value.parts[0].text
    return None


def percent_text(share: Fraction) -> str:
    """A fraction as people write percentages; exact where it ends, else a fraction."""
    return f"{number_text(share * 100)}%"


def number_text(value: Fraction) -> str:
    """An exact number: decimals where they end, else `1/3`."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    digits = 0
    while (value * 10**digits).denominator != 1:
        digits += 1
    whole = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    return f"{'-' if value < 0 else ''}{whole[:-digits]}.{whole[-digits:]}"
