"""The registered encodings. A new one is a module of this package and a line here."""

from tapc.outputs.encodings.encoding import Encoding
from tapc.outputs.encodings.jsonl import JSONL

ENCODINGS: tuple[Encoding, ...] = (JSONL,)
