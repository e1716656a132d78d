"""The tokens of a text that parses, without white space: what the formatter rearranges and compares."""

import re
from functools import cache
from typing import Literal

import msgspec

from tapc.source import Span
from tapc.syntax.nodes import Text
from tapc.syntax.scan import is_doc
from tapc.syntax.strings import text_block

LexemeKind = Literal["newline", "text", "string", "doc", "comment", "open", "close", "mark", "word"]

# Letters, `_`, and everything outside ASCII: negated classes, as in the grammar.
_FIRST = r"[^\x00-\x40\x5b-\x5e\x60\x7b-\x7f]"
_INNER = r"[^\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\x7f]"
_AMOUNT = r"\$?[0-9][0-9_]*(?:\.[0-9][0-9_]*)?[^\x00-\x24\x26-\x40\x5b-\x5e\x60\x7b-\x7f]*(?:/[A-Za-z]+)?"
_LEXEME = (
    r"(?P<newline>\n)"
    r'|(?P<text>"""[ \t]*\r?\n(?:[^\n]*\n)*?[ \t]*""")'
    r'|(?P<string>"[^"\\\n]*(?:\\.[^"\\\n]*)*")'
    r"|(?P<comment>//[^\r\n]*)"
    r"|(?P<open>[{\[(])|(?P<close>[}\])])"
    rf"|(?P<word>-?{_AMOUNT}(?:\.\.-?{_AMOUNT})?|{_FIRST}{_INNER}*(?:-{_INNER}+)*)"
    r"|(?P<mark><=|>=|[<>=:.,])"
)


@cache
def _expression() -> re.Pattern[str]:
    """The regular expression, compiled on first use: only the formatter needs it."""
    return re.compile(_LEXEME)


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
    for match in _expression().finditer(text.removeprefix("\ufeff")):
        written = match.group()
        kind = match.lastgroup
        if kind == "comment":
            kind = "doc" if is_doc(written) else kind
            written = written.rstrip()
        found.append(Lexeme(kind, written, Span(*match.span())))  # pyright: ignore[reportArgumentType] - a group of the expression
    return found
