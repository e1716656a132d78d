"""Whatever a server reports within a job's bounds costs at most what was held for it, and at least the plan's floor.

The reference computes a bill from the price as written, kind by kind, and shares no code with the tariff.
"""

import tomllib
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from tapc.ir import LongPrice, Price
from tapc.jobs import (
    Job,
    Message,
    Recipe,
    Usage,
    is_known,
    least_rates,
    service_tier,
    tariff_of,
    usage_cost,
    worst_case,
)
from tapc.source import bundled_dir

RATES = st.integers(0, 60_000_000)
SHARES = st.none() | st.fractions(0, 1, max_denominator=200)
SERVED = {
    "": ["", "default", "standard", "flex", "batch", "priority"],
    "auto": ["", "default", "flex", "priority"],
    "default": ["", "default"],
    "flex": ["", "default", "flex"],
    "priority": ["", "default", "priority"],
}
"""Tiers by which a provider may serve a request, by the tier it asks for."""


@st.composite
def prices(draw: st.DrawFn) -> Price:
    optional = st.none() | RATES
    lengths = sorted(draw(st.sets(st.integers(1, 2_000), max_size=3)))
    long = tuple(
        LongPrice(
            above=above,
            input=draw(RATES),
            output=draw(RATES),
            cached_input=draw(optional),
            cache_write=draw(optional),
        )
        for above in lengths
    )
    return Price(
        input=draw(RATES),
        output=draw(RATES),
        cached_input=draw(optional),
        cache_write=draw(optional),
        long=long or None,
        flex=draw(SHARES),
        batch=draw(SHARES),
        priority=draw(st.none() | st.fractions(1, 8, max_denominator=20)),
    )


def asked_for(price: Price, tier: str, text: str, limit: int) -> Job:
    parameters = f'{{"service_tier":"{tier}"}}'.encode() if tier else b"{}"
    recipe = Recipe("s", "e", "m", "m", "real", parameters, None, 0, False, limit, 1, 64, price)
    return Job(b"k" * 32, recipe, (Message("user", text),))


def bill(price: Price, usage: Usage, tier: str) -> int:
    """What the providers' pages say such usage costs."""
    section = {
        "input": price.input,
        "cached": price.cached_input if price.cached_input is not None else price.input,
        "write": price.cache_write if price.cache_write is not None else 2 * price.input,
        "output": price.output,
    }
    base = dict(section)
    for long in price.long or ():
        if usage.input > long.above:
            section = {"input": long.input, "output": long.output}
            for kind, stated in (("cached", long.cached_input), ("write", long.cache_write)):
                if stated is not None:
                    section[kind] = stated
                elif price.input == 0:
                    section[kind] = base[kind]
                else:
                    section[kind] = ceil(Fraction(base[kind] * long.input, price.input))
    tokens = {"write": min(usage.cache_write, usage.input), "output": usage.output}
    tokens["cached"] = min(usage.cached, usage.input - tokens["write"])
    tokens["input"] = usage.input - tokens["write"] - tokens["cached"]
    total = Fraction(sum(tokens[kind] * section[kind] for kind in section))
    if tier == "flex" and price.flex is not None:
        total *= price.flex
    if tier == "batch" and price.batch is not None:
        total *= price.batch
    if tier == "priority":
        total *= Fraction(5, 2) if price.priority is None else price.priority
    return ceil(total)


@st.composite
def usages(draw: st.DrawFn, most_in: int, most_out: int) -> Usage:
    taken = draw(st.integers(0, most_in))
    return Usage(
        taken,
        draw(st.integers(0, most_out)),
        draw(st.integers(0, taken)),
        cache_write=draw(st.integers(0, taken)),
    )


@given(price=prices(), usage=usages(3_000, 3_000), tier=st.sampled_from(SERVED[""]))
def test_usage_costs_what_the_page_says(price: Price, usage: Usage, tier: str) -> None:
    served = Usage(usage.input, usage.output, usage.cached, False, usage.cache_write, tier)
    assert usage_cost(price, served) == bill(price, usage, tier)


@given(data=st.data(), price=prices(), asked=st.sampled_from(list(SERVED)), text=st.text(max_size=600))
def test_nothing_within_the_bounds_costs_more_than_was_held(
    data: st.DataObject, price: Price, asked: str, text: str
) -> None:
    job = asked_for(price, asked, text, data.draw(st.integers(1, 2_000)))
    worst = worst_case(job)
    usage = data.draw(usages(worst.input, worst.output))
    tier = data.draw(st.sampled_from(SERVED[asked]))
    if price.cache_write is None:
        assume(usage.cache_write == 0 or price.input == 0)
    if price.priority is None and asked != "priority":
        assume(tier != "priority")
    cost = bill(price, usage, tier)
    assert cost <= worst.cost
    served = Usage(usage.input, usage.output, usage.cached, False, usage.cache_write, tier)
    assert usage_cost(price, served) <= worst.cost
    if tier != "batch":
        least = least_rates(job.recipe)
        assert usage.input * least.input + usage.output * least.output <= cost


