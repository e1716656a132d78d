"""Plans and differences for pull requests: GitHub's Markdown, never longer than a comment may be."""

from collections.abc import Iterable, Sequence

from tapc.outside.visible import markdown_line
from tapc.plan import (
    EFFECTS,
    AxisValue,
    Change,
    DiffDocument,
    ForecastPlan,
    Piece,
    PlanDocument,
    StepPlan,
    name_of,
    worded,
)
from tapc.ui.amounts import count, money
from tapc.ui.diff import kept_words, lost_words, most_changed, moved_text, remarks
from tapc.ui.forecast import cost_range, forecast_text, requests_range
from tapc.ui.plan import figures
from tapc.ui.track import COLUMNS, track_row, track_summary
from tapc.ui.verdict import headline, verdict
from tapc.ui.what_if import what_if_columns, what_if_notes, what_if_row
from tapc.workspace.tracking import TrackDocument
from tapc.workspace.what_if import WhatIfDocument

MAX_CHARACTERS = 65_000
"""Fewer than the 65,536 characters that GitHub allows per comment."""

_ROWS = 40
_FIGURES = ("requests", "cached", "to send", "tokens", "expected")
_CELL = 120
_HOLDS = {True: "holds", False: "does not hold", None: "known after a run"}


def plan_markdown(document: PlanDocument, by: Sequence[str] = (), *, worst: bool = False) -> str:
    """A plan as Markdown; axes in `by` in full, of others the first values, as far as they fit.

    Args:
        document: the plan.
        by: axes to show in full.
        worst: whether to show what everything costs at most, without a budget.
    """
    head = [f"### Plan of {_plain(document.dataset)}", ""]
    head += [f"**{document.samples:,} samples** over {document.cells:,} cells, plan `{document.digest[:12]}`.", ""]
    head += [f"**{_plain(headline(document, worst=worst).plain)}.** {_plain(verdict(document).plain)}", ""]
    head += _forecast(document.forecast)
    timed = bool(document.total.seconds.expected)
    columns = (*_FIGURES, *(["at most"] if worst else []), *(["time"] if timed else []))
    rows = [
        (step.name, f"{step.endpoint} ({step.model})", *_of_step(step, timed=timed, worst=worst))
        if step.endpoint
        else (step.name, "no requests", *[""] * len(columns))
        for step in document.steps
    ]
    last = ("total", "", *figures(document.total, timed=timed, worst=worst))
    names = ("step", "endpoint", *columns)
    blocks = ["\n".join([*head, *_table(names, [*rows[:_ROWS], last], left=2)])]
    if len(rows) > _ROWS:
        blocks.append(f"{len(rows) - _ROWS} more steps are left out.")
    if document.expectations:
        shown = [
            (one.expectation, "" if one.holds is None else one.shown, one.where, _HOLDS[one.holds])
            for one in document.expectations
        ]
        blocks.append(_block("Expectations", ("expects", "found", "of", ""), shown, len(shown), left=4, opened=True))
    if document.seen:
        blocks.append(_seen(document))
    for axis, values in document.by.items():
        tree = axis == document.taxonomy
        shown = [
            (row.value, f"{row.samples:,}", *figures(row, timed=timed, worst=worst))
            for row in values
            if axis in by or not (tree and "." in row.value)
        ]
        names = ("value", "samples", *columns)
        blocks.append(_block(axis, names, shown if axis in by else shown[:_ROWS], len(values), left=1))
    for drawn in document.drawn:
        if drawn.counts is not None and drawn.exact is not None:
            shown = [(value, f"{n:,}", f"{drawn.exact[value]:,.2f}") for value, n in drawn.counts.items()]
            shown = shown if drawn.mix in by else shown[:_ROWS]
            names = ("value", "candidates", "exact share")
            blocks.append(_block(f"{drawn.mix} of {drawn.step}", names, shown, len(drawn.counts), left=1))
    told = [one for one in document.diagnostics if one.allowed is None]
    blocks += [f"- {d.severity} {d.code}: {_plain(d.message)}" for d in told[:_ROWS]]
    return _joined(blocks)


