"""Structured replies: JSON Schema from `returns`, and reading a reply by it."""

from fractions import Fraction
from typing import Any, cast

import msgspec

from tapc.checks import NoJson, parse_json
from tapc.ir import FieldType

_ENCODER = msgspec.json.Encoder()


class Malformed(ValueError):  # noqa: N818 - says what the text is
    """A text does not have the structure asked for; the message says where."""


def schema_of(kind: FieldType) -> bytes:
    """JSON Schema text of a type, strict: every field required, no others.

    Fields keep the order of the spec: models write them in that order, so that reasoning can be asked for first.
    """
    return _ENCODER.encode(_schema(kind))


def _exact(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def _schema(kind: FieldType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if kind.definition is not None:
        found["description"] = kind.definition
    if kind.kind == "object":
        found["type"] = "object"
        found["properties"] = {name: _schema(field) for name, field in kind.fields}
        found["required"] = [name for name, _ in kind.fields]
        found["additionalProperties"] = False
    elif kind.kind == "list":
        found["type"] = "array"
        found["items"] = _schema(kind.item) if kind.item else {"type": "string"}
    elif kind.kind == "one_of":
        found["type"] = "string"
        found["enum"] = list(kind.options)
    else:
        found["type"] = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}[kind.kind]
        if kind.minimum is not None:
            found["minimum"] = _exact(kind.minimum)
        if kind.maximum is not None:
            found["maximum"] = _exact(kind.maximum)
    return found


def read_structure(kind: FieldType, text: str) -> tuple[dict[str, Any], str]:
    """Parse a reply by its type; returns the fields and their canonical JSON text.

    Raises:
        Malformed: the text does not have that structure.
    """
    try:
        data = parse_json(text)
    except NoJson as error:
        raise Malformed(f"not JSON: {error}") from error
    fields = _read(kind, data, "reply")
    return fields, _ENCODER.encode(fields).decode()


def _read(kind: FieldType, data: Any, where: str) -> Any:
    if kind.kind == "object":
        return _object(kind, data, where)
    if kind.kind == "list":
        if not isinstance(data, list):
            raise Malformed(f"{where} is not a list")
        item = kind.item or FieldType(kind="text")
        return [_read(item, value, f"{where}[{i}]") for i, value in enumerate(cast("list[Any]", data))]
    if kind.kind in ("text", "one_of"):
        if not isinstance(data, str):
            raise Malformed(f"{where} is not a text")
        if kind.kind == "one_of" and data not in kind.options:
            raise Malformed(f"{where} is {data!r}, not one of {', '.join(kind.options)}")
        return data
    if kind.kind == "boolean":
        if not isinstance(data, bool):
            raise Malformed(f"{where} is not true or false")
        return data
    return _number(kind, data, where)


def _object(kind: FieldType, data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Malformed(f"{where} is not an object")
    fields = cast("dict[str, Any]", data)
    found: dict[str, Any] = {}
    for name, field in kind.fields:
        if name not in fields:
            raise Malformed(f"{where} has no {name}")
        found[name] = _read(field, fields[name], name if where == "reply" else f"{where}.{name}")
    for name in fields:
        if name not in found:
            raise Malformed(f"{where} has the unknown field {name}")
    return found


def _number(kind: FieldType, data: Any, where: str) -> int | float:
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise Malformed(f"{where} is not a number")
    if kind.kind == "integer":
        if isinstance(data, float) and not data.is_integer():
            raise Malformed(f"{where} is not a whole number")
        data = int(data)
    if (kind.minimum is not None and data < kind.minimum) or (kind.maximum is not None and data > kind.maximum):
        raise Malformed(f"{where} is {data}, outside its range")
    return data
