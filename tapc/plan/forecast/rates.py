"""How likely a try succeeds and a slot passes, by group of cells, with what is not known about it.

Cells differ: a step may reject a tenth of the samples of one topic and half of another. With k of n successes in each
group, the share of all groups is m = sum k / sum n, and the groups' own shares scatter around it with

    variance m (1 - m) r,    r = 1 / (1 + M),

so that a group follows Beta(m M + k, (1 - m) M + n - k), which is between its own share and that of all: the more it
was tried, the nearer to its own. r follows from how far the groups' shares are apart (method of moments, as for a
beta-binomial); a group that was never tried is drawn around the share of all.
"""

import msgspec
import numpy as np

from tapc.plan.forecast.stages import Floats, Ints

_LEAST_SCATTER, _MOST_SCATTER = 0.002, 0.6
"""Bounds of r."""

_UNSEEN = 0.02
"""r, if nothing ever failed or succeeded, or there is one group only."""

_USUAL, _FURTHER = 0.05, 4
"""A usual r, and the degrees of freedom that it counts as."""

CHECKED, UNCHECKED = 0.4, 0.001
"""Successes and failures that are added to those counted, so that `never` is not taken for `cannot`: of steps with
checks, and of steps that only a broken reply can fail. As a rule these ask exactly once, and a forecast should say so.
"""


class Rate(msgspec.Struct, frozen=True):
    """Successes of tries, by group."""

    good: Floats
    tries: Floats

    @property
    def known(self) -> bool:
        """Whether anything was tried."""
        return bool(self.tries.sum() > 0)

    def plus(self, other: "Rate") -> "Rate":
        """Both together."""
        return Rate(self.good + other.good, self.tries + other.tries)

    def mean(self) -> float:
        """The share of all groups together."""
        return float(self.good.sum() / self.tries.sum()) if self.known else 1.0

    def scatter(self, times: int, random: np.random.Generator) -> Floats:
        """r: how far the groups' own shares are apart, as it may be, shape (times, 1).

        With n tries per group, the mean square of the distances of G groups is (1/n + r) times a chi-squared number of
        G - 1 degrees of freedom, divided by them. A usual r counts as some further degrees.
        """
        tried = self.tries > 0
        n, share = self.tries[tried], self.mean()
        whole = float(n.sum())
        spread = share * (1 - share)
        if spread <= 0 or len(n) < 2:
            return np.full((times, 1), _UNSEEN)
        apart = float((n * (self.good[tried] / n - share) ** 2).sum()) / spread
        alone = 1 - n / whole
        more = float((alone * (n - 1)).sum())
        degrees = len(n) - 1
        each = max(1.0, (whole - float((n**2).sum()) / whole) / degrees)
        found = (apart - float(alone.sum())) / more if more > 0 else _USUAL
        both = (degrees * max(0.0, 1 / each + found) + _FURTHER * (1 / each + _USUAL)) / (degrees + _FURTHER)
        drawn = random.chisquare(degrees + _FURTHER, (times, 1)) / (degrees + _FURTHER)
        return np.clip(both / drawn - 1 / each, _LEAST_SCATTER, _MOST_SCATTER)

    def times(self, other: "Rate") -> "Rate":
        """Of what passes this one, what passes another one too, with the share of all groups together."""
        return Rate(self.good * other.mean(), self.tries)

    def draws(self, times: int, random: np.random.Generator, drift: float = 0.0, weight: float = CHECKED) -> Floats:
        """Shares that may be true, shape (times, groups); the first row is 1, which is: nothing fails.

        Args:
            times: number of rows.
            random: source of random numbers.
            drift: standard deviation of a change of all shares together, on the scale of logits.
            weight: successes and failures that are added to those counted.
        """
        found = np.ones((times, len(self.tries)))
        if not self.known or times < 2:
            return found
        r, share = self.scatter(times - 1, random), self.mean()
        prior = 1 / r - 1
        whole = float(self.tries.sum())
        # tries of one group tell less about the others than as many of different groups
        apart = 1 + (float((self.tries**2).sum()) / whole - 1) * r
        worth = np.maximum(1.0, whole / np.maximum(1.0, apart))
        low, high = (1 - share) * worth + weight, share * worth + weight
        middle = random.beta(high, low)
        middle = np.clip(middle * (share / (high / (high + low))) if share else middle, 1e-9, 1 - 1e-9)
        rest = self.tries - self.good
        found[1:] = random.beta(middle * prior + self.good, np.maximum(1e-9, (1 - middle) * prior + rest))
        if drift:
            odds = np.exp(drift * random.standard_normal((times - 1, 1)))
            found[1:] = found[1:] * odds / (1 - found[1:] + found[1:] * odds)
        return found


def rate_of(good: Ints, tries: Ints) -> Rate:
    """A rate from counts."""
    return Rate(np.minimum(good, tries).astype(np.float64), tries.astype(np.float64))
