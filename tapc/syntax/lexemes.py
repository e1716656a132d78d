"""The tokens of a text that parses, white space left out: what the formatter rearranges and compares."""

import re
from typing import Literal

import msgspec

from tapc.source import Span
from tapc.syntax.nodes import Text
from tapc.syntax.scan import is_doc
from tapc.syntax.strings import text_block

LexemeKind = Literal["newline", "text", "string", "doc", "comment", "open", "close", "mark", "word"]

_AMOUNT = r"\$?[0-9][0-9_]*(?:\.[0-9][0-9_]*)?[A-Za-z_%\x80-\U0010ffff]*(?:/[A-Za-z]+)?"
_LEXEME = re.compile(
    r"(?P<newline>\n)"
    r'|(?P<text>"""[ \t]*\r?\n(?:[^\n]*\n)*?[ \t]*""")'
    r'|(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r"|(?P<comment>//[^\r\n]*)"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])"
    rf"|(?P<word>-?{_AMOUNT}(?:\.\.-?{_AMOUNT})?|[A-Za-z_\x80-\U0010ffff][\w\x80-\U0010ffff]*(?:-[\w\x80-\U0010ffff]+)*)"
    r"|(?P<mark><=|>=|[<>=:.,])"
)


class Lexeme(msgspec.Struct, frozen=True):
    """A token: its kind, its text as written, its place."""

    kind: LexemeKind
    text: str
    span: Span

    def block(self) -> Text:
        """The content of a `text` token."""
        return text_block(self.text, self.span.start)


def lexemes(text: str) -> list[Lexeme]:
    """Split a text that parses; newlines are tokens here."""
    found: list[Lexeme] = []
    for match in _LEXEME.finditer(text.removeprefix("\ufeff")):
        written = match.group()
        kind = match.lastgroup
        if kind == "comment":
            kind = "doc" if is_doc(written) else kind
            written = written.rstrip()
        found.append(Lexeme(kind, written, Span(*match.span())))  # pyright: ignore[reportArgumentType] - a group of the expression
    return found
