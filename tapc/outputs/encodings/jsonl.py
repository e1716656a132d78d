"""JSON Lines: a row is a line, as it was spooled."""

from collections.abc import Iterable

from tapc.outputs.encodings.encoding import Encoding
from tapc.rows.columns import Column


def _as_they_are(rows: Iterable[bytes], columns: tuple[Column, ...]) -> Iterable[bytes]:  # noqa: ARG001 - what an encoding is given
    return rows


JSONL = Encoding(name="jsonl", suffix="jsonl", encode=_as_they_are)
