"""From text to an immutable syntax tree; the nodes are in `tapc.syntax.nodes`."""

from tapc.syntax.decode import decode_source
from tapc.syntax.lexemes import Lexeme, lexemes
from tapc.syntax.parse import parse

__all__ = ["Lexeme", "decode_source", "lexemes", "parse"]
