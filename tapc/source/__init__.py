"""Source files, spans and positions: what every diagnostic points at."""

from tapc.source.bundled import bundled_dir
from tapc.source.file import Position, SourceFile, Span
from tapc.source.loader import MAX_BYTES, DiskLoader, Loader, LoadError

__all__ = ["MAX_BYTES", "DiskLoader", "LoadError", "Loader", "Position", "SourceFile", "Span", "bundled_dir"]
