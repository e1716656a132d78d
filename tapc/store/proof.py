"""Whether the ledger's tables agree: accounts with settlement totals, holds with open requests, sums with replies."""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from tapc.ir import dollars
from tapc.store.errors import StoreError
from tapc.store.rows import Count, checked, column_names

Spent = tuple[Count, Count, Count, Count, Count]
"""Cost, tokens, requests; of these unknown: cost, requests."""

_SPENT = "cost, tokens, requests, unknown_cost, unknown_requests"
_NOTHING = (0, 0, 0, 0, 0)


class Disagreement(msgspec.Struct, frozen=True):
    """An account that does not hold what was settled on it.

    Attributes:
        dataset, kind, name: which line.
        booked: what the account says.
        settled: what the settlements come to.
    """

    dataset: str
    kind: str
    name: str
    booked: Spent
    settled: Spent

    def __str__(self) -> str:
        line = self.dataset if self.kind == "dataset" else f"{self.kind} {self.name} of {self.dataset}"
        told = [f"the account of {line} says {_told(self.booked)}, its settlements come to {_told(self.settled)}"]
        if self.booked[:3] == self.settled[:3]:
            told.append("they differ in what is unknown")
        return ": ".join(told)


def _told(spent: Spent) -> str:
    return f"{dollars(spent[0])}, {spent[1]:,} tokens, {spent[2]:,} requests"


def disagreements(
    connection: sqlite3.Connection, folder: Path, dataset: str | None = None, *, runs: bool = True
) -> list[Disagreement]:
    """Accounts that differ from their settlement totals; none in a store of schema 1, which keeps no totals.

    Args:
        connection: of the store.
        folder: of the store.
        dataset: only this one's.
        runs: whether the lines of single runs are compared too.

    Raises:
        StoreError: a row holds what is not an amount.
        sqlite3.Error: the database cannot be read.
    """
    if not column_names(connection, "settled"):
        return []
    booked = _spent(connection, folder, "accounts", dataset, runs=runs)
    settled = _spent(connection, folder, "settled", dataset, runs=runs)
    return [
        Disagreement(*line, booked.get(line, _NOTHING), settled.get(line, _NOTHING))
        for line in sorted(booked.keys() | settled.keys())
        if booked.get(line, _NOTHING) != settled.get(line, _NOTHING)
    ]


def _spent(
    connection: sqlite3.Connection, folder: Path, table: str, dataset: str | None, *, runs: bool
) -> dict[tuple[str, str, str], Spent]:
    rows = connection.execute(
        f"SELECT dataset, kind, name, {_SPENT} FROM {table} WHERE (?1 IS NULL OR dataset = ?1) "  # noqa: S608 - constants
        "AND (?2 OR kind <> 'run')",
        (dataset, runs),
    )
    found = checked(rows, tuple[str, str, str, Count, Count, Count, Count, Count], table, folder)
    return {row[:3]: row[3:] for row in found}


def refuse_disagreement(connection: sqlite3.Connection, folder: Path, dataset: str) -> None:
    """Raise StoreError where a dataset's account disagrees with its settlements: nothing may be spent on it."""
    found = wrong_lines(connection, folder, dataset)
    if found:
        raise ledger_disagrees(folder, found)


def wrong_lines(connection: sqlite3.Connection, folder: Path, dataset: str) -> tuple[str, ...]:
    """What is wrong with the lines of a dataset's account, those of single runs apart, for people."""
    spent = map(str, disagreements(connection, folder, dataset, runs=False))
    return (*spent, *held_wrongly(connection, folder, dataset))


def ledger_disagrees(folder: Path, found: Sequence[str]) -> StoreError:
    """What is told of accounts that disagree."""
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return StoreError(
        "TAP861",
        f"the ledger of {folder} does not add up: {found[0]}{more}",
        "`tapc cache verify` lists what disagrees; `tapc cache verify --mend` takes the larger figure of each",
    )


def held_wrongly(connection: sqlite3.Connection, folder: Path, dataset: str | None = None) -> Iterator[str]:
    """Accounts that do not hold the sum of their open requests; of one dataset without the lines of its runs."""
    held: dict[tuple[str, str, str], tuple[int, int, int]] = {}
    for kind in ("dataset", "step", "endpoint", *(() if dataset else ("run",))):
        rows = connection.execute(
            f"SELECT dataset, {kind}, sum(cost), sum(tokens), count(*) FROM intents "  # noqa: S608 - four names
            "WHERE ?1 IS NULL OR dataset = ?1 GROUP BY 1, 2",
            (dataset,),
        )
        for row in checked(rows, tuple[str, str, Count, Count, Count], "intents", folder):
            held[row[0], kind, row[1]] = row[2:]
    rows = connection.execute(
        "SELECT dataset, kind, name, held_cost, held_tokens, held_requests FROM accounts "
        "WHERE ?1 IS NULL OR (dataset = ?1 AND kind <> 'run')",
        (dataset,),
    )
    for row in checked(rows, tuple[str, str, str, int, int, int], "accounts", folder):
        if row[3:] != held.pop(row[:3], (0, 0, 0)):
            yield f"account {row[1]} {row[2]} of {row[0]}: what is held is not the sum of open requests"
    for name, kind, line in held:
        yield f"account {kind} {line} of {name} is missing"


def spent_too_little(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """All accounts together cannot have spent less than the replies that are still here were charged.

    It finds what two emptied tables hide from each other. Corrections may have taken some away.
    """
    found = checked(
        connection.execute(
            "SELECT (SELECT ifnull(sum(cost), 0) FROM accounts WHERE kind = 'dataset'), "
            "(SELECT ifnull(sum(cost), 0) FROM journal WHERE event = 'adjust' AND cost < 0), "
            "(SELECT ifnull(sum(r.cost), 0) FROM replies r JOIN sources s ON s.id = r.source WHERE s.imported = 0)"
        ),
        tuple[int, int, int],
        "accounts",
        folder,
    )
    spent, taken, charged = found[0]
    if spent - taken < charged:
        yield f"all accounts together say {dollars(spent)} was spent, the replies here were charged {dollars(charged)}"
