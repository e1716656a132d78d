"""From declarations in several files to one list of statements: extends, drop, pipelines, copies."""

from tapc.semantics.compose.expand import Composed, compose, declared_item, fill_copy, stranger
from tapc.semantics.compose.item import Arg, Item, Scope, lift, lift_block

__all__ = [
    "Arg",
    "Composed",
    "Item",
    "Scope",
    "compose",
    "declared_item",
    "fill_copy",
    "lift",
    "lift_block",
    "stranger",
]
