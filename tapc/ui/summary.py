"""The summary of a run: what was made, where, what it cost, what to do next."""

import shlex
from collections import Counter
from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tapc.plan import StepSeen
from tapc.ui.advice import advice
from tapc.ui.amounts import money, some
from tapc.ui.diagnostics import escaped
from tapc.ui.expectations import expectations_line
from tapc.ui.plan import seen_table
from tapc.workspace.run.report import RunReport

_CELLS_SHOWN = 5
_LOST_SHOWN = 5

_STOPPED = ("interrupt", "brake")
"""Ends of a run that explain by themselves why samples and replies are missing."""


def show_summary(console: Console, report: RunReport, spec: str, seen: Sequence[StepSeen] = ()) -> None:
    """Print the summary.

    Args:
        console: console to print on.
        report: report of the run.
        spec: path of the spec as the user gave it.
        seen: estimates and actual figures by step.
    """
    width = console.width
    files = _files(report) if report.written else _nothing(report)
    parts: list[RenderableType] = [_headline(report), files, _cost(report)]
    if seen:
        parts += [Text(""), seen_table(seen, width)]
    if report.manifest.empty and report.manifest.samples.accepted:
        parts.append(_empty(report))
    if report.manifest.short_cells and report.status not in _STOPPED:
        parts.append(_short(report))
    if report.run.lost and report.status not in _STOPPED:
        parts.append(_failures(report))
    if report.manifest.expectations and report.written:
        parts.append(expectations_line([one.holds for one in report.manifest.expectations]))
    parts.append(_next(report, spec))
    console.print(Group(*parts), width=width)


def ended_short(report: RunReport) -> str | None:
    """How a run ended, in one line; None if it made every sample."""
    if report.status == "ok":
        return None
    samples = report.manifest.samples
    reasons = Counter(cell.reason for cell in report.manifest.short_cells)
    why = f", most often for {reasons.most_common(1)[0][0]}" if reasons and report.status == "short" else ""
    kept = "" if report.written else "; the folder is as it was"
    dataset = report.manifest.dataset
    return f"{dataset}: {_WORDS[report.status].lower()}: {samples.accepted:,} of {samples.planned:,} samples{why}{kept}"


_WORDS = {
    "ok": "Done",
    "short": "Ended short",
    "empty": "Ended with an empty config",
    "unexpected": "Not as the spec expects",
    "budget": "Stopped at the budget",
    "interrupt": "Interrupted",
    "brake": "Stopped by the brake",
}


def _headline(report: RunReport) -> Text:
    samples = report.manifest.samples
    text = Text("\n")
    style = "good" if report.status == "ok" else "warn"
    word = _WORDS[report.status]
    if report.run.mode == "partial" and samples.short and report.written:
        style, word = "warn", "Written as far as it is stored"
    text.append(word, style=style)
    text.append(f": {samples.accepted:,} of {samples.planned:,} samples in {report.run.seconds:.1f} s")
    if report.manifest.simulated:
        text.append("  simulated", style="sim")
    text.append("\n")
    return text


