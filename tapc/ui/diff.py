"""A difference as tables: severity and cost first, then changes, samples and requests, in 100 columns or fewer."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from tapc.plan import (
    EFFECTS,
    AxisValue,
    Change,
    DiffDocument,
    DiffExpectation,
    DiffMoved,
    DiffProof,
    marked,
    name_of,
    worded,
)
from tapc.ui.amounts import count, money, some
from tapc.ui.diagnostics import escaped
from tapc.ui.forecast import cost_range, forecast_text, requests_range
from tapc.ui.table import Cell, Column, table

_STYLES = {"none": "good", "settings": "good", "refilter": "warn", "extend": "warn", "regenerate": "bad"}
_ROWS = 12
_CHANGES = 40
_PIECES = {"same": "", "before": "bad", "after": "good", "deleted": "bad", "inserted": "good"}

_NAME = 12


def show_diff(console: Console, document: DiffDocument, *, by: Sequence[str] = ()) -> None:
    """Print a difference; axes in `by` in full, of others the values that changed most."""
    width = console.width
    parts = [_headline(document), _verdict(document)]
    if document.changes:
        parts.append(_changes(console, document))
    if document.severity != "none":
        parts.append(_proof(console, document))
        parts.append(_steps(document, width))
    if document.expectations and (document.severity != "none" or not all(one.holds for one in document.expectations)):
        parts.append(_expectations(document, width))
    for axis, values in document.axes.items():
        moved = most_changed(values, _ROWS) if document.slots.added or document.slots.dropped else []
        rows = values if axis in by else moved
        if rows:
            parts.append(_axis(axis, rows, len(values), width))
    for number, part in enumerate(parts):
        if number > 1:
            console.print()
        console.print(part, width=width)


def most_changed(values: Sequence[AxisValue], most: int) -> list[AxisValue]:
    """Values of an axis whose slots changed, those that changed most first."""
    moved = [v for v in values if v.added or v.dropped]
    return sorted(moved, key=lambda v: -(v.added + v.dropped))[:most]


def _headline(document: DiffDocument) -> Text:
    text = Text()
    text.append(escaped(f"{document.before.spec} → {document.after.spec}"), style="head")
    if document.severity != "none":
        text.append(f"  plan {document.before.digest[:12]} → {document.after.digest[:12]}", style="quiet")
    text.append(f"\n{document.severity}", style=_STYLES[document.severity])
    text.append(f": {EFFECTS[document.severity]}\n")
    s = document.slots
    text.append(f"samples {s.before:,} → {s.after:,}: {s.kept:,} kept, {s.added:,} added, {s.dropped:,} dropped")
    return text


def _verdict(document: DiffDocument) -> Text:
    total = document.total
    text = Text()
    if total.to_pay:
        text.append(f"{some(total.to_pay, 'request')} to pay for", style="head")
        text.append(requests_range(document.forecast))
        text.append(f", about {money(total.cost_usd)}", style="head").append(cost_range(document.forecast))
        kept = total.jobs - total.to_pay if total.stored is None else total.stored
        text.append(f"; {some(kept, 'reply is', 'replies are')} kept.")
    else:
        text.append("Nothing to pay for.", style="good")
    if document.forecast is not None and (told := forecast_text(document.forecast)):
        text.append("\n").append_text(told)
    if document.moved is not None:
        text.append(f"\n{escaped(moved_text(document, document.moved))}", style="warn")
        for line in document.moved.lines:
            text.append(f"\n  {escaped(line)}")
    notes = list(document.notes)
    if total.stored is None and document.severity != "none":
        notes.append("There is no store here: replies of the earlier plan count as stored.")
    notes += remarks(document)
    for note in notes:
        text.append(f"\n{escaped(note)}", style="quiet")
    return text


def moved_text(document: DiffDocument, moved: DiffMoved) -> str:
    """What the lines of `moved` keep, for people; the lines follow."""
    reused, now = f"{moved.reused:,} of {moved.jobs:,} requests", sum(step.reused for step in document.steps)
    return f"Names changed. To keep {reused} (now {now:,}), write in {document.after.spec}:"


def remarks(document: DiffDocument) -> list[str]:
    """What must be known to read the figures."""
    found: list[str] = []
    if document.anew:
        found.append(
            f"The axes are others, which makes {some(document.anew, 'sample another one', 'samples other ones')}: "
            "all that was asked for them is asked again."
        )
    if not document.exact:
        found.append(
            f"Requests of {document.compared:,} samples, spread over all cells, were compared; reuse is extrapolated."
        )
    return found


def _changes(console: Console, document: DiffDocument) -> Text:
    """One line per change, in the words of a spec; a long one continues below its name."""
    shown = document.changes[:_CHANGES]
    size = max(len(change.severity) for change in shown)
    lines = Text()
    for change in shown:
        label = Text(change.severity.ljust(size), style=_STYLES[change.severity])
        inner = change_text(change).wrap(console, max(20, console.width - size - 2))
        for number, part in enumerate(inner):
            part.rstrip()
            lines.append("\n" if lines else "")
            lines.append_text(Text(" " * size) if number else label).append("  ").append_text(part)
    if len(document.changes) > _CHANGES:
        lines.append(f"\nand {len(document.changes) - _CHANGES:,} more", style="quiet")
    return lines


def change_text(change: Change) -> Text:
    """A change as one line: `language.en 60% → 48%`."""
    text = Text(escaped(name_of(change.what, change.field)), style="").append("  ")
    text.stylize("name", 0, len(text) - 2)
    for piece in worded(change.before, change.after, change.default, reordered=change.reordered):
        text.append(escaped(marked(piece)), style=_PIECES[piece.kind])
    return text


def _proof(console: Console, document: DiffDocument) -> Text:
    """Kept replies by step, and why the others are lost."""
    size = max((len(escaped(row.name)) for row in document.proof), default=0)
    size = min(max(size, _NAME), console.width // 3)
    lines = Text()
    for row in document.proof:
        first = Text(escaped(row.name), style="name", overflow="ellipsis")
        first.truncate(size, overflow="ellipsis", pad=True)
        told = [Text(kept_words(row), style="good" if row.kept == row.before else ""), *map(Text, lost_words(row))]
        for text in told:
            for part in text.wrap(console, max(20, console.width - size - 2)):
                part.rstrip()
                lines.append("\n" if lines else "").append_text(first).append("  ").append_text(part)
                first = Text(" " * size)
    return lines


def kept_words(row: DiffProof) -> str:
    """How many replies of a step are kept: `80 of 100 replies kept, 40 new requests`."""
    kept = f"{row.kept:,} of {some(row.before, 'reply', 'replies')} kept" if row.before else ""
    new = some(row.new, "new request") if row.new else ""
    return ", ".join(part for part in (kept, new) if part)


def lost_words(row: DiffProof) -> list[str]:
    """Why replies of a step are lost, one line per group: `20 lost: prompt changed`."""
    lines = [escaped(f"{group.count:,} lost: {', '.join(group.why)}") for group in row.lost]
    return [*lines, *([f"{row.dropped:,} lost with their samples"] if row.dropped else [])]


def _expectations(document: DiffDocument, width: int) -> Text:
    """What the later spec expects of its plan."""
    columns = [
        Column("expects", style="name", least=26),
        Column("before", right=True),
        Column("after", right=True),
        Column("", least=_NAME),
    ]
    rows: list[list[Cell]] = [
        [
            escaped(one.expectation),
            one.before or "–",
            one.after,
            Text("holds", style="good") if one.holds else Text(escaped(f"does not hold{_of(one)}"), style="bad"),
        ]
        for one in document.expectations
    ]
    return table(columns, rows, width=width)


def _of(one: DiffExpectation) -> str:
    return f" ({one.where})" if one.where else ""


def _axis(axis: str, rows: Sequence[AxisValue], total: int, width: int) -> Text:
    shown = "" if len(rows) == total else f" ({len(rows)} of {total:,})"
    names = ("before", "after", "kept", "added", "dropped")
    columns = [Column(escaped(axis) + shown, style="name", least=_NAME), *(Column(name, right=True) for name in names)]
    return table(columns, [[escaped(row.name), *_grouped(slots_of(row))] for row in rows], width=width)


def slots_of(row: AxisValue) -> tuple[int, ...]:
    """Slots before, after, kept, added and dropped."""
    return row.before, row.after, row.kept, row.added, row.dropped


def _grouped(numbers: Iterable[int]) -> list[str]:
    return [f"{n:,}" for n in numbers]


def _steps(document: DiffDocument, width: int) -> Text:
    total = document.total
    with_store = total.stored is not None
    columns = [
        Column("step", style="name", least=_NAME),
        Column("endpoint", least=_NAME, spare=1),
        Column("severity", spare=3),
        Column("requests", right=True, spare=2),
        Column("reused", right=True, spare=4),
        *([Column("in store", right=True, spare=5)] if with_store else []),
        Column("to pay", right=True),
        Column("expected", right=True),
    ]
    rows: list[list[Cell]] = [
        [
            escaped(step.name),
            escaped(step.endpoint),
            Text(step.severity, style=_STYLES[step.severity]),
            count(step.jobs),
            count(step.reused),
            *([count(step.stored or 0)] if with_store else []),
            count(step.to_pay),
            money(step.cost_usd),
        ]
        for step in document.steps
    ]
    stored = [count(total.stored)] if total.stored is not None else []
    footer = ["total", "", "", count(total.jobs), count(total.reused), *stored, count(total.to_pay)]
    return table(columns, rows, width=width, footer=[*footer, money(total.cost_usd)])
