"""The words by which endpoints ended completions, numbered: replies of one kind are found without reading any.

A row of `finishes` is the JSON list of the distinct words of a reply, sorted. The reply itself, under its checksum,
holds them in full and in order; the number is for searches.
"""

import sqlite3
from pathlib import Path

import msgspec

from tapc.store.errors import damaged
from tapc.store.rows import checked, column_names

_WORD = 100
"""Characters of a word that are kept for looking; an endpoint may send anything."""

_WORDS = msgspec.json.Decoder(tuple[str, ...])

_KNOWN = 4096
"""Numbers kept in memory at most."""


class Finishes:
    """Numbers of words, given by the one thread that writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[tuple[str, ...], int] = {}

    def number(self, words: tuple[str, ...]) -> int | None:
        """The number of a reply's words; None where there are none. Within a transaction."""
        if not words:
            return None
        known = self._known.get(words)
        if known is None:
            text = shown_words(words)
            self._connection.execute("INSERT OR IGNORE INTO finishes (words) VALUES (?)", (text,))
            known = self._connection.execute("SELECT id FROM finishes WHERE words = ?", (text,)).fetchone()[0]
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[words] = known
        return known

    def forget(self) -> None:
        """A transaction was rolled back, or another process has written."""
        self._known.clear()


def shown_words(words: tuple[str, ...]) -> str:
    """A reply's words as `finishes` has them."""
    return msgspec.json.encode(sorted({word[:_WORD] for word in words})).decode()


class Ended(msgspec.Struct, frozen=True):
    """Replies of one origin that ended alike.

    Attributes:
        model, origin: where they came from.
        words: the distinct words by which the endpoint ended them, sorted; long ones are cut.
        outcome: as it was decided when they came, and stands.
        replies: how many.
    """

    model: str
    origin: str
    words: tuple[str, ...]
    outcome: str
    replies: int


def ended(connection: sqlite3.Connection, folder: Path) -> list[Ended]:
    """Replies by origin, words and outcome, without reading one; those whose words were not kept are left out.

    Outcomes are stored: a version that knows more words does not decide again about replies that are there. This is
    how to see which ones it would decide otherwise.

    Raises:
        StoreError: a row holds what was not written.
    """
    if not column_names(connection, "finishes"):
        return []
    rows = connection.execute(
        "SELECT s.model, s.origin, f.words, r.outcome, count(*) FROM replies r JOIN finishes f ON f.id = r.finish "
        "JOIN sources s ON s.id = r.source GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    found = checked(rows, tuple[str, str, str, str, int], "finishes", folder)
    try:
        return [Ended(row[0], row[1], _WORDS.decode(row[2]), row[3], row[4]) for row in found]
    except msgspec.DecodeError as error:
        raise damaged(folder, f"its table `finishes` holds what no run has written ({error})") from error


def ended_keys(connection: sqlite3.Connection, kind: Ended, most: int) -> list[bytes]:
    """Keys of the first replies of a kind."""
    rows = connection.execute(
        "SELECT r.key FROM replies r JOIN finishes f ON f.id = r.finish JOIN sources s ON s.id = r.source "
        "WHERE s.model = ? AND s.origin = ? AND f.words = ? AND r.outcome = ? ORDER BY r.id LIMIT ?",
        (kind.model, kind.origin, msgspec.json.encode(kind.words).decode(), kind.outcome, most),
    )
    return [row[0] for row in rows]
