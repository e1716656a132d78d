"""What a simulated endpoint is told: who may ask, how it fails, how long it takes."""

import math
from collections.abc import Mapping
from typing import Any, Literal

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


ENVIRONMENT = "TAPC_SIM"
"""Variable with transient faults for the in-process endpoint, in the form of `parse_config`."""


class SimConfig(msgspec.Struct, frozen=True):
    """Settings of a simulated endpoint; rates are shares of requests, from 0 to 1.

    Attributes:
        key: the API key it demands; None lets everyone in.
        models: names it knows; empty knows every name.
        mode: `static` answers every chat request with one constant text, for throughput benchmarks.
        latency: seconds until it answers.
        rate_429, rate_5xx, rate_drop, rate_drop_midway: transient faults; they depend on how often the same content was
            asked before.
        retry_after: seconds in the `Retry-After` header of a 429.
        streak: most transient faults in a row for the same content; 0 sets no bound.
        rate_truncate: stops in the middle, `finish_reason` "length".
        rate_wrong_language: answers in another language than asked.
        rate_duplicate: answers with one of a handful of texts it gives to everyone.
        rate_refusal: refuses, half of the time in `message.refusal`, else in the text.
        rate_filter: stopped by a content filter.
        rate_malformed: structured output that is not JSON or does not meet its schema.
        rate_tie: of what judges compare: all answers to one prompt get the same scores.
        rate_ignore_max_tokens: writes past the limit and reports it.
        rate_no_usage: reports no usage.
        rate_echo_key: quotes the Authorization header in the text.
        reasoning: gives hidden reasoning in `reasoning_content`.
    """

    key: str | None = None
    models: tuple[str, ...] = ()
    mode: Literal["normal", "static"] = "normal"
    latency: Latency = Latency()
    rate_429: float = 0.0
    rate_5xx: float = 0.0
    rate_drop: float = 0.0
    rate_drop_midway: float = 0.0
    retry_after: float = 1.0
    streak: int = 3
    rate_truncate: float = 0.0
    rate_wrong_language: float = 0.0
    rate_duplicate: float = 0.0
    rate_refusal: float = 0.0
    rate_filter: float = 0.0
    rate_malformed: float = 0.0
    rate_tie: float = 0.0
    rate_ignore_max_tokens: float = 0.0
    rate_no_usage: float = 0.0
    rate_echo_key: float = 0.0
    reasoning: bool = False


SERVER_ONLY = frozenset({"key", "models"})
TRANSIENT = frozenset({"latency", "rate_429", "rate_5xx", "rate_drop", "rate_drop_midway", "retry_after", "streak"})


def parse_config(text: str, base: SimConfig | None = None) -> SimConfig:
    """Read `latency=0.2,rate_429=0.01,…` (a percentage such as `1%` is a rate too); `models` are divided by `+`.

    Raises:
        ValueError: an unknown name or a value out of range; the message says what is accepted.
    """
    values: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"{part!r} is not NAME=VALUE; write for instance latency=0.2,rate_429=0.01")
        values[name.strip()] = value.strip()
    return change_config(base or SimConfig(), values)


def change_config(config: SimConfig, values: Mapping[str, Any]) -> SimConfig:
    """Put new values into a configuration.

    Raises:
        ValueError: an unknown name or a value out of range; the message says what is accepted.
    """
    return msgspec.structs.replace(config, **{name: _value(name, value) for name, value in values.items()})


def config_from_environment(environ: Mapping[str, str]) -> SimConfig:
    """Configuration of the in-process endpoint: `TAPC_SIM` holds transient faults only.

    Faults that change content belong in the endpoint's `extra { sim { … } }`, which is part of the job key; from the
    environment they would change what a stored key means.

    Raises:
        ValueError: unreadable, or a setting that changes content.
    """
    config = parse_config(environ.get(ENVIRONMENT, ""))
    plain = SimConfig()
    for name in SimConfig.__struct_fields__:
        if name not in TRANSIENT and getattr(config, name) != getattr(plain, name):
            raise ValueError(
                f"{ENVIRONMENT} may set {', '.join(sorted(TRANSIENT))}; {name} changes content: "
                f"put it into the endpoint, extra {{ sim {{ {name} … }} }}"
            )
    return config


def _value(name: str, value: Any) -> Any:
    if name == "latency":
        return value if isinstance(value, Latency) else parse_latency(str(value))
    if name == "mode" and value in ("normal", "static"):
        return value
    if name == "key" and isinstance(value, str):
        return value or None
    if name == "models":
        return tuple(value.split("+")) if isinstance(value, str) else tuple(value)
    if name == "reasoning" and value in (True, False, "true", "false", "1", "0"):
        return value in (True, "true", "1")
    if name in ("streak", "retry_after") or name.startswith("rate_"):
        return _number(name, value)
    if name in SimConfig.__struct_fields__:
        raise ValueError(f"{name} cannot be {value!r}")
    raise ValueError(f"unknown setting {name!r}; there are {', '.join(SimConfig.__struct_fields__)}")


def _number(name: str, value: Any) -> float | int:
    if name not in SimConfig.__struct_fields__:
        raise ValueError(f"unknown setting {name!r}; there are {', '.join(SimConfig.__struct_fields__)}")
    try:
        text = str(value)
        number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        number = -1.0
    top = 1.0 if name.startswith("rate_") else 1e6
    if not 0.0 <= number <= top:
        raise ValueError(f"{name} is {value!r}; it must be a number from 0 to {top:g}")
    return int(number) if name == "streak" else number
