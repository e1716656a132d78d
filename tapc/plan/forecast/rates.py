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

    def plus(self, other: "Rate", weight: float = 1.0) -> "Rate":
        """Both together."""
        return Rate(self.good + weight * other.good, self.tries + weight * other.tries)

    def mean(self) -> float:
        """The share of all groups together."""
        return float(self.good.sum() / self.tries.sum()) if self.known else 1.0

    def scatter(self) -> float:
        """r: how far the groups' own shares are apart."""
        tried = self.tries > 0
        n, share = self.tries[tried], self.mean()
        whole = float(n.sum())
        spread = share * (1 - share)
        if spread <= 0 or len(n) < 2:
            return _UNSEEN
        apart = float((n * (self.good[tried] / n - share) ** 2).sum()) / spread
        alone = 1 - n / whole
        more = float((alone * (n - 1)).sum())
        if more <= 0:
            return _UNSEEN
        return float(np.clip((apart - float(alone.sum())) / more, _LEAST_SCATTER, _MOST_SCATTER))

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
        r, share = self.scatter(), self.mean()
        prior = 1 / r - 1
        whole = float(self.tries.sum())
        # tries of one group tell less about the others than as many of different groups
        apart = 1 + (float((self.tries**2).sum()) / whole - 1) * r
        worth = max(1.0, whole / max(1.0, apart))
        low, high = (1 - share) * worth + weight, share * worth + weight
        middle = random.beta(high, low, (times - 1, 1))
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
