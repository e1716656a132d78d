"""From a number token to an exact quantity with its unit."""

import re
from fractions import Fraction

import msgspec

from tapc.diagnostics import did_you_mean

MAX_DIGITS = 30
"""More digits than any quantity of a spec needs; longer numbers are a finding, not a computation."""

_NUMBER = re.compile(r"(-?)(\$?)(-?)([0-9](?:[0-9_]*[0-9])?(?:\.[0-9](?:[0-9_]*[0-9])?)?)(.*)", re.DOTALL)
_SCALES = {"k": 10**3, "M": 10**6, "G": 10**9}
_SECONDS = {"ms": Fraction(1, 1000), "s": 1, "min": 60, "h": 3600, "d": 86400}
_SPELLED = {
    "K": "k", "m": "min", "B": "G", "b": "G", "g": "G", "mil": "M", "million": "M", "billion": "G", "thousand": "k",
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "mins": "min", "minute": "min", "minutes": "min",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "pct": "%", "percent": "%",
    "/m": "/M", "/K": "/k", "/minute": "/min", "/sec": "/s", "/second": "/s", "/hour": "/h", "/day": "/d",
    "/Mtok": "/M", "/million": "/M", "/1M": "/M",
}  # fmt: skip
UNITS = ("%", *_SCALES, *_SECONDS, *(f"/{unit}" for unit in ("s", "min", "h", "d", "M", "k")))
"""All units, in the order the reference lists them."""


class Quantity(msgspec.Struct, frozen=True):
    """An exact number and its unit.

    Attributes:
        value: with `k`, `M`, `G` and `%` applied; durations in seconds.
        unit: `%`, `time`, `/s`, `/min`, `/h`, `/d`, `/M`, `/k`, or empty.
        money: whether it was written with `$`.
        text: as written.
    """

    value: Fraction
    unit: str
    money: bool
    text: str


class Range(msgspec.Struct, frozen=True):
    """`A..B`, both ends included."""

    low: Quantity
    high: Quantity
    text: str


class Problem(msgspec.Struct, frozen=True):
    """Why a token is not a quantity: code of the rule, message, and what to do."""

    code: str
    message: str
    note: str = ""


def parse_number(text: str) -> Quantity | Range | Problem:
    """Read one number token, with whatever unit follows."""
    low, dots, high = text.partition("..")
    if not dots:
        return _quantity(text)
    first, second = _quantity(low), _quantity(high)
    if isinstance(first, Problem):
        return first
    if isinstance(second, Problem):
        return second
    if first.value > second.value:
        return Problem("TAP108", f"the range `{text}` is empty: {low} is more than {high}", f"write `{high}..{low}`")
    return Range(first, second, text)


def _quantity(text: str) -> Quantity | Problem:
    match = _NUMBER.fullmatch(text)
    if match is None or (match[1] and match[3]):
        return Problem("TAP104", f"`{text}` is not a number")
    digits = match[4].replace("_", "")
    if len(digits) > MAX_DIGITS:
        return Problem("TAP107", f"this number has {len(digits)} characters; at most {MAX_DIGITS} make sense here")
    value = Fraction(digits)
    if match[1] or match[3]:
        value = -value
    return _with_unit(value, match[5], money=bool(match[2]), text=text)


def _with_unit(value: Fraction, suffix: str, *, money: bool, text: str) -> Quantity | Problem:
    if suffix in _SECONDS and not money:
        return Quantity(value * _SECONDS[suffix], "time", money, text)
    if suffix == "%" and not money:
        return Quantity(value / 100, "%", money, text)
    amount, slash, per = suffix.partition("/")
    known = ("M", "k") if money else ("s", "min", "h", "d")
    if amount in ("", *_SCALES) and (not slash or per in known):
        return Quantity(value * _SCALES.get(amount, 1), slash + per, money, text)
    return _unknown(suffix, text, money=money)


def _unknown(suffix: str, text: str, *, money: bool) -> Problem:
    amount, slash, per = suffix.partition("/")
    odd = slash + per if slash and amount in ("", *_SCALES) else suffix
    known = ("/M", "/k", *_SCALES) if money else UNITS
    better = _SPELLED.get(odd)
    if better is None or better not in known:
        better = did_you_mean(odd, known)
    number = text.removesuffix(odd)
    note = f"did you mean `{number}{better}`?" if better else "known units: " + ", ".join(known)
    return Problem("TAP106", f"unknown unit `{odd}` in `{text}`", note)
