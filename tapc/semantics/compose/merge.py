"""How a statement given later changes one given before."""

import msgspec

from tapc.semantics.compose.item import Item
from tapc.semantics.vocabulary import Vocabulary
from tapc.syntax.nodes import Path, Quoted

_WHOLE = frozenset({"rubric", "split"})
"""Statements whose blocks replace each other; all others merge field by field."""


def field_key(item: Item) -> tuple[str, ...]:
    """What makes two fields of a block the same: the head, and what it says next where it may stand more than once."""
    words = [arg.word or "" for arg in item.args]
    match item.head:
        case "require":
            checked = words[words.index("of") + 1] if "of" in words[:-1] else ""
            return ("require", " ".join(words[:2]) if words[:1] == ["not"] else words[0] if words else "", checked)
        case "cost" | "tokens" | "requests":
            return (item.head, "per run" if "per" in words else "")
        case "endpoint" | "step" | "aspect" | "header":
            return (item.head, item.name)
        case _:
            return (item.head,)


def _measured(item: Item) -> tuple[str, ...]:
    """What makes two expectations the same: all that they say but the bound."""
    return (item.head, *(arg.value.text for arg in item.args if isinstance(arg.value, Path | Quoted)))


def merge_fields(base: tuple[Item, ...], over: tuple[Item, ...], head: str, vocabulary: Vocabulary) -> tuple[Item, ...]:
    """Fields of both: those given later win, wherever they were; ceilings inside a budget merge in turn.

    Args:
        base: given before.
        over: given later.
        head: the statement that they are fields of.
        vocabulary: says which of them stand instead of others.
    """
    key_of = _measured if head == "expect" else field_key
    replaced: dict[tuple[str, ...], list[Item]] = {}
    for item in over:
        replaced.setdefault(key_of(item), []).append(item)
    statement = vocabulary.statements.get(head)
    fields = {} if statement is None else {field.name: field for field in statement.fields}
    rivals = {fields[item.head].rival for item in over if item.head in fields}
    kept: list[Item] = []
    for item in base:
        later = replaced.get(key_of(item))
        if later is None and item.head not in rivals:
            kept.append(item)
        elif later is not None and item.head in ("endpoint", "step"):
            replaced[key_of(item)] = [merge(item, later[0], vocabulary)]
    return (*kept, *(item for items in replaced.values() for item in items))


def merge(base: Item, over: Item, vocabulary: Vocabulary) -> Item:
    """The later statement, completed by the earlier one where such statements merge field by field."""
    if over.head in _WHOLE or over.entry.graft is not None or over.children is None:
        return over if over.children is not None or base.children is None else base
    children = merge_fields(base.children or (), over.children, over.head, vocabulary)
    return msgspec.structs.replace(over, children=children, definition=over.definition or base.definition)
