"""From written values to typed ones, by the vocabulary."""

from tapc.semantics.values.fields import Fields, unknown_field
from tapc.semantics.values.findings import describe_value, env_misplaced, unknown_word, wrong_value
from tapc.semantics.values.open import open_block
from tapc.semantics.values.readers import Ref, problem, quantity, read_number, read_one, read_ref, within

__all__ = [
    "Fields",
    "Ref",
    "describe_value",
    "env_misplaced",
    "open_block",
    "problem",
    "quantity",
    "read_number",
    "read_one",
    "read_ref",
    "unknown_field",
    "unknown_word",
    "within",
    "wrong_value",
]
