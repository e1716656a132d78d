"""Structured replies: finds the JSON text in a reply and validates it against its schema."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any, cast

import msgspec

from tapc.checks import two_ways
from tapc.endpoints.replies.quick_schema import quick_check


class Schema:
    """A JSON Schema, compiled once.

    jsonschema decides. Before it, a checker of our own that knows the common keywords says "certainly valid"; whatever
    it cannot be sure of goes on to jsonschema. References to other documents are not followed.
    """

    __slots__ = ("_quick", "_validator")

    def __init__(self, text: bytes) -> None:
        # heavy, and only runs with structured replies need it
        from jsonschema.validators import Draft202012Validator, validator_for  # noqa: PLC0415

        schema: Any = msgspec.json.decode(text)
        kind: Any = validator_for(schema, default=Draft202012Validator)
        registry: Any = import_module("referencing").Registry()
        self._validator: Any = kind(schema, registry=registry)
        self._quick = quick_check(schema)

    def accepts(self, text: str) -> str | None:
        """The JSON text inside a reply if it is valid, else None."""
        for candidate in (text, unfenced(text)):
            if candidate is not None and self._valid(candidate):
                return candidate
        return None

    def _valid(self, text: str) -> bool:
        try:
            value: Any = msgspec.json.decode(text)
            valid = (self._quick is not None and self._quick(value)) or self._validator.is_valid(value)
            return valid and not two_ways(text, value)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return False


def texts_of(text: str) -> Iterator[str]:
    """All strings in a JSON text as they are meant, names of members included."""
    try:
        value: Any = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        yield text
        return
    waiting: list[Any] = [value]
    while waiting:
        one: Any = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            inside = cast("dict[str, Any]", one)
            yield from inside
            waiting.extend(inside.values())
        elif isinstance(one, list):
            waiting.extend(cast("list[Any]", one))


def unfenced(text: str) -> str | None:
    """The content of a code fence that is the whole reply; None where there is none."""
    text = text.strip()
    if not text.startswith("```") or not text.endswith("```") or len(text) < 7:
        return None
    head, line, rest = text[3:-3].partition("\n")
    return rest.strip() if line and head.strip().lower() in ("", "json", "json5", "jsonc") else None