def _files(report: RunReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", show_header=False)
    table.add_column(style="name", no_wrap=True)
    table.add_column(justify="right")
    for entry in report.manifest.files:
        table.add_row(f"{report.folder / entry.path}", f"{entry.rows:,} rows")
    table.add_row(f"{report.folder / 'README.md'}", Text("the card", style="quiet"))
    table.add_row(f"{report.folder / 'manifest.json'}", Text("counts, models, hashes", style="quiet"))
    return table


def _nothing(report: RunReport) -> Text:
    stands = report.folder.exists()
    kept = f"{report.folder} stays as it was." if stands else f"there is no {report.folder}."
    return Text(f"No sample was accepted and nothing is written: {kept}", style="warn")


def _empty(report: RunReport) -> Text:
    """Configs without a row."""
    named = ", ".join(report.manifest.empty)
    return Text(f"\nWithout a row: {named}.", style="warn" if report.status == "empty" else "quiet")


def _cost(report: RunReport) -> Text:
    requests, run = report.run.requests, report.run
    text = Text("\n")
    if requests.sent:
        text.append(f"{some(requests.sent, 'request')} sent")
        text.append(f" ({requests.retried:,} of them retries)" if requests.retried else "")
        text.append(f", {requests.cached:,} served from the store. " if requests.cached else ". ")
        text.append(f"Cost {money(run.spend.usd)}", style="money")
        if report.manifest.simulated:
            text.append(" at the prices of the spec; simulated endpoints cost nothing", style="sim")
        text.append(".")
        if run.spend.unknown_usd:  # a free model cost nothing, whatever became of the request
            text.append("\n")
            text.append_text(_unknown(report))
    elif run.samples.short:
        text.append(f"No request was sent: made of the {requests.cached:,} replies in the store. ")
        text.append("Cost $0.")
    else:
        text.append(f"No request was sent: all {requests.cached:,} replies were in the store. ", style="good")
        text.append("Cost $0.")
    rejected = sum(sum(reasons.values()) for reasons in report.manifest.rejected.values())
    if rejected:
        reasons = sorted(
            (
                (n, f"{step} {reason}")
                for step, found in report.manifest.rejected.items()
                for reason, n in found.items()
            ),
            key=lambda item: (-item[0], item[1]),
        )
        shown = ", ".join(f"{n:,} {what}" for n, what in reasons[:_CELLS_SHOWN])
        text.append(f"\nRejected, and replaced where needed: {shown}.", style="quiet")
    return text


def _unknown(report: RunReport) -> Text:
    """What was charged at the worst case, and how to correct it."""
    spend = report.run.spend
    what = f"{some(spend.unknown_requests, 'request')} whose outcome is unknown"
    adjust = f"`tapc budget adjust {shlex.quote(report.run.dataset)}`"
    return Text(f"{money(spend.unknown_usd)} of this is for {what}; {adjust} once the bill is known.", style="warn")


def _short(report: RunReport) -> Text:
    text = Text("\n")
    cells = report.manifest.short_cells
    text.append(f"Short in {some(len(cells), 'cell')}:", style="warn")
    for cell in cells[:_CELLS_SHOWN]:
        where = ", ".join(f"{axis} {value}" for axis, value in cell.axes.items())
        text.append(f"\n  {where}: {cell.accepted:,} of {cell.planned:,} ({cell.reason})")
    if len(cells) > _CELLS_SHOWN:
        more = " in manifest.json" if report.written else ""
        text.append(f"\n  and {len(cells) - _CELLS_SHOWN:,} more{more}", style="quiet")
    return text


def _failures(report: RunReport) -> Text:
    """Jobs without a reply and the reasons; those given up come last."""
    text = Text()
    for given_up in (False, True):
        lost = [loss for loss in report.run.lost if loss.given_up is given_up]
        if not lost:
            continue
        jobs = sum(loss.jobs for loss in lost)
        said = "given up for good, recorded in the store" if given_up else "without a reply"
        text.append(f"\n{some(jobs, 'request')} {said}:\n", style="warn")
        for loss in lost[:_LOST_SHOWN]:
            text.append(f"  {loss.jobs:,} of {loss.step} at {loss.endpoint}: {escaped(loss.detail or loss.reason)}")
            text.append(f"  (job {loss.key[:12]})\n", style="quiet")
        if len(lost) > _LOST_SHOWN:
            more = " in run.json" if report.written else ""
            text.append(f"  and {len(lost) - _LOST_SHOWN:,} other messages{more}\n", style="quiet")
    text.rstrip()
    return text


def _next(report: RunReport, spec: str) -> Text:
    text = Text("\nNext: ", style="head")
    text.append_text(Text(advice(report, spec), style=""))
    return text
