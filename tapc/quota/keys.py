"""Lottery priorities: which fractional values of a row are rounded up if nothing else decides.

Priorities depend on content alone, so most roundings survive an edit. The priority of a fraction f with a uniform hash
u is

    log(f) + gumbel(u)        gumbel(u) = -log(-log(u))

in fixed point: the values with the largest priorities are a sample in proportion to the fractions (the "Gumbel-max
trick", Gumbel 1954). The only floats are those of two tables of logarithms, in which each entry is far enough from a
rounding boundary that every correct libm gives the same integers (`table_margin`; a test checks it).
"""

import math
from functools import cache

import numpy as np

from tapc.quota.arrays import Ints, Words

_FIXED = 1 << 20
_MANTISSA = 12
_NOISE = 16
TIE_BITS = 12
"""Low bits of a priority, from the hash, which make equal priorities improbable."""

NAT = _FIXED << TIE_BITS
"""One unit of natural logarithm in a priority."""

KEPT = 150 * NAT
"""Bonus of a cell of the lock; priorities without it are below half of it (logarithms of 62 bits, and noise)."""


@cache
def _exact_logs() -> tuple[list[float], list[float], float]:
    size = 1 << _MANTISSA
    mantissas = [math.log((size + k + 0.5) / size) * _FIXED for k in range(size)]
    slots = 1 << _NOISE
    gumbel = [-math.log(-math.log((k + 0.5) / slots)) * _FIXED for k in range(slots)]
    return mantissas, gumbel, math.log(2) * _FIXED


@cache
def _tables() -> tuple[Ints, Ints, int]:
    mantissas, gumbel, two = _exact_logs()
    return (
        np.array([round(x) for x in mantissas], np.int64),
        np.array([round(x) for x in gumbel], np.int64),
        round(two),
    )


def table_margin() -> float:
    """The least distance of any table entry from a rounding boundary, in units of the last place."""
    mantissas, gumbel, two = _exact_logs()
    return min(abs(x % 1.0 - 0.5) for x in (*mantissas, *gumbel, two))


def fixed_log(numbers: Ints) -> Ints:
    """The natural logarithm of integers from 1, times 2**20, from their 13 leading bits."""
    mantissas, _, two = _tables()
    # `length` becomes floor(log2(n)) by binary search; then log(n) = length * log(2) + log(n / 2**length), and the
    # second term is looked up by the 12 bits after the leading one.
    length = np.zeros(numbers.shape, np.int64)
    rest = numbers.copy()
    for shift in (32, 16, 8, 4, 2, 1):
        high = rest >> shift
        big = high > 0
        length += np.where(big, shift, 0)
        rest = np.where(big, high, rest)
    down = np.maximum(length - _MANTISSA, 0)
    up = np.maximum(_MANTISSA - length, 0)
    leading = (numbers >> down) << up
    return mantissas[leading - (1 << _MANTISSA)] + length * two


def priorities(fractions: Ints, words: Words) -> Ints:
    """A priority for every fraction (numerators from 1; those of a row have one denominator) and its hash."""
    _, gumbel, _ = _tables()
    noise = gumbel[(words >> np.uint64(64 - _NOISE)).astype(np.int64)]
    ties = ((words >> np.uint64(64 - _NOISE - TIE_BITS)) & np.uint64((1 << TIE_BITS) - 1)).astype(np.int64)
    return ((fixed_log(fractions) + noise) << TIE_BITS) | ties


@cache
def _lists() -> tuple[list[int], list[int], int]:
    mantissas, gumbel, two = _tables()
    return mantissas.tolist(), gumbel.tolist(), two


def priority(fraction: int, word: int) -> int:
    """`priorities` for one fraction and 32 bits of a hash."""
    mantissas, gumbel, two = _lists()
    length = fraction.bit_length() - 1
    leading = fraction >> (length - _MANTISSA) if length >= _MANTISSA else fraction << (_MANTISSA - length)
    return mantissas[leading - (1 << _MANTISSA)] + length * two + gumbel[word >> 16] << TIE_BITS | word & 0xFFF


def short_priorities(fractions: Ints, words: Words) -> Ints:
    """`priority` for every fraction and 32 bits of a hash."""
    noise, ties = words >> np.uint64(_NOISE), words & np.uint64((1 << TIE_BITS) - 1)
    return priorities(fractions, (noise << np.uint64(64 - _NOISE)) | (ties << np.uint64(64 - _NOISE - TIE_BITS)))
