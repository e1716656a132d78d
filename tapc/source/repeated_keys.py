"""JSON objects that name a key twice: decoders keep the last value and say nothing."""

import json
import re
from typing import Any

_KEY = re.compile(rb'"[ \t\r\n]*:')


def repeated_key(text: bytes, value: Any) -> str | None:
    """A key that stands twice in one object of a JSON text, at any depth; None where there is none.

    Almost always this costs one count: as many `":` as there are keys, and no white space before a colon, means that
    every key is there once. Only what is left open by the count is read again, pair by pair.

    Args:
        text: the JSON text.
        value: what it decodes to.
    """
    if (
        text.count(b'":') == key_count(value)
        and b" :" not in text
        and b"\t:" not in text
        and b"\n:" not in text
        and b"\r:" not in text
    ):
        return None
    if len(_KEY.findall(text)) == key_count(value):
        return None
    try:
        json.loads(text, object_pairs_hook=_once)
    except _Repeated as found:
        return found.key
    except (ValueError, RecursionError):  # told by whoever decoded it
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


def key_count(value: Any) -> int:
    """How many keys all objects in a value have together."""
    kind = value.__class__
    if kind is dict:
        count = len(value)
        for inner in value.values():
            kind = inner.__class__
            if kind is dict or kind is list:
                count += key_count(inner)
        return count
    if kind is list:
        return sum([key_count(inner) for inner in value])
    return 0
