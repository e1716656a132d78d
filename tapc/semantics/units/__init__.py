"""Quantities with units, exactly."""

from tapc.semantics.units.exact import (
    describe,
    to_decimal,
    to_integer,
    to_money,
    to_percent,
    to_price,
    to_rate,
    to_seconds,
)
from tapc.semantics.units.quantity import MAX_DIGITS, UNITS, Problem, Quantity, Range, parse_number

__all__ = [
    "MAX_DIGITS",
    "UNITS",
    "Problem",
    "Quantity",
    "Range",
    "describe",
    "parse_number",
    "to_decimal",
    "to_integer",
    "to_money",
    "to_percent",
    "to_price",
    "to_rate",
    "to_seconds",
]
