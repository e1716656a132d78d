"""Newlines and commas between the lexer and the parser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lark import Token

_OPEN = {"LBRACE", "LSQUARE", "LPAR"}
_CLOSE = {"RBRACE", "RSQUARE", "RPAR"}
_QUIET_AFTER = {"LBRACE", "DOC", "_SEP", ""}


class Layout:
    """Drops newlines inside `[ ]` and `( )`; makes other runs of newlines and commas one `_SEP`.

    A separator is passed on before the next token is read: the contextual lexer must see a statement's start.
    """

    always_accept = ("NEWLINE", "COMMA")

    def process(self, stream: "Iterator[Token]") -> "Iterator[Token]":
        """Pass tokens on."""
        depth: list[str] = []
        before = ""
        for token in stream:
            kind = token.type
            if kind in {"NEWLINE", "COMMA"}:
                if depth and depth[-1] != "LBRACE":
                    if kind == "NEWLINE":
                        continue
                elif before in _QUIET_AFTER:
                    continue
                else:
                    token.type = kind = "_SEP"
            elif kind in _OPEN:
                depth.append(kind)
            elif kind in _CLOSE and depth:
                depth.pop()
            before = kind
            yield token