def _forecast(forecast: ForecastPlan | None) -> list[str]:
    """What stored replies reject, and whose acceptance is expected."""
    told = "" if forecast is None else forecast_text(forecast).plain
    return [_plain(told.replace("\n", " ")), ""] if told else []


def track_markdown(document: TrackDocument) -> str:
    """Forecasts of runs against what the runs did, as Markdown; the latest runs, as far as they fit."""
    head = [f"### Forecasts of {_plain(document.dataset)}", "", _plain(track_summary(document.summary)), ""]
    rows = [track_row(run) for run in document.runs[:_ROWS]]
    return _joined(["\n".join([*head, *_table(COLUMNS, rows, left=1)])])


def what_if_markdown(document: WhatIfDocument) -> str:
    """What other values of a target come to, as Markdown."""
    head = [f"### {_plain(document.dataset)}: {_plain(document.target)}", ""]
    rows = [what_if_row(row) for row in document.rows]
    notes = [f"\n{_plain(line)}" for line in what_if_notes(document)]
    return _joined(["\n".join([*head, *_table(what_if_columns(document), rows, left=0), *notes])])


def _of_step(step: StepPlan, *, timed: bool, worst: bool) -> list[str]:
    """Figures of a step, without costs if its endpoint has no price."""
    found = figures(step, timed=timed, worst=worst)
    costs = 2 if worst else 1
    return found if step.priced else [*found[:4], *["no price"] * costs, *found[4 + costs :]]


def _seen(document: PlanDocument) -> str:
    """Estimate against actual."""
    names = ("step", "endpoint", "replies", "output expected", "actual", "cost expected", "actual")
    rows = [
        (s.name, s.endpoint, *map(count, (s.replies, s.expected_output, s.output)), money(s.expected_usd), money(s.usd))
        for s in document.seen
    ]
    return _block("Estimate against actual", names, rows[:_ROWS], len(rows), left=2)


def diff_markdown(document: DiffDocument, by: Sequence[str] = ()) -> str:
    """A difference as Markdown."""
    slots, total = document.slots, document.total
    head = [f"### {_plain(document.after.dataset)}: {document.severity}", ""]
    head += [f"{_plain(document.before.spec)} → {_plain(document.after.spec)}: {EFFECTS[document.severity]}.", ""]
    head += [f"**Samples** {slots.before:,} → {slots.after:,}: {slots.kept:,} kept, {slots.added:,} added, "]
    head[-1] += (
        f"{slots.dropped:,} dropped. **To pay** {total.to_pay:,} requests{requests_range(document.forecast)}, "
        f"about {_plain(money(total.cost_usd) + cost_range(document.forecast))}."
    )
    head += ["", *_forecast(document.forecast)[:-1]] if document.forecast is not None else []
    if document.moved is not None:
        head += ["", _plain(moved_text(document, document.moved)), ""]
        head += [f"    {markdown_line(line)}" for line in document.moved.lines]
    for note in (*(f"{_plain(note)}." for note in document.notes), *remarks(document)):
        head += ["", note]
    if total.stored is None and document.severity != "none":
        head += ["", "Replies of the earlier plan count as stored."]
    blocks = ["\n".join(head)]
    if document.changes:
        shown = document.changes[:_ROWS]
        lines = [f"- {change.severity}: {_change(change)}" for change in shown]
        blocks.append(_fold("Changes", "\n".join(lines), len(shown), len(document.changes), opened=True))
    if document.severity != "none":
        rows = [(p.name, kept_words(p), "; ".join(lost_words(p))) for p in document.proof]
        blocks.append(_block("Kept replies", ("step", "kept", "lost"), rows[:_ROWS], len(rows), left=3, opened=True))
        rows = [
            (s.name, s.endpoint, s.severity, *(count(n) for n in (s.jobs, s.reused, s.to_pay)), money(s.cost_usd))
            for s in document.steps
        ]
        names = ("step", "endpoint", "severity", "requests", "reused", "to pay", "expected")
        blocks.append(_block("Requests", names, rows[:_ROWS], len(rows), left=3, opened=True))
    if document.expectations:
        rows = [(e.expectation, e.before or "–", e.after, e.where, _HOLDS[e.holds]) for e in document.expectations]
        names = ("expects", "before", "after", "of", "")
        blocks.append(_block("Expectations", names, rows, len(rows), left=5, opened=True))
    for axis, values in document.axes.items():
        shown = values if axis in by else most_changed(values, _ROWS)
        if shown and (slots.added or slots.dropped):
            names = ("value", "before", "after", "kept", "added", "dropped")
            blocks.append(_block(axis, names, [_numbers(v) for v in shown], len(values), left=1))
    return _joined(blocks)


