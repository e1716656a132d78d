"""What a store holds, and whether it is sound."""

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from tapc.jobs import KEY_BYTES, OUTCOMES, Reply
from tapc.store.book import MOST
from tapc.store.codec import Decoder, row_crc
from tapc.store.errors import StoreError, from_sqlite
from tapc.store.finishes import shown_words
from tapc.store.measured import told_measurements
from tapc.store.proof import disagreements, held_wrongly, spent_too_little
from tapc.store.rows import CONTENTS, Realm, checked, column_names, end_reading
from tapc.store.store import Store


class SourceStats(msgspec.Struct, frozen=True):
    """Replies of one origin.

    Attributes:
        realm: `real` or `sim`.
        model: as the server named it.
        origin: base URL.
        imported: whether they came from a file.
        replies, input_tokens, output_tokens: how many.
        cost: picodollars, as paid when it was asked.
        stored_bytes: compressed.
    """

    realm: str
    model: str
    origin: str
    imported: bool
    replies: int
    input_tokens: int
    output_tokens: int
    cost: int
    stored_bytes: int


class StoreStats(msgspec.Struct, frozen=True):
    """What a store holds.

    Attributes:
        replies: how many.
        file_bytes: of the database and its log.
        sources: by realm, model, origin.
        outcomes: (outcome, replies).
    """

    replies: int
    file_bytes: int
    sources: tuple[SourceStats, ...]
    outcomes: tuple[tuple[str, int], ...]


class Verification(msgspec.Struct, frozen=True):
    """What a look at every entry found.

    Attributes:
        replies: entries looked at.
        damaged: keys whose checksum does not hold; they are asked again when needed.
        figures: keys of sound replies whose columns of figures (origin, outcome, tokens, cost, time) are not what was
            written; `tapc cache stats` counts with these.
        structure: what is wrong with the database as a whole; empty where it is sound.
        accounts: what is wrong with the ledger; empty where its sums agree.
        measured: what is wrong with measurements for later plans.
    """

    replies: int
    damaged: tuple[bytes, ...]
    figures: tuple[bytes, ...]
    structure: tuple[str, ...]
    accounts: tuple[str, ...]
    measured: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.damaged or self.figures or self.structure or self.accounts or self.measured)


def stats(store: Store) -> StoreStats:
    """Count what is there; reads no content.

    Raises:
        StoreError: the database cannot be read, or figures are not what was written.
    """
    connection = store.connection
    try:
        columns = row_columns(connection)
        connection.create_function("holds", 10, figures_hold, deterministic=True)
        sums = "total(r.input), total(r.output), total(r.cost), total(length(r.value))"
        rows = connection.execute(
            f"SELECT s.realm, s.model, s.origin, s.imported, count(*), {sums}, total(NOT holds({columns})) "  # noqa: S608 - constants
            "FROM replies r LEFT JOIN sources s ON s.id = r.source GROUP BY s.id ORDER BY 1, 2, 3, 4"
        ).fetchall()
        wrong = int(sum(row[-1] if row[0] is not None else row[4] for row in rows))
        if wrong:
            raise _figures_lost(store, wrong)
        outcomes = connection.execute("SELECT outcome, count(*) FROM replies GROUP BY outcome ORDER BY outcome")
        found = checked((row[:4] for row in rows), tuple[Realm, str, str, int], "sources", store.folder)
        sources = tuple(
            SourceStats(realm, model, origin, bool(imported), row[4], *map(int, row[5:9]))
            for (realm, model, origin, imported), row in zip(found, rows, strict=True)
        )
        files = [path.stat().st_size for path in store.folder.glob("store.db*")]
        return StoreStats(sum(s.replies for s in sources), sum(files), sources, tuple(outcomes.fetchall()))
    except sqlite3.Error as error:
        raise from_sqlite(error, store.folder) from error


_SCHEMA_2 = ("finish", "parts", "row_crc")


def row_columns(connection: sqlite3.Connection) -> str:
    """What `figures_hold` looks at; schema 1 lacks the last three."""
    there = column_names(connection, "replies")
    more = (f"r.{name}" if name in there else "NULL" for name in _SCHEMA_2)
    return ", ".join(("r.source, r.outcome, r.cost, r.input, r.output, r.created, r.crc", *more))


