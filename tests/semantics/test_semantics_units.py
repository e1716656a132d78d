from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.ir import PICO
from tapc.semantics.units import (
    Problem,
    Quantity,
    Range,
    parse_number,
    to_money,
    to_percent,
    to_price,
    to_rate,
    to_seconds,
)


@pytest.mark.parametrize(
    ("text", "convert", "value"),
    [
        ("40%", to_percent, Fraction(2, 5)),
        ("0.1%", to_percent, Fraction(1, 1000)),
        ("$25", to_money, 25 * PICO),
        ("$0.10/M", to_price, 100_000),
        ("$1/M", to_price, 1_000_000),
        ("$0.001/k", to_price, 1_000_000),
        ("600/min", to_rate, 600),
        ("400k/min", to_rate, 400_000),
        ("10/s", to_rate, 600),
        ("120/h", to_rate, 2),
        ("30s", to_seconds, 30),
        ("5min", to_seconds, 300),
        ("250ms", to_seconds, Fraction(1, 4)),
    ],
)
def test_quantities_are_exact(text, convert, value):
    quantity = parse_number(text)
    assert isinstance(quantity, Quantity)
    assert convert(quantity) == value


@pytest.mark.parametrize(
    ("text", "note"),
    [("10px", "known units"), ("5m", "`5min`"), ("$3/m", "`$3/M`"), ("5B", "`5G`"), ("7sec", "`7s`"), ("1K", "`1k`")],
)
def test_unknown_units_are_named(text, note):
    problem = parse_number(text)
    assert isinstance(problem, Problem)
    assert problem.code == "TAP106"
    assert note in problem.note


def test_ranges_and_signs():
    found = parse_number("-1.5..2k")
    assert isinstance(found, Range)
    assert (found.low.value, found.high.value) == (Fraction(-3, 2), 2000)
    assert parse_number("5..1").code == "TAP108"
    assert parse_number("9" * 5000).code == "TAP107"
    assert isinstance(to_price(parse_number("$0.0000001/M")), Problem)
    assert isinstance(to_money(parse_number("40%")), Problem)


@given(st.text(alphabet="0123456789._-$%/kMGsminhdpx", max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_token_is_read_or_explained(text):
    found = parse_number(text)
    assert isinstance(found, Quantity | Range | Problem)
    if isinstance(found, Problem):
        assert found.message


@given(st.integers(0, 10**12), st.integers(0, 10**6 - 1))
@settings(max_examples=100, deadline=None)
def test_money_has_no_rounding(whole, millionths):
    money = to_money(parse_number(f"${whole}.{millionths:06d}"))
    assert money == whole * PICO + millionths * 10**6
