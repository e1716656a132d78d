"""What other values of a threshold, a margin or a share come to, as a table."""

from collections.abc import Callable

from rich.console import Console
from rich.text import Text

from tapc.plan import Interval
from tapc.ui.amounts import count, money
from tapc.ui.diagnostics import escaped
from tapc.ui.table import Cell, Column, table
from tapc.workspace.what_if import WhatIfDocument, WhatIfRow


def what_if_columns(document: WhatIfDocument) -> tuple[str, ...]:
    """Titles of the columns of `what_if_row`."""
    return document.target, "samples", "stored", "rejected", "accepted", "95%", "to send", "95%", "cost", "95%"


def show_what_if(console: Console, document: WhatIfDocument) -> None:
    """Print what each value comes to; that of the spec is marked."""
    names = what_if_columns(document)
    spares = {5: 4, 7: 3, 9: 2, 1: 1}  # on narrow terminals, intervals go first
    columns = [Column(escaped(names[0]), style="name", right=True, least=8)]
    columns += [Column(name, right=True, spare=spares.get(at, 0)) for at, name in enumerate(names[1:], 1)]
    rows: list[list[Cell]] = [[*what_if_row(row)] for row in document.rows]
    console.print(table(columns, rows, width=console.width), width=console.width)
    for line in what_if_notes(document):
        console.print(Text(line, style="quiet"), width=console.width)


def what_if_row(row: WhatIfRow) -> list[str]:
    """The cells of a value."""
    name = f"{row.shown} (now)" if row.now else row.shown
    if row.problem is not None:
        return [name, *["–"] * 9]
    return [
        name,
        count(row.samples),
        "–" if row.stored is None else count(row.stored),
        "–" if row.rejected is None else count(row.rejected),
        "–" if row.accepted is None else count(row.accepted),
        _interval(row.accepted_interval, _whole),
        count(row.requests),
        _interval(row.requests_interval, _whole),
        money(row.cost_usd),
        _interval(row.cost_interval, money),
    ]


def _whole(amount: float) -> str:
    return count(round(amount))


def _interval(interval: Interval | None, shown: Callable[[float], str]) -> str:
    if interval is None:
        return "not known"
    low, high = shown(interval.low), shown(interval.high)
    return low if low == high else f"{low} to {high}"


def what_if_notes(document: WhatIfDocument) -> list[str]:
    """What is to be known about the table."""
    found = [f"{row.shown}: {escaped(row.problem)}" for row in document.rows if row.problem is not None]
    if not document.stored:
        found.append("Nothing is stored yet, so what is rejected is not known: run the spec, if only with --limit.")
    elif any(row.sampled for row in document.rows):
        found.append("Stored replies of a part of the samples stand for all.")
    if any(row.requests_interval is None and row.requests for row in document.rows):
        found.append("Intervals are not known as long as no run has shown how many replies are accepted.")
    return [*found, "stored: accepted with the replies there are; accepted: in the end, once the requests are sent."]
