"""Accounts for people: what is spent and held, under which ceilings, and corrections with a reason."""

import sqlite3
import time
from pathlib import Path

import msgspec

from tapc.ir import Ceiling, dollars
from tapc.store.book import MOST
from tapc.store.errors import StoreError, from_sqlite
from tapc.store.proof import refuse_disagreement, wrong_lines
from tapc.store.protocol import Amount, ScopeKind
from tapc.store.rows import Count, Signed, Time, checked, end_reading, one
from tapc.store.store import Store


class LineStatus(msgspec.Struct, frozen=True):
    """One account.

    Attributes:
        kind, name: dataset, step or endpoint and which.
        spent: for good; `unknown` of it was charged at the worst case because the outcome is not known.
        held: by requests in flight.
        ceiling: as stated by the latest run.
    """

    kind: ScopeKind
    name: str
    spent: Amount
    held: Amount
    unknown: Amount
    ceiling: Ceiling


class RunStatus(msgspec.Struct, frozen=True):
    """One run: its process, when it began and ended (seconds since 1970; None: not ended), how, and what it spent."""

    id: str
    pid: int
    started: int
    ended: int | None
    end: str | None
    spent: Amount
    held: Amount


class Entry(msgspec.Struct, frozen=True):
    """One line of the journal: `adjust`, `crash` or `overrun`, when, how much, and why."""

    at: int
    event: str
    amount: Amount
    note: str


class AccountStatus(msgspec.Struct, frozen=True):
    """A dataset's account.

    Attributes:
        dataset: whose.
        lines: its own first, then steps and endpoints.
        runs, journal: from the latest.
        wrong: where the lines disagree with the settlement totals, for people; no figure is to be trusted then.
    """

    dataset: str
    lines: tuple[LineStatus, ...]
    runs: tuple[RunStatus, ...]
    journal: tuple[Entry, ...]
    wrong: tuple[str, ...] = ()


def accounts(store: Store, *, latest: int = 20) -> list[AccountStatus]:
    """Every account of a store, with the latest runs and journal entries.

    Raises:
        StoreError: the database cannot be read, or holds what is not an account.
    """
    connection = store.connection
    try:
        connection.execute("BEGIN")  # one snapshot, whatever live runs write meanwhile
        try:
            names = connection.execute("SELECT dataset FROM accounts UNION SELECT dataset FROM runs ORDER BY 1")
            found = checked(names.fetchall(), tuple[str], "accounts", store.folder)
            return [_account(connection, row[0], latest, store.folder) for row in found]
        finally:
            end_reading(connection)
    except sqlite3.Error as error:
        raise from_sqlite(error, store.folder) from error


_Line = tuple[
    ScopeKind, str,
    Count, Count, Count, Count, Count, Count, Count, Count,
    Count | None, Count | None, Count | None,
]  # fmt: skip
_RunRow = tuple[str, Count, Time, Time | None, str | None, Count, Count, Count, Count, Count, Count]
_EntryRow = tuple[Time, str, Signed, Signed, Signed, str]


def _account(connection: sqlite3.Connection, dataset: str, latest: int, folder: Path) -> AccountStatus:
    lines = connection.execute(
        "SELECT a.kind, a.name, a.cost, a.tokens, a.requests, held_cost, held_tokens, held_requests, unknown_cost, "
        "unknown_requests, c.cost, c.tokens, c.requests FROM accounts a LEFT JOIN ceilings c USING (dataset, kind, "
        "name) WHERE dataset = ? AND kind <> 'run' ORDER BY kind <> 'dataset', kind DESC, name",
        (dataset,),
    )
    runs = connection.execute(
        "SELECT id, pid, started, ended, end, ifnull(cost, 0), ifnull(tokens, 0), ifnull(requests, 0), "
        "ifnull(held_cost, 0), ifnull(held_tokens, 0), ifnull(held_requests, 0) FROM runs r LEFT JOIN accounts a "
        "ON a.dataset = r.dataset AND a.kind = 'run' AND a.name = r.id WHERE r.dataset = ? "
        "ORDER BY started DESC, id DESC LIMIT ?",
        (dataset, latest),
    )
    journal = connection.execute(
        "SELECT at, event, cost, tokens, requests, note FROM journal WHERE dataset = ? ORDER BY id DESC LIMIT ?",
        (dataset, latest),
    )
    return AccountStatus(
        dataset,
        tuple(
            LineStatus(
                row[0],
                row[1],
                Amount(*row[2:5]),
                Amount(*row[5:8]),
                Amount(row[8], 0, row[9]),
                Ceiling(cost=row[10], tokens=row[11], requests=row[12]),
            )
            for row in checked(lines, _Line, "accounts", folder)
        ),
        tuple(
            RunStatus(row[0], row[1], row[2], row[3], row[4], Amount(*row[5:8]), Amount(*row[8:11]))
            for row in checked(runs, _RunRow, "runs", folder)
        ),
        tuple(
            Entry(row[0], row[1], Amount(*row[2:5]), row[5]) for row in checked(journal, _EntryRow, "journal", folder)
        ),
        wrong_lines(connection, folder, dataset),
    )


def adjust(
    store: Store, dataset: str, amount: Amount, *, reason: str, kind: ScopeKind = "dataset", name: str = ""
) -> Amount:
    """Correct what an account has spent, up or down.

    Args:
        store: where.
        dataset: whose account.
        amount: to add; negative numbers take away.
        reason: kept in the journal.
        kind: which line; the dataset's own unless told, which is made where there is none.
        name: of the step, endpoint or run.

    Returns:
        What the line has spent now.

    Raises:
        StoreError: no such line, no reason, or less than nothing would be spent.
    """
    if not reason.strip():
        raise StoreError("TAP859", "a correction needs a reason", "say why; the reason is kept with the amount")
    writing = store.writing()
    name = name or dataset

    def book() -> Amount:
        ledger = writing.ledger
        connection = ledger.connection
        refuse_disagreement(connection, store.folder, dataset)
        row = one(
            connection.execute(
                "SELECT cost, tokens, requests FROM accounts WHERE dataset = ? AND kind = ? AND name = ?",
                (dataset, kind, name),
            ).fetchone(),
            tuple[Count, Count, Count],
            "accounts",
            store.folder,
        )
        if row is None and kind != "dataset":
            raise _refused(f"{dataset} has no account for {kind} {name}")
        before = Amount(*row) if row else Amount()
        after = Amount(before.cost + amount.cost, before.tokens + amount.tokens, before.requests + amount.requests)
        if min(after.cost, after.tokens, after.requests) < 0 or max(after.cost, after.tokens, after.requests) > MOST:
            raise _refused(f"{kind} {name} has spent {dollars(before.cost)}: the amount does not fit")
        connection.execute(
            "INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0) ON CONFLICT DO UPDATE SET "
            "cost = excluded.cost, tokens = excluded.tokens, requests = excluded.requests",
            (dataset, kind, name, after.cost, after.tokens, after.requests),
        )
        ledger.settlements.correct(dataset, kind, name, amount)
        connection.execute(
            "INSERT INTO journal (at, dataset, event, cost, tokens, requests, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (int(time.time()), dataset, "adjust", amount.cost, amount.tokens, amount.requests, reason),
        )
        ledger.reload()
        return after

    return writing.writer.call(book)


def _refused(message: str) -> StoreError:
    return StoreError("TAP859", message, "`tapc budget show` lists the accounts")
