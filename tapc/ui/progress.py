"""A run as it goes: bars on a terminal, a line now and then elsewhere."""

import sys
from collections.abc import Callable
from typing import Self, TextIO

import msgspec
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from tapc.engine import Snapshot
from tapc.ir import dollars
from tapc.outside.visible import visible_json
from tapc.ui.console import ColorMode, make_console
from tapc.ui.diagnostics import escaped

_EVERY = 10.0
"""Seconds between plain lines."""

_QUIET = 10.0
"""Seconds without an answer from which on a run says so, instead of guessing how long it takes."""

_BARS = (6, 30)
"""Columns of a bar: least, most."""

_NAME = 6
"""Columns of a step's name that are always left."""

_GAP = 2
"""Blanks between columns."""


class LiveProgress:
    """Draws on a terminal; use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, refresh_per_second=8, transient=True)
        self._console = console

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def update(self, snapshot: Snapshot) -> None:
        """Redraw."""
        self._live.update(panel(snapshot, self._console.width))

    def note(self, text: str) -> None:
        """Print a line above the bars."""
        self._console.print(Text(escaped(text), style="warn"))


class PlainProgress:
    """Prints a line every ten seconds, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clear."""

    def update(self, snapshot: Snapshot) -> None:
        """Print a line if the last one is old."""
        if snapshot.seconds - self._last >= _EVERY:
            self._last = snapshot.seconds
            self._console.print(_line(snapshot), soft_wrap=True)

    def note(self, text: str) -> None:
        """Print it."""
        self._console.print(Text(escaped(text)), soft_wrap=True)


class JsonProgress:
    """Writes snapshots as JSON lines, for machines (`--log-json`)."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = -1.0
        self._phase = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to clear."""

    def update(self, snapshot: Snapshot) -> None:
        """At most one line per second, and one at the start of every phase; the last says how it ended."""
        if snapshot.seconds - self._last >= 1 or snapshot.phase != self._phase:
            self._last, self._phase = snapshot.seconds, snapshot.phase
            self._write({"event": "progress", **msgspec.to_builtins(snapshot)})

    def note(self, text: str) -> None:
        """Write it as an event."""
        self._write({"event": "note", "text": text})

    def _write(self, event: dict[str, object]) -> None:
        self._stream.write(visible_json(msgspec.json.encode(event).decode()) + "\n")
        self._stream.flush()


class Tolerant:
    """Shows progress as long as the output can be written: a run that costs money does not end because it cannot."""

    def __init__(self, inner: LiveProgress | PlainProgress | JsonProgress) -> None:
        self._inner = inner
        self._gone = False

    def __enter__(self) -> Self:
        self._try(self._inner.__enter__)
        return self

    def __exit__(self, *exc: object) -> None:
        self._try(lambda: self._inner.__exit__(*exc))

    def update(self, snapshot: Snapshot) -> None:
        """Pass it on."""
        self._try(lambda: self._inner.update(snapshot))

    def note(self, text: str) -> None:
        """Pass it on."""
        self._try(lambda: self._inner.note(text))

    def _try(self, show: Callable[[], object]) -> None:
        if not self._gone:
            try:
                show()
            except OSError:
                self._gone = True


def panel(s: Snapshot, width: int) -> RenderableType:
    """The live view: on a narrow terminal bars give way first, then names are cut; figures stay whole.

    Args:
        s: snapshot of the run.
        width: columns of the terminal.
    """
    rows: list[tuple[str, int, int, str]] = []
    for step in s.steps:
        done = step.done + step.cached
        extra = [f"{step.cached:,} cached"] if step.cached else []
        extra += [f"{step.failed:,} failed"] if step.failed else []
        rows.append((step.name, done, step.expected, ", ".join(extra)))
    rows.append(("accepted", s.accepted, s.planned, f"{s.rejected:,} replaced" if s.rejected else ""))
    figures = max(len(f"{done:,}/{total:,}") for _, done, total, _ in rows)
    names = max(cell_len(name) for name, *_ in rows)
    bar = max(_BARS[0], min(_BARS[1], width - names - figures - max(len(extra) for *_, extra in rows) - 3 * _GAP))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, _GAP, 0, 0))
    table.add_column(style="name", no_wrap=True, max_width=max(_NAME, width - bar - figures - 3 * _GAP))
    table.add_column(min_width=bar, max_width=bar)
    table.add_column(justify="right", no_wrap=True, min_width=figures)
    table.add_column(style="quiet", no_wrap=True)
    for number, (name, done, total, extra) in enumerate(rows, 1):
        style = "green" if number == len(rows) else "bar.complete"
        table.add_row(
            name,
            ProgressBar(total=max(total, 1), completed=done, width=bar, complete_style=style),
            f"{done:,}/{total:,}",
            extra,
        )
    return Group(Text(s.dataset, style="head"), table, Text(_pulse(s), style="quiet"))


def _pulse(s: Snapshot) -> str:
    sent = sum(step.done for step in s.steps)
    rate = sent / s.seconds if s.seconds > 0 else 0.0
    cap = f" of {dollars(s.cap)}" if s.cap is not None else ""
    parts = [
        f"{rate:,.0f} requests/s",
        f"{s.tokens / s.seconds if s.seconds > 0 else 0:,.0f} tokens/s",
        f"{s.in_flight} in flight",
        f"spent {dollars(s.spent)}{cap}",
    ]
    if s.retried:
        parts.append(f"{s.retried:,} retried")
    left = s.remaining_seconds
    if s.phase == "asking" and s.silent_seconds >= _QUIET:
        parts.append(f"no reply for {_span(s.silent_seconds)}")
    elif s.phase == "asking" and left is not None:
        parts.append(f"about {_span(left)} left")
    elif s.phase != "asking":
        parts.append(s.phase)
    return "  ".join(parts)


def _line(s: Snapshot) -> str:
    steps = ", ".join(f"{step.name} {step.done + step.cached:,}/{step.expected:,}" for step in s.steps)
    return f"[{_span(s.seconds)}] accepted {s.accepted:,}/{s.planned:,}; {steps}; {_pulse(s)}"


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def make_progress(color: ColorMode, *, quiet: bool, as_json: bool) -> Tolerant:
    """JSON lines if asked for, bars on a terminal, else plain lines; always on standard error."""
    if as_json:
        return Tolerant(JsonProgress(sys.stderr))
    console = make_console(color, stderr=True)
    if quiet:
        console.quiet = True
    return Tolerant(LiveProgress(console) if console.is_terminal and not quiet else PlainProgress(console))
