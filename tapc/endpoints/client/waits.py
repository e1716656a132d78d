"""How long a server asks to wait, in the ways servers say it."""

import json
import re
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Any, cast

_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SAID = re.compile(
    r"(?:try again|retry|wait|available)(?: your request)? (?:again )?(?:in|after|for)(?: about)? "
    r"((?:\d+(?:\.\d+)?\s?(?:ms|milliseconds?|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)(?![a-z])[\s,]*)+)"
)
_MEMBERS = {"retrydelay": 1.0, "retry_delay": 1.0, "retry_after": 1.0, "retryafter": 1.0, "retry-after": 1.0,
            "retry_after_seconds": 1.0, "retryafterseconds": 1.0, "retry_in": 1.0, "retry_after_ms": 0.001,
            "retryafterms": 0.001, "retry-after-ms": 0.001}  # fmt: skip
"""Members of error bodies that hold a wait, and the unit of a bare number in seconds."""

_DEEP = 6
_MARKS = (b"retry-after", b"llm_provider-retry-after")


def retry_after(headers: Iterable[tuple[bytes, bytes]], now: Callable[[], float]) -> float | None:
    """Seconds to wait: `retry-after-ms`, then `Retry-After` (seconds or a date), then a gateway's copy of it.

    Args:
        headers: names in lower case.
        now: the wall clock, Unix seconds; asked only for dates.
    """
    found: dict[bytes, str] = {}
    for name, value in headers:
        if b"retry-after" in name:
            found.setdefault(name, value.decode("latin-1").strip())
    for name in (b"retry-after-ms", b"llm_provider-retry-after-ms"):
        if name in found and (milliseconds := _number(found[name])) is not None:
            return milliseconds / 1000
    for name in _MARKS:
        if name in found and (seconds := _seconds(found[name], now)) is not None:
            return seconds
    return None


def _number(text: str, most: float = 1e9) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < most else None


def _seconds(text: str, now: Callable[[], float]) -> float | None:
    if (value := _number(text)) is not None:
        return value
    if (value := duration(text)) is not None:
        return value
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now())
    except (ValueError, TypeError, OverflowError):
        return None


def duration(text: str) -> float | None:
    """Seconds of `6m0s`, `1.5s`, `20ms` as rate-limit headers write them; None for anything else."""
    total, at = 0.0, 0
    for part in _DURATION.finditer(text):
        if part.start() != at:
            return None
        total += float(part[1]) * _UNIT[part[2]]
        at = part.end()
    return total if at and at == len(text) else None


def wait_in_body(content: bytes) -> float | None:
    """Seconds that the body of a refusal asks to wait; None where it does not say.

    Reads Google's `RetryInfo.retryDelay`, members such as `retry_after`, and sentences: "Please try again in 6m0s",
    "Please retry after 26 seconds".
    """
    text = content[:65536].decode("utf-8", "replace")
    try:
        wait = _member(json.loads(text), _DEEP)
    except (ValueError, RecursionError):
        wait = None
    if wait is not None:
        return wait
    said = _SAID.search(text[:8192].lower())
    return None if said is None else duration(_shorter(said[1]))


def _shorter(said: str) -> str:
    """A wait in words as headers write it."""
    return re.sub(
        r"(\d+(?:\.\d+)?)(millis|ms|s|m|h|d)[a-z]*",
        lambda found: found[1] + {"millis": "ms"}.get(found[2], found[2]),
        re.sub(r"[\s,]|and", "", said),
    )


def _member(value: Any, deep: int) -> float | None:
    """The wait that a member of an error body states."""
    if isinstance(value, list):
        inside: Iterable[tuple[str, Any]] = (("", one) for one in cast("list[Any]", value)[:32])
    elif isinstance(value, dict):
        inside = cast("dict[str, Any]", value).items()
    else:
        return None
    for name, member in inside:
        unit = _MEMBERS.get(name.lower())
        if unit is not None and (wait := _stated(member, unit)) is not None:
            return wait
        if deep and (wait := _member(member, deep - 1)) is not None:
            return wait
    return None


def _stated(value: Any, unit: float) -> float | None:
    if isinstance(value, dict):  # a protobuf duration
        parts = cast("dict[str, Any]", value)
        seconds = _number(str(parts.get("seconds", 0)))
        nanos = _number(str(parts.get("nanos", 0)), most=1e10)
        return None if seconds is None or nanos is None else seconds + nanos / 1e9
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    number = _number(str(value).strip())
    return duration(str(value).strip()) if number is None else number * unit


def exhausted(headers: Iterable[tuple[bytes, bytes]], now: Callable[[], float]) -> float | None:
    """Seconds until a limit that an answer reports as used up is reset; None where something is left.

    Reads `x-ratelimit-remaining-requests|tokens` with `x-ratelimit-reset-…`, as OpenAI and those who copy it send them,
    the names without a resource or without `x-` that others use, and what a gateway hands on under `llm_provider-`.

    Args:
        headers: names in lower case.
        now: the wall clock, Unix seconds; asked only for dates.
    """
    spent: list[bytes] = []
    resets: dict[bytes, str] = {}
    for name, value in headers:
        if b"ratelimit-re" not in name:
            continue
        _, _, what = name.partition(b"ratelimit-re")
        if what.startswith(b"maining"):
            if value.strip() == b"0":
                spent.append(what[7:])
        elif what.startswith(b"set"):
            resets[what[3:]] = value.decode("latin-1").strip()
    waits = [wait for part in spent if (wait := _reset(resets.get(part), now)) is not None]
    return max(waits) if waits else None


def _reset(text: str | None, now: Callable[[], float]) -> float | None:
    """Seconds of a reset: a wait in seconds or as a duration, or a moment in Unix seconds or milliseconds."""
    if text is None:
        return None
    value = _number(text, most=1e14)
    if value is None:
        return duration(text)
    if value < 1e6:
        return value
    wait = (value / 1000 if value > 1e11 else value) - now()
    return wait if 0 <= wait < 1e6 else None
