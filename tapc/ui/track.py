"""Forecasts of runs against what the runs did, as a table."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from tapc.outputs import Bounds
from tapc.ui.amounts import count, duration, money, some
from tapc.ui.table import Cell, Column, table
from tapc.workspace.tracking import TrackDocument, TrackedRun, TrackSummary

COLUMNS = ("run", "requests", "95%", "sent", "cost", "95%", "paid", "time", "took", "")


def show_track(console: Console, document: TrackDocument) -> None:
    """Print the runs of a dataset, the latest first, and how often their forecasts held."""
    if not document.runs:
        console.print(f"No run of {document.dataset} with a forecast is in the store yet.")
        return
    columns = [Column(name, style="name" if name == "run" else "", right=name not in ("run", "")) for name in COLUMNS]
    for position, spare in {
        7: 4,
        8: 3,
        2: 2,
        5: 1,
    }.items():  # the first to go on narrow terminals: time, then intervals
        columns[position] = Column(COLUMNS[position], right=True, spare=spare)
    columns[-1] = Column("", least=8)
    rows: list[list[Cell]] = []
    for run in document.runs:
        cells: list[Cell] = [*track_row(run)]
        if _missed(run):
            cells[-1] = Text(track_row(run)[-1], style="warn")
        rows.append(cells)
    console.print(table(columns, rows, width=console.width), width=console.width)
    console.print(Text(track_summary(document.summary), style="quiet"), width=console.width)


def track_row(run: TrackedRun) -> list[str]:
    """The cells of a run, by `COLUMNS`."""
    expected, actual = run.forecast, run.actual
    timed = bool(expected.seconds)
    return [
        run.started.replace("T", " ").removesuffix("+00:00"),
        count(expected.requests),
        _interval(expected.requests_interval, lambda amount: count(round(amount))),
        "–" if actual is None else count(actual.requests),
        money(expected.usd),
        _interval(expected.usd_interval, money),
        "–" if actual is None else money(actual.usd),
        duration(expected.seconds) if timed else "–",
        duration(actual.seconds) if timed and actual is not None else "–",
        _judged(run),
    ]


def _interval(bounds: Bounds | None, shown: Callable[[float], str]) -> str:
    if bounds is None:
        return "not known"
    low, high = shown(bounds.low), shown(bounds.high)
    return low if low == high else f"{low} to {high}"


def _missed(run: TrackedRun) -> bool:
    return False in (run.requests_hold, run.usd_holds, run.seconds_hold)


def _judged(run: TrackedRun) -> str:
    if run.state != "scored":
        return run.state
    off = [
        name
        for name, holds in (("requests", run.requests_hold), ("cost", run.usd_holds), ("time", run.seconds_hold))
        if holds is False
    ]
    if off:
        return f"off: {', '.join(off)}"
    return "held" if run.requests_hold or run.usd_holds else "no interval"


def track_summary(summary: TrackSummary) -> str:
    """The scored runs in a sentence or two."""
    if not summary.runs:
        return "No run has ended by itself yet, so none is scored."
    parts = [f"{some(summary.runs, 'run')} scored"]
    if summary.requests_known:
        parts.append(f"requests within 95% in {summary.requests_held} of {summary.requests_known}")
    if summary.usd_known:
        parts.append(f"cost in {summary.usd_held} of {summary.usd_known}")
    errors = [
        f"{name} {error:.0%}"
        for name, error in (
            ("requests", summary.median_requests_error),
            ("cost", summary.median_usd_error),
            ("time", summary.median_seconds_error),
        )
        if error is not None
    ]
    return "; ".join(parts) + (f". Median error: {', '.join(errors)}." if errors else ".")
