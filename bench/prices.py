"""Renews `stdlib/prices.tap`: `pip install genai-prices; python bench/prices.py > stdlib/prices.tap`.

genai-prices (MIT, https://github.com/pydantic/genai-prices) is read offline, as of the current day. A model whose price
differs by hour of the day, or will change on a known day, is an error: choose another one. Shares of tiers are the
largest of any kind and length, rounded up to a whole percent, so that no bill exceeds them; a share of 100% is left
out. Writes are at the provider's default duration.
"""

import datetime as dt
import math
import re
import sys
from decimal import Decimal
from importlib.metadata import version

from genai_prices import data_snapshot, types

KINDS = {
    "input": "input_mtok",
    "cached_input": "cache_read_mtok",
    "cache_write": "cache_write_mtok",
    "output": "output_mtok",
}
OPENAI = ("gpt-4.1", "gpt-4.1-mini", "gpt-4.1-nano", "gpt-4o", "gpt-4o-mini")
OPENAI_NEW = (
    *("gpt-5", "gpt-5-mini", "gpt-5-nano", "gpt-5.1", "gpt-5.2", "gpt-5.4", "gpt-5.4-mini", "gpt-5.4-nano", "gpt-5.5"),
    *("gpt-5.6-luna", "gpt-5.6-terra", "gpt-5.6-sol", "gpt-6-luna", "gpt-6-sol", "gpt-6.1-terra", "gpt-6.1-sol"),
    "o4-mini",
)
SERVICES = (
    ("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY",
     ("claude-haiku-4-5", "claude-sonnet-5", "claude-opus-5"), ""),
    ("google", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY",
     ("gemini-2.5-flash", "gemini-2.5-flash-lite", "gemini-2.5-pro", "gemini-3.1-pro-preview", "gemini-3.5-flash",
      "gemini-3.5-flash-lite"), ""),
    ("mistral", "https://api.mistral.ai/v1", "MISTRAL_API_KEY",
     ("ministral-14b-2512", "ministral-3b-2512", "ministral-8b-2512", "mistral-large-2512"), ""),
    ("moonshotai", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", ("kimi-k2.6",), ""),
    ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", OPENAI, ""),
    ("openai", "https://api.openai.com/v1", "OPENAI_API_KEY", OPENAI_NEW, "max_completion_tokens"),
    ("x-ai", "https://api.x.ai/v1", "XAI_API_KEY", ("grok-4.3", "grok-4.5", "grok-4.6", "grok-4.7"), ""),
)  # fmt: skip

HEAD = """tap 1

// Prices by exact name of the model, for endpoints that state none. Written by bench/prices.py from genai-prices
// {version} (MIT, offline; https://github.com/pydantic/genai-prices) on {today}, in US dollars per million text
// tokens; each model has the page of its provider. Only models whose price is the same at all hours and has no end
// date. A wrong price makes a wrong budget: compare it with the page of the provider, and state `price` in the
// endpoint if it differs. Shares of tiers are the largest of any kind of token, rounded up to a whole percent; if one
// kind has no discount there is no share. More expensive tiers (`priority`) are left out: state `priority` in the
// spec if requests may be served in it. Writes to a cache are at the default duration. The URLs are those of the
// providers, so an endpoint can be copied: `endpoint writer = prices.gpt_4_1_mini` after `import std.prices`.
"""


def main() -> None:
    today = dt.datetime.now(tz=dt.UTC).date()
    print(HEAD.format(version=version("genai-prices"), today=today), end="")
    providers = {provider.id: provider for provider in data_snapshot.get_snapshot().providers}
    for provider, url, key, names, token_field in SERVICES:
        models = {model.id: model for model in providers[provider].models}
        for name in names:
            model = models[name]
            print(f"\n// {source(model, providers[provider])}\nendpoint {re.sub(r'[^a-z0-9]+', '_', name)} {{")
            print(f'  model "{name}"\n  url "{url}"\n  key env("{key}")')
            if token_field:
                print(f"  token_field {token_field}")
            print(price(name, model, today), end="}\n")


def source(model, provider) -> str:
    """The page of the provider, and the day it was read."""
    comment = model.price_comments or ""
    urls = [url.rstrip(".,;)") for url in re.findall(r"https://\S+", comment)]
    known = [
        url for url in urls if url.split("#")[0] in {u.split("#")[0] for u in provider.pricing_urls} or "pric" in url
    ]
    days = sorted(re.findall(r"(?:verified|published|read) on (\d{4}-\d\d-\d\d)", comment))
    return (known or provider.pricing_urls)[0] + (f", {days[-1]}" if days else "")


def price(name: str, model, today: dt.date) -> str:
    base = current(name, model.prices, today)
    bands = lengths(base)
    flat = all(rates.keys() == bands[0][1].keys() for _, rates in bands)
    if not flat:
        sys.exit(f"{name}: kinds differ by length")
    parts = [kinds(bands[0][1]), *(f"above {shown_tokens(above)} {{ {kinds(rates)} }}" for above, rates in bands[1:])]
    for word, when in (("flex", {"service_tier": "flex"}), ("batch", {"processing": "batch"})):
        share = share_of(base, [v for v in model.price_variants or () if v.when == when], today)
        if share < 100:
            parts.append(f"{word} {share}%")
    line = f"  price {{ {', '.join(parts)} }}\n"
    if len(line) <= 110:
        return line
    rows = [*parts[0].split(", "), *parts[1:]]
    return "  price {\n" + "".join(f"    {row}\n" for row in rows) + "  }\n"


def current(name: str, prices, today: dt.date):
    """The price that applies today and on every later known day."""
    if not isinstance(prices, list):
        return prices
    held = None
    for one in prices:
        if one.constraint is None or isinstance(one.constraint, types.StartDateConstraint):
            begins = getattr(one.constraint, "start_date", dt.date.min)
            if begins > today:
                sys.exit(f"{name}: its price changes on {begins}")
            held = one.prices
        else:
            sys.exit(f"{name}: its price differs by hour")
    return held


def lengths(prices) -> list[tuple[int, dict[str, Decimal]]]:
    """Prices by kind, for each length from which they apply."""
    rates = {kind: getattr(prices, field) for kind, field in KINDS.items() if getattr(prices, field, None) is not None}
    starts = sorted({tier.start for rate in rates.values() for tier in getattr(rate, "tiers", ())})
    return [(start, {kind: at(rate, start) for kind, rate in rates.items()}) for start in (-1, *starts)]


def at(rate, start: int) -> Decimal:
    if not isinstance(rate, types.TieredPrices):
        return rate
    found = rate.base
    for tier in rate.tiers:
        if tier.start <= start:
            found = tier.price
    return found


def share_of(base, variants, today: dt.date) -> int:
    """The largest percentage of the price in a tier; 100 if some kind of token has none."""
    variants = [v for v in variants if v.constraint is None or v.constraint.start_date <= today]
    if not variants:
        return 100
    prices = variants[-1].prices
    most = Decimal(0)
    for start, rates in lengths(base):
        for kind, rate in rates.items():
            paid = getattr(prices, KINDS[kind], None)
            most = max(most, Decimal(1) if paid is None or not rate else at(paid, start) / rate)
    return math.ceil(most * 100)


def kinds(rates: dict[str, Decimal]) -> str:
    return ", ".join(f"{kind} ${shown(rate)}/M" for kind, rate in rates.items())


def shown(rate: Decimal) -> str:
    text = format(rate.normalize(), "f")
    whole, _, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}"


def shown_tokens(count: int) -> str:
    return f"{count // 1000}k" if count % 1000 == 0 else str(count)


if __name__ == "__main__":
    main()
