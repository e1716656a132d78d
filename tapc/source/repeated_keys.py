"""Finds JSON objects that name a key twice, of which decoders silently keep the last value."""

import re
from typing import Any, cast

_KEY = re.compile(rb'"[ \t\r\n]*:')


def repeated_key(text: bytes, value: Any) -> str | None:
    """A key that appears twice in one object of a JSON text, at any depth; None if there is none.

    This usually costs one count: if there are as many `":` as keys, and no white space before a colon, every key
    appears once. Only texts that the count leaves open are read again, pair by pair.

    Args:
        text: the JSON text.
        value: the decoded value.
    """
    try:
        keys = _key_count(value)
    except RecursionError:
        keys = _deep_key_count(value)
    if (
        text.count(b'":') == keys
        and b" :" not in text
        and b"\t:" not in text
        and b"\n:" not in text
        and b"\r:" not in text
    ):
        return None
    if len(_KEY.findall(text)) == keys:
        return None
    import json  # noqa: PLC0415 - rarely needed, and `check` of a spec loads this module

    try:
        json.loads(text, object_pairs_hook=_once)
    except _Repeated as found:
        return found.key
    except (ValueError, RecursionError):  # the caller that decoded it has reported this
        return None
    return None


class _Repeated(Exception):  # noqa: N818 - control flow out of a decoder
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Repeated(key)
            seen.add(key)
    return found


def _key_count(value: Any) -> int:
    """The number of keys in all objects of a value."""
    kind = value.__class__
    if kind is dict:
        count = len(value)
        for inner in value.values():
            kind = inner.__class__
            if kind is dict or kind is list:
                count += _key_count(inner)
        return count
    if kind is list:
        return sum([_key_count(inner) for inner in value])
    return 0


def _deep_key_count(value: Any) -> int:
    """The same without recursion, for values nested more deeply than Python's call stack."""
    count = 0
    pending: list[Any] = [value]
    while pending:
        at = pending.pop()
        if isinstance(at, dict):
            inner = cast("dict[str, Any]", at)
            count += len(inner)
            pending.extend(inner.values())
        elif isinstance(at, list):
            pending.extend(cast("list[Any]", at))
    return count
