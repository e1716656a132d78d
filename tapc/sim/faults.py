"""Transient faults: they come at stated rates, and go away when the same content is asked again."""

from tapc.sim.config import SimConfig
from tapc.sim.draws import Draws
from tapc.sim.wire import JSON, SimResponse, error_body

GENERATION = 200_000


class Counters:
    """How often each content was asked, in bounded memory.

    Two generations of counts are kept; when the young one is full it becomes the old one. A content forgotten that way
    is counted from zero again.
    """

    def __init__(self) -> None:
        self._young: dict[bytes, int] = {}
        self._old: dict[bytes, int] = {}

    def next(self, key: bytes) -> int:
        """How often the content was asked before; counts this time."""
        seen = self._young.get(key)
        if seen is None:
            seen = self._old.get(key, 0)
            if len(self._young) >= GENERATION:
                self._old, self._young = self._young, {}
        self._young[key] = seen + 1
        return seen


class TransientFaults:
    """Decides per request whether it fails on the way. A function of content and of how often it was asked."""

    def __init__(self) -> None:
        self._counters = Counters()

    def decide(self, config: SimConfig, key: bytes) -> "tuple[SimResponse | None, float, str | None]":
        """An error answer or None; the delay in seconds; a drop or None."""
        total = config.rate_429 + config.rate_5xx + config.rate_drop + config.rate_drop_midway
        if total <= 0.0 and config.latency.kind == "fixed":
            return None, config.latency.first, None
        seen = self._counters.next(key)
        counted = key + seen.to_bytes(8, "big")
        delay = config.latency.seconds(counted)
        if total <= 0.0 or (config.streak and seen % (config.streak + 1) == config.streak):
            return None, delay, None
        drawn = Draws(counted, b"transient").unit()
        if drawn < config.rate_429:
            return _too_many(config.retry_after), delay, None
        drawn -= config.rate_429
        if drawn < config.rate_5xx:
            return _broken(counted), delay, None
        drawn -= config.rate_5xx
        if drawn < config.rate_drop:
            return None, delay, "before"
        return None, delay, "midway" if drawn - config.rate_drop < config.rate_drop_midway else None


def _too_many(seconds: float) -> SimResponse:
    headers = (*JSON, ("retry-after", f"{seconds:g}"), ("x-ratelimit-remaining-requests", "0"))
    body = error_body("Rate limit reached for requests (simulated)", "requests", "rate_limit_exceeded")
    return SimResponse(429, headers, body)


def _broken(key: bytes) -> SimResponse:
    status = (500, 502, 503)[Draws(key, b"status").below(3)]
    return SimResponse(status, JSON, error_body("The server had an error (simulated)", "server_error"))
