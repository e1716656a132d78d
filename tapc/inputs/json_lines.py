"""Rows of JSON lines."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from tapc.inputs.bad import Bad
from tapc.inputs.blocks import LONGEST, Skipped, blocks
from tapc.inputs.opening import Opened
from tapc.source import repeated_key

Row = dict[str, Any]
BOM = b"\xef\xbb\xbf"

_TOO_LONG = Bad("size", f"has more than {LONGEST // 2**20} MB")


def json_lines(file: Opened) -> Iterator[tuple[int, Row | Bad]]:
    """Rows with their line numbers, from 1; a line that is not a row gives `Bad`. Blank lines are skipped."""
    decode = msgspec.json.Decoder().decode
    number = 0
    for block in blocks(file.bytes):
        if isinstance(block, Skipped):
            number += 1
            yield number, _TOO_LONG
            continue
        lines = block.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for line in lines:
            number += 1
            text = line.strip()
            if not text:
                continue
            try:
                row = decode(text)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                made = _again(text, error)
                if made is not None:
                    yield number, made
                continue
            if row.__class__ is not dict:
                yield number, Bad("syntax", f"is {_kind(row)}, not a JSON object")
            elif (key := repeated_key(text, row)) is not None:
                yield number, Bad("repeated", f"names the key `{key[:60]}` twice")
            else:
                yield number, cast("Row", row)


def _again(text: bytes, error: Exception) -> Row | Bad | None:
    """Decode a line that failed: it has a byte order mark, as in concatenated files, or is bad."""
    if text.startswith(BOM):
        text = text.removeprefix(BOM).strip()
        if not text:
            return None
        try:
            row = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as second:
            return _bad(text, second)
        if not isinstance(row, dict):
            return Bad("syntax", f"is {_kind(row)}, not a JSON object")
        key = repeated_key(text, row)
        return cast("Row", row) if key is None else Bad("repeated", f"names the key `{key[:60]}` twice")
    return _bad(text, error)


def _bad(text: bytes, error: Exception) -> Bad:
    if isinstance(error, RecursionError):
        return Bad("nesting", "is nested too deeply to be read")
    if isinstance(error, UnicodeDecodeError) or not _is_utf8(text):
        return Bad("encoding", "is not UTF-8")
    if b"\\u" in text and "truncated" in str(error):
        return Bad("syntax", "is not JSON: it has half of a surrogate pair, or the line ends too early")
    if any(word in text for word in (b"NaN", b"Infinity")):
        return Bad("syntax", f"is not JSON: {error}; write `null` for `NaN` and `Infinity`")
    return Bad("syntax", f"is not JSON: {error}")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _kind(value: object) -> str:
    """The kind of a JSON value, in words."""
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return "a string"
    return "null" if value is None else "a number or a truth value"
