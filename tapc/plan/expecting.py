"""Expectations that a plan can decide: on counts of samples, and on what it takes to make all of them from nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from tapc.ir import PICO, Expectation, Verified
from tapc.plan.compile import Planned
from tapc.plan.document import ExpectationPlan
from tapc.plan.estimate import Cost, Kept, step_totals
from tapc.semantics.show.expectations import amount, written

Figures = Mapping[str, Fraction]
"""Figures by what they are of."""


class PlanFigures:
    """What a plan knows of the dataset it would make.

    Args:
        planned: the plan.
        costs: makes the estimate; called only for expectations on cost, tokens and requests.
    """

    def __init__(self, planned: Planned, costs: Callable[[], Sequence[Cost]]) -> None:
        self._planned = planned
        self._costs = costs

    def of(self, expectation: Expectation) -> Figures | None:
        """The figures of an expectation, none if the plan has no such axis; None if only a run knows them."""
        known: dict[str, Callable[[], Figures]] = {
            "samples": lambda: _one(len(self._planned.slots)),
            "every": lambda: self._every(expectation),
            "share": lambda: self._share(expectation),
            **{name: lambda name=name: _one(self._taken[name]) for name in ("requests", "tokens", "cost")},
        }
        measure = known.get(expectation.measure)
        return None if measure is None else measure()

    def _every(self, expectation: Expectation) -> Figures:
        (axis,) = expectation.of
        whole = max(1, len(self._planned.slots)) if expectation.unit == "share" else 1
        counts = self._counts.get(axis, {})
        return {name: Fraction(counts.get(name, 0), whole) for name in self._planned.dataset.space.ends(axis)}

    def _share(self, expectation: Expectation) -> Figures:
        axis, *path = expectation.of
        return _one(self._counts.get(axis, {}).get(".".join(path), 0), len(self._planned.slots))

    @cached_property
    def _counts(self) -> dict[str, dict[str, int]]:
        return self._planned.allocation.counts()

    @cached_property
    def _taken(self) -> dict[str, int]:
        """Expected requests, tokens and picodollars of the whole dataset, if nothing were stored."""
        costs = [cost for cost in self._costs() if not cost.recipe.runs_program]
        sums = [totals.total() for totals in step_totals(costs, Kept())]
        return {
            "requests": sum(one.requests.expected for one in sums),
            "tokens": sum(one.input.expected + one.output.expected for one in sums),
            "cost": sum(one.money.expected for one in sums),
        }


def _one(count: int, of: int = 1) -> Figures:
    """One figure of the whole; none if it would be a share of nothing."""
    return {"": Fraction(count, of)} if of else {}


def verify_plan(planned: Planned, costs: Callable[[], Sequence[Cost]]) -> list[Verified]:
    """Compare what a plan knows with what its spec expects; what only a run knows has no value yet."""
    figures = PlanFigures(planned, costs)
    return [
        Verified(one, None, "", holds=None) if (found := figures.of(one)) is None else one.judge(found)
        for one in planned.dataset.expectations or ()
    ]


def described(found: Sequence[Verified]) -> Iterator[ExpectationPlan]:
    """Expectations as documents have them."""
    for one in found:
        yield ExpectationPlan(
            expectation=written(one.expectation),
            unit=one.expectation.unit,
            value=None if one.value is None else float(one.value / (PICO if one.expectation.unit == "money" else 1)),
            shown=amount(one),
            where=one.where,
            holds=one.holds,
        )
