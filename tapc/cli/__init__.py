"""The command line, one file a command; no logic."""

from tapc.cli.main import main

__all__ = ["main"]
