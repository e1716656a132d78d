"""How values print inside a prompt, equally with and without Jinja."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import msgspec


def _json(value: Any) -> str:
    return msgspec.json.encode(value, enc_hook=_plain).decode()


def _plain(value: Any) -> Any:
    """The JSON form of a view: its text, unless it defines another."""
    as_json: Callable[[Any], Any] | None = getattr(cast("object", value).__class__, "as_json", None)
    return as_json(value) if as_json is not None else text_of(value)


def _exact(value: Fraction) -> str:
    """A score in decimal notation; repeating decimals are cut after four digits."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


_PRINTERS: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "",
    Fraction: _exact,
    list: _json,
    dict: _json,
    tuple: lambda value: ", ".join(map(text_of, value)),
}


def text_of(value: Any) -> str:
    """The printed form: texts unchanged, booleans as `true`, structures as JSON, views by their own method."""
    kind: type[Any] = value.__class__
    if kind is str:
        return value
    printer = _PRINTERS.get(kind)
    return str(value) if printer is None else printer(value)


def json_of(value: Any) -> str:
    """A value as compact JSON, not escaped to ASCII."""
    return _json(value)
