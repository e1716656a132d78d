"""What jobs used so far, for estimates."""

import sqlite3
from pathlib import Path

import msgspec

from tapc.store.rows import CONTENTS, checked


class UsedSoFar(msgspec.Struct, frozen=True):
    """Jobs of one label and outcome; sums over them.

    Attributes:
        label: as given when they were settled.
        outcome: of the replies.
        jobs: how many, those with estimated usage left out.
        input, output: tokens; `*_squares` are sums of squares.
        chars: code points of their texts.
    """

    label: str
    outcome: str
    jobs: int
    input: int
    input_squares: float
    output: int
    output_squares: float
    chars: int


def history(connection: sqlite3.Connection, prefix: str, folder: Path) -> list[UsedSoFar]:
    """Sums of all labels that start with a prefix, by label and outcome.

    Raises:
        StoreError: a row holds something else.
    """
    columns, kind = CONTENTS["history"]
    rows = connection.execute(
        f"SELECT {columns} FROM history WHERE substr(label, 1, ?) = ? ORDER BY label, outcome",  # noqa: S608 - a constant
        (len(prefix), prefix),
    )
    return [UsedSoFar(*row) for row in checked(rows, kind, "history", folder)]
