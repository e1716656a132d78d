"""Encodings of rows: one module each, listed in `declared.py`.

The writer divides rows into files (`tapc.outputs.shards`), hashes them and names them; an encoding makes the bytes of
one file of its rows (`encoding.py`). What a row holds is decided before, in `tapc.rows`, and does not depend on it:
the digest of the rows in a manifest is the same in every encoding.

To add one, write a module (`jsonl.py` is the smallest) and add it to `declared.py`. The columns of a config, with their
types, are handed in, so that no encoding guesses them from rows.
"""

from tapc.outputs.encodings.declared import ENCODINGS
from tapc.outputs.encodings.encoding import Encoding
from tapc.outputs.encodings.jsonl import JSONL

__all__ = ["ENCODINGS", "JSONL", "Encoding"]
