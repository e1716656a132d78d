"""Source files, spans and positions, to which every diagnostic points.

- `file.py`: `SourceFile`, an immutable text with a name; `Span`, a range of code points in it; `Position`, line and
  column.
- `loader.py`: `Loader`, the only way in which specs, modules and tables are read; `DiskLoader` reads from the file
  system, `tapc.workspace` has one that reads a git revision. `links.py` finds symbolic links that lead out of a folder.
- `bundled.py` finds the files that ship with tapc: `grammar/`, `stdlib/` and `specs/`.
- `repeated_keys.py` and `separators.py` are shared by all readers of JSON and of tables.

Start reading in `file.py`. Imports nothing else of tapc. A new way to read specs (an archive, an editor) is a class
with the `read` method of `Loader`.
"""

from tapc.source.bundled import bundled_dir
from tapc.source.file import Position, SourceFile, Span
from tapc.source.found import specs_among
from tapc.source.links import leads_outside
from tapc.source.loader import MAX_BYTES, DiskLoader, Loader, LoadError
from tapc.source.repeated_keys import repeated_key
from tapc.source.separators import ordinal, sniffed_delimiter

__all__ = [
    "MAX_BYTES",
    "DiskLoader",
    "LoadError",
    "Loader",
    "Position",
    "SourceFile",
    "Span",
    "bundled_dir",
    "leads_outside",
    "ordinal",
    "repeated_key",
    "sniffed_delimiter",
    "specs_among",
]
