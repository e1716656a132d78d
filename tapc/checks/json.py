"""JSON that every reader understands alike."""

import json
from typing import Any, cast

import msgspec


class NoJson(ValueError):  # noqa: N818 - says what the text is
    """A text is not JSON; the message says why."""


def parse_json(text: str) -> Any:
    """The JSON value a text is.

    Raises:
        NoJson: it is none, or nested beyond all reason.
    """
    try:
        value: Any = msgspec.json.decode(text)
        ambiguous = two_ways(text, value)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise NoJson(str(error)) from error
    except RecursionError as error:
        raise NoJson("nested too deeply") from error
    if ambiguous:
        raise NoJson("it names a member twice, so that readers differ in what it says")
    return value


def two_ways(text: str, value: Any) -> bool:
    """Whether JSON names a member twice, so that readers differ in what it says.

    Args:
        text: JSON text.
        value: what one reader made of it; only where it has fewer members than the text has colons is it read again.
    """
    if text.count(":") <= _members(value):
        return False
    try:
        json.loads(text, object_pairs_hook=_pairs)
    except _Twice:
        return True
    except (ValueError, RecursionError):
        return False
    return False


class _Twice(ValueError):  # noqa: N818 - an answer, not a fault
    """A name occurs twice in an object."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _members(value: Any) -> int:
    """Members of all objects in a value."""
    if isinstance(value, dict):
        inside = cast("dict[str, Any]", value)
        return len(inside) + sum(map(_members, inside.values()))
    if isinstance(value, list):
        return sum(map(_members, cast("list[Any]", value)))
    return 0
