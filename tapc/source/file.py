"""A text with a name, and places in it."""

from bisect import bisect_right
from functools import cached_property

import msgspec


class Span(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """A half-open range of code points in one source file."""

    start: int
    end: int

    def to(self, other: "Span") -> "Span":
        """Return the smallest span that covers both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Position(msgspec.Struct, frozen=True, gc=False, order=True):
    """A place as shown to people: line and column from 1, columns in code points."""

    line: int
    column: int


class SourceFile:
    """An immutable text and the name by which users know it.

    Attributes:
        name: path as the user gave it, or `std.…` for a bundled module; used in every message.
        text: the whole text, with the line ends of the file.
    """

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def __repr__(self) -> str:
        return f"SourceFile({self.name!r}, {len(self.text)} characters)"

    @cached_property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of every line."""
        starts = [0]
        find, at = self.text.find, 0
        while (at := find("\n", at)) >= 0:
            at += 1
            starts.append(at)
        return starts

    def position(self, offset: int) -> Position:
        """Line and column of an offset; offsets past the end mean the end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Text of a line (from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
