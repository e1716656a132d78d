"""One period of the draws of a `per candidate` mix; for its guarantees see `tapc.quota.candidates`."""

import hashlib
from collections.abc import Sequence
from fractions import Fraction

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.quota.arrays import Ints
from tapc.quota.keys import priority, short_priorities
from tapc.quota.matchings import orders
from tapc.quota.mixes import common_weights

_LONGEST = 1 << 16
"""Longest period; shares with a larger denominator are rounded to this grid."""

_ORDERED = 256
"""Longest period whose orders are precomputed (about 0.1 s); longer ones are drawn position by position."""

_NEVER = np.iinfo(np.int64).min
"""Lower than every priority (which can be negative)."""

_BLOCK = 1 << 20
"""Most positions of periods that are processed at once."""


class PeriodShares(msgspec.Struct, frozen=True):
    """Integer shares of one period.

    Attributes:
        weights: weights of the values.
        period: their sum.
        slack: number of draws, among the first t, that are not yet required by a deadline; shape (period + 1,).
        orders: for a short period, orders from which a priority picks, shape (orders, period); None for a long one.
    """

    weights: tuple[int, ...]
    period: int
    slack: npt.NDArray[np.int32]
    orders: npt.NDArray[np.uint16] | None

    def order(self, seed: bytes) -> int:
        """The index of the order of a period with this seed; 0 if there are none."""
        if self.orders is None:
            return 0
        word = int.from_bytes(hashlib.shake_128(seed).digest(8), "big")
        return word * len(self.orders) >> 64


def prepare(shares: tuple[Fraction, ...]) -> PeriodShares:
    """Convert exact shares to a common denominator."""
    table, period = common_weights([shares], _LONGEST)
    weights = tuple(table[0].tolist())
    times = np.arange(period + 1, dtype=np.int64)
    # slack[t] = t - sum over values of floor(t * weight / period): draws minus deadlines up to t.
    slack = times.copy()
    for weight in weights:
        slack -= times * weight // period
    made = orders(weights, period) if period <= _ORDERED else None
    return PeriodShares(weights, period, slack.astype(np.int32), made)


class DrawnPeriod:
    """A long period of draws, computed as far as needed.

    The next value is drawn by priority among those whose share of the prefix exceeds their count, unless another value
    would then miss its deadline (Horn 1974; Tijdeman 1980). Early draws are biased: small shares come out larger in a
    short prefix.
    """

    __slots__ = ("_counts", "_drawn", "_seed", "_shares", "_slack")

    def __init__(self, shares: PeriodShares, seed: bytes) -> None:
        self._shares = shares
        self._seed = seed
        self._counts = [0] * len(shares.weights)
        self._slack = shares.slack.copy()
        self._drawn: list[int] = []

    def __getitem__(self, index: int) -> int:
        while len(self._drawn) <= index:
            self._drawn.append(self._draw(len(self._drawn)))
        return self._drawn[index]

    def _draw(self, at: int) -> int:
        # `tight` is the first time at which no draw is spare: every value drawn now must have its deadline by then.
        # `missing` is the share of a value in the prefix minus its count, in period-ths.
        counts, period, weights = self._counts, self._shares.period, self._shares.weights
        tight = at + 1 + int((self._slack[at + 1 :] == 0).argmax())
        words = hashlib.shake_128(self._seed + at.to_bytes(4, "big")).digest(4 * len(weights))
        chosen, most, due = -1, 0, 0
        for value, weight in enumerate(weights):
            missing = weight * (at + 1) - counts[value] * period
            if missing <= 0:
                continue
            deadline = -(-(counts[value] + 1) * period // weight)
            if deadline > tight:
                continue
            worth = priority(missing, int.from_bytes(words[4 * value : 4 * value + 4], "big"))
            if chosen < 0 or worth > most:
                chosen, most, due = value, worth, deadline
        self._slack[at + 1 : due] -= 1
        counts[chosen] += 1
        return chosen


def count_many(shares: PeriodShares, seeds: Sequence[bytes], lengths: Ints) -> Ints:
    """How often each value is among the first draws of many periods.

    Args:
        shares: shares of all periods.
        seeds: one per period.
        lengths: number of draws of each, at most the period.
    """
    if shares.orders is not None:
        return _count_ordered(shares, shares.orders, seeds, lengths)
    found = np.zeros(len(shares.weights), np.int64)
    order = np.argsort(-lengths, kind="stable")
    size = max(1, _BLOCK // (shares.period + 1))
    for start in range(0, len(order), size):
        block = order[start : start + size]
        found += _count_block(shares, [seeds[n] for n in block.tolist()], lengths[block])
    return found


def _count_ordered(shares: PeriodShares, made: npt.NDArray[np.uint16], seeds: Sequence[bytes], lengths: Ints) -> Ints:
    picked = np.fromiter((shares.order(seed) for seed in seeds), np.int64, len(seeds))
    found = np.zeros(len(shares.weights), np.int64)
    for length in np.unique(lengths).tolist():
        often = np.bincount(picked[lengths == length], minlength=len(made))
        np.add.at(found, made[:, :length], often[:, None])
    return found


def _count_block(shares: PeriodShares, seeds: list[bytes], lengths: Ints) -> Ints:
    """`count_many` for a few periods, the longest first."""
    period, weights = shares.period, np.array(shares.weights, np.int64)
    step = np.maximum(weights, 1)
    counts = np.zeros((len(seeds), len(weights)), np.int64)
    slack = np.tile(shares.slack, (len(seeds), 1))
    times = np.arange(period + 1)
    # All arrays have one row per period: counts, missing, deadline (periods, V); slack (periods, period + 1).
    for at in range(int(lengths.max(initial=0))):
        live = int(np.searchsorted(-lengths, -at, side="left"))
        place = at.to_bytes(4, "big")
        bits = b"".join([hashlib.shake_128(seed + place).digest(4 * len(weights)) for seed in seeds[:live]])
        words = np.frombuffer(bits, ">u4").reshape(live, len(weights)).astype(np.uint64)
        tight = at + 1 + (slack[:live, at + 1 :] == 0).argmax(axis=1)
        missing = weights * (at + 1) - counts[:live] * period
        deadline = -(-(counts[:live] + 1) * period // step)
        able = (missing > 0) & (deadline <= tight[:, None])
        chosen = np.where(able, short_priorities(np.maximum(missing, 1), words), _NEVER).argmax(axis=1)
        rows = np.arange(live)
        counts[rows, chosen] += 1
        slack[:live, at + 1 :] -= times[at + 1 :] < deadline[rows, chosen][:, None]
    return counts.sum(axis=0)
