"""The canonical layout of specs, for `tapc fmt`.

`format_source` returns the file in the canonical layout. It works on the tokens of the text, not on the syntax tree, so
that comments and the exact spelling of names are kept: `layout.py` groups tokens into statements with their comments,
and `printer.py` prints the groups. `source.py` compares the tokens before and after, and rejects a result that would
change what the file says.

Start reading in `source.py`. To change the layout, change `printer.py`; formatting twice must give the same text.

Imports `tapc.syntax`, `tapc.source` and `tapc.diagnostics`.
"""

from tapc.format.source import format_source

__all__ = ["format_source"]
