"""The terminal: the only room that imports rich.

What every command needs is here. The plan table, progress and the run's summary are modules of their own
(`tapc.ui.plan`, `tapc.ui.progress`, `tapc.ui.summary`), since `tapc check` must not pay for importing what they show.
"""

from tapc.ui.console import ColorMode, make_console
from tapc.ui.diagnostics import show_findings

__all__ = ["ColorMode", "make_console", "show_findings"]
