"""The first pass over a text: comments, nesting, and whether quotes and brackets match."""

import re

from tapc.source import Span
from tapc.syntax.nodes import Comment

MAX_DEPTH = 64
"""Deepest nesting of blocks, lists and calls, along which later phases recurse."""

_MARKS = re.compile(
    r'"""[ \t]*\r?\n(?:[^\n]*\n)*?[ \t]*(?P<text>""")'
    r'|(?P<bad>""")'
    r'|(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r"|(?P<comment>//[^\r\n]*)"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])"
    r'|(?P<quote>")'
)


def is_doc(text: str) -> bool:
    """Whether a comment is a doc comment."""
    return text.startswith("///") and not text.startswith("////")


def comment_at(text: str, start: int, end: int) -> Comment:
    """The node of a comment."""
    line = text.rfind("\n", 0, start) + 1
    return Comment(Span(start, end), text[start:end].rstrip(), not text[line:start].strip(" \t\ufeff"))


def look(text: str) -> tuple[list[Comment], bool]:
    """Scan a text, in linear time if it is well-formed.

    Returns:
        The comments, and whether quotes are closed and nesting is shallow enough to parse the text as a whole; if not,
        the
        comments may be incomplete.
    """
    comments: list[Comment] = []
    depth = 0
    for match in _MARKS.finditer(text):
        kind = match.lastgroup
        if kind == "open":
            depth += 1
            if depth > MAX_DEPTH:
                return comments, False
        elif kind == "close":
            depth -= 1
        elif kind == "comment":
            if not is_doc(match.group()):
                comments.append(comment_at(text, match.start(), match.end()))
        elif kind in {"bad", "quote"}:
            return comments, False
    return comments, True
