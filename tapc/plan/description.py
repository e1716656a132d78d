"""Builds the plan document from a plan, its estimate and the content of the store."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tapc.ir import PICO, Dataset, Endpoint
from tapc.plan.budgets import Account, budget_plan
from tapc.plan.compile import Planned
from tapc.plan.document import (
    AcceptanceBasis,
    AxisPlan,
    Counts,
    Deviation,
    DrawnPlan,
    EndpointPlan,
    ForecastPlan,
    Interval,
    PacePlan,
    PartPlan,
    PlanDiagnostic,
    PlanDocument,
    StepPlan,
    TokenFigures,
    TotalPlan,
    UsdFigures,
    usd,
)
from tapc.plan.document import Seconds as SecondsPlan
from tapc.plan.estimate import (
    WHICH,
    Cost,
    Figures,
    Kept,
    Pace,
    Speeds,
    StepTotals,
    Sums,
    Which,
    axis_rows,
    reliefs,
    step_totals,
)
from tapc.plan.forecast import Forecast, Range
from tapc.steps import drawings


def drawn_plans(planned: Planned, whole: Collection[str] = ()) -> Iterator[DrawnPlan]:
    """One entry per step and mix that it draws; none without such mixes.

    Args:
        planned: the plan.
        whole: mixes to count with any number of draws.
    """
    draws, slots, ordered = planned.draws, len(planned.slots), planned.dataset.space.ordered
    if draws is None or not slots:
        return
    for one in drawings(planned.programs()):
        if not one.even:
            yield DrawnPlan(
                mix=one.mix, step=one.step, candidates=slots * one.width, counts=None, deviation=None, partial=None
            )
            continue
        found = draws.count(planned.allocation, one.mix, one.width, whole=one.mix in whole)
        yield DrawnPlan(
            mix=one.mix,
            step=one.step,
            candidates=found.candidates,
            counts=None if found.counts is None else ordered({one.mix: found.counts})[one.mix],
            exact=ordered({one.mix: {value: float(share) for value, share in found.exact.items()}})[one.mix],
            deviation=None if found.deviation is None else float(found.deviation),
            partial=found.partial,
        )


_PARTED = 200
"""Most rows of an axis for which each is also listed by step and endpoint."""


def describe(
    planned: Planned,
    costs: Sequence[Cost],
    *,
    spec: str,
    kept: Kept | None = None,
    expected: Forecast | None = None,
    spent: Account | None = None,
    speeds: Speeds | None = None,
    diagnostics: Iterable[PlanDiagnostic] = (),
    by: Sequence[str] | None = None,
    whole: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> PlanDocument:
    """Build the document.

    Args:
        planned: the plan.
        costs: its estimate.
        spec: path of the spec as the user gave it.
        kept: replies in the store; None without a store.
        expected: what a run will send and pay; None without a store.
        spent: amounts that the account of the dataset has spent.
        speeds: measured speeds of its endpoints.
        diagnostics: warnings.
        by: axes to break the cost down by; None means all.
        whole: mixes `per candidate` to count with any number of draws.
        more: optional parts of the document: `seen`, `prompts`, `sources`.
    """
    dataset, kept = planned.dataset, kept or Kept()
    found = _Found(dataset, step_totals([c for c in costs if not c.recipe.runs_program], kept), speeds or {})
    likely = None if expected is None or expected.money is None else expected.money.likely
    relieved = [(relief.step, relief.total()) for relief in found.reliefs]
    reached = planned.allocation.deviation()
    counts = dataset.space.ordered(planned.allocation.counts())
    return PlanDocument(
        spec=spec,
        dataset=dataset.name,
        digest=planned.digest,
        samples=len(planned.slots),
        cells=len(planned.allocation),
        simulated=any(endpoint.simulated for endpoint in dataset.endpoints),
        taxonomy=dataset.space.taxonomy.name if dataset.space.taxonomy is not None else None,
        counts=counts,
        late=list(planned.allocation.late_mixes),
        deviation=Deviation(
            node=float(reached.node),
            axis=float(reached.axis),
            axis_in_node=float(reached.axis_in_node),
            pair=float(reached.pair),
        ),
        drawn=list(drawn_plans(planned, whole)),
        steps=list(found.steps()),
        total=found.total(kept, likely),
        budget=budget_plan(dataset.budget, found.costs(), relieved, spent or {}, likely),
        diagnostics=list(diagnostics),
        forecast=None if expected is None else forecast_plan(expected),
        endpoints=list(found.endpoints()),
        by={axis: list(found.axis(axis, counts[axis])) for axis in counts if by is None or axis in by},
        **(more or {}),
    )


def forecast_plan(found: Forecast) -> ForecastPlan:
    """A forecast for people and tools."""

    def interval(found: Range | None, unit: int = 1) -> Interval | None:
        return None if found is None else Interval(low=found.low / unit, high=found.high / unit)

    accepted, low, high = found.accepted
    return ForecastPlan(
        requests=interval(found.requests),
        cost_usd=interval(found.money, PICO),
        accepted=round(accepted),
        accepted_interval=Interval(low=low, high=high),
        rejected=found.rejected[0],
        replacements=round(found.replaced),
        sampled=found.sampled,
        basis=[
            AcceptanceBasis(
                step=one.step,
                source=one.source,
                tries=one.tries,
                accepted=one.accepted,
                plan=one.plan or None,
                unrecorded=list(one.unrecorded),
            )
            for one in found.basis
        ],
    )


class _Found:
    """Sums of all steps, and the parts of the document made from them."""

    def __init__(self, dataset: Dataset, given: Sequence[StepTotals], speeds: Speeds) -> None:
        self._dataset = dataset
        self.step_totals = given
        self.sums = [totals.total() for totals in given]
        self.reliefs = list(reliefs(given))
        self._places = [dataset.endpoint(totals.cost.recipe.endpoint) for totals in given]
        self._speeds = speeds
        self._pace = Pace(self._places, self.sums, [totals.cost.recipe.step for totals in given], speeds)

    def costs(self) -> list[tuple[Cost, Sums]]:
        """Each step at each endpoint, with what is left of it."""
        return [(totals.cost, left) for totals, left in zip(self.step_totals, self.sums, strict=True)]

    def steps(self) -> Iterator[StepPlan]:
        """One row per step and endpoint; steps without endpoints have one row without figures."""
        for step in self._dataset.steps:
            rows = [n for n, totals in enumerate(self.step_totals) if totals.cost.recipe.step == step.name]
            if not rows:
                nothing = _row([])
                seconds = _seconds(dict.fromkeys(("floor", "expected", "ceiling"), 0.0))
                yield StepPlan(name=step.name, kind=step.kind, endpoint=None, seconds=seconds, **nothing)
            for n in rows:
                recipe, endpoint = self.step_totals[n].cost.recipe, self._places[n]
                yield StepPlan(
                    name=step.name,
                    kind=step.kind,
                    endpoint=recipe.endpoint,
                    model=recipe.model,
                    simulated=recipe.realm == "sim",
                    priced=endpoint.price is not None,
                    seconds=_seconds({w: self._pace.seconds_of(endpoint, self.sums[n], w) for w in WHICH}),
                    **_row([self.sums[n]]),
                )

    def endpoints(self) -> Iterator[EndpointPlan]:
        """One row per endpoint that is asked."""
        for endpoint in self._dataset.endpoints:
            mine = [left for left, place in zip(self.sums, self._places, strict=True) if place is endpoint]
            if mine:
                seconds = _seconds(self._pace.by_endpoint[endpoint.name])
                yield EndpointPlan(
                    name=endpoint.name,
                    model=endpoint.model,
                    seconds=seconds,
                    at_once=self._pace.in_flight(endpoint),
                    pace=self._pace_of(endpoint),
                    **_row(mine),
                )

    def _pace_of(self, endpoint: Endpoint) -> PacePlan | None:
        known = self._speeds.get(endpoint.name)
        if known is None:
            return None
        return PacePlan(
            server=known.server,
            requests=known.speed.answered,
            median_seconds=round(known.speed.median, 3),
            high_seconds=round(known.speed.high, 3),
            measured=datetime.fromtimestamp(known.at, UTC).isoformat(timespec="seconds"),
        )

    def total(self, kept: Kept, likely: int | None) -> TotalPlan:
        """The total row."""
        row = _row([*self.sums, *(relief.total() for relief in self.reliefs)])
        tokens = [row.pop(name) for name in ("input_tokens", "output_tokens")]
        return TotalPlan(
            cached_exact=kept.looked is None,
            missing=kept.missing,
            accepted=kept.accepted if kept.looked is None and kept.missing is not None else None,
            likely_usd=None if likely is None else usd(likely),
            tokens=TokenFigures(**{w: sum(getattr(t, w) for t in tokens) for w in ("floor", "expected", "ceiling")}),
            seconds=_seconds(self._pace.total()),
            **row,
        )

    def axis(self, axis: str, samples: Mapping[str, int]) -> Iterator[AxisPlan]:
        """One row per value or node, in the order of `samples`."""
        if not self.step_totals:
            return
        found = axis_rows(self.step_totals[0].cost.cells, axis)
        columns = [totals.rows(found.gather) for totals in self.step_totals]
        relieved = [relief.rows(found.gather) for relief in self.reliefs]
        few = found.depth.count(1) <= _PARTED
        order = {name: place for place, name in enumerate(samples)}
        named = zip(range(len(found.names)), found.names, found.depth, strict=True)
        for n, name, depth in sorted(named, key=lambda row: order[row[1]]):
            rows = [column[n] for column in columns]
            yield AxisPlan(
                value=name,
                samples=samples[name],
                seconds=_seconds(self._pace.part(rows)),
                steps=list(self._parts(rows)) if few and depth == 1 else [],
                **_row([*rows, *(column[n] for column in relieved)]),
            )

    def _parts(self, rows: Sequence[Sums]) -> Iterator[PartPlan]:
        for totals, left in zip(self.step_totals, rows, strict=True):
            recipe = totals.cost.recipe
            yield PartPlan(step=recipe.step, endpoint=recipe.endpoint, **_row([left]))


def _row(sums: Sequence[Sums]) -> dict[str, Any]:
    """The fields that all rows share."""

    def add(name: str) -> dict[Which, int]:
        figures: list[Figures] = [getattr(left, name) for left in sums]
        return {
            "floor": sum(f.floor for f in figures),
            "expected": sum(f.expected for f in figures),
            "ceiling": sum(f.ceiling for f in figures),
        }

    return {
        "jobs": sum(left.jobs for left in sums),
        "cached": sum(left.cached for left in sums),
        "requests": Counts(**add("requests")),
        "input_tokens": TokenFigures(**add("input")),
        "output_tokens": TokenFigures(**add("output")),
        "cost_usd": UsdFigures(**{which: usd(amount) for which, amount in add("money").items()}),
    }


def _seconds(amounts: Mapping[Which, float]) -> SecondsPlan:
    return SecondsPlan(**{which: round(amount, 3) for which, amount in amounts.items()})
