"""Long lines that go on under their own beginning."""

from rich.console import Console
from rich.text import Text


def print_hanging(console: Console, text: Text, width: int) -> None:
    """Print a text; what a line has too much stands below it, as far to the right as it begins."""
    for line in text.split("\n", allow_blank=True):
        blanks = len(line.plain) - len(line.plain.lstrip(" "))
        parts = line[blanks:].wrap(console, max(1, width - blanks)) if line.plain.strip() else [Text()]
        for part in parts:
            part.rstrip()
            console.print(Text(" " * blanks) + part if part.plain else part, soft_wrap=True)
