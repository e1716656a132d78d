"""From text to an immutable syntax tree, and from content back to text.

`parse` reads a `SourceFile` and returns a `nodes.Module` with diagnostics. It never raises: a file with errors gives
the statements that can be read and one finding per mistake.

A correct file takes the fast path: `scan.py` checks quotes and nesting in one pass, and `engine.py` runs the lark
parser of `grammar/tap.lark`, whose callbacks in `build.py` make the nodes of `nodes.py`. A file with errors takes the
slow path: `tokens.py` splits it into rough tokens, `pieces.py` into statements, `recover.py` parses these one by one,
and `blame.py` turns parser errors into findings with fixes. Trees of correct files are cached on disk (`cache.py`).

In the other direction, `literals.py` writes strings and names, and `lexing.py` gives the formatter its tokens.

Start reading in `parsing.py` and `nodes.py`. To change the grammar: edit `grammar/tap.lark`, add a method to `build.py`
and a node to `nodes.py`, and add examples to `grammar/examples`.

Imports `tapc.source` and `tapc.diagnostics`.
"""

from tapc.syntax.decode import decode_source
from tapc.syntax.lexing import Lexeme, lexemes
from tapc.syntax.literals import fits_block, is_name, quote, unquote, write_entry, write_name, write_path
from tapc.syntax.parsing import parse
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
    "unquote",
    "write_entry",
    "write_name",
    "write_path",
]
