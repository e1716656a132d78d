"""A difference as a table: severity first, then samples, requests and changes, in 100 columns."""

from collections.abc import Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from tapc.plan import EFFECTS, AxisValue, DiffDocument
from tapc.ui.amounts import count, money
from tapc.ui.plan import WIDTH

_STYLES = {"none": "good", "settings": "good", "refilter": "warn", "extend": "warn", "regenerate": "bad"}
_ROWS = 12
_CHANGES = 40


def show_diff(console: Console, document: DiffDocument, *, by: Sequence[str] = ()) -> None:
    """Print a difference; axes in `by` in full, of others the values that changed most."""
    parts: list[RenderableType] = [_headline(document)]
    if document.changes:
        parts.append(_changes(document))
    if document.slots.added or document.slots.dropped:
        for axis, values in document.axes.items():
            rows = values if axis in by else most_changed(values, _ROWS)
            if rows:
                parts.append(_axis(axis, rows, len(values)))
    if document.severity != "none":
        parts += [_steps(document), _verdict(document)]
    console.print(Group(*parts), width=min(console.width, WIDTH))


def most_changed(values: Sequence[AxisValue], most: int) -> list[AxisValue]:
    """Values of an axis whose slots changed, those that changed most first."""
    moved = [v for v in values if v.added or v.dropped]
    return sorted(moved, key=lambda v: (-(v.added + v.dropped), v.name))[:most]


def _headline(document: DiffDocument) -> Text:
    text = Text()
    text.append(f"{document.before.spec} → {document.after.spec}", style="head")
    text.append(f"  plan {document.before.digest[:12]} → {document.after.digest[:12]}\n", style="quiet")
    text.append(document.severity, style=_STYLES[document.severity])
    text.append(f": {EFFECTS[document.severity]}\n")
    s = document.slots
    text.append(f"samples {s.before:,} → {s.after:,}: {s.kept:,} kept, {s.added:,} added, {s.dropped:,} dropped")
    return text


def _changes(document: DiffDocument) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", title="", title_justify="left")
    table.add_column("severity", no_wrap=True)
    table.add_column("what", style="name", overflow="fold", min_width=26, max_width=34)
    table.add_column("before", overflow="ellipsis", no_wrap=True, max_width=28)
    table.add_column("after", overflow="ellipsis", no_wrap=True, max_width=28)
    for change in document.changes[:_CHANGES]:
        severity = Text(change.severity, style=_STYLES[change.severity])
        what = f"{change.what}: {change.field}" if change.field else change.what
        before, after = brief(change.before, change.after)
        table.add_row(severity, Text(what), Text(before), Text(after))
    if len(document.changes) > _CHANGES:
        table.add_row("", f"and {len(document.changes) - _CHANGES:,} more", "", "")
    return table


def brief(before: str | None, after: str | None, width: int = 40) -> tuple[str, str]:
    """Two texts on one line each, beginning a little before the place where they differ."""
    if before is None or after is None:
        return tuple(_cut("–" if t is None else t, 0, width) for t in (before, after))  # type: ignore[return-value]
    first = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), 0)
    start = max(0, first - width // 3)
    return _cut(before, start, width), _cut(after, start, width)


def _cut(text: str, start: int, width: int) -> str:
    text = " ".join(text.split()) if not start else "…" + " ".join(text[start:].split())
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _axis(axis: str, rows: Sequence[AxisValue], total: int) -> Table:
    shown = "" if len(rows) == total else f" ({len(rows)} of {total:,})"
    table = Table(box=None, pad_edge=False, header_style="quiet", title=f"\n{axis}{shown}", title_justify="left")
    table.add_column("value", style="name")
    for name in ("before", "after", "kept", "added", "dropped"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row.name, *(f"{n:,}" for n in (row.before, row.after, row.kept, row.added, row.dropped)))
    return table


def _steps(document: DiffDocument) -> Table:
    table = Table(box=None, pad_edge=False, header_style="quiet", show_footer=True, footer_style="head", title="")
    total = document.total
    table.add_column("step", footer="total", style="name", no_wrap=True)
    table.add_column("endpoint", no_wrap=True)
    table.add_column("severity")
    table.add_column("requests", footer=count(total.jobs), justify="right")
    table.add_column("reused", footer=count(total.reused), justify="right")
    if total.stored is not None:
        table.add_column("in store", footer=count(total.stored), justify="right")
    table.add_column("to pay", footer=count(total.to_pay), justify="right")
    table.add_column("expected", footer=money(total.cost_usd), justify="right")
    for step in document.steps:
        stored = [] if step.stored is None else [count(step.stored)]
        table.add_row(
            step.name,
            step.endpoint,
            Text(step.severity, style=_STYLES[step.severity]),
            count(step.jobs),
            count(step.reused),
            *stored,
            count(step.to_pay),
            money(step.cost_usd),
        )
    return table


def _verdict(document: DiffDocument) -> Text:
    total = document.total
    text = Text("\n")
    if not total.to_pay:
        text.append("Nothing to pay for.", style="good")
    else:
        text.append(f"The change asks {total.to_pay:,} requests for about {money(total.cost_usd)}.")
    if total.stored is None:
        text.append(" There is no store here: replies of the earlier plan are taken as stored.", style="quiet")
    if not document.exact:
        text.append(" Reuse is extrapolated from a sample of the slots.", style="quiet")
    return text
