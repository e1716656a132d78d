"""How far the expectation can be trusted: the 95th percentile of what is still to be paid, once there is history.

What one slot costs varies (its texts are longer or shorter together), and so does what was learned, being a mean over
few slots. Both are added for every step; steps are taken to err in the same direction, which is the cautious side.
"""

from collections.abc import Sequence
from math import sqrt

from tapc.plan.estimate.estimation import Cost
from tapc.plan.estimate.totals import Kept, Sums

_QUANTILE = 1.645
"""Of the normal distribution, for 95%."""


def likely_most(costs: Sequence[Cost], sums: Sequence[Sums], kept: Kept) -> int | None:
    """Picodollars that are not passed with 95% certainty; None where a step still to be paid was never asked before.

    Args:
        costs: of all steps.
        sums: what is left of each, parallel to `costs`.
        kept: what the store has.
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
    """Standard deviation of what a step costs, in picodollars."""
    learned, usual = cost.learned, cost.prices.usual
    if learned is None:
        return 0.0
    one = usual.input * sqrt(learned.input_variance) + usual.output * sqrt(learned.output_variance)
    jobs = left.requests.expected
    alike = max(1.0, float(cost.made.per_slot))  # jobs of one slot, whose texts are of like length
    own = one * sqrt(jobs * alike)
    known = one * jobs * sqrt(alike / learned.jobs)
    return sqrt(own**2 + known**2 + _repeating(cost, left, kept) ** 2)


def _repeating(cost: Cost, left: Sums, kept: Kept) -> float:
    """The part of it that comes from how often jobs are repeated, which was learned from few samples too."""
    times = kept.repeats.get(cost.place, 1.0)
    if times <= 1 or not kept.accepted:
        return 0.0
    slots = left.requests.floor / max(1.0, float(cost.made.per_slot))
    return left.money.expected * sqrt((times - 1) / times * (1 / kept.accepted + 1 / max(1.0, slots)))
