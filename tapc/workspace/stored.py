"""What the store has of a plan, found by folding the plan over it, under the rules of now, without sending anything."""

from collections.abc import Sequence

from tapc.engine import Pipeline, Work
from tapc.kinds.compiling import compile_steps
from tapc.plan import Kept, Planned
from tapc.plan.estimate import find_strata
from tapc.plan.forecast import Groups, Stage, find_groups, find_stages, unbegun
from tapc.steps import StepProgram, StepTools
from tapc.store import Store
from tapc.workspace.stored_fold import StoredFold, StoredPart, combinations_of

JOBS = 3_000
"""Most requests whose replies are looked up; of a plan with more, a sample of the slots is folded, by cell."""


def work_of(planned: Planned, tools: StepTools | None, *, limit: int | None = None) -> Work:
    """What a session needs of a plan; programs are compiled again, since ranked checks have state."""
    dataset = planned.dataset
    programs = planned.programs(tools)
    total = len(planned.slots) if limit is None else min(limit, len(planned.slots))
    share = total / len(planned.slots) if len(planned.slots) else 0.0
    expected: dict[str, int] = {}
    for program in programs:
        counts = [
            planned.combinations(jobs.per) * jobs.per_combination
            if jobs.per
            else len(planned.slots) * jobs.per_slot * share
            for jobs in program.job_classes
        ]
        if counts:
            expected[program.name] = round(sum(counts))
    return Work(
        dataset=dataset.name,
        pipeline=Pipeline(programs, dataset.accept),
        slots=planned.slots.between(0, total),
        planned=total,
        spare=planned.replacements(),
        reserve=dataset.reserve,
        open_slot=planned.open_slot,
        expected=tuple(expected.items()),
        cap=dataset.budget.total.cost,
        shared=frozenset(program.name for program in programs for jobs in program.job_classes if jobs.per),
    )


def look_up(planned: Planned, store: Store, *, limit: int | None = None) -> StoredPart:
    """Fold a plan over a store without sending anything; of a large plan, a sample of its slots.

    Args:
        planned: the plan.
        store: where replies are.
        limit: number of slots, the first by rank; None means all.
    """
    programs = planned.programs()
    stages = stages_of(planned, programs)
    groups = groups_of(planned)
    size = len(planned.slots) if limit is None else min(limit, len(planned.slots))
    if not size or (store.is_empty() and limit is None):
        frontier = unbegun(stages, groups, planned.allocation.count, combinations_of(planned, stages))
        return StoredPart({}, Kept(missing=size), stages, groups, frontier)
    each = max(1.0, sum(stage.chains for stage in stages if not stage.per))
    if size * each <= JOBS:
        return StoredFold(planned, store, programs, stages, groups).all(size)
    alone = planned.dataset.model_copy(update={"steps": tuple(step.alone() for step in planned.dataset.steps)})
    programs = compile_steps(alone, planned.tools(), planned.kinds)
    return StoredFold(planned, store, programs, stages, groups).sample(size, max(1, int(JOBS / each)))


def stages_of(planned: Planned, programs: Sequence[StepProgram]) -> tuple[Stage, ...]:
    """The steps of a plan, as a forecast knows them."""
    reasons = {name: check.reason for name, check in planned.kinds.checks.items()}
    return find_stages(planned.dataset, programs, reasons)


def groups_of(planned: Planned) -> Groups:
    """Groups of cells by which acceptance is counted."""
    return find_groups(planned, find_strata(planned.dataset.space, planned.allocation))