@given(price=prices(), text=st.text(max_size=300), limit=st.integers(1, 500))
@example(price=Price(input=1, output=1, long=(LongPrice(above=71, input=9, output=9),)), text="", limit=1)
@example(price=Price(input=1, output=1, long=(LongPrice(above=72, input=9, output=9),)), text="", limit=1)
def test_the_worst_case_is_no_more_than_the_worst_that_can_be(price: Price, text: str, limit: int) -> None:
    """Tight where prices rise with length: some usage within the bounds costs all that is held."""
    rising = [price.output, *(long.output for long in price.long or ())]
    assume(rising == sorted(rising))
    assume(price.cache_write is None)
    job = asked_for(price, "default", text, limit)
    worst = worst_case(job)
    band = tariff_of(price).band(worst.input)
    reached = [price.input, *(long.input for long in price.long or () if long.above < worst.input)]
    assume(band.input == max(reached))
    assume((price.cached_input or 0) <= price.input)
    assume(all((long.cached_input or 0) <= long.input for long in price.long or ()))
    assume(all(long.cache_write is None for long in price.long or ()))
    assert bill(price, Usage(worst.input, worst.output), "") == worst.cost


def test_thresholds_are_exceeded_not_reached() -> None:
    price = Price(input=2, output=8, long=(LongPrice(above=100, input=4, output=12),))
    assert usage_cost(price, Usage(100, 10)) == 280
    assert usage_cost(price, Usage(101, 10)) == 524


def test_what_has_no_price_is_named_and_dear() -> None:
    tariff = tariff_of(Price(input=2_000, output=8_000))
    assert tariff.unpriced(Usage(100, 10, cache_write=60)) == "60 tokens written to a cache"
    assert tariff.cost(Usage(100, 10, cache_write=60)) == 40 * 2_000 + 60 * 4_000 + 10 * 8_000
    assert tariff.unpriced(Usage(100, 10, tier="priority")) == "the service tier 'priority'"
    assert tariff.cost(Usage(100, 10, tier="priority")) == 700_000
    assert tariff.unpriced(Usage(100, 10, tier="hyper")) == "the service tier 'hyper'"
    assert tariff.cost(Usage(100, 10, tier="hyper")) == 1_680_000
    for tier in ("", "default", "flex", "batch", "scale", "on_demand", "auto"):
        assert tariff.unpriced(Usage(100, 10, cached=50, tier=tier)) == ""
    stated = tariff_of(Price(input=2_000, output=8_000, cache_write=2_500, priority=Fraction(2)))
    assert stated.unpriced(Usage(100, 10, cache_write=60, tier="priority")) == ""
    free = tariff_of(Price(input=0, output=0))
    assert free.unpriced(Usage(100, 10, cache_write=60, tier="priority")) == ""


def test_words_for_tiers_have_a_meaning_and_a_source() -> None:
    folder = bundled_dir("grammar").parent / "tapc" / "jobs"
    table = tomllib.loads((folder / "service_tiers.toml").read_text(encoding="utf-8"))
    words = [word for row in table["tier"] for word in row["words"]]
    assert len(words) == len(set(words))
    for row in table["tier"]:
        assert row["source"]
        assert row["price"] in ("standard", "flex", "batch", "priority")
        assert ("ratio" in row) == (row["price"] == "priority")
        assert all(word == word.lower() for word in row["words"])
    assert max(row.get("ratio", 1) for row in table["tier"]) == service_tier("nobody-knows-it").ratio == 6


@pytest.mark.parametrize(
    ("word", "price", "ratio"),
    [
        ("", "standard", 1),
        ("default", "standard", 1),
        ("on_demand", "standard", 1),
        ("Flex", "flex", 1),
        ("batch", "batch", 1),
        ("PRIORITY", "priority", Fraction(5, 2)),
        ("fast", "priority", 6),
        ("unheard-of", "priority", 6),
    ],
)
def test_a_word_for_a_tier_means(word: str, price: str, ratio: object) -> None:
    tier = service_tier(word)
    assert (tier.price, tier.ratio) == (price, ratio)
    assert is_known("priority")
    assert not is_known("unheard-of")


@pytest.mark.parametrize(
    ("priority", "asked", "factor"),
    [
        (None, "", "1"),
        (None, "auto", "1"),
        (None, "priority", "5/2"),  # the highest known multiple
        ("3", "priority", "3"),
        ("3", "", "3"),  # the project's default may be priority, since it has a price
        ("3", "auto", "3"),
        ("3", "flex", "1"),
        ("3", "default", "1"),
    ],
)
def test_a_request_is_held_at_the_dearest_tier_that_may_serve_it(priority, asked, factor) -> None:
    price = Price(input=100, output=1000, flex=Fraction(1, 2), priority=priority and Fraction(priority))
    worst = worst_case(asked_for(price, asked, "x" * 10, 7))
    assert worst.cost == (worst.input * 100 + 7 * 1000) * Fraction(factor)
    cheap = least_rates(asked_for(price, asked, "x", 7).recipe)
    halved = asked in ("", "auto", "flex")
    assert (cheap.input, cheap.output) == ((50, 500) if halved else (100, 1000))
