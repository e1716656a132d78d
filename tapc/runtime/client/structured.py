"""Structured replies: finds the JSON text in a reply and validates it against its schema."""

from collections.abc import Callable
from typing import Any

import msgspec

Check = Callable[[Any], bool]

_KNOWN = frozenset(
    {
        "$schema", "title", "description", "type", "properties", "required", "additionalProperties", "enum", "const",
        "items", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default", "examples",
    }  # fmt: skip
)

_TYPES: dict[str, Check] = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
    "boolean": lambda v: isinstance(v, bool),
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "null": lambda v: v is None,
}


class Schema:
    """A JSON Schema, compiled once.

    jsonschema decides. Before it, a checker of our own that knows the common keywords says "certainly valid" at a
    fiftieth of the cost; whatever it cannot be sure of goes on to jsonschema.
    """

    __slots__ = ("_quick", "_validator")

    def __init__(self, text: bytes) -> None:
        import jsonschema  # noqa: PLC0415 - heavy, and only runs with structured replies need it

        schema: Any = msgspec.json.decode(text)
        kind: Any = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
        self._validator: Any = kind(schema)
        self._quick = _compile(schema)

    def accepts(self, text: str) -> str | None:
        """The JSON text inside a reply if it is valid, else None."""
        for candidate in (text, unfenced(text)):
            if candidate is None:
                continue
            try:
                value = msgspec.json.decode(candidate)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                continue
            try:
                if (self._quick is not None and self._quick(value)) or self._validator.is_valid(value):
                    return candidate
            except RecursionError:
                return None
        return None


def unfenced(text: str) -> str | None:
    """The content of a code fence that is the whole reply; None where there is none."""
    text = text.strip()
    if not text.startswith("```") or not text.endswith("```") or len(text) < 7:
        return None
    head, line, rest = text[3:-3].partition("\n")
    return rest.strip() if line and head.strip().lower() in ("", "json", "json5", "jsonc") else None


def _compile(schema: Any) -> Check | None:
    """A sufficient test for a schema; None where it has keywords this does not know."""
    if schema is True or schema == {}:
        return lambda _: True
    if not isinstance(schema, dict) or not _KNOWN.issuperset(schema):  # pyright: ignore[reportUnknownArgumentType]
        return None
    rules: dict[str, Any] = schema
    checks: list[Check] = []
    if (kinds := rules.get("type")) is not None:
        tests = [_TYPES.get(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if None in tests:
            return None
        checks.append(tests[0] if len(tests) == 1 else _any_of(tests))  # pyright: ignore[reportArgumentType]
    for compile_part in (_values, _bounds, _object, _array):
        part = compile_part(rules)
        if part is None:
            return None
        checks += part
    if not checks:
        return lambda _: True
    return checks[0] if len(checks) == 1 else _all_of(tuple(checks))


def _all_of(checks: tuple[Check, ...]) -> Check:
    def check(value: Any) -> bool:
        for part in checks:  # noqa: SIM110 - a generator costs more than the checks
            if not part(value):
                return False
        return True

    return check


def _any_of(checks: list[Check]) -> Check:
    return lambda value: any(part(value) for part in checks)


def _values(rules: dict[str, Any]) -> list[Check] | None:
    checks: list[Check] = []
    if "enum" in rules:
        options = rules["enum"]
        if not all(isinstance(option, str) for option in options):
            return None  # 1, 1.0 and true compare equal in Python
        names = frozenset(options)
        checks.append(lambda v: isinstance(v, str) and v in names)
    if "const" in rules:
        only = rules["const"]
        if not isinstance(only, str):
            return None
        checks.append(lambda v: v == only)
    return checks


def _bounds(rules: dict[str, Any]) -> list[Check] | None:
    checks: list[Check] = []
    number = _TYPES["number"]
    if (low := rules.get("minimum")) is not None:
        checks.append(lambda v: number(v) and v >= low)
    if (high := rules.get("maximum")) is not None:
        checks.append(lambda v: number(v) and v <= high)
    for kind, least, most in ((str, "minLength", "maxLength"), (list, "minItems", "maxItems")):
        if least in rules or most in rules:
            checks.append(_sized(kind, rules.get(least, 0), rules.get(most)))
    return checks


def _sized(kind: type, least: int, most: int | None) -> Check:
    return lambda v: isinstance(v, kind) and least <= len(v) and (most is None or len(v) <= most)  # pyright: ignore[reportUnknownArgumentType, reportArgumentType]


def _object(rules: dict[str, Any]) -> list[Check] | None:
    named = rules.get("properties")
    required = rules.get("required", [])
    extra = rules.get("additionalProperties", True)
    if named is None and not required and extra is True:
        return []
    if not isinstance(extra, bool):
        return None
    parts: dict[str, Check] = {}
    for name, part in (named or {}).items():
        compiled = _compile(part)
        if compiled is None:
            return None
        parts[name] = compiled
    needed = frozenset(required)

    def check(value: Any) -> bool:
        if not isinstance(value, dict) or not needed <= value.keys():
            return False
        for name, item in value.items():  # pyright: ignore[reportUnknownVariableType]
            part = parts.get(name)  # pyright: ignore[reportUnknownArgumentType]
            if not (extra if part is None else part(item)):
                return False
        return True

    return [check]


def _array(rules: dict[str, Any]) -> list[Check] | None:
    if "items" not in rules:
        return []
    item = _compile(rules["items"])
    return None if item is None else [lambda v: isinstance(v, list) and all(map(item, v))]  # pyright: ignore[reportUnknownArgumentType]
