"""Many rows in one statement.

A Python connection gives up the interpreter lock at every row it steps over, and under a busy event loop has to wait
to get it back. So rows go in and out by the hundred: one statement, one step.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

_SIZES = (256, 64, 16, 4, 1)
"""Rows a statement; few sizes, so that prepared statements are found again."""


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    start = 0
    for size in _SIZES:
        while count - start >= size:
            yield start, size
            start += size


@cache
def _insert_text(head: str, width: int, rows: int, tail: str) -> str:
    one = "(" + ",".join("?" * width) + ")"
    return f"{head} VALUES {','.join([one] * rows)} {tail}"


def insert(
    connection: sqlite3.Connection, head: str, width: int, rows: Sequence[Sequence[Any]], tail: str = ""
) -> None:
    """Insert rows of `width` columns; `head` is the statement up to VALUES, `tail` what follows."""
    for start, size in _pieces(len(rows)):
        values = [value for row in rows[start : start + size] for value in row]
        connection.execute(_insert_text(head, width, size, tail), values)


@cache
def _in_text(head: str, size: int) -> str:
    return f"{head} IN ({','.join('?' * size)})"


def where_in(connection: sqlite3.Connection, head: str, keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run `head IN (keys)`; the rows of all pieces."""
    found: list[tuple[Any, ...]] = []
    count = len(keys)
    for start in range(0, count, 256):
        part = list(keys[start : start + 256])
        size = next(s for s in (1, 4, 16, 64, 256) if s >= len(part))
        part.extend([part[-1]] * (size - len(part)))
        found.extend(connection.execute(_in_text(head, size), part))
    return found
