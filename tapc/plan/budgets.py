"""Compares the ceilings of the spec with the estimate."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from tapc.ir import Budget, Ceiling
from tapc.plan.document import BudgetPlan, CapPlan, usd
from tapc.plan.estimate import Cost, Sums


class Spent(msgspec.Struct, frozen=True):
    """The amounts that an account has spent: picodollars, tokens, requests."""

    cost: int = 0
    tokens: int = 0
    requests: int = 0


Account = Mapping[tuple[str, str], Spent]
"""Spent amounts by kind (`dataset`, `step`, `endpoint`) and name; the name of the dataset is empty."""

_NOTHING = Spent()


class _Fits(msgspec.Struct, frozen=True):
    """Whether spent and expected amounts stay under a ceiling: by expectation, by 95th percentile, at worst."""

    expected: bool
    likely: bool | None
    ceiling: bool


def budget_plan(
    budget: Budget,
    costs: Sequence[tuple[Cost, Sums]],
    relieved: Sequence[tuple[str, Sums]],
    account: Account,
    likely: int | None,
) -> BudgetPlan:
    """Compare a budget with an estimate.

    Args:
        budget: budget of the spec.
        costs: costs of all steps, each with what is left to pay.
        relieved: amounts that the endpoints of a pool cannot cost together, by step; see `reliefs`.
        account: amounts spent before.
        likely: 95th percentile of what is left to pay, in picodollars.
    """
    spent = account.get(("dataset", ""), _NOTHING)
    sums = [*(left for _, left in costs), *(relief for _, relief in relieved)]
    caps = list(_caps(budget, costs, relieved, account))
    fits = _fits(budget.total, spent, sums, likely)
    largest = max((cost.largest for cost, left in costs if left.requests.ceiling), default=0)
    return BudgetPlan(
        cost_usd=None if budget.total.cost is None else usd(budget.total.cost),
        tokens=budget.total.tokens,
        requests=budget.total.requests,
        spent_usd=usd(spent.cost),
        spent_tokens=spent.tokens,
        spent_requests=spent.requests,
        fits_expected=fits.expected and all(cap.fits_expected for cap in caps),
        fits_likely=fits.likely,
        fits_ceiling=fits.ceiling and all(cap.fits_ceiling for cap in caps),
        smallest_cap_usd=usd(spent.cost + sum(left.money.expected for left in sums) + largest),
        caps=caps,
    )


def _caps(
    budget: Budget, costs: Sequence[tuple[Cost, Sums]], relieved: Sequence[tuple[str, Sums]], account: Account
) -> Iterator[CapPlan]:
    if budget.per_run != Ceiling():
        sums = [*(left for _, left in costs), *(relief for _, relief in relieved)]
        yield _cap("run", "", budget.per_run, _NOTHING, sums)
    for name, ceiling in budget.steps:
        mine = [left for cost, left in costs if cost.recipe.step == name]
        mine += [relief for step, relief in relieved if step == name]
        yield _cap("step", name, ceiling, account.get(("step", name), _NOTHING), mine)
    for name, ceiling in budget.endpoints:
        mine = [left for cost, left in costs if cost.recipe.endpoint == name]
        yield _cap("endpoint", name, ceiling, account.get(("endpoint", name), _NOTHING), mine)


def _cap(
    kind: Literal["run", "step", "endpoint"], name: str, ceiling: Ceiling, spent: Spent, sums: Sequence[Sums]
) -> CapPlan:
    fits = _fits(ceiling, spent, sums, None)
    return CapPlan(
        kind=kind,
        name=name,
        cost_usd=None if ceiling.cost is None else usd(ceiling.cost),
        tokens=ceiling.tokens,
        requests=ceiling.requests,
        spent_usd=usd(spent.cost),
        expected_usd=usd(sum(left.money.expected for left in sums)),
        fits_expected=fits.expected,
        fits_ceiling=fits.ceiling,
    )


def _fits(ceiling: Ceiling, spent: Spent, sums: Sequence[Sums], likely: int | None) -> _Fits:
    def under(which: str) -> bool:
        def total(name: str) -> int:
            return sum(int(getattr(getattr(left, name), which)) for left in sums)

        tokens = total("input") + total("output")
        return (
            (ceiling.cost is None or spent.cost + total("money") <= ceiling.cost)
            and (ceiling.tokens is None or spent.tokens + tokens <= ceiling.tokens)
            and (ceiling.requests is None or spent.requests + total("requests") <= ceiling.requests)
        )

    sure = None if likely is None or ceiling.cost is None else spent.cost + likely <= ceiling.cost
    return _Fits(under("expected"), sure, under("ceiling"))
