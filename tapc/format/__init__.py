"""The canonical layout of specs."""

from tapc.format.source import format_source

__all__ = ["format_source"]
