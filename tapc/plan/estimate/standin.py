"""Replies that stand in for real ones while a plan is costed: right in shape and length, empty in content.

Steps are run with them, so the prompts of later steps (judges above all) are rendered by the very code that will
render them in the run.
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tapc.jobs import Job, Reply, Usage

FILLER = "\ue000"
"""A private-use character; each one stands for one character of text that a model has yet to write."""

_NO_USAGE = Usage(0, 0)
_MAX_ITEMS = 4


def stand_in(job: Job, characters: int) -> Reply:
    """A reply of about so many characters that meets the job's schema, if it has one.

    Scores differ from job to job, so that pairs made of them are seldom ties.
    """
    recipe = job.recipe
    if recipe.kind != "chat":
        return Reply("ok", (str(job.key[0] / 256),), _NO_USAGE, 0)
    if recipe.schema is None:
        text = FILLER * max(1, characters)
    else:
        schema = msgspec.json.decode(recipe.schema)
        strings = max(1, _strings(schema))
        text = msgspec.json.encode(_instance(schema, max(1, characters // strings), job.key)).decode()
    return Reply("ok", (text,) * recipe.n, _NO_USAGE, 0)


def _strings(schema: Mapping[str, Any]) -> int:
    """How many free texts an instance holds."""
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return 0
    if kind == "object":
        return sum(_strings(part) for part in schema.get("properties", {}).values())
    if kind == "array":
        return _strings(schema.get("items", {})) * _items(schema)
    return 1 if kind == "string" else 0


def _items(schema: Mapping[str, Any]) -> int:
    return int(max(schema.get("minItems", 0), min(schema.get("maxItems", _MAX_ITEMS), _MAX_ITEMS // 2)))


def _instance(schema: Mapping[str, Any], characters: int, key: bytes) -> Any:
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return _instance(schema[union][0], characters, key)
    options = cast("list[Any]", [schema["const"]] if "const" in schema else schema.get("enum", []))
    if options:
        return options[key[1] % len(options)]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = cast("list[str]", kind)[0]
    if kind == "object":
        parts = cast("dict[str, dict[str, Any]]", schema.get("properties", {}))
        # every property sees other bytes of the key, so that aspects differ
        return {name: _instance(part, characters, key[i % 16 :]) for i, (name, part) in enumerate(parts.items())}
    if kind == "array":
        return [_instance(schema.get("items", {}), characters, key[i + 1 :]) for i in range(_items(schema))]
    return _scalar(kind, schema, characters, key)


def _scalar(kind: object, schema: Mapping[str, Any], characters: int, key: bytes) -> Any:
    if kind in ("integer", "number"):
        low = int(schema.get("minimum", 0))
        high = int(schema.get("maximum", low + 10))
        return low + key[0] % max(1, high - low + 1)
    if kind == "boolean":
        return bool(key[0] % 2)
    return None if kind == "null" else FILLER * characters
