"""Trees from nested objects and lists, as in JSON and YAML."""

import math
from collections.abc import Mapping
from typing import Any, cast

from tapc.importing.model import MAX_DEPTH, Node, Refusal, unlike

_NAME = ("name", "id", "title", "label")
_BELOW = ("children", "nodes", "topics", "items")
_TEXT = ("definition", "description")


def tree_of(value: Any, where: str) -> tuple[Node, ...]:
    """The tree in a document: objects by key, lists by item, an object with a `name` as one node.

    Raises:
        Refusal: the document contains no tree.
    """
    if isinstance(value, Mapping):
        single = cast("Mapping[object, Any]", value)
        below = next((key for key in _BELOW if isinstance(single.get(key), Mapping | list)), None)
        if below is not None and any(isinstance(single.get(key), str) for key in _NAME):
            value = single[below]
    return _children(value, where, 1)


def _children(value: Any, where: str, depth: int) -> tuple[Node, ...]:
    if depth > MAX_DEPTH:
        raise Refusal("TAP721", f"{where}: more than {MAX_DEPTH} levels", "flatten the tree")
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, Any]", value).items()
        return unlike((_entry(_name(key, where), inner, where, depth) for key, inner in pairs), where)
    if isinstance(value, list):
        return unlike((_item(inner, where, depth) for inner in cast("list[Any]", value)), where)
    raise Refusal("TAP721", f"{where}: expected a tree, found a {type(value).__name__}", "give objects or lists")


def _name(value: object, where: str) -> str:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    raise Refusal("TAP721", f"{where}: a name is a {type(value).__name__}", "put names in quotes")


def _weight(value: float, where: str) -> str:
    if isinstance(value, bool) or not math.isfinite(value) or not 0 <= value < 1e15:
        raise Refusal("TAP721", f"{where}: {str(value)[:40]} is not a weight", "weights are numbers from 0 to 1e15")
    return str(value) if isinstance(value, int) else f"{value:.9f}".rstrip("0").rstrip(".")


def _entry(name: str, value: Any, where: str, depth: int) -> Node:
    if value is None:
        return Node(name)
    if isinstance(value, str):
        return Node(name, definition=value)
    if isinstance(value, int | float):
        return Node(name, weight=_weight(value, where))
    return Node(name, children=_children(value, where, depth + 1))


def _item(value: Any, where: str, depth: int) -> Node:
    if isinstance(value, Mapping):
        item = cast("Mapping[object, Any]", value)
        key = next((key for key in _NAME if isinstance(item.get(key), str | int)), None)
        if key is not None:
            below = next((item[word] for word in _BELOW if item.get(word) is not None), None)
            title = item.get("title") if key != "title" else None
            weight = item.get("weight")
            return Node(
                _name(item[key], where),
                title if isinstance(title, str) else "",
                next((text for word in _TEXT if isinstance(text := item.get(word), str)), ""),
                _weight(weight, where) if isinstance(weight, int | float) else "",
                children=() if below is None else _children(below, where, depth + 1),
            )
        if len(item) == 1:
            ((only, inner),) = item.items()
            return _entry(_name(only, where), inner, where, depth)
        raise Refusal("TAP721", f"{where}: an item of a list has no name", "give it a `name`")
    return Node(_name(value, where))
