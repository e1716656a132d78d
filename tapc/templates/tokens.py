"""Tokens of a template and their places in its text, and places of the text in the file."""

from collections.abc import Callable

import msgspec

from tapc.source import SourceFile, Span
from tapc.syntax.nodes import Quoted, Text

_ESCAPES = {"u": 6, "U": 10, "x": 4}


def span_map(node: Text | Quoted, file: SourceFile) -> Callable[[int, int], Span]:
    """A function from a range of the template's text to its range in the file."""
    offsets = _text_offsets(node) if isinstance(node, Text) else _quoted_offsets(node, file)
    if offsets is None:
        return lambda _start, _end: node.span

    def span(start: int, end: int) -> Span:
        last = len(offsets) - 1
        begin = offsets[min(start, last)]
        return Span(begin, max(begin, offsets[min(max(end - 1, start), last)] + (1 if end > start else 0)))

    return span


def _text_offsets(node: Text) -> list[int] | None:
    found: list[int] = []
    lines = node.text.split("\n")
    if len(lines) != len(node.offsets):
        return None
    for start, line in zip(node.offsets, lines, strict=True):
        found.extend(range(start, start + len(line) + 1))
    return found


def _quoted_offsets(node: Quoted, file: SourceFile) -> list[int] | None:
    """Offsets of the characters between the quotes; None if the escapes do not explain the text."""
    raw = file.slice(node.span)
    found: list[int] = []
    at = 1
    while at < len(raw) - 1:
        found.append(node.span.start + at)
        at += _escape_length(raw, at) if raw[at] == "\\" else 1
    found.append(node.span.start + at)
    return found if len(found) == len(node.text) + 1 else None


def _escape_length(raw: str, at: int) -> int:
    kind = raw[at + 1 : at + 2]
    if kind == "u" and raw[at + 2 : at + 3] == "{":
        return raw.find("}", at) + 1 - at or 2
    return _ESCAPES.get(kind, 2)


class Token(msgspec.Struct, frozen=True):
    """A token of Jinja's lexer and its place in the text of the template.

    Attributes:
        kind: Jinja's name for it: `data`, `variable_begin`, `name`, …
        tag: index of the first token of the enclosing expression or tag; -1 for text.
    """

    kind: str
    value: str
    start: int
    end: int
    line: int
    tag: int


_OPENING = ("variable_begin", "block_begin", "comment_begin", "raw_begin")
_CLOSING = ("variable_end", "block_end", "comment_end", "raw_end")


class Tokens:
    """All tokens of a template; lexing stops silently at an error, which the parser then reports."""

    def __init__(self, text: str) -> None:
        from jinja2 import TemplateSyntaxError  # noqa: PLC0415 - heavy, and specs without templates exist

        from tapc.templates.environment import environment  # noqa: PLC0415

        self.text = text
        self.items: list[Token] = []
        at, tag = 0, -1
        try:
            for line, kind, value in environment().lexer.tokeniter(text, None):
                start = _align(text, value, at)
                if kind in _OPENING:
                    tag = len(self.items)
                self.items.append(Token(kind, value, start, start + len(value), line, tag))
                if kind in _CLOSING:
                    tag = -1
                at = start + len(value)
        except TemplateSyntaxError:
            pass

    def tag_at_line(self, line: int) -> tuple[int, int]:
        """Range of the last expression or tag that begins on or before a line; the line itself if there is none."""
        opened = [token for token in self.items if token.kind in _OPENING and token.line <= line]
        if not opened:
            starts = [0, *(i + 1 for i, c in enumerate(self.text) if c == "\n")]
            start = starts[min(line, len(starts)) - 1]
            end = self.text.find("\n", start)
            return start, len(self.text) if end < 0 else end
        return self.tag_range(self.items.index(opened[-1]))

    def tag_range(self, first: int) -> tuple[int, int]:
        """Range of the expression or tag that begins with the given token."""
        inside = [token for token in self.items[first:] if token.tag == first and token.kind != "whitespace"]
        end = inside[-1].end
        return inside[0].start, inside[0].start + len(self.text[inside[0].start : end].rstrip())


def _align(text: str, value: str, at: int) -> int:
    """Start of a token; only stripped white space may precede it."""
    found = text.find(value, at)
    return found if found >= 0 and not text[at:found].strip() else at
