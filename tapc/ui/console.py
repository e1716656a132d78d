"""The console: colors as the option, the environment and the kind of output say; all characters visible."""

import os
import sys
from collections.abc import Iterable
from typing import Literal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from tapc.outside.visible import visible_lines

ColorMode = Literal["auto", "always", "never"]

_THEME = Theme(
    {
        "good": "green",
        "warn": "yellow",
        "bad": "bold red",
        "quiet": "dim",
        "head": "bold",
        "name": "cyan",
        "money": "bold",
        "sim": "magenta",
    }
)

PLAIN_WIDTH = 100
"""Width if the output is not a terminal."""


class _Console(Console):
    """A console that raises BrokenPipeError if the reader went away, where rich would end the process.

    Whatever is printed, no character of a text acts on the terminal: views make characters of outside texts visible
    when they lay out lines, and this class those that a view forgot.
    """

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Rich's own, and every text of it visible."""
        for segment in super().render(renderable, options):
            if segment.control or (segment.text.isascii() and segment.text.isprintable()):
                yield segment
            else:
                yield Segment(visible_lines(segment.text), segment.style, segment.control)

    def on_broken_pipe(self) -> None:
        """Raise what rich found: the reader went away."""
        raise BrokenPipeError


def make_console(color: ColorMode = "auto", *, stderr: bool = False, width: int | None = None) -> Console:
    """A console on standard output or error.

    Args:
        color: `auto` colors terminals only, and honors NO_COLOR; `always` and `never` do what they say.
        stderr: whether to print on standard error.
        width: columns; by default the terminal's, or `PLAIN_WIDTH` in a pipe.
    """
    stream = sys.stderr if stderr else sys.stdout
    terminal = stream.isatty()
    plain = color == "never" or (color == "auto" and (not terminal or bool(os.environ.get("NO_COLOR"))))
    return _Console(
        file=stream,
        theme=_THEME,
        no_color=plain,
        color_system=None if plain else "auto" if terminal else "standard",
        force_terminal=True if color == "always" else None,
        width=width or (None if terminal else PLAIN_WIDTH),
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )


def print_hanging(console: Console, text: Text, width: int) -> None:
    """Print a text; a line that is too long continues below its own beginning."""
    for line in text.split("\n", allow_blank=True):
        blanks = len(line.plain) - len(line.plain.lstrip(" "))
        parts = line[blanks:].wrap(console, max(1, width - blanks)) if line.plain.strip() else [Text()]
        for part in parts:
            part.rstrip()
            console.print(Text(" " * blanks) + part if part.plain else part, soft_wrap=True)
