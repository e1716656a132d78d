"""Accounts, runs and contents of a store as tables, for `status`, `budget` and `cache`."""

import shlex
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from tapc.store import StoreStats, Verification
from tapc.ui.amounts import count, money, some
from tapc.ui.diagnostics import escaped
from tapc.ui.table import Grid
from tapc.workspace.accounts import Account, AccountLine, BudgetDocument, RunLine, StatusDocument, Sum
from tapc.workspace.cache.verify import Redecided

_DAMAGED_SHOWN = 10


def show_budget(console: Console, document: BudgetDocument) -> None:
    """Print every account with its steps, endpoints and journal."""
    if not document.accounts:
        console.print(f"No account in {document.store}: nothing was spent.")
    for number, account in enumerate(document.accounts):
        if number:
            console.print()
        console.print(Text(escaped(account.dataset), style="head"))
        console.print(_lines(account.lines))
        _unknown(console, account)
        _journal(console, account)


def _lines(lines: Sequence[AccountLine]) -> Grid:
    table = Grid("account", ">spent", ">of", ">held", ">unknown", "?>tokens", "?>requests")
    for line in lines:
        name = "all runs" if line.kind == "dataset" else f"{line.kind} {line.name}"
        cap = line.ceiling
        table.add_row(
            escaped(name),
            money(line.spent.usd),
            money(cap.usd) if cap.usd is not None else "",
            money(line.held.usd) if line.held.requests else "",
            money(line.unknown.usd) if line.unknown.requests else "",
            _against(line.spent.tokens, cap.tokens),
            _against(line.spent.requests, cap.requests),
        )
    return table


def _unknown(console: Console, account: Account) -> None:
    """Amounts charged without knowing whether they were billed, and what to do about them."""
    line = next((line for line in account.lines if line.kind == "dataset" and line.unknown.requests), None)
    if line is None:
        return
    name = shlex.quote(account.dataset)
    text = (
        f"{money(line.unknown.usd)} of this is for {some(line.unknown.requests, 'request')} whose outcome is unknown: "
        "no answer came (a time-out, a broken connection, a killed run), so it is not known whether they were billed, "
        "and each is charged at its worst case. Once the bill is known, subtract what was not billed: "
        f'tapc budget adjust {name} --cost -AMOUNT --reason "…"'
    )
    console.print(Text(escaped(text), style="quiet"))


def _against(used: int, cap: int | None) -> str:
    return count(used) if cap is None else f"{count(used)} of {count(cap)}"


def _journal(console: Console, account: Account) -> None:
    if not account.journal:
        return
    console.print(Text("journal", style="quiet"))
    for entry in account.journal:
        line = Text(f"  {entry.at}  {entry.event}  {signed(entry.amount)}  ", style="none")
        console.print(line.append(escaped(entry.note), style="quiet"), soft_wrap=True)


def signed(amount: Sum) -> str:
    """A correction: dollars, and tokens and requests where there are any."""
    shown = [f"{'-' if amount.usd < 0 else ''}{money(abs(amount.usd))}"]
    shown += [f"{amount.tokens:,} tokens"] if amount.tokens else []
    shown += [f"{amount.requests:,} requests"] if amount.requests else []
    return ", ".join(shown)


def show_status(console: Console, document: StatusDocument) -> None:
    """Print live runs, requests in flight, accounts with their ceilings, and the latest runs."""
    if document.running:
        console.print(Text("running", style="head"))
        console.print(_runs(document.running))
    else:
        console.print(f"No run is using {document.store}.")
    if document.in_flight:
        table = Grid("in flight", ">requests", ">held at most")
        for flight in document.in_flight:
            table.add_row(escaped(f"{flight.kind} {flight.name}"), f"{flight.requests:,}", money(flight.usd))
        console.print(table)
    if document.accounts:
        table = Grid("dataset", ">spent", ">held", ">cap")
        for line in document.accounts:
            cap = "no cap" if line.ceiling.usd is None else money(line.ceiling.usd)
            table.add_row(escaped(line.name), money(line.spent.usd), money(line.held.usd), cap)
        console.print()
        console.print(table)
    if document.latest:
        console.print()
        console.print(Text("latest runs", style="head"))
        console.print(_runs(document.latest))


