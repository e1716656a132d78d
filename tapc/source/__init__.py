"""Source files, spans and positions: what every diagnostic points at."""

from tapc.source.bundled import bundled_dir
from tapc.source.file import Position, SourceFile, Span
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
]
