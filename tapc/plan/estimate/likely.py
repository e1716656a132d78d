"""The 95th percentile of what is still to be paid, once there is history.

The cost of a slot varies (its texts are longer or shorter together), and so does what was learned, which is a mean over
few slots. The variances of both are added for every step; the errors of steps are assumed to have the same direction,
which is cautious. With z = 1.645:

    likely = sum of expected costs + z * sum over steps of their standard deviation
"""

from collections.abc import Sequence
from math import sqrt

from tapc.plan.estimate.estimation import Cost
from tapc.plan.estimate.totals import Kept, Sums

_QUANTILE = 1.645
"""Quantile of the normal distribution for 95%."""


def likely_most(costs: Sequence[Cost], sums: Sequence[Sums], kept: Kept) -> int | None:
    """Picodollars that are not exceeded with 95% certainty; None if a step still to be paid has no history.

    Args:
        costs: costs of all steps.
        sums: what is left of each, parallel to `costs`.
        kept: replies in the store.
    """
    spread = 0.0
    for cost, left in zip(costs, sums, strict=True):
        if not left.money.expected:
            continue
        if cost.learned is None or not cost.learned.jobs:
            return None
        spread += _deviation(cost, left, kept)
    expected = sum(left.money.expected for left in sums)
    return min(round(expected + _QUANTILE * spread), sum(left.money.ceiling for left in sums))


def _deviation(cost: Cost, left: Sums, kept: Kept) -> float:
    """Standard deviation of the cost of a step, in picodollars."""
    learned, usual = cost.learned, cost.prices.usual
    if learned is None:
        return 0.0
    one = usual.input * sqrt(learned.input_variance) + usual.output * sqrt(learned.output_variance)
    jobs = left.requests.expected
    alike = max(1.0, float(cost.made.per_slot))  # jobs of one slot, whose texts have similar length
    own = one * sqrt(jobs * alike)
    known = one * jobs * sqrt(alike / learned.jobs)
    return sqrt(own**2 + known**2 + _repeating(cost, left, kept) ** 2)


def _repeating(cost: Cost, left: Sums, kept: Kept) -> float:
    """The part that comes from the number of repeated jobs, which was learned from few samples too."""
    times = kept.repeats.get(cost.place, 1.0)
    if times <= 1 or not kept.accepted:
        return 0.0
    slots = left.requests.floor / max(1.0, float(cost.made.per_slot))
    return left.money.expected * sqrt((times - 1) / times * (1 / kept.accepted + 1 / max(1.0, slots)))
