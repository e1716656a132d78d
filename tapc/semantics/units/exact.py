"""From quantities to the exact types of the IR."""

from fractions import Fraction

from tapc.ir import PICO
from tapc.semantics.units.quantity import Problem, Quantity

_MINUTES = {"/s": Fraction(60), "/min": Fraction(1), "/h": Fraction(1, 60), "/d": Fraction(1, 1440)}
_TOKENS = {"/M": 10**6, "/k": 10**3}


def _expected(what: str, example: str, got: Quantity) -> Problem:
    return Problem("TAP104", f"expected {what}, found {describe(got)} `{got.text}`", f"for example `{example}`")


def describe(quantity: Quantity) -> str:
    """What a quantity is, in words with an article."""
    if quantity.money:
        return "a price" if quantity.unit else "money"
    names = {"%": "a percentage", "time": "a duration", "": "a number"}
    return names.get(quantity.unit, "a rate")


def to_decimal(quantity: Quantity) -> Fraction | Problem:
    """A plain number."""
    if quantity.money or quantity.unit:
        return _expected("a number", "0.9", quantity)
    return quantity.value


def to_integer(quantity: Quantity) -> int | Problem:
    """A whole number, negative ones too."""
    if quantity.money or quantity.unit or quantity.value.denominator != 1:
        return _expected("a whole number", "600", quantity)
    return int(quantity.value)


def to_percent(quantity: Quantity) -> Fraction | Problem:
    """A percentage, as a fraction of 1."""
    if quantity.unit != "%":
        return _expected("a percentage", "40%", quantity)
    return quantity.value


def to_seconds(quantity: Quantity) -> Fraction | Problem:
    """A duration, in seconds."""
    if quantity.unit != "time":
        return _expected("a duration", "30s", quantity)
    return quantity.value


def to_rate(quantity: Quantity) -> int | Problem:
    """A rate, as whole events per minute, rounded down so that a stated limit is never passed."""
    if quantity.money or quantity.unit not in _MINUTES:
        return _expected("a rate", "600/min", quantity)
    per_minute = int(quantity.value * _MINUTES[quantity.unit])
    if quantity.value > 0 and per_minute == 0:
        return Problem("TAP108", f"`{quantity.text}` is less than one per minute, the slowest supported rate")
    return per_minute


def to_money(quantity: Quantity) -> int | Problem:
    """Money, in picodollars."""
    if not quantity.money or quantity.unit:
        return _expected("money", "$25", quantity)
    return _whole(quantity.value * PICO, quantity)


def to_price(quantity: Quantity) -> int | Problem:
    """A price per token, in picodollars."""
    if not quantity.money or quantity.unit not in _TOKENS:
        return _expected("a price per million tokens", "$0.25/M", quantity)
    return _whole(quantity.value * PICO / _TOKENS[quantity.unit], quantity)


def _whole(pico: Fraction, quantity: Quantity) -> int | Problem:
    if pico.denominator != 1:
        return Problem("TAP108", f"`{quantity.text}` is finer than a picodollar; use fewer decimals")
    return int(pico)
