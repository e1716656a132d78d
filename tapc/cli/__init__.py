"""The command line, one file a command; no logic."""

from tapc.cli.program import main

__all__ = ["main"]
