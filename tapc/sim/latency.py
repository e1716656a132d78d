"""How long a simulated answer takes: a distribution, drawn by content."""

import math
from typing import Literal

import msgspec

from tapc.sim.draws import Draws

MAX_SECONDS = 3600.0


class Latency(msgspec.Struct, frozen=True):
    """A distribution of seconds.

    Attributes:
        kind: `fixed` (first), `uniform` (first to second), `lognormal` (median first, sigma second) or `tail` (first,
            and third seconds for a share of `second` of the requests).
    """

    kind: Literal["fixed", "uniform", "lognormal", "tail"] = "fixed"
    first: float = 0.0
    second: float = 0.0
    third: float = 0.0

    def seconds(self, key: bytes) -> float:
        """The delay of one request, at most an hour."""
        if self.kind == "fixed":
            return self.first
        draws = Draws(key, b"latency")
        if self.kind == "uniform":
            return self.first + (self.second - self.first) * draws.unit()
        if self.kind == "tail":
            return self.third if draws.unit() < self.second else self.first
        return min(MAX_SECONDS, self.first * math.exp(self.second * draws.normal()))


def parse_latency(text: str) -> Latency:
    """Read `0.2`, `0.1..0.3`, `lognormal:MEDIAN:SIGMA` or `tail:SECONDS:SHARE:LONG_SECONDS`.

    Raises:
        ValueError: anything else; the message says what is accepted.
    """
    try:
        found = _parse(text.strip())
    except ValueError:
        found = None
    numbers = (found.first, found.second, found.third) if found else (-1.0,)
    if found is None or not all(0.0 <= number <= MAX_SECONDS for number in numbers):
        raise ValueError(
            f"latency {text!r} is not understood; write seconds (0.2), a range (0.1..0.3), lognormal:MEDIAN:SIGMA or "
            "tail:SECONDS:SHARE:LONG_SECONDS"
        )
    return found


def _parse(text: str) -> Latency | None:
    if ".." in text:
        low, high = (float(part) for part in text.split("..", 1))
        return Latency("uniform", low, high) if low <= high else None
    kind, *numbers = text.split(":")
    if not numbers:
        return Latency("fixed", float(kind))
    values = [float(number) for number in numbers]
    if kind == "lognormal" and len(values) == 2:
        return Latency("lognormal", values[0], values[1])
    if kind == "tail" and len(values) == 3 and values[1] <= 1.0:
        return Latency("tail", values[0], values[1], values[2])
    return None
