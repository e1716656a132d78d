"""Stand-ins for replies while a plan is costed: correct in form and length, without content.

Steps run with them, so the prompts of later steps (especially of judges) are rendered by the code of the run.
"""

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from tapc.jobs import Job, Recipe, Reply, Usage

FILLER = "\ue000"
"""A private-use character for one character of a text that does not exist yet."""

WEIGHT = 1024
"""Number of characters for which one `HEAVY` stands."""

HEAVY = "\ue001"
"""A character for `WEIGHT` fillers, so that the longest possible texts (megabytes) can be measured cheaply."""

_NO_USAGE = Usage(0, 0)
_MAX_ITEMS = 4
_NUMBER = "answer"
"""Field of the entries of a listwise verdict with their number."""

_KEY = bytes(range(64, 192, 4))


def stand_in(job: Job, characters: int, entries: int = 1, *, packed: bool = False) -> Reply:
    """A reply of about the given number of characters that matches the schema of the job, if it has one.

    Scores differ between jobs, so that pairs made from them are rarely ties.

    Args:
        job: the job.
        characters: number of characters of all texts in the reply together.
        entries: number of answers in a listwise verdict.
        packed: whether `HEAVY` may replace many of the characters.
    """
    recipe = job.recipe
    if recipe.kind != "chat":
        return Reply("ok", (str(job.key[0] / 256),), _NO_USAGE, 0)
    if recipe.schema is None:
        text = _filled(max(1, characters), packed=packed)
    else:
        schema = msgspec.json.decode(recipe.schema)
        strings = max(1, _strings(schema, entries))
        filled = _Filler(_filled(max(1, characters // strings), packed=packed), entries)
        text = msgspec.json.encode(filled.instance(schema, job.key)).decode()
    return Reply("ok", (text,) * recipe.n, _NO_USAGE, 0)


def shape_of(recipe: Recipe, entries: int = 1) -> tuple[int, int]:
    """The number of free texts in a reply, and the number of characters of JSON around them."""
    if recipe.kind != "chat":
        return 0, 0
    if recipe.schema is None:
        return 1, 0
    schema = msgspec.json.decode(recipe.schema)
    frame = msgspec.json.encode(_Filler("", entries).instance(schema, _KEY))
    return _strings(schema, entries), len(frame)


def _filled(characters: int, *, packed: bool) -> str:
    heavy, light = divmod(characters, WEIGHT) if packed else (0, characters)
    return FILLER * light + HEAVY * heavy


def _strings(schema: Mapping[str, Any], entries: int) -> int:
    """The number of free texts in an instance."""
    kind = schema.get("type")
    if "enum" in schema or "const" in schema:
        return 0
    if kind == "object":
        return sum(_strings(part, entries) for part in schema.get("properties", {}).values())
    if kind == "array":
        return _strings(schema.get("items", {}), entries) * _items(schema, entries)
    return 1 if kind == "string" else 0


def _numbered(schema: Mapping[str, Any]) -> bool:
    """Whether a list contains numbered verdicts."""
    properties: dict[str, Any] = schema.get("items", {}).get("properties", {})
    return properties.get(_NUMBER, {}).get("type") == "integer"


def _items(schema: Mapping[str, Any], entries: int) -> int:
    if _numbered(schema):
        return entries
    return int(max(schema.get("minItems", 0), min(schema.get("maxItems", _MAX_ITEMS), _MAX_ITEMS // 2)))


class _Filler:
    """Fills in a schema; every text is the same."""

    def __init__(self, text: str, entries: int) -> None:
        self._text = text
        self._entries = entries

    def instance(self, schema: Mapping[str, Any], key: bytes) -> Any:
        """A value that matches a schema; bytes of the key decide any choice."""
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self.instance(schema[union][0], key)
        options = cast("list[Any]", [schema["const"]] if "const" in schema else schema.get("enum", []))
        if options:
            return options[key[1] % len(options)]
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = cast("list[str]", kind)[0]
        if kind == "object":
            parts = cast("dict[str, dict[str, Any]]", schema.get("properties", {}))
            # every property uses other bytes of the key, so that aspects differ
            return {name: self.instance(part, _turned(key, i)) for i, (name, part) in enumerate(parts.items())}
        if kind == "array":
            return self._list(schema, key)
        return self._scalar(kind, schema, key)

    def _list(self, schema: Mapping[str, Any], key: bytes) -> list[Any]:
        items: Mapping[str, Any] = schema.get("items", {})
        made = [self.instance(items, _turned(key, i + 1)) for i in range(_items(schema, self._entries))]
        if _numbered(schema):
            for number, entry in enumerate(made, 1):
                entry[_NUMBER] = number
        return made

    def _scalar(self, kind: object, schema: Mapping[str, Any], key: bytes) -> Any:
        if kind in ("integer", "number"):
            low = int(schema.get("minimum", 0))
            high = int(schema.get("maximum", low + 10))
            return low + key[0] % max(1, high - low + 1)
        if kind == "boolean":
            return bool(key[0] % 2)
        return None if kind == "null" else self._text


def _turned(key: bytes, by: int) -> bytes:
    """The bytes of a key rotated to start at another position."""
    by %= len(key)
    return key[by:] + key[:by]
