"""Reads what a reply says of its tokens and of the service tier that made it.

Providers and gateways report in several shapes. `tests/endpoints/client/usage_reports.toml` holds one of each with its
source and the numbers that are right.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Any, cast

import msgspec

from tapc.jobs import Job, Usage, WorstCase, asked_tier, service_tier, tariff_of

MOST_TOKENS = 2**53
"""The largest count that is believed; JSON numbers above it are not exact everywhere, and no request uses so many."""

MOST_COST = 2**62
"""Picodollars, $4.6 million: the most one reply costs, so that a false report cannot overflow the store's sums."""

OTHER_TIER = "other"
"""Stands for a tier whose name is not a plain word."""

_TIER = re.compile(r"[a-z_-]{1,24}")
_NONE: dict[str, Any] = {}

_INPUT, _OUTPUT = ("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens")
_CACHED = ("cached_tokens", "prompt_cache_hit_tokens", "num_cached_tokens", "cache_read_tokens")
_READ, _WRITTEN = "cache_read_input_tokens", "cache_creation_input_tokens"
_WRITE = ("cache_write_tokens", "cache_creation_tokens", _WRITTEN)
_ALL = frozenset((*_CACHED, *_WRITE, _READ))


class _Cache(msgspec.Struct, frozen=True, gc=False):
    """Tokens read from and written to a cache; `outside`: of these, those that the input as reported leaves out.

    `readable` is false where some of it was reported in a form that cannot be read.
    """

    read: int
    write: int
    outside: int
    readable: bool


_NOTHING = _Cache(0, 0, 0, readable=True)


def read_usage(
    job: Job, reported: object, worst: WorstCase, *, answered: bool, tier: object = None
) -> tuple[Usage, int]:
    """Usage and its cost; where the server does not say, or says something unreadable, the worst case is taken.

    Nothing in `reported` can make this fail: a paid text is never lost to an odd count.

    Args:
        job: what was asked.
        reported: the decoded `usage` of the body, whatever it is; None where there is none.
        worst: bounds of the job.
        answered: whether any text came back, so that no output tokens at all cannot be true.
        tier: the body's `service_tier`, whatever it is.
    """
    fields: dict[str, Any] = cast("dict[str, Any]", reported) if isinstance(reported, dict) else _NONE
    served = _tier(tier if tier is not None else fields.get("service_tier"))
    found = _tokens(fields, answered=answered)
    if found is None:
        return Usage(worst.input, worst.output, 0, estimated=True, tier=served), _worst_cost(job, worst, served)
    given, made, cache = found
    write = min(cache.write, given)
    usage = Usage(given, made, min(cache.read, given - write), cache_write=write, tier=served)
    price = job.recipe.price
    if price is None:
        return usage, 0
    charged = served or _silent_tier(job)
    tariff = tariff_of(price)
    cost = tariff.cost(usage, charged) if cache.readable else tariff.dearest(usage, charged)
    return usage, min(cost, MOST_COST)


def count(value: object) -> int | None:
    """A number of tokens: a whole number from 0 to 2^53, which JSON may write as `12.0`; None for anything else."""
    if type(value) is int:  # by far the most common
        return value if 0 <= value <= MOST_TOKENS else None
    if isinstance(value, float) and value.is_integer() and 0 <= value <= MOST_TOKENS:
        return int(value)
    return None


def _tokens(fields: dict[str, Any], *, answered: bool) -> tuple[int, int, _Cache] | None:
    """Input, output and what of the input touched a cache; None where it cannot be so."""
    given = _first(fields, _INPUT)
    if given is None:
        return None
    total = count(fields.get("total_tokens"))
    made = _first(fields, _OUTPUT)
    if made is None:
        if any(fields.get(name) is not None for name in _OUTPUT) or (total is not None and total < given):
            return None
        made = 0 if total is None else total - given
        cache = _cache(fields, given, None)
    else:
        cache = _cache(fields, given, None if total is None else total - given - made)
    given += cache.outside
    if total is not None and total - given > made:
        made = total - given  # some report hidden reasoning only in the total
    return None if given <= 0 or (answered and made == 0) else (given, made, cache)


def _cache(fields: dict[str, Any], given: int, unexplained: int | None) -> _Cache:
    """What a report says of caches.

    Anthropic counts cached tokens apart from its `input_tokens`. Gateways that speak OpenAI's form put them into
    `prompt_tokens`, or leave them out and into the total only, or out of both; the last is seen where more is cached
    than was given.

    Args:
        fields: the report.
        given: input as reported.
        unexplained: by how much the total exceeds input and output; None where either is not reported.
    """
    details: Any = fields.get("prompt_tokens_details")
    if details is None:
        details = fields.get("input_tokens_details")
    outside = fields.keys() & _ALL
    if details is None and not outside:
        return _NOTHING
    inner = cast("dict[str, Any]", details) if isinstance(details, dict) else _NONE
    inside = inner.keys() & _ALL
    readable = (details is None or inner is details) and not (_odd(inner, inside) or _odd(fields, outside))
    read = (_first(inner, _CACHED) if inside else None) or (_first(fields, _CACHED) if outside else None) or 0
    write = (_first(inner, _WRITE) if inside else None) or (_first(fields, _WRITE) if outside else None) or 0
    if not outside or (_READ not in outside and _WRITTEN not in outside):
        return _NOTHING if readable and not read and not write else _Cache(read, write, 0, readable=readable)
    read = max(read, count(fields.get(_READ)) or 0)
    write = max(write, count(fields.get(_WRITTEN)) or 0)
    native = fields.get("prompt_tokens") is None
    apart = native or read + write > given or (unexplained is not None and 0 < unexplained == read + write)
    return _Cache(read, write, read + write if apart else 0, readable=readable)


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> int | None:
    for name in names:
        found = count(fields.get(name))
        if found is not None:
            return found
    return None


def _odd(fields: dict[str, Any], names: AbstractSet[str]) -> bool:
    """Whether one of these counts is there and is none."""
    for name in names:
        value = fields[name]
        if value is not None and count(value) is None:
            return True
    return False


def _tier(reported: object) -> str:
    """The word for a tier, in lower case; whatever is not a plain word is never repeated."""
    if reported is None or reported == "":
        return ""
    if reported == "default":
        return "default"
    word = reported.lower() if isinstance(reported, str) else ""
    return word if _TIER.fullmatch(word) else OTHER_TIER


def _silent_tier(job: Job) -> str:
    """The tier to charge where the reply names none: the one that was asked for, if it is dearer than standard."""
    asked = asked_tier(job.recipe.parameters)
    return asked if asked and service_tier(asked).price == "priority" else ""


def _worst_cost(job: Job, worst: WorstCase, tier: str) -> int:
    """Cost of a reply without usage: what was held, or more where it was served by a dearer tier than that."""
    price = job.recipe.price
    if price is None or not tier:
        return worst.cost
    return max(worst.cost, tariff_of(price).dearest(Usage(worst.input, worst.output), tier))
