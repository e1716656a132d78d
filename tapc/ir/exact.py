"""Exact quantities: shares and money are never floats."""

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

PICO = 10**12
"""Picodollars per dollar; all money in plans and ledgers is an integer number of picodollars."""


def _ratio(value: Any) -> Fraction:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, int | str) and not isinstance(value, bool):
        return Fraction(value)
    raise ValueError(f"not an exact number: {value!r}")


def _text(value: Fraction) -> str:
    return str(value)


Ratio = Annotated[Fraction, BeforeValidator(_ratio), PlainSerializer(_text, return_type=str)]
"""An exact rational; `"9/20"` in JSON."""

Money = int
"""Picodollars."""

MoneyRate = int
"""Picodollars per token: `$1/M` is exactly 1_000_000."""


def dollars(value: Money, digits: int = 2) -> str:
    """Format money for people: at least `digits` decimals, more for amounts below one cent."""
    sign, value = ("-" if value < 0 else ""), abs(value)
    if value and value < PICO // 100:
        digits = max(digits, 4)
    unit = 10 ** (12 - digits)
    whole, part = divmod((value + unit // 2) // unit, 10**digits)
    return f"{sign}${whole:,}.{part:0{digits}d}" if digits else f"{sign}${whole:,}"
