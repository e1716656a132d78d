"""What a store holds, and whether it is sound."""

import sqlite3

import msgspec

from tapc.runtime.store.codec import Decoder
from tapc.runtime.store.errors import from_sqlite
from tapc.runtime.store.store import Store


class SourceStats(msgspec.Struct, frozen=True):
    """Replies of one origin.

    Attributes:
        realm: `real` or `sim`.
        model: as the server named it.
        origin: base URL.
        imported: whether they came from a file.
        replies, input_tokens, output_tokens: how many.
        cost: picodollars, as paid by whoever asked.
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
        structure: what is wrong with the database as a whole; empty where it is sound.
        accounts: what is wrong with the ledger; empty where its sums agree.
    """

    replies: int
    damaged: tuple[bytes, ...]
    structure: tuple[str, ...]
    accounts: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.damaged or self.structure or self.accounts)


def stats(store: Store) -> StoreStats:
    """Count what is there; reads no content.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        rows = store.connection.execute(
            "SELECT s.realm, s.model, s.origin, s.imported, count(*), total(r.input), total(r.output), total(r.cost), "
            "total(length(r.value)) FROM replies r JOIN sources s ON s.id = r.source GROUP BY s.id "
            "ORDER BY s.realm, s.model, s.origin, s.imported"
        ).fetchall()
        outcomes = store.connection.execute("SELECT outcome, count(*) FROM replies GROUP BY outcome ORDER BY outcome")
        sources = tuple(
            SourceStats(realm, model, origin, bool(imported), count, *map(int, sums))
            for realm, model, origin, imported, count, *sums in rows
        )
        files = [path.stat().st_size for path in store.folder.glob("store.db*")]
        return StoreStats(sum(s.replies for s in sources), sum(files), sources, tuple(outcomes.fetchall()))
    except sqlite3.Error as error:
        raise from_sqlite(error, store.folder) from error


def verify(store: Store) -> Verification:
    """Look at every entry: checksums, the database's structure, and whether the ledger's sums agree."""
    damaged: list[bytes] = []
    count = 0
    structure: list[str] = []
    decode = Decoder()
    try:
        for key, check, value in store.connection.execute("SELECT key, crc, value FROM replies ORDER BY id"):
            count += 1
            if not isinstance(value, bytes) or decode(key, value, check) is None:
                damaged.append(bytes(key))
        found = [str(row[0]) for row in store.connection.execute("PRAGMA integrity_check(20)")]
        structure += [text for text in found if text != "ok"]
        store.connection.execute("BEGIN")  # one snapshot, whatever live runs write meanwhile
        try:
            accounts = _disagreements(store.connection)
        finally:
            store.connection.execute("COMMIT")
    except sqlite3.Error as error:
        structure.append(str(error))
        accounts = []
    return Verification(count, tuple(damaged), tuple(structure), tuple(accounts))


def _disagreements(connection: sqlite3.Connection) -> list[str]:
    """What each account holds must be the sum of its open intents, and nothing is ever negative."""
    held = {
        (kind, dataset, name): (cost, tokens, requests)
        for kind, column in (("dataset", "dataset"), ("run", "run"), ("step", "step"), ("endpoint", "endpoint"))
        for dataset, name, cost, tokens, requests in connection.execute(
            f"SELECT dataset, {column}, sum(cost), sum(tokens), count(*) FROM intents GROUP BY 1, 2"  # noqa: S608 - four names
        )
    }
    wrong: list[str] = []
    for dataset, kind, name, cost, tokens, requests, *booked in connection.execute(
        "SELECT dataset, kind, name, cost, tokens, requests, held_cost, held_tokens, held_requests FROM accounts"
    ):
        if min(cost, tokens, requests) < 0:
            wrong.append(f"account {kind} {name} of {dataset}: spent is negative")
        if tuple(booked) != held.pop((kind, dataset, name), (0, 0, 0)):
            wrong.append(f"account {kind} {name} of {dataset}: what is held is not the sum of open requests")
    wrong.extend(f"account {kind} {name} of {dataset} is missing" for kind, dataset, name in held)
    return wrong
