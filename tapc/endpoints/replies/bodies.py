"""Bodies in forms that were not asked for and can be read all the same: compressed, marked, streamed.

The fast decoder reads what servers normally send; what it rejects comes here once. All of it is bounded.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
import zstandard

MAX_PLAIN = 64 * 1024 * 1024
"""Bytes of a decompressed body at most."""

_HIDDEN = 64
"""Characters at most of a guard before the JSON (`)]}'`, `for(;;);`, `callback(`)."""

_STREAMED = ("data:", "event:", "id:", "retry:", ":")
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
_FIELDS = ("content", "reasoning", "reasoning_content", "refusal")


class Unusable(Exception):  # noqa: N818 - becomes a failure, which is a value
    """A body that cannot be brought into the usual form; says why, and what to do."""


class Brought(msgspec.Struct, frozen=True):
    """A body in the usual form.

    Attributes:
        text: JSON text, with what may stand after it.
        chat: the reply, where it came as a stream of events; else None.
        oddities: what was unusual, each a kind.
    """

    text: str
    chat: dict[str, Any] | None
    oddities: tuple[str, ...]


def bring(headers: Iterable[tuple[bytes, bytes]], body: bytes, limit: int = MAX_PLAIN) -> Brought:
    """Bring a body into the usual form.

    Args:
        headers: of the answer, names in lower case.
        body: as it came.
        limit: bytes it may have once it is decompressed.

    Raises:
        Unusable: it is compressed in a way that is not known, or broken, or too large.
    """
    plain, encodings = decompress(headers, body, limit)
    oddities = [f"compressed: {name}" for name in encodings]
    text = _text(plain, oddities)
    start = text.lstrip("\ufeff \t\r\n")
    if len(start) != len(text) and text.startswith("\ufeff"):
        oddities.append("byte order mark")
    if start.startswith(_STREAMED):
        oddities.append("events of a stream")
        return Brought(start, _streamed(start), tuple(oddities))
    if not start.startswith(("{", "[", "<")) and (at := start.find("{", 0, _HIDDEN)) > 0:
        oddities.append("text before the JSON")
        start = start[at:]
    return Brought(start, None, tuple(oddities))


def decompress(
    headers: Iterable[tuple[bytes, bytes]], body: bytes, limit: int = MAX_PLAIN
) -> tuple[bytes, tuple[str, ...]]:
    """Undo the compression that headers state, or that the first bytes show; returns the encodings undone too.

    Raises:
        Unusable: see `bring`.
    """
    stated = [
        name.strip().lower()
        for header, value in headers
        if header == b"content-encoding"
        for name in value.decode("latin-1").split(",")
    ]
    names = [name for name in reversed(stated) if name not in ("", "identity")]
    undone: list[str] = []
    for name in names:
        if body[:1] in (b"{", b"[") and name != "deflate":
            break  # said to be compressed, and is not
        body = _undo(name.removeprefix("x-"), body, limit)
        undone.append(name)
    while not undone and (magic := next((n for mark, n in _MAGIC.items() if body.startswith(mark)), None)):
        body = _undo(magic, body, limit)
        undone.append(magic)
    return body, tuple(undone)


def _undo(name: str, body: bytes, limit: int) -> bytes:
    try:
        if name == "gzip":
            return _inflate(body, 31, limit)
        if name == "deflate":
            if body[:1] == b"{":
                return body
            try:
                return _inflate(body, 15, limit)
            except zlib.error:
                return _inflate(body, -15, limit)
        if name == "zstd":
            with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
                body, read_across_frames=True
            ) as reader:
                plain = reader.read(limit + 1)
            if len(plain) > limit:
                raise Unusable(f"the reply has more than {limit:,} bytes once it is decompressed")
            return plain
    except (zlib.error, zstandard.ZstdError) as error:
        raise Unusable(f"the reply is said to be compressed ({name}), and cannot be decompressed: {error}") from None
    raise Unusable(f"the reply is compressed as `{name[:32]}`, though `identity` was asked for")


def _inflate(body: bytes, bits: int, limit: int) -> bytes:
    """All members of a gzip or zlib stream."""
    parts: list[bytes] = []
    size = 0
    while body:
        stream = zlib.decompressobj(bits)
        part = stream.decompress(body, limit + 1 - size)
        size += len(part)
        if size > limit or stream.unconsumed_tail:
            raise Unusable(f"the reply has more than {limit:,} bytes once it is decompressed")
        if not stream.eof:
            raise zlib.error("it ends too early")
        parts.append(part)
        body = stream.unused_data
        if bits != 31 or not body.startswith(b"\x1f\x8b"):
            break
    return b"".join(parts)


def _text(plain: bytes, oddities: list[str]) -> str:
    """A body as text; bytes that are no UTF-8 become lone surrogates, which a text may not hold."""
    for mark, name in ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if plain.startswith(mark):
            try:
                text = plain.decode(name)
            except UnicodeError:
                break
            oddities.append(name)
            return text
    return plain.decode("utf-8", "surrogateescape")


def _streamed(text: str) -> dict[str, Any] | None:
    """The reply that the events of a stream come to, None where they hold none."""
    choices: dict[Any, dict[str, Any]] = {}
    whole: dict[str, Any] = {}
    for event in _events(text):
        for name in ("model", "usage", "system_fingerprint", "error"):
            if event.get(name) is not None:
                whole[name] = event[name]
        given = event.get("choices")
        for choice in cast("Sequence[Any]", given if isinstance(given, list) else ()):
            if isinstance(choice, dict):
                _add(cast("dict[str, Any]", choice), choices)
    if not choices:
        return whole if "error" in whole else None
    return {**whole, "choices": [_joined(choice) for choice in choices.values()]}


def _joined(choice: dict[str, Any]) -> dict[str, Any]:
    """A completion of pieces put together."""
    message: dict[str, Any] = choice["message"]
    for name in choice["joined"]:
        message[name] = "".join(cast("list[str]", message[name]))
    # a stream that ends before its completion did has broken off
    end = "error" if choice["finish_reason"] is None else choice["finish_reason"]
    return {"index": choice["index"], "message": message, "finish_reason": end}


def _events(text: str) -> Iterable[dict[str, Any]]:
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        if line.startswith("data:"):
            lines.append(line[5:].removeprefix(" "))
            continue
        if lines and not line.strip():
            try:
                event: Any = json.loads("\n".join(lines))
            except (ValueError, RecursionError):
                event = None
            lines = []
            if isinstance(event, dict):
                yield cast("dict[str, Any]", event)


def _add(piece: dict[str, Any], choices: dict[Any, dict[str, Any]]) -> None:
    """Add a piece of a completion to what is there of it."""
    index = piece.get("index")
    index = index if isinstance(index, int) else 0
    choice = choices.setdefault(index, {"index": index, "message": {}, "finish_reason": None, "joined": set()})
    if piece.get("finish_reason") is not None:
        choice["finish_reason"] = piece["finish_reason"]
    delta: Any = piece.get("delta")
    if isinstance(piece.get("message"), dict):
        choice["message"], choice["joined"] = dict(piece["message"]), set()
        return
    if not isinstance(delta, dict):
        return
    fields = cast("dict[str, Any]", delta)
    message: dict[str, Any] = choice["message"]
    for name in _FIELDS:
        if isinstance(fields.get(name), str):
            message.setdefault(name, []).append(fields[name])
            choice["joined"].add(name)
    for name in ("tool_calls", "function_call"):
        if fields.get(name):
            message[name] = True
