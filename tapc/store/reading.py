"""Reads replies while other processes may write."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tapc.jobs import Draw, KeyParts, Reply, read_parts
from tapc.jobs.parts import CELL, PLACE, draw_bytes
from tapc.store import sql
from tapc.store.codec import Decoder
from tapc.store.rows import column_names


class Origin(msgspec.Struct, frozen=True):
    """What a stored reply was made of.

    Attributes:
        key: key of the reply.
        realm: realm of the model, `real` or `sim`.
        model: the name that the reply gives its model.
        parts: parts of the key.
    """

    key: bytes
    realm: str
    model: str
    parts: KeyParts


class Reader:
    """Looks replies up; sees every transaction that was durable when it looked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._decode = Decoder()
        self.damaged: list[bytes] = []

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Reply]:
        """Replies of those keys that have a sound one; damaged ones are noted and left out."""
        found: dict[bytes, Reply] = {}
        decode = self._decode
        for key, check, value in sql.where_in(self._connection, "SELECT key, crc, value FROM replies WHERE key", keys):
            reply = decode(key, value, check)
            if reply is None:
                self.damaged.append(key)
            else:
                found[key] = reply
        return found

    def contains(self, keys: Iterable[bytes]) -> set[bytes]:
        """Keys that have a reply, without reading it."""
        rows = sql.where_in(self._connection, "SELECT key FROM replies WHERE key", list(keys))
        return {row[0] for row in rows}

    def of_draw(self, draw: Draw) -> Iterator[Origin]:
        """Stored replies of the same cell, ordinal, candidate and attempt, in the order in which they were stored.

        Reads every row, since parts have no index: for commands that explain, not for runs.
        """
        if "parts" not in column_names(self._connection, "replies"):
            return
        cell, place = draw_bytes(draw)
        rows = self._connection.execute(
            "SELECT r.key, s.realm, s.model, r.parts FROM replies r LEFT JOIN sources s ON s.id = r.source "
            "WHERE substr(r.parts, ?, ?) = ? AND substr(r.parts, ?, ?) = ? ORDER BY r.id",
            (CELL.start + 1, len(cell), cell, PLACE.start + 1, len(place), place),
        )
        for key, realm, model, data in rows:
            parts = read_parts(data)
            if parts is not None:
                yield Origin(key, realm or "", model or "", parts)
