"""The content of strings and text blocks."""

import re

from tapc.source import Span
from tapc.syntax.nodes import Quoted, Text
from tapc.syntax.problem import Patch, Refused, SyntaxProblem

_ESCAPE = re.compile(
    r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?|(.))", re.DOTALL
)
_PLAIN = {'"': '"', "\\": "\\", "/": "/", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_INDENT = re.compile(r"[ \t]*")
_ESCAPES_NOTE = r"escapes are \" \\ \/ \n \t \r \b \f \uXXXX and \u{X…}; a backslash itself is \\"


def _refuse(message: str, span: Span, *patches: Patch) -> Refused:
    return Refused(SyntaxProblem("TAP015", message, span, notes=(_ESCAPES_NOTE,), patches=patches))


def _code_point(number: int, span: Span) -> str:
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise _refuse(f"U+{number:04X} is not a character", span)
    return chr(number)


def unescape(raw: str, start: int) -> str:
    """The content of a string; `raw` is the text between its quotes, `start` its offset.

    Raises:
        Refused: an escape is invalid.
    """

    def replace(match: re.Match[str]) -> str:
        span = Span(start + match.start(), start + match.end())
        braced, four, low, plain = match.groups()
        if braced is not None:
            return _code_point(int(braced, 16), span)
        if four is not None:
            high = int(four, 16)
            if low is None:
                return _code_point(high, span)
            if 0xD800 <= high <= 0xDBFF:
                return chr(0x10000 + ((high - 0xD800) << 10) + int(low, 16) - 0xDC00)
            raise _refuse(f"\\u{low} is half a character", span)
        if plain in _PLAIN:
            return _PLAIN[plain]
        patch = Patch("double the backslash", ((Span(span.start, span.start + 1), "\\\\"),), safe=False)
        raise _refuse(f"unknown escape `{match.group()}`", span, patch)

    return _ESCAPE.sub(replace, raw)


def quoted(raw: str, start: int) -> Quoted:
    """The node of a string token.

    Raises:
        Refused: see `unescape`.
    """
    content = raw[1:-1]
    if "\\" in content:
        content = unescape(content, start + 1)
    return Quoted(Span(start, start + len(raw)), content)


def text_block(raw: str, start: int) -> Text:
    """The node of a token in triple quotes.

    Raises:
        Refused: a line is indented less than the closing quotes.
    """
    span = Span(start, start + len(raw))
    *lines, last = raw.split("\n")[1:]
    indent = last[: -len('"""')]
    at = start + raw.index("\n") + 1
    kept: list[str] = []
    offsets: list[int] = []
    for line in lines:
        content = line.removesuffix("\r")
        if content.startswith(indent):
            kept.append(content[len(indent) :])
            offsets.append(at + len(indent))
        elif not content.strip(" \t"):
            kept.append("")
            offsets.append(at + len(content))
        else:
            raise Refused(_less_indented(content, at, indent, span))
        at += len(line) + 1
    return Text(span, "\n".join(kept), tuple(offsets) or (at + len(indent),))


def _less_indented(line: str, at: int, indent: str, block: Span) -> SyntaxProblem:
    found = _INDENT.match(line)
    width = found.end() if found else 0
    mixed = "\t" in line[:width] + indent and " " in line[:width] + indent
    return SyntaxProblem(
        "TAP013",
        "a line of a text block is indented less than its closing quotes"
        + (": tabs and spaces do not count as equal" if mixed else ""),
        Span(at, at + max(width, 1)),
        "indented less",
        related=((Span(block.end - 3, block.end), "than this"),),
        notes=("the indentation of the closing quotes is removed from every line; move them or the line",),
    )