def _change(change: Change) -> str:
    """A change on one line, deleted and inserted words with tags."""
    name = _plain(name_of(change.what, change.field))
    pieces = worded(change.before, change.after, change.default, reordered=change.reordered)
    return f"**{name}** {''.join(map(_piece, pieces))}"


def _piece(piece: Piece) -> str:
    """A piece in Markdown; blanks stay outside of tags."""
    inner = piece.text.strip()
    tag = {"deleted": "del", "inserted": "ins"}.get(piece.kind)
    text = _plain(inner) if tag is None else f"<{tag}>{_plain(inner or '␠')}</{tag}>"
    start, end = (" " if piece.text[slice(*at)].isspace() else "" for at in ((0, 1), (-1, None)))
    return f"{start}{text}{end}" if inner or tag else " "


def _numbers(row: AxisValue) -> tuple[str, ...]:
    return row.name, *(f"{n:,}" for n in (row.before, row.after, row.kept, row.added, row.dropped))


def _block(
    title: str, names: Sequence[str], rows: Sequence[Sequence[str]], total: int, *, left: int, opened: bool = False
) -> str:
    return _fold(title, "\n".join(_table(names, rows, left=left)), len(rows), total, opened=opened)


def _fold(title: str, inside: str, rows: int, total: int, *, opened: bool) -> str:
    """Something that can be folded, with the number of its rows where not all are shown."""
    shown = "" if rows == total else f" ({rows:,} of {total:,})"
    start = "<details open>" if opened else "<details>"
    return f"{start}<summary>{_plain(title)}{shown}</summary>\n\n{inside}\n\n</details>"


def _table(names: Sequence[str], rows: Iterable[Sequence[str]], *, left: int) -> list[str]:
    marks = ["---"] * left + ["---:"] * (len(names) - left)
    return [_row(names), _row(marks, plain=False), *(_row(row) for row in rows)]


def _row(cells: Sequence[str], *, plain: bool = True) -> str:
    return f"| {' | '.join(_plain(cell) if plain else cell for cell in cells)} |"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return markdown_line(text, _CELL * 3)


def _joined(blocks: Sequence[str]) -> str:
    """Whole blocks, in order, as long as they fit; says what was left out."""
    note = "\n\nThe rest is left out, since a comment holds 65,536 characters; `--format json` is complete.\n"
    left = MAX_CHARACTERS - len(note)
    kept: list[str] = []
    for number, block in enumerate(blocks):
        piece = block if len(block) + 2 <= left else _shortened(block, left - 2)
        kept.append(piece)
        left -= len(piece) + 2
        if piece is not block:
            return "\n\n".join(kept) + note
        if left < 0:
            return "\n\n".join(blocks[:number]) + note
    return "\n\n".join(kept) + "\n"


def _shortened(block: str, room: int) -> str:
    """The first lines of a block that fit, with its fold closed."""
    end = "\n\n</details>" if block.endswith("</details>") else ""
    kept: list[str] = []
    room -= len(end)
    for line in block.split("\n"):
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join(kept) + end
