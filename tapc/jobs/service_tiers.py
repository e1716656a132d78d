"""Names of service tiers and their effect on prices: the data of `service_tiers.toml`."""

from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

TierPrice = Literal["standard", "flex", "batch", "priority"]


STANDARD = Fraction(1)
"""The ratio of every tier that is not more expensive; this object, so that `is` recognizes it."""


WRITE_RATIO = 2
"""The highest known price of a token written to a prompt cache, as a multiple of the input price.

Anthropic's pricing page: 1.25 times the input price for writes of five minutes, 2 times for those of an hour
(platform.claude.com/docs/en/about-claude/pricing; by genai-prices 0.2.3: 1.25 in 247 entries, 2 in 77). OpenAI charges
1.25 from GPT-5.6 on, Moonshot 1 and 2. The ratios up to 2.12 of five retired Gemini entries at OpenRouter fold in hours
of storage and are not counted. Here and not in the table, since every plan needs it, and few need the table.
"""


class ServiceTier(msgspec.Struct, frozen=True):
    """The meaning of the name of a tier.

    Attributes:
        price: price of an endpoint that applies.
        ratio: the highest known multiple of the standard price; 1 for all but `priority`.
    """

    price: TierPrice
    ratio: Fraction = STANDARD


_STANDARD = ServiceTier("standard")


def service_tier(word: str) -> ServiceTier:
    """The tier of a name; an unknown name counts as the most expensive known tier."""
    if not word or word == "default":  # the most common names, for which the table need not be read
        return _STANDARD
    return _table().get(word.lower()) or _dearest()


def is_known(word: str) -> bool:
    """Whether a name is in the table."""
    return word.lower() in _table()


@cache
def _dearest() -> ServiceTier:
    return ServiceTier("priority", max(tier.ratio for tier in _table().values()))


@cache
def _table() -> dict[str, ServiceTier]:
    import tomllib  # noqa: PLC0415 - a check of a spec rarely needs it

    text = Path(__file__).with_name("service_tiers.toml").read_text(encoding="utf-8")
    table: dict[str, Any] = tomllib.loads(text)
    return {
        word: ServiceTier(row["price"], Fraction(str(row["ratio"])) if "ratio" in row else STANDARD)
        for row in table["tier"]
        for word in row["words"]
    }
