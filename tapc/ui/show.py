"""A composed dataset, each line with a comment that says where it comes from."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tapc.semantics.page import Line
from tapc.ui.diagnostics import escaped


def show_composed(console: Console, lines: Sequence[Line]) -> None:
    """Print the lines; the whole is still a spec, in the canonical layout."""
    for line in lines:
        text = Text(line.text)  # nothing in it needs an escape that it has not
        if line.origin is not None and line.tail:
            at = line.origin.file.position(line.origin.span.start)
            text.append(f"  // {escaped(line.origin.file.name)}:{at.line}", style="quiet")
        console.print(text, soft_wrap=True)
