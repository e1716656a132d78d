"""What can be put right in a damaged store without guessing: never downwards, and noted in the journal."""

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from tapc.store import sql
from tapc.store.book import MOST
from tapc.store.codec import guessed_realm
from tapc.store.collecting import refuse_live
from tapc.store.inventory import verify
from tapc.store.measured import mend_measured
from tapc.store.store import Store

_SPENT = "cost, tokens, requests, unknown_cost, unknown_requests"
_STRIDE = 500

Line = tuple[str, str, str]
"""Dataset, kind and name of an account."""


class Mended(msgspec.Struct, frozen=True):
    """What was put right.

    Attributes:
        accounts: lines that hold now the larger of what was booked and what was settled.
        figures: replies whose figures were read from the reply again.
        measured: measurements for later plans that were damaged, and removed.
    """

    accounts: int
    figures: int
    measured: int = 0


def mend(store: Store) -> Mended:
    """Take the larger figure of each account that disagrees, hold what open requests need, read figures again.

    Raises:
        StoreError: a run is using the store, or it cannot be written.
    """
    writing = store.writing()
    found = verify(store)

    def accounts() -> int:
        refuse_live(store)
        return _mend_accounts(writing.connection)

    mended = writing.writer.call(accounts)
    removed = writing.writer.call(lambda: mend_measured(writing.connection))
    for start in range(0, len(found.figures), _STRIDE):
        part = found.figures[start : start + _STRIDE]
        writing.writer.call(lambda part=part: _mend_figures(store, part))
    return Mended(mended, len(found.figures), removed)


def _mend_accounts(connection: sqlite3.Connection) -> int:
    booked, settled, held = _spent(connection, "accounts"), _spent(connection, "settled"), _held(connection)
    count = 0
    rows: list[tuple[Any, ...]] = []
    lines = {
        row[:3]: tuple(map(_amount, row[3:]))
        for row in connection.execute("SELECT dataset, kind, name, held_cost, held_tokens, held_requests FROM accounts")
    }
    for line in sorted({*booked, *settled, *held}):
        was, total = booked.get(line, (0,) * 5), settled.get(line, (0,) * 5)
        now = tuple(map(max, was, total))
        holds = held.get(line, (0, 0, 0))
        rows.append((*line, *now[:3], *holds, *now[3:]))
        if was != total or lines.get(line, (0, 0, 0)) != holds:
            count += 1
            _note(connection, line, tuple(a - b for a, b in zip(now, was, strict=True)))
    connection.execute("DELETE FROM accounts")
    connection.execute("DELETE FROM settled")
    sql.insert(connection, "INSERT INTO accounts", 11, rows)
    sql.insert(connection, "INSERT INTO settled", 8, [(*row[:6], *row[9:]) for row in rows])
    return count


def _spent(connection: sqlite3.Connection, table: str) -> dict[Line, tuple[int, ...]]:
    """Rows of a table; what is not an amount counts as nothing, and lines without a name are left out."""
    rows = connection.execute(f"SELECT dataset, kind, name, {_SPENT} FROM {table}")  # noqa: S608 - constants
    return {row[:3]: tuple(map(_amount, row[3:])) for row in rows if all(isinstance(name, str) for name in row[:3])}


def _amount(value: object) -> int:
    return min(value, MOST) if isinstance(value, int) and value > 0 else 0


def _held(connection: sqlite3.Connection) -> dict[Line, tuple[int, int, int]]:
    held: dict[Line, tuple[int, int, int]] = {}
    for dataset, run, step, endpoint, cost, tokens in connection.execute(
        "SELECT dataset, run, step, endpoint, cost, tokens FROM intents"
    ):
        for line in _lines(dataset, run, step, endpoint):
            old = held.get(line, (0, 0, 0))
            held[line] = (old[0] + _amount(cost), old[1] + _amount(tokens), old[2] + 1)
    return held


def _lines(dataset: str, run: str, step: str, endpoint: str) -> Iterator[Line]:
    yield dataset, "dataset", dataset
    yield dataset, "run", run
    yield dataset, "step", step
    yield dataset, "endpoint", endpoint


def _note(connection: sqlite3.Connection, line: Line, added: tuple[int, ...]) -> None:
    dataset, kind, name = line
    connection.execute(
        "INSERT INTO journal (at, dataset, event, cost, tokens, requests, note) VALUES (?, ?, 'mend', ?, ?, ?, ?)",
        (int(time.time()), dataset, *added[:3], f"{kind} {name}: the larger of what was booked and what was settled"),
    )


def _mend_figures(store: Store, keys: tuple[bytes, ...]) -> None:
    """Write the figures of sound replies again. Where the origin's row is gone, the reply counts as imported."""
    ledger = store.writing().ledger
    rows = sql.where_in(
        ledger.connection,
        "SELECT r.key, r.created, s.realm, s.imported, r.parts FROM replies r LEFT JOIN sources s ON s.id = r.source "
        "WHERE r.key",
        keys,
    )
    replies = ledger.stored(keys)
    for key, created, realm, imported, parts in rows:
        if key not in replies:
            continue
        reply = replies[key].reply
        known = realm in ("real", "sim")
        at = created if isinstance(created, int) and 0 <= created < 2**40 else int(time.time())
        ledger.connection.execute("DELETE FROM replies WHERE key = ?", (key,))
        kept = parts if isinstance(parts, bytes) else b""
        ledger.insert(
            key,
            realm if known else guessed_realm(reply),
            reply,
            created=at,
            imported=int(bool(imported) or not known),
            parts=kept,
        )
