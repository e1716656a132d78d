"""A composed dataset, line by line, each beside the place it comes from."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tapc.semantics import Line
from tapc.ui.diagnostics import escaped

_MOST = 40
"""Columns of a place; longer ones are cut at the left, where they differ least."""


def show_composed(console: Console, lines: Sequence[Line]) -> None:
    """Print the lines; the place stands in front, so that a line can be copied as it is."""
    places = [_place(line) for line in lines]
    width = max((len(place) for place in places), default=0)
    for line, place in zip(lines, places, strict=True):
        text = Text(f"{place:<{width}} │ ", style="quiet")
        text.append(escaped(line.text), style="none")
        console.print(text, soft_wrap=True)


def _place(line: Line) -> str:
    if line.origin is None:
        return ""
    at = line.origin.file.position(line.origin.span.start)
    place = f"{line.origin.file.name}:{at.line}"
    return escaped(place if len(place) <= _MOST else f"…{place[1 - _MOST :]}")
