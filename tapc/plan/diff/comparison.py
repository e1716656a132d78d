"""Builds the document of the difference between two plans."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from tapc.ir import Dataset
from tapc.kinds.declared import REGISTRY
from tapc.plan.compile import Planned, plan_dataset
from tapc.plan.description import forecast_plan
from tapc.plan.diff.anew import count_anew
from tapc.plan.diff.changes import differences_of, find_changes, in_order
from tapc.plan.diff.document import (
    AxisValue,
    Change,
    DiffDocument,
    DiffExpectation,
    DiffMoved,
    DiffSide,
    DiffStep,
    DiffTotal,
    Severity,
    Slots,
    worst,
)
from tapc.plan.diff.drawing import drawing_notes
from tapc.plan.diff.jobs import JobsCompared, compare_jobs
from tapc.plan.diff.proof import prove
from tapc.plan.diff.proposals import improve
from tapc.plan.diff.renaming import LaterNames
from tapc.plan.document import usd
from tapc.plan.estimate import Cost, Kept, Sums, step_totals
from tapc.plan.expecting import PlanFigures
from tapc.plan.forecast import Forecast
from tapc.quota import Allocation
from tapc.quota.arrays import Ints, Words
from tapc.semantics.show.expectations import amount, written
from tapc.semantics.show.space import moved
from tapc.steps import StepTools

_Counts = list[int]
"""Before, after, kept."""


def compare_slots(before: Planned, after: Planned) -> tuple[Slots, dict[str, list[AxisValue]]]:
    """Slots kept, added and dropped, in all and by value of every axis of either side, in the order of the later one.

    What was renamed has its later name. A slot is kept if it is drawn as before, whatever mixes were added to it.
    """
    names = LaterNames(before.dataset.space, after.dataset.space)
    whole, axes = _compare(before, after, names)
    return whole, {name: _rows(rows) for name, rows in after.dataset.space.ordered(axes).items()}


def _compare(before: Planned, after: Planned, names: LaterNames) -> tuple[Slots, dict[str, dict[str, _Counts]]]:
    old, new = before.allocation, after.allocation
    kept = _kept_by_row(before, after) if before.own_input or after.own_input else _kept_by_cell(old, new)
    whole = _slots([old.samples, new.samples, int(kept.sum())])
    return whole, _by_axis(old, new, names, kept.tolist())


def _kept_by_cell(before: Allocation, after: Allocation) -> Ints:
    """The number of slots in each later cell that were there before."""
    old, new = before.base, after.base
    _, first, second = np.intersect1d(_halves(old.words), _halves(new.words), assume_unique=True, return_indices=True)
    kept = np.zeros(len(new), np.int64)
    kept[second] = np.minimum(old.count[first], new.count[second])
    return after.first_of(kept)


def _kept_by_row(before: Planned, after: Planned) -> Ints:
    """The number of slots in each later cell whose row had one before, in whatever cell."""
    kept = np.zeros(len(after.allocation), np.int64)
    sides = [side.own_rows for side in (before, after)]
    if sides[0] is None or sides[1] is None:
        return kept
    old, new = (_halves(side.drawn_words()) for side in sides if side is not None)
    _, _, ranks = np.intersect1d(old, new, assume_unique=True, return_indices=True)
    np.add.at(kept, after.slots.places().cell[ranks], 1)
    return kept


def _halves(words: tuple[Words, Words]) -> "np.ndarray[tuple[int], np.dtype[np.void]]":
    """Pairs of words as sortable values."""
    both = np.stack(words, axis=1).astype(">u8")
    return np.ascontiguousarray(both).view(np.dtype((np.void, 16))).reshape(-1)


def _by_axis(
    before: Allocation, after: Allocation, later: LaterNames, kept: list[int]
) -> dict[str, dict[str, _Counts]]:
    found: dict[str, dict[str, _Counts]] = {}
    for position, side in enumerate((before, after)):
        for axis, counts in side.counts().items():
            for name, n in counts.items():
                now = (axis, name) if position else later.point(axis, name)
                found.setdefault(now[0], {}).setdefault(now[1], [0, 0, 0])[position] = n
    names = [_paths(after, leaf) for leaf in range(len(after.tree.leaves))]
    leaves = np.zeros(len(names), np.int64)
    held = np.array(kept, np.int64)
    np.add.at(leaves, after.leaf, held)
    for paths, n in zip(names, leaves.tolist(), strict=True):
        for path in paths if n else ():
            found[after.tree.axis][path][2] += n
    for column, (axis, values) in enumerate(after.mixes):
        sums = np.zeros(len(values), np.int64)
        np.add.at(sums, after.values[:, column], held)
        for value, n in zip(values, sums.tolist(), strict=True):
            counts = found[axis][value]
            counts[2] = min(n, counts[0])  # a kept slot may have another value of a mix without which it is drawn
    return found


def _paths(side: Allocation, leaf: int) -> Iterable[str]:
    """Dotted paths of a leaf and of all nodes above it, without the root."""
    if not side.tree.axis:
        return ()
    parts = side.tree.parts[int(side.tree.leaves[leaf])]
    return [".".join(parts[:depth]) for depth in range(1, len(parts) + 1)]


def _slots(counts: _Counts) -> Slots:
    before, after, kept = counts
    return Slots(before=before, after=after, kept=kept, added=after - kept, dropped=before - kept)


def _rows(rows: dict[str, _Counts]) -> list[AxisValue]:
    return [AxisValue(name=name, **_slots(totals).model_dump()) for name, totals in rows.items()]


class Side(msgspec.Struct, frozen=True):
    """One of the two plans.

    Attributes:
        spec: name as the user gave it.
        planned: the plan.
        costs: its estimate.
        tools: resources of its steps.
        notes: notes about the origin of its files.
        held: objects that must stay alive as long as the plan is used.
    """

    spec: str
    planned: Planned
    costs: Sequence[Cost]
    tools: StepTools | None = None
    notes: tuple[str, ...] = ()
    held: object = None


def compare(before: Side, after: Side, kept: Kept | None = None, expected: Forecast | None = None) -> DiffDocument:
    """Compare two plans by meaning.

    Args:
        before: the earlier plan.
        after: the later plan.
        kept: replies of the later plan in the store, None if there is no store; they decide what is left to pay.
        expected: what a run of the later plan will send and pay; None if there is no store.
    """
    slots, axes = compare_slots(before.planned, after.planned)
    jobs = compare_jobs(before.planned, after.planned, (before.tools, after.tools))
    datasets = before.planned.dataset, after.planned.dataset
    none_kept = not slots.kept and not any(pair.before and pair.after for pair in jobs.pairs)
    anew = count_anew(before.planned.allocation, after.planned.allocation) if none_kept else 0
    differences = differences_of(*datasets, REGISTRY, jobs)
    changes = find_changes(*datasets, differences, slots, jobs, anew)
    changes = in_order([*changes, *_files(before.planned, after.planned, slots, jobs)])
    if before.planned.digest != after.planned.digest and all(change.severity == "none" for change in changes):
        changes = [_lock(slots), *changes]
    costs = [cost for cost in after.costs if not cost.recipe.runs_program]
    left = [None] * len(costs) if kept is None else [totals.total() for totals in step_totals(costs, kept)]
    steps = [_step(cost, before, jobs, sums, anew) for cost, sums in zip(costs, left, strict=True)]
    return DiffDocument(
        before=_side(before),
        after=_side(after),
        severity=worst([change.severity for change in changes]),
        exact=jobs.exact,
        notes=[
            *(f"{side.spec}: {note}" for side in (before, after) for note in side.notes),
            *drawing_notes(before.planned, after.planned),
        ],
        slots=slots,
        anew=anew,
        axes=axes,
        changes=changes,
        steps=steps,
        proof=prove(*datasets, differences, jobs),
        compared=sum(pair.after is not None for pair in jobs.pairs),
        expectations=list(_expectations(before, after)),
        total=DiffTotal(
            jobs=sum(s.jobs for s in steps),
            reused=sum(s.reused for s in steps),
            stored=None if kept is None else sum(s.stored or 0 for s in steps),
            to_pay=sum(s.to_pay for s in steps),
            cost_usd=sum(s.cost_usd for s in steps),
        ),
        moved=_moved(before, after, costs, jobs),
        forecast=None if expected is None else forecast_plan(expected),
    )


def _expectations(before: Side, after: Side) -> Iterator[DiffExpectation]:
    """What the later spec expects of its plan, with the same figures of the earlier one where it has them."""
    old, new = PlanFigures(before.planned, lambda: before.costs), PlanFigures(after.planned, lambda: after.costs)
    for one in after.planned.dataset.expectations or ():
        figures = new.of(one)
        if figures is not None:
            found, earlier = one.judge(figures), old.of(one)
            yield DiffExpectation(
                expectation=written(one),
                before=amount(one.judge(earlier)) if earlier else None,
                after=amount(found),
                where=found.where,
                holds=bool(found.holds),
            )


def _moved(before: Side, after: Side, costs: Sequence[Cost], jobs: JobsCompared) -> DiffMoved | None:
    """Renames that the later spec does not tell of."""
    planned = after.planned

    def shared(dataset: Dataset) -> int | None:
        made = plan_dataset(dataset, planned.allocation.before, planned.resources, planned.kinds)
        found = compare_jobs(before.planned, made, (before.tools, after.tools)) if isinstance(made, Planned) else None
        return None if found is None else reused(found)

    def reused(found: JobsCompared) -> int:
        return sum(round(cost.jobs * found.share.get(cost.place, 0.0)) for cost in costs)

    total = sum(cost.jobs for cost in costs)
    if reused(jobs) == total:
        return None
    found = improve(before.planned.dataset, planned.dataset, shared)
    return None if found is None else DiffMoved(lines=[*map(moved, found.lines)], reused=found.kept, jobs=total)


def _side(side: Side) -> DiffSide:
    planned = side.planned
    return DiffSide(
        spec=side.spec,
        dataset=planned.dataset.name,
        digest=planned.digest,
        samples=len(planned.slots),
        cells=len(planned.allocation),
    )


def _files(before: Planned, after: Planned, slots: Slots, jobs: JobsCompared) -> Iterator[Change]:
    """Files of rows, benchmarks and programs that differ; the rows that slots have and the keys decide the effect."""
    old, new = dict(before.resources.files), dict(after.resources.files)
    severity: Severity = "regenerate" if jobs.again else "extend" if jobs.gained or slots.added else "refilter"
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            then, now = (None if side is None else side[:12] for side in (old.get(name), new.get(name)))
            yield Change(what=f"file {name}", field="sha256", severity=severity, before=then, after=now)


def _lock(slots: Slots) -> Change:
    """The change for plans that differ only in the locks next to the specs."""
    severity: Severity = "extend" if slots.added else "refilter"
    other = f", {slots.added:,} others" if slots.added else ", in another order"
    return Change(
        what="lock",
        field="samples",
        severity=severity,
        before=f"{slots.before:,}",
        after=f"{slots.kept:,} of them{other}",
    )


def _step(cost: Cost, before: Side, jobs: JobsCompared, left: Sums | None, anew: int) -> DiffStep:
    recipe = cost.recipe
    earlier = {new: old for old, new in jobs.renamed.items()}.get(recipe.step, recipe.step)
    had = sum(c.jobs for c in before.costs if (c.recipe.step, c.recipe.endpoint) == (earlier, recipe.endpoint))
    reused = min(round(cost.jobs * jobs.share.get(cost.place, 0.0)), cost.jobs - jobs.new.get(cost.place, 0))
    if left is None:
        to_pay = cost.jobs - reused
        dollars = usd(round(cost.money.expected * to_pay / cost.jobs)) if cost.jobs else 0.0
    else:
        to_pay, dollars = left.requests.expected, usd(left.money.expected)
    return DiffStep(
        name=recipe.step,
        endpoint=recipe.endpoint,
        before=had,
        jobs=cost.jobs,
        reused=reused,
        stored=None if left is None else left.cached,
        to_pay=to_pay,
        severity="regenerate" if anew and had else _severity(recipe.step, earlier, cost.jobs - reused, jobs),
        cost_usd=dollars,
    )


def _severity(step: str, earlier: str, new: int, jobs: JobsCompared) -> Severity:
    if earlier in jobs.again:
        return "regenerate"
    return "extend" if new or step in jobs.gained else "refilter" if earlier in jobs.lost else "none"
