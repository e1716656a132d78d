"""From text to an immutable syntax tree, and pieces of text from content; the nodes are in `tapc.syntax.nodes`."""

from tapc.syntax.decode import decode_source
from tapc.syntax.lexemes import Lexeme, lexemes
from tapc.syntax.literals import fits_block, is_name, quote, write_entry, write_name
from tapc.syntax.parse import parse
from tapc.syntax.reserved import RESERVED, one_letter_away

__all__ = [
    "RESERVED",
    "Lexeme",
    "decode_source",
    "fits_block",
    "is_name",
    "lexemes",
    "one_letter_away",
    "parse",
    "quote",
    "write_entry",
    "write_name",
]