def figures_hold(*row: Any) -> bool:
    """Whether the columns of a reply are as they were written; of rows of schema 1, whether they can be."""
    source, outcome, cost, taken, made, created, crc, finish, parts, check = row
    numbers = (cost, taken, made, created, crc)
    if not isinstance(source, int) or outcome not in OUTCOMES:
        return False
    if not all(isinstance(number, int) and number >= 0 for number in numbers):
        return False
    if check is None:
        return finish is None and parts is None
    try:
        return row_crc(source, outcome, cost, taken, made, created, crc, finish, parts or b"") == check
    except (TypeError, struct.error):
        return False


def _figures_lost(store: Store, count: int) -> StoreError:
    return StoreError(
        "TAP853",
        f"the store {store.folder} is damaged: the figures of {count:,} replies are not what was written",
        "`tapc cache verify` lists them; `tapc cache verify --mend` reads them from the replies again",
    )


def verify(store: Store) -> Verification:
    """Look at every entry: checksums, the database's structure, and whether the ledger's sums agree."""
    looked = _Looked()
    structure: list[str] = []
    accounts: list[str] = []
    connection = store.connection
    try:
        _look(connection, looked)
    except sqlite3.Error as error:
        structure.append(f"replies: {error}")
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
        structure += [text for text in found if text != "ok"]
    except sqlite3.Error as error:
        structure.append(str(error))
    misfits = _misfits(store)
    structure += misfits
    measured = [] if misfits else told_measurements(connection)
    for check in (_unsettled, held_wrongly, spent_too_little):
        try:
            connection.execute("BEGIN")  # one snapshot, whatever live runs write meanwhile
            accounts += check(connection, store.folder)
        except StoreError as error:
            accounts.append(error.message)
        except sqlite3.Error as error:
            structure.append(str(error))
        finally:
            end_reading(connection)
    return Verification(
        looked.count,
        tuple(looked.damaged),
        tuple(looked.figures),
        tuple(dict.fromkeys(looked.odd + structure)),
        tuple(dict.fromkeys(accounts)),
        tuple(measured),
    )


def _misfits(store: Store) -> list[str]:
    """Tables that are missing or hold what no run has written; the first row of each."""
    found: list[str] = []
    for table, (columns, kind) in CONTENTS.items():
        try:
            if table in ("finishes", "settled", "measured") and store.schema < 2:
                continue
            if table == "measured" and not column_names(store.connection, table):
                continue  # written by a version without it, and not opened to be written since
            checked(store.connection.execute(f"SELECT {columns} FROM {table}"), kind, table, store.folder)  # noqa: S608 - constants
        except StoreError as error:
            found.append(error.message)
        except sqlite3.Error as error:
            found.append(f"{table}: {error}")
    return found


class _Looked:
    def __init__(self) -> None:
        self.count = 0
        self.damaged: list[bytes] = []
        self.figures: list[bytes] = []
        self.odd: list[str] = []


def _look(connection: sqlite3.Connection, looked: _Looked) -> None:
    decode = Decoder()
    sources = {row[0] for row in connection.execute("SELECT id FROM sources")}
    words = dict(connection.execute("SELECT id, words FROM finishes")) if column_names(connection, "finishes") else {}
    rows = connection.execute(f"SELECT r.key, r.value, {row_columns(connection)} FROM replies r ORDER BY r.id")  # noqa: S608 - names of columns
    for key, value, *row in rows:
        looked.count += 1
        if not isinstance(key, bytes) or len(key) != KEY_BYTES:
            looked.odd.append("replies: a key is not one")
            continue
        reply = decode(key, value, row[6])
        if reply is None:
            looked.damaged.append(key)
        elif row[0] not in sources or not figures_hold(*row) or not _agree(reply, row, words):
            looked.figures.append(key)


def _agree(reply: Reply, row: Sequence[Any], words: Mapping[int, str]) -> bool:
    """Whether a reply's columns say what the reply says, as far as they do."""
    usage = reply.usage
    tokens = (min(usage.input, MOST), min(usage.output, MOST))
    if (row[1], row[3], row[4]) != (reply.outcome, *tokens) or row[2] < min(reply.cost, MOST):
        return False
    return row[7] is None or words.get(row[7]) == shown_words(reply.finishes)


def _unsettled(connection: sqlite3.Connection, folder: Path) -> list[str]:
    return [str(one) for one in disagreements(connection, folder)]
