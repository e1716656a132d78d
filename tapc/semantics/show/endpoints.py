"""Endpoints, and the sampling parameters that steps have too."""

import json
from fractions import Fraction
from typing import Any, cast

from tapc.ir import PICO, Endpoint, EnvRef, LongPrice, Price, Sampling
from tapc.semantics.page import Page, count, duration, number, percent
from tapc.syntax import quote, write_entry, write_name

_PLAIN = ("revision", "identity")
_FLOATS = ("temperature", "top_p")
_PENALTIES = ("frequency_penalty", "presence_penalty")


def endpoint(given: Endpoint, page: Page) -> None:
    """One endpoint."""
    path = f"endpoint.{given.name}"
    page.gap()
    head = f"endpoint {write_name(given.name)}"
    with page.block(head, path, head):
        page.put(f"model {quote(given.model)}", f"{path}.model")
        for name in _PLAIN:
            value = getattr(given, name)
            if value is not None:
                page.put(f"{name} {quote(value)}", f"{path}.{name}")
        if given.urls:
            page.listed("url", map(_address, given.urls), f"{path}.url")
        if given.key is not None:
            page.put(f"key {_address(given.key)}", f"{path}.key")
        if given.price is not None:
            _price(given.price, f"{path}.price", page)
        _limit(given, f"{path}.limit", page)
        _model(given, path, page)
        sampling(given.sampling, path, page)
        _transport(given, f"{path}.transport", page)
        if given.terms is not None:
            page.put(f"terms {quote(given.terms)}", f"{path}.terms")


def _address(value: str | EnvRef) -> str:
    if isinstance(value, str):
        return quote(value)
    default = "" if value.default is None else f", {quote(value.default)}"
    return f"env({quote(value.name)}{default})"


def _price(price: Price, path: str, page: Page) -> None:
    if price == Price.trusted(input=0, output=0):
        page.put("price free", path)
        return
    with page.block("price", path):
        _kinds(price, path, page)
        for long in price.long or ():
            with page.block(f"above {count(long.above)}", path, f"above {count(long.above)}"):
                _kinds(long, path, page)
        for name in ("flex", "batch", "priority"):
            share = getattr(price, name)
            if share is not None:
                page.put(f"{name} {percent(share)}", path)


def _kinds(price: Price | LongPrice, path: str, page: Page) -> None:
    for name in ("input", "cached_input", "cache_write", "output"):
        rate = getattr(price, name)
        if rate is not None:
            page.put(f"{name} {_per_million(rate)}", path)


def _per_million(rate: int) -> str:
    return f"${number(Fraction(rate * 10**6, PICO))}/M"


def _limit(given: Endpoint, path: str, page: Page) -> None:
    limit = given.limit
    lines = [
        *([] if limit.requests_per_minute is None else [f"requests {count(limit.requests_per_minute)}/min"]),
        *([] if limit.tokens_per_minute is None else [f"tokens {count(limit.tokens_per_minute)}/min"]),
        *([] if limit.concurrency is None else [f"concurrency {limit.concurrency}"]),
    ]
    if lines:
        with page.block("limit", path):
            for line in lines:
                page.put(line, path)


def _model(given: Endpoint, path: str, page: Page) -> None:
    if given.context is not None:
        page.put(f"context {count(given.context)}", f"{path}.context")
    if given.thinking is not None:
        amount = given.thinking if isinstance(given.thinking, str) else count(given.thinking)
        page.put(f"thinking {amount}", f"{path}.thinking")
    default = Endpoint.model_fields
    for name in ("token_field", "overhead"):
        if getattr(given, name) != default[name].default:
            page.put(f"{name} {getattr(given, name)}", f"{path}.{name}")


def _transport(given: Endpoint, path: str, page: Page) -> None:
    seconds, headers = given.transport.timeout_seconds, given.transport.headers
    standard = type(given.transport).model_fields["timeout_seconds"].default
    if seconds == standard and not headers:
        return
    with page.block("transport", path):
        if seconds != standard:
            page.put(f"timeout {duration(seconds)}", path)
        for name, value in headers:
            page.put(f"header {quote(name)} {_address(value)}", path, f"header {quote(name)}")


def sampling(given: Sampling, path: str, page: Page) -> None:
    """Parameters that are set; `path` is that of their owner."""
    for name in (*_FLOATS, "max_tokens", *_PENALTIES, "seed", "n"):
        value = getattr(given, name)
        if value is not None:
            page.put(f"{name} {number(value)}", f"{path}.{name}")
    if given.stop is not None:
        page.listed("stop", map(quote, given.stop), f"{path}.stop")
    if given.logprobs is not None:
        page.put(f"logprobs {'true' if given.logprobs else 'false'}", f"{path}.logprobs")
    if given.extra is not None:
        open_block("extra", json.loads(given.extra), f"{path}.extra", page)


def open_block(head: str, values: dict[str, Any], path: str, page: Page) -> None:
    """A block with keys of the author's choice."""
    with page.block(head, path):
        for key, value in values.items():
            if isinstance(value, dict):
                open_block(write_entry(key), cast("dict[str, Any]", value), path, page)
            else:
                page.put(f"{write_entry(key)} {_json(value)}", path)


def _json(value: Any) -> str:
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, cast("list[Any]", value))) + "]"
    if isinstance(value, float):
        text = number(value)
        return text if "." in text else f"{text}.0"
    return json.dumps(value)
