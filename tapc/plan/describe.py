"""The plan document, from a plan, its estimate and what the store has."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from tapc.ir import Dataset
from tapc.plan.compile import Planned
from tapc.plan.document import (
    BudgetPlan,
    Deviation,
    PlanDiagnostic,
    PlanDocument,
    StepPlan,
    TokenFigures,
    TotalPlan,
    UsdFigures,
    usd,
)
from tapc.plan.document import Seconds as SecondsPlan
from tapc.plan.estimate import SAMPLE, Cost, Figures, History, Rates, Sample, estimate, unchecked
from tapc.steps import StepTools, compile_steps

_DEFAULT_CONCURRENCY = 64
_DEFAULT_TOKENS_PER_SECOND = 40
"""Output speed of one request, for the time where no limit is stated."""

Place = tuple[str, str]
"""Step and endpoint."""


def cost_plan(planned: Planned, rates: Rates, history: History, tools: StepTools | None = None) -> list[Cost]:
    """Estimate every step of a plan; see `estimate`."""
    dataset = planned.dataset
    return estimate(
        dataset,
        compile_steps(unchecked(dataset), planned.tools(tools)),
        samples=_samples(planned),
        slots=len(planned.slots),
        reserve=planned.reserve(),
        combinations=planned.combinations,
        rates=rates,
        history=history,
    )


def with_repeats(costs: Sequence[Cost], repeats: Mapping[Place, float]) -> list[Cost]:
    """Costs whose expectation has the retries and replacements that samples took so far; ceilings stay."""
    return [_repeated(cost, repeats.get((cost.recipe.step, cost.recipe.endpoint), 1.0)) for cost in costs]


def _repeated(cost: Cost, times: float) -> Cost:
    def more(figures: Figures) -> Figures:
        return Figures(figures.floor, min(figures.ceiling, round(figures.expected * times)), figures.ceiling)

    return msgspec.structs.replace(cost, input=more(cost.input), output=more(cost.output), money=more(cost.money))


def describe(
    planned: Planned,
    costs: Sequence[Cost],
    *,
    spec: str,
    cached: Mapping[Place, int],
    spent: int,
    diagnostics: Iterable[PlanDiagnostic],
    exact: bool = True,
    missing: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> PlanDocument:
    """Build the document.

    Args:
        planned: the plan.
        costs: its estimate.
        spec: path of the spec as the user gave it.
        cached: replies the store has already, by step and endpoint.
        spent: picodollars the dataset's account has spent so far.
        diagnostics: warnings.
        exact: whether `cached` was counted, not extrapolated.
        missing: planned samples that lack replies, None if not counted.
        more: optional parts of the document: `seen`, `prompts`, `sources`.
    """
    dataset = planned.dataset
    costs = [cost for cost in costs if cost.recipe.kind != "program"]  # programs make no requests
    steps = _steps(dataset, costs, cached)
    asking = [step for step in steps if step.endpoint is not None]
    tokens = [_sum(s.input_tokens for s in asking), _sum(s.output_tokens for s in asking)]
    total = TotalPlan(
        jobs=sum(s.jobs for s in asking),
        cached=sum(s.cached for s in asking),
        cached_exact=exact,
        missing=missing,
        cost_usd=_sum_usd([s.cost_usd for s in asking]),
        tokens=_sum(tokens),
        seconds=SecondsPlan(expected=_seconds(dataset, costs, cached)),
    )
    reached = planned.allocation.deviation()
    return PlanDocument(
        spec=spec,
        dataset=dataset.name,
        digest=planned.digest,
        samples=len(planned.slots),
        cells=len(planned.allocation),
        simulated=any(endpoint.simulated for endpoint in dataset.endpoints),
        counts=planned.allocation.counts(),
        deviation=Deviation(
            node=float(reached.node),
            axis=float(reached.axis),
            axis_in_node=float(reached.axis_in_node),
            pair=float(reached.pair),
        ),
        steps=steps,
        total=total,
        budget=_budget(dataset, costs, total, cached, spent),
        diagnostics=list(diagnostics),
        **(more or {}),
    )


def _samples(planned: Planned) -> Iterable[Sample]:
    taxonomy = planned.dataset.space.taxonomy
    axis = taxonomy.name if taxonomy is not None else ""
    for key in planned.slots.between(0, SAMPLE):
        axes = planned.views.axes(key.leaf, key.values)
        branch = axes.get(axis, "").partition(".")[0]
        yield Sample(lambda key=key: planned.open_slot(key), axes.get("language", ""), branch)


def _steps(dataset: Dataset, costs: Sequence[Cost], cached: Mapping[Place, int]) -> list[StepPlan]:
    kinds = {step.name: step.kind for step in dataset.steps}
    by_step: dict[str, list[Cost]] = defaultdict(list)
    for cost in costs:
        by_step[cost.recipe.step].append(cost)
    found: list[StepPlan] = []
    nothing = TokenFigures(floor=0, expected=0, ceiling=0)
    for name, kind in kinds.items():
        if not by_step[name]:
            free = UsdFigures(floor=0, expected=0, ceiling=0)
            found.append(
                StepPlan(
                    name=name,
                    kind=kind,
                    endpoint=None,
                    jobs=0,
                    cached=0,
                    input_tokens=nothing,
                    output_tokens=nothing,
                    cost_usd=free,
                )
            )
        found += [_step(cost, kind, dataset, cached) for cost in by_step[name]]
    return found


def _step(cost: Cost, kind: str, dataset: Dataset, cached: Mapping[Place, int]) -> StepPlan:
    recipe = cost.recipe
    have = min(cost.jobs, cached.get((recipe.step, recipe.endpoint), 0))
    left = 1 - have / cost.jobs if cost.jobs else 0.0
    return StepPlan(
        name=recipe.step,
        kind=kind,
        endpoint=recipe.endpoint,
        model=recipe.model,
        simulated=recipe.realm == "sim",
        priced=dataset.endpoint(recipe.endpoint).price is not None,
        jobs=cost.jobs,
        cached=have,
        input_tokens=_tokens(cost.input, left),
        output_tokens=_tokens(cost.output, left),
        cost_usd=UsdFigures(
            floor=usd(round(cost.money.floor * left)),
            expected=usd(round(cost.money.expected * left)),
            ceiling=usd(cost.money.ceiling if left else 0),
        ),
    )


def _tokens(figures: Figures, left: float) -> TokenFigures:
    """Tokens still to be paid for; the ceiling stays, since replacements may be asked as long as anything is open."""
    return TokenFigures(
        floor=round(figures.floor * left),
        expected=round(figures.expected * left),
        ceiling=figures.ceiling if left else 0,
    )


def _sum(figures: Iterable[TokenFigures]) -> TokenFigures:
    rows = list(figures)
    return TokenFigures(
        floor=sum(r.floor for r in rows),
        expected=sum(r.expected for r in rows),
        ceiling=sum(r.ceiling for r in rows),
    )


def _sum_usd(rows: Sequence[UsdFigures]) -> UsdFigures:
    return UsdFigures(
        floor=sum(r.floor for r in rows),
        expected=sum(r.expected for r in rows),
        ceiling=sum(r.ceiling for r in rows),
    )


def _budget(
    dataset: Dataset, costs: Sequence[Cost], total: TotalPlan, cached: Mapping[Place, int], spent: int
) -> BudgetPlan:
    ceiling = dataset.budget.total
    sending = total.jobs - total.cached
    open_costs = [c for c in costs if c.jobs > cached.get((c.recipe.step, c.recipe.endpoint), 0)]
    largest = max((c.largest for c in open_costs), default=0)
    left = None if ceiling.cost is None else usd(ceiling.cost - spent)
    return BudgetPlan(
        cost_usd=None if ceiling.cost is None else usd(ceiling.cost),
        tokens=ceiling.tokens,
        requests=ceiling.requests,
        spent_usd=usd(spent),
        fits_expected=(left is None or total.cost_usd.expected <= left)
        and (ceiling.tokens is None or total.tokens.expected <= ceiling.tokens)
        and (ceiling.requests is None or sending <= ceiling.requests),
        fits_ceiling=(left is None or total.cost_usd.ceiling <= left)
        and (ceiling.tokens is None or total.tokens.ceiling <= ceiling.tokens),
        smallest_cap_usd=usd(spent + largest) + total.cost_usd.expected,
    )


def _seconds(dataset: Dataset, costs: Sequence[Cost], cached: Mapping[Place, int]) -> int:
    """Time of the busiest endpoint at its stated limits, or at a stated default speed."""
    busy: dict[str, float] = defaultdict(float)
    for cost in costs:
        endpoint = dataset.endpoint(cost.recipe.endpoint)
        if endpoint.simulated and not endpoint.urls:
            continue
        left = 1 - min(1.0, cached.get((cost.recipe.step, cost.recipe.endpoint), 0) / cost.jobs) if cost.jobs else 0.0
        jobs = cost.jobs * left
        limit = endpoint.limit
        parallel = limit.concurrency or _DEFAULT_CONCURRENCY
        seconds = [cost.output.expected * left / _DEFAULT_TOKENS_PER_SECOND / parallel]
        if limit.requests_per_minute:
            seconds.append(jobs * 60 / limit.requests_per_minute)
        if limit.tokens_per_minute:
            seconds.append((cost.input.expected + cost.output.expected) * left * 60 / limit.tokens_per_minute)
        busy[endpoint.name] += max(seconds)
    return round(max(busy.values(), default=0.0))
