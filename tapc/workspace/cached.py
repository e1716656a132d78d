"""What the store has already of a plan: found by folding it, asking nothing."""

from array import array
from collections import defaultdict

import numpy as np

from tapc.jobs import Job, Reply
from tapc.plan import Planned
from tapc.runtime import Pipeline, Replies, Session, Silent, Work
from tapc.steps import SlotState, Status, StepTools

Place = tuple[str, str]


class _Counter:
    """Notes keys of visited replies; 64 bits tell them apart."""

    def __init__(self) -> None:
        self._visits: dict[Place, array[int]] = defaultdict(lambda: array("q"))

    def add(self, state: SlotState, status: Status) -> None:
        """Slots are of no interest here."""

    def visit(self, job: Job, reply: Reply) -> None:  # noqa: ARG002 - what a sink is given
        """A stored reply goes into the fold."""
        recipe = job.recipe
        self._visits[recipe.step, recipe.endpoint].append(int.from_bytes(job.key[:8], "big", signed=True))

    def distinct(self) -> dict[Place, int]:
        """Distinct replies by step and endpoint."""
        return {place: len(np.unique(np.array(keys))) for place, keys in self._visits.items()}


def work_of(planned: Planned, tools: StepTools | None, *, limit: int | None = None) -> Work:
    """What a session needs of a plan; programs are compiled anew, since ranked checks have memory."""
    dataset = planned.dataset
    programs = planned.programs(tools)
    total = len(planned.slots) if limit is None else min(limit, len(planned.slots))
    share = total / len(planned.slots) if len(planned.slots) else 0.0
    expected: dict[str, int] = {}
    for program in programs:
        for jobs in program.job_classes:
            count = (
                planned.combinations(jobs.per) * jobs.per_combination
                if jobs.per
                else len(planned.slots) * jobs.per_slot * share
            )
            expected[program.name] = expected.get(program.name, 0) + round(count)
    return Work(
        dataset=dataset.name,
        pipeline=Pipeline(programs, dataset.accept),
        slots=planned.slots.between(0, total),
        planned=total,
        planned_in_cell=planned.slots.planned,
        reserve=dataset.reserve,
        open_slot=planned.open_slot,
        expected=tuple(expected.items()),
        cap=dataset.budget.total.cost,
    )


def cached_jobs(planned: Planned, replies: Replies, tools: StepTools | None) -> dict[Place, int]:
    """Replies that a run of the plan would not ask for, by step and endpoint."""
    counter = _Counter()
    Session(work_of(planned, tools), replies, counter, Silent()).offline()
    return counter.distinct()
