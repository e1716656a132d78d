"""The terminal: the only package that imports rich.

A view is a function that takes a console and a document of the layers below and prints it; it computes nothing that is
not in the document and decides nothing. Views are modules named after what they show:

- `plan` with `verdict` (a plan in words), `diff`, `preview`, `explain`, `doctor`, `show` (a composed spec);
- `progress` (a run while it goes on), `summary` with `advice` (a run when it is over);
- `store`: accounts, runs and contents of a store, for `status`, `budget` and `cache`;
- `markdown`: plans and differences for pull requests;
- `expectations`: how many expectations hold, in a line;
- `forecast`: what a run is expected to send and pay, for plans and differences;
- `track`: forecasts of earlier runs next to what the runs did; `what_if`: what other thresholds come to;
- `diagnostics`: findings with excerpts of the source.

What views share: `console` (colors, width, visible characters), `table` (tables that keep their numbers whole at any
width), `amounts` (money, counts and times as people read them).

Texts from outside (names, replies, messages of servers) go through `tapc.ui.diagnostics.escaped` or
`tapc.outside.visible` before they are laid out; the console makes visible what a view forgot.

Only what every command needs is imported here, so that `tapc check` does not pay for plans and runs. To read it, start
with `console`, then `table`, then `plan`. A view is tested in `tests/ui`, at several widths.
"""

from tapc.ui.console import ColorMode, make_console
from tapc.ui.diagnostics import show_findings

__all__ = ["ColorMode", "make_console", "show_findings"]
