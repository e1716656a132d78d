"""The terminal: the only room that imports rich."""

from tapc.ui.console import ColorMode, make_console
from tapc.ui.diagnostics import show_findings
from tapc.ui.plan import show_plan
from tapc.ui.progress import make_progress
from tapc.ui.summary import show_summary

__all__ = ["ColorMode", "make_console", "make_progress", "show_findings", "show_plan", "show_summary"]
