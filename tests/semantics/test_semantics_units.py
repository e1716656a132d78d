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


@pytest.mark.parametrize(
    ("field", "better"),
    [
        ("price { input 0.25, output $1/M }", "$0.25/M"),
        ("price { input $1/M, output $2 }", "$2/M"),
        ("limit { requests 600 }", "600/min"),
        ("limit { concurrency 4/min }", "4"),
        ("transport { timeout 30 }", "30s"),
        ("temperature 90%", "0.9"),
        ("max_tokens $5", "5"),
    ],
)
def test_a_number_with_another_unit_is_put_right(compiled, field, better):
    text = f'tap 1\nendpoint w {{ model "sim", {field} }}\n'
    (found,) = compiled(text).diagnostics
    assert (found.code, found.notes) == ("TAP104", (f"did you mean `{better}`?",))
    wrong = found.labels[0].file.slice(found.labels[0].span)
    assert compiled(text.replace(f" {wrong} ", f" {better} ").replace(f" {wrong},", f" {better},")).diagnostics == []


@pytest.mark.parametrize("time", ["0s", "-1s", "8d"])
def test_a_timeout_is_bounded(compiled, time):
    found = compiled(f'tap 1\nendpoint w {{ model "sim", transport {{ timeout {time} }} }}\n').diagnostics
    assert [d.code for d in found] == ["TAP108"]
