"""Reads amounts given as options."""

from decimal import Decimal, InvalidOperation

import click

_UNITS = {"k": 10**3, "M": 10**6, "G": 10**9}


def dollars(text: str, *, negative: bool = False) -> int:
    """Picodollars of `2.50` or `$2.50`."""
    bare = text.replace("$", "", 1)
    try:
        amount = Decimal(bare) * 10**12
    except InvalidOperation:
        raise click.BadParameter(f"{text!r} is not an amount of dollars") from None
    if not amount.is_finite() or (amount < 0 and not negative) or abs(amount) >= 2**62:
        raise click.BadParameter(f"{text!r} is not an amount of dollars")
    return int(amount)


def size(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    """Bytes of `500M` or `16G`."""
    unit = _UNITS.get(value[-1:], 1)
    digits = value[:-1] if unit > 1 else value
    if not digits.isdecimal() or not int(digits):
        raise click.BadParameter(f"{value!r} is not a size such as 500M or 16G")
    return int(digits) * unit
