"""From two plans to the document of their difference."""

from collections.abc import Iterator, Sequence

import msgspec

from tapc.plan.compile import Planned
from tapc.plan.diff.changes import find_changes, in_order
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
from tapc.plan.diff.jobs import JobsCompared, compare_jobs
from tapc.plan.diff.slots import compare_slots
from tapc.plan.document import usd
from tapc.plan.estimate import Cost, Kept, Sums, step_totals
from tapc.steps import StepTools


class Side(msgspec.Struct, frozen=True):
    """One of the two plans.

    Attributes:
        spec: as the user named it.
        planned: the plan.
        costs: its estimate.
        tools: what its steps are lent from above.
        notes: what a reader should know about where its files come from.
        held: whatever must stay as long as the plan is used.
    """

    spec: str
    planned: Planned
    costs: Sequence[Cost]
    tools: StepTools | None = None
    notes: tuple[str, ...] = ()
    held: object = None


def compare(before: Side, after: Side, kept: Kept | None = None) -> DiffDocument:
    """Compare two plans by meaning.

    Args:
        before: the earlier one.
        after: the later one.
        kept: what the store has of the later plan, None where there is no store; it decides what is paid.
    """
    slots, axes = compare_slots(before.planned.allocation, after.planned.allocation)
    jobs = compare_jobs(before.planned, after.planned, (before.tools, after.tools))
    changes: list[Change] = []
    if before.planned.digest != after.planned.digest:
        changes = find_changes(before.planned.dataset, after.planned.dataset, slots, jobs)
        changes = in_order([*changes, *_files(before.planned, after.planned, jobs)])
        if not changes:
            changes = [_lock(slots)]
    costs = [cost for cost in after.costs if cost.recipe.kind != "program"]
    left = [None] * len(costs) if kept is None else [totals.total() for totals in step_totals(costs, kept)]
    steps = [_step(cost, before, jobs, sums) for cost, sums in zip(costs, left, strict=True)]
    return DiffDocument(
        before=_side(before),
        after=_side(after),
        severity=worst([change.severity for change in changes]),
        exact=jobs.exact,
        notes=[f"{side.spec}: {note}" for side in (before, after) for note in side.notes],
        slots=slots,
        axes=axes,
        changes=changes,
        steps=steps,
        total=DiffTotal(
            jobs=sum(s.jobs for s in steps),
            reused=sum(s.reused for s in steps),
            stored=None if kept is None else sum(s.stored or 0 for s in steps),
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


def _files(before: Planned, after: Planned, jobs: JobsCompared) -> Iterator[Change]:
    """Files of rows, benchmarks and programs that differ; what that does is told by the keys."""
    old, new = dict(before.resources.files), dict(after.resources.files)
    severity: Severity = "regenerate" if jobs.lost else "extend" if jobs.gained else "refilter"
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            then, now = (None if side is None else side[:12] for side in (old.get(name), new.get(name)))
            yield Change(what=f"file {name}", field="sha256", severity=severity, before=then, after=now)


def _lock(slots: Slots) -> Change:
    """Nothing differs but the locks beside the specs."""
    severity: Severity = "extend" if slots.added else "refilter"
    return Change(what="lock", field="counts", severity=severity, before=None, after=None)


def _step(cost: Cost, before: Side, jobs: JobsCompared, left: Sums | None) -> DiffStep:
    recipe = cost.recipe
    earlier = {new: old for old, new in jobs.renamed.items()}.get(recipe.step, recipe.step)
    had = sum(c.jobs for c in before.costs if (c.recipe.step, c.recipe.endpoint) == (earlier, recipe.endpoint))
    reused = round(cost.jobs * jobs.share.get(cost.place, 0.0))
    if left is None:
        to_pay = cost.jobs - reused
        dollars = usd(round(cost.money.expected * to_pay / cost.jobs)) if cost.jobs else 0.0
    else:
        to_pay, dollars = left.requests.floor, usd(left.money.expected)
    return DiffStep(
        name=recipe.step,
        endpoint=recipe.endpoint,
        before=had,
        jobs=cost.jobs,
        reused=reused,
        stored=None if left is None else left.cached,
        to_pay=to_pay,
        severity=_severity(recipe.step, earlier, cost.jobs - reused, jobs),
        cost_usd=dollars,
    )


def _severity(step: str, earlier: str, new: int, jobs: JobsCompared) -> Severity:
    if earlier in jobs.lost:
        return "regenerate"
    return "extend" if new or step in jobs.gained else "none"
