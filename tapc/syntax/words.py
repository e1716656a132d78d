"""The characters that are allowed in names."""

import unicodedata

from tapc.source import Span
from tapc.syntax.problem import Patch, Refused, SyntaxProblem

MAX_WORD = 500
"""Most code points of a name or number, so that later phases need not handle longer ones."""

_ASCII_FOR = {
    "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "＂": '"',
    "，": ",", "、": ",", "،": ",", "：": ":", "｛": "{", "｝": "}", "［": "[", "］": "]",
    "（": "(", "）": ")", "＝": "=", "％": "%", "٪": "%", "＜": "<", "＞": ">", "．": ".",
}  # fmt: skip


def _allowed(char: str) -> bool:
    """Letters (and letter-like numbers such as 〇), combining marks, digits, `_` and `-`."""
    return char in "_-" or unicodedata.category(char)[0] in "LM" or unicodedata.category(char) in {"Nd", "Nl"}


def describe(char: str) -> str:
    """A character for messages: itself if it is visible, its code point and its name."""
    name = unicodedata.name(char, "")
    shown = f"`{char}` " if char.isprintable() and char != " " else ""
    return f"{shown}U+{ord(char):04X}" + (f" {name}" if name else "")


def foreign_character(char: str, start: int) -> SyntaxProblem:
    """The finding about a character that is neither allowed in names nor punctuation."""
    span = Span(start, start + 1)
    if char in _ASCII_FOR:
        ascii_char = _ASCII_FOR[char]
        return SyntaxProblem(
            "TAP016",
            f"{describe(char)} is not TAP's `{ascii_char}`",
            span,
            patches=(Patch(f"write `{ascii_char}`", ((span, ascii_char),), safe=False),),
        )
    if unicodedata.category(char) == "Zs":
        return SyntaxProblem(
            "TAP016",
            f"{describe(char)} is not an ordinary space",
            span,
            patches=(Patch("write an ordinary space", ((span, " "),)),),
        )
    return SyntaxProblem(
        "TAP016",
        f"{describe(char)} is not allowed in a name",
        span,
        notes=("names consist of letters, combining marks, digits, `_` and inner `-`; quote any other name",),
    )


def check_name(text: str, start: int) -> None:
    """Reject a name with a character that is not allowed.

    Raises:
        Refused: the first such character.
    """
    if len(text) > MAX_WORD:
        raise Refused(too_long(Span(start, start + len(text)), "name"))
    if text.isascii():
        return
    if unicodedata.category(text[0])[0] != "L" and text[0] != "_" and _allowed(text[0]):
        kind = "a combining mark" if unicodedata.category(text[0])[0] == "M" else "a digit"
        problem = SyntaxProblem(
            "TAP016", f"a name cannot begin with {kind}, {describe(text[0])}", Span(start, start + 1)
        )
        if unicodedata.category(text[0]) != "Nl":
            raise Refused(problem)
    for i, char in enumerate(text):
        if not _allowed(char):
            raise Refused(foreign_character(char, start + i))


def too_long(span: Span, what: str) -> SyntaxProblem:
    """The finding about a name or number longer than `MAX_WORD`."""
    return SyntaxProblem(
        "TAP017",
        f"a {what} of {span.end - span.start:,} characters; at most {MAX_WORD} can be read",
        Span(span.start, span.start + 40),
    )
