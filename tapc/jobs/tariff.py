"""Prices as they apply: by length of the input, kind of token and service tier.

A request is billed at one length: that of its whole input, cached tokens included. It is above a threshold if it has
more tokens than that; OpenAI, Google and Anthropic bill in this way.

With the rates of the band for that length, and all prices in picodollars per token:

    cost = factor(tier) * (  fresh * band.input + cached * band.cached + written * band.write
                           + output * band.output)          fresh = input - cached - written

The *worst case* of a request is bounded before any of this is known: `most` takes the highest rate of every kind of
input in every band that the input can reach, and the highest factor that can apply.
"""

from fractions import Fraction
from math import ceil

import msgspec

from tapc.ir import LongPrice, Price
from tapc.jobs.reply import Usage
from tapc.jobs.service_tiers import STANDARD, WRITE_RATIO, service_tier

_KEPT = 256
_TARIFFS: "dict[int, tuple[Price, Tariff]]" = {}
"""Tariffs by `id` of their price, since hashing a price takes longer than using its tariff. The prices are kept alive
here, so that no other object can get the same id."""

_WORDS = 100
"""Most cached names of tiers; servers choose them, and may choose many."""


class TokenPrices(msgspec.Struct, frozen=True, gc=False):
    """Picodollars per token of input and of output."""

    input: int
    output: int


class Band(msgspec.Struct, frozen=True, gc=False):
    """Prices from one length on, in the standard tier.

    Attributes:
        above: inputs of more tokens than this have these prices.
        input, cached, write, output: picodollars per token.
        dearest, cheapest: highest and lowest price of the kinds of input that are priced.
    """

    above: int
    input: int
    cached: int
    write: int
    output: int
    dearest: int
    cheapest: int


class Tariff:
    """Costs of usage at a price, and their bounds. Made by `tariff_of`.

    Args:
        price: stated price. If it has no price for writes to a cache, these are charged at the highest known ratio, and
            so is a tier more expensive than standard; see `tapc.jobs.service_tiers`.
    """

    def __init__(self, price: Price) -> None:
        self._price = price
        self._bands = (_first(price), *(_band(price, long) for long in price.long or ()))
        self._long = len(self._bands) > 1
        self._factors: dict[str, Fraction] = {}
        self._most: dict[tuple[int, str], TokenPrices] = {}

    def band(self, tokens: int) -> Band:
        """Prices of a request with this many input tokens in the standard tier."""
        found = self._bands[0]
        if self._long:
            for band in self._bands:
                if tokens > band.above:
                    found = band
        return found

    def factor(self, tier: str) -> Fraction:
        """The factor of a tier on every price; 1 for a cheaper tier without a stated share."""
        found = self._factors.get(tier)
        if found is None:
            known = service_tier(tier)
            stated = None if known.price == "standard" else getattr(self._price, known.price)
            found = known.ratio if stated is None else stated
            if len(self._factors) < _WORDS:
                self._factors[tier] = found
        return found

    def cost(self, usage: Usage, tier: str | None = None) -> int:
        """Picodollars for the usage, rounded up.

        Args:
            usage: reported usage.
            tier: tier to apply instead of the reported one.
        """
        band = self.band(usage.input) if self._long else self._bands[0]
        cost = usage.input * band.input + usage.output * band.output
        if usage.cached or usage.cache_write:  # price differences of the cached and written parts of the input
            write = min(usage.cache_write, usage.input)
            cached = min(usage.cached, usage.input - write)
            cost += cached * (band.cached - band.input) + write * (band.write - band.input)
        served = usage.tier if tier is None else tier
        if not served:
            return cost
        factor = self.factor(served)
        return cost if factor is STANDARD else ceil(cost * factor)

    def dearest(self, usage: Usage, tier: str | None = None) -> int:
        """Picodollars for usage whose kinds of input are unknown: all of it at the highest rate."""
        band = self.band(usage.input)
        factor = self.factor(usage.tier if tier is None else tier)
        return ceil((usage.input * band.dearest + usage.output * band.output) * factor)

    def most(self, tokens: int, asked: str = "") -> TokenPrices:
        """The highest rates that can apply to a request of at most `tokens` input tokens.

        Args:
            tokens: bound of the input.
            asked: the tier that the request asks for. None (or `auto`) means the default of the project, which may be
                `priority` if that has a price.
        """
        place = (self.band(tokens).above, asked)
        found = self._most.get(place)
        if found is None:
            found = self._dearest(tokens, asked)
            if len(self._most) < _WORDS:
                self._most[place] = found
        return found

    def least(self, asked: str = "") -> TokenPrices:
        """The lowest rates that can apply to any request, rounded down to whole picodollars."""
        factor = Fraction(1)
        if (asked in ("", "auto") or service_tier(asked).price == "flex") and self._price.flex is not None:
            factor = self._price.flex
        return TokenPrices(
            int(min(band.cheapest for band in self._bands) * factor),
            int(min(band.output for band in self._bands) * factor),
        )

    def unpriced(self, usage: Usage) -> str:
        """The reported usage that has no stated price, in words; empty if there is none or it costs nothing."""
        if usage.cache_write and self._price.cache_write is None and self._price.input:
            return f"{usage.cache_write:,} tokens written to a cache"
        if usage.tier and self._price.priority is None and (self._price.input or self._price.output):
            tier = service_tier(usage.tier)
            if tier.price == "priority":
                return f"the service tier {usage.tier!r}"
        return ""

    def _dearest(self, tokens: int, asked: str) -> TokenPrices:
        # A request of at most `tokens` may be shorter, so every band below that length can apply, not only the last.
        reached = [band for band in self._bands if tokens > band.above]
        factor = self._most_factor(asked)
        return TokenPrices(
            ceil(max(band.dearest for band in reached) * factor), ceil(max(band.output for band in reached) * factor)
        )

    def _most_factor(self, asked: str) -> Fraction:
        if asked in ("", "auto"):
            return self._price.priority or Fraction(1)
        return max(Fraction(1), self.factor(asked))


def tariff_of(price: Price) -> Tariff:
    """The tariff of a price; cached, since several are needed per reply."""
    known = _TARIFFS.get(id(price))
    if known is not None and known[0] is price:
        return known[1]
    if len(_TARIFFS) >= _KEPT:
        _TARIFFS.clear()
    made = Tariff(price)
    _TARIFFS[id(price)] = (price, made)
    return made


def _first(price: Price) -> Band:
    cached = price.input if price.cached_input is None else price.cached_input
    write = ceil(price.input * WRITE_RATIO) if price.cache_write is None else price.cache_write
    return _made(-1, (price.input, cached, write, price.output), stated=price.cache_write is not None)


def _band(price: Price, long: LongPrice) -> Band:
    """Prices above a threshold; kinds of input that it does not state keep their proportion to the input price."""
    below = _first(price)
    rise = Fraction(long.input, price.input) if price.input else Fraction(1)
    cached = ceil(below.cached * rise) if long.cached_input is None else long.cached_input
    write = ceil(below.write * rise) if long.cache_write is None else long.cache_write
    stated = price.cache_write is not None or long.cache_write is not None
    return _made(long.above, (long.input, cached, write, long.output), stated=stated)


def _made(above: int, prices: tuple[int, int, int, int], *, stated: bool) -> Band:
    given, cached, write, output = prices
    kinds = (given, cached, write) if stated else (given, cached)
    return Band(above, given, cached, write, output, max(kinds), min(kinds))
