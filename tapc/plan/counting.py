"""Jobs of a step in closed form, as whole numbers that add up."""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

from tapc.steps import JobClass


def count_jobs(classes: Iterable[JobClass], times: Callable[[tuple[str, ...]], int]) -> Iterator[int]:
    """First attempts of each class of a step; their sum is exact.

    The members of a pool (`2 of [a, b, c]`) that a slot draws are known per slot only, so each class gets its share of
    the whole, and the remainder of rounding one class is carried to the next.

    Args:
        classes: classes of one step, in order.
        times: how often a class is made: number of slots (for no axes), or of combinations of values of its axes.
    """
    exact, before = Fraction(0), 0
    for made in classes:
        exact += times(made.per) * made.each
        yield round(exact) - before
        before = round(exact)
