"""Schemas that stand in the prompt instead of in `response_format`."""

from typing import Any, cast

import msgspec

MAX_STARTS = 64


def find_schema(prompt: str) -> dict[str, Any] | None:
    """The last JSON Schema of an object that the prompt holds, or None.

    A JSON value is read from each `{` on, as far as its braces balance outside of strings.
    """
    if '"type"' not in prompt or '"properties"' not in prompt:
        return None
    found: dict[str, Any] | None = None
    at, starts = prompt.find("{"), 0
    while at >= 0 and starts < MAX_STARTS:
        starts += 1
        end = _balanced(prompt, at)
        data: Any = None
        if end > at:
            try:
                data = msgspec.json.decode(prompt[at:end])
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
                data = None
        if isinstance(data, dict) and "properties" in data:
            found = cast("dict[str, Any]", data)
        at = prompt.find("{", end if data is not None else at + 1)
    return found


def _balanced(text: str, start: int) -> int:
    """Offset after the brace that closes the one at start, or start where none does."""
    depth, quoted, escaped = 0, False, False
    for at in range(start, len(text)):
        char = text[at]
        if quoted:
            if escaped:
                escaped = False
            elif char == "\\":
                escaped = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return at + 1
    return start
