"""From two plans to the document of their difference."""

from collections.abc import Mapping, Sequence

import msgspec

from tapc.plan.compile import Planned
from tapc.plan.diff.changes import find_changes
from tapc.plan.diff.document import (
    Change,
    DiffDocument,
    DiffSide,
    DiffStep,
    DiffTotal,
    Severity,
    Slots,
    worst,
)
from tapc.plan.diff.jobs import JobsCompared, Place, compare_jobs
from tapc.plan.diff.slots import compare_slots
from tapc.plan.document import usd
from tapc.plan.estimate import Cost
from tapc.steps import StepTools


class Side(msgspec.Struct, frozen=True):
    """One of the two plans.

    Attributes:
        spec: as the user named it.
        planned: the plan.
        costs: its estimate.
        tools: what its steps are lent from above.
    """

    spec: str
    planned: Planned
    costs: Sequence[Cost]
    tools: StepTools | None = None


def compare(before: Side, after: Side, stored: Mapping[Place, int] | None = None) -> DiffDocument:
    """Compare two plans by meaning.

    Args:
        before: the earlier one.
        after: the later one.
        stored: replies of the later plan that the store has, None where there is no store; they decide what is paid.
    """
    slots, axes = compare_slots(before.planned.allocation, after.planned.allocation)
    jobs = compare_jobs(before.planned, after.planned, (before.tools, after.tools))
    changes: list[Change] = []
    if before.planned.digest != after.planned.digest:
        changes = find_changes(before.planned.dataset, after.planned.dataset, slots, jobs)
        if not changes:
            changes = [_lock(slots)]
    steps = [_step(cost, before, jobs, stored) for cost in after.costs]
    return DiffDocument(
        before=_side(before),
        after=_side(after),
        severity=worst([change.severity for change in changes]),
        exact=jobs.exact,
        slots=slots,
        axes=axes,
        changes=changes,
        steps=steps,
        total=DiffTotal(
            jobs=sum(s.jobs for s in steps),
            reused=sum(s.reused for s in steps),
            stored=None if stored is None else sum(s.stored or 0 for s in steps),
            to_pay=sum(s.to_pay for s in steps),
            cost_usd=sum(s.cost_usd for s in steps),
        ),
    )


def _side(side: Side) -> DiffSide:
    planned = side.planned
    return DiffSide(
        spec=side.spec,
        dataset=planned.dataset.name,
        digest=planned.digest,
        samples=len(planned.slots),
        cells=len(planned.allocation),
    )


def _lock(slots: Slots) -> Change:
    """Nothing differs but the locks beside the specs."""
    severity: Severity = "extend" if slots.added else "refilter"
    return Change(what="lock", field="counts", severity=severity, before=None, after=None)


def _step(cost: Cost, before: Side, jobs: JobsCompared, stored: Mapping[Place, int] | None) -> DiffStep:
    recipe = cost.recipe
    place = (recipe.step, recipe.endpoint)
    earlier = {new: old for old, new in jobs.renamed.items()}.get(recipe.step, recipe.step)
    had = sum(c.jobs for c in before.costs if (c.recipe.step, c.recipe.endpoint) == (earlier, recipe.endpoint))
    reused = round(cost.jobs * jobs.share.get(place, 0.0))
    have = None if stored is None else min(cost.jobs, stored.get(place, 0))
    to_pay = cost.jobs - (reused if have is None else have)
    return DiffStep(
        name=recipe.step,
        endpoint=recipe.endpoint,
        before=had,
        jobs=cost.jobs,
        reused=reused,
        stored=have,
        to_pay=to_pay,
        severity=_severity(recipe.step, earlier, cost.jobs - reused, jobs),
        cost_usd=usd(round(cost.money.expected * to_pay / cost.jobs)) if cost.jobs else 0.0,
    )


def _severity(step: str, earlier: str, new: int, jobs: JobsCompared) -> Severity:
    if earlier in jobs.lost:
        return "regenerate"
    return "extend" if new or step in jobs.gained else "none"