def _runs(runs: Sequence[RunLine]) -> Grid:
    """Runs; their names begin with the time they started at (UTC)."""
    table = Grid("run", "~dataset", "state", "?>process", "?>seconds", ">requests", ">spent", ">in flight")
    styles = {"running": "good", "suspended": "bad", "crashed": "warn", "ended": "quiet"}
    for run in runs:
        table.add_row(
            run.id,
            escaped(run.dataset),
            Text(run.state, style=styles[run.state]),
            str(run.pid) if run.state in ("running", "suspended") else "",
            f"{run.seconds:,}",
            count(run.spent.requests),
            money(run.spent.usd),
            f"{run.held.requests:,}" if run.held.requests else "",
        )
    return table


def show_stats(console: Console, stats: StoreStats) -> None:
    """Print what a store holds, by origin and outcome."""
    console.print(f"{stats.replies:,} replies, {size(stats.file_bytes)} on disk.")
    if not stats.replies:
        return
    table = Grid("model", "~from", ">replies", "?>input", "?>output", ">paid", "?>stored")
    for source in stats.sources:
        origin = source.origin + (" (imported)" if source.imported else "")
        table.add_row(
            Text(escaped(source.model or "unnamed"), style="sim" if source.realm == "sim" else "none"),
            escaped(origin or "nowhere"),
            count(source.replies),
            count(source.input_tokens),
            count(source.output_tokens),
            money(source.cost / 10**12),
            size(source.stored_bytes),
        )
    console.print(table)
    console.print(Text("outcomes: " + ", ".join(f"{n:,} {name}" for name, n in stats.outcomes), style="quiet"))


def show_verification(console: Console, found: Verification, others: Sequence[Redecided] = ()) -> None:
    """Print the result of a verification.

    Args:
        console: console to print on.
        found: result of the verification.
        others: replies that would have another outcome today.
    """
    console.print(f"{found.replies:,} replies checked.")
    if found.sound:
        console.print(Text("The store is sound: checksums, structure and sums of the ledger agree.", style="good"))
    for keys, title in (
        (found.damaged, "{} damaged; asked again when needed:"),
        (found.figures, "{} with changed figures:"),
    ):
        if keys:
            console.print(Text(title.format(some(len(keys), "reply", "replies")), style="bad"))
            for key in keys[:_DAMAGED_SHOWN]:
                console.print(f"  {key.hex()}", soft_wrap=True)
    for title, texts in (
        ("The database is damaged", found.structure),
        ("The ledger does not add up", found.accounts),
        ("Measurements for later plans are damaged", found.measured),
    ):
        if texts:
            console.print(Text(f"{title}:", style="bad"))
            for text in texts[:_DAMAGED_SHOWN]:
                console.print(f"  {escaped(text)}", soft_wrap=True)
            if len(texts) > _DAMAGED_SHOWN:
                console.print(f"  and {len(texts) - _DAMAGED_SHOWN:,} more")
    _redecided(console, others)


def _redecided(console: Console, others: Sequence[Redecided]) -> None:
    """Print replies that would have another outcome with today's table of finish reasons."""
    if not others:
        return
    title = "Stored outcomes do not change; this version would decide these differently:"
    console.print(Text(title, style="quiet"))
    for one in others[:_DAMAGED_SHOWN]:
        words = ", ".join(repr(word) for word in one.ended.words)
        now = "the finish reason is unknown" if one.now == "unknown" else f"now {one.now}"
        what = some(one.ended.replies, "reply", "replies")
        said = (
            f"{what} of {one.ended.model or 'an unnamed model'} ended by {words}, stored as {one.ended.outcome}: {now}"
        )
        console.print(f"  {escaped(said)}, such as {one.keys[0].hex()[:16]}", soft_wrap=True)


def size(number: int) -> str:
    """Bytes for people."""
    for limit, unit in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= limit:
            return f"{number / limit:,.1f} {unit}"
    return f"{number:,} B"
