"""Jobs of a step in closed form, as whole numbers that add up."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from tapc.steps import JobClass


def count_jobs(classes: Iterable[JobClass], times: Callable[[tuple[str, ...]], int]) -> Iterator[int]:
    """First attempts of each class of a step; their sum is exact.

    Which members of a pool (`2 of [a, b, c]`) a slot draws is known by slot only, so each class has its share of the
    whole, and what rounding takes from one the next one gets.

    Args:
        classes: of one step, in order.
        times: how often a class is made: slots (for no axes), or combinations of values of its axes.
    """
    exact, before = Fraction(0), 0
    for made in classes:
        exact += times(made.per) * made.each
        yield round(exact) - before
        before = round(exact)
