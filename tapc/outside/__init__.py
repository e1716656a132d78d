"""What comes from outside: characters that act on terminals, keys in texts, and values that must never be written.

Needs nothing of tapc, so that every package may use it. Start reading in `secrets.py`.
"""

from tapc.outside.key_shapes import KeyShape, find_keys, key_shapes
from tapc.outside.secrets import Secrets
from tapc.outside.strength import looks_random, strength
from tapc.outside.visible import one_line, shown, visible, visible_json, visible_lines

__all__ = [
    "KeyShape",
    "Secrets",
    "find_keys",
    "key_shapes",
    "looks_random",
    "one_line",
    "shown",
    "strength",
    "visible",
    "visible_json",
    "visible_lines",
]
