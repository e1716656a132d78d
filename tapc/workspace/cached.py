"""What the store has already of a plan: found by folding it, asking nothing."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping

import msgspec
import numpy as np

from tapc.jobs import Job, Reply
from tapc.plan import Planned
from tapc.runtime import Pipeline, Session, Silent, Work
from tapc.runtime.store import Store
from tapc.steps import SlotState, Status, StepTools

Place = tuple[str, str]
"""Step and endpoint."""

FOLDED = 10_000
"""Slots up to which all are folded; of larger plans `SAMPLED` are, and what the store has is extrapolated."""

SAMPLED = 2_000
LEARNED = 20
"""Accepted samples below which nothing is said about how often jobs are repeated."""


class Seen(msgspec.Struct, frozen=True):
    """What stored replies of one step at one endpoint used: tokens, and picodollars at the price when asked."""

    jobs: int
    input: int
    output: int
    cost: int


class Stored(msgspec.Struct, frozen=True):
    """What a store has of a plan.

    Attributes:
        seen: distinct replies by step and endpoint.
        missing: planned samples that lack replies; None where only a sample of the slots was looked at.
        exact: whether all slots were looked at; otherwise `seen` is extrapolated.
        repeats: jobs for each first attempt that samples took so far, by step and endpoint; at least 1.
    """

    seen: Mapping[Place, Seen]
    missing: int | None
    exact: bool
    repeats: Mapping[Place, float]

    @property
    def cached(self) -> dict[Place, int]:
        """Distinct replies by step and endpoint."""
        return {place: seen.jobs for place, seen in self.seen.items()}


class _Counter:
    """Notes visited replies and what they used; 64 bits of a key tell them apart."""

    def __init__(self) -> None:
        self._visits: dict[Place, array[int]] = defaultdict(lambda: array("q"))
        self.statuses: Counter[str] = Counter()

    def add(self, state: SlotState, status: Status) -> None:  # noqa: ARG002 - what a sink is given
        """A slot is finished, as far as the store goes."""
        self.statuses[status] += 1

    def visit(self, job: Job, reply: Reply) -> None:
        """A stored reply goes into the fold."""
        recipe, usage = job.recipe, reply.usage
        key = int.from_bytes(job.key[:8], "big", signed=True)
        self._visits[recipe.step, recipe.endpoint].extend((key, usage.input, usage.output, reply.cost))

    def seen(self) -> dict[Place, Seen]:
        """Distinct replies by step and endpoint."""
        found: dict[Place, Seen] = {}
        for place, flat in self._visits.items():
            rows = np.array(flat, np.int64).reshape(-1, 4)
            _, first = np.unique(rows[:, 0], return_index=True)
            sums: list[int] = rows[first, 1:].sum(axis=0).tolist()
            found[place] = Seen(len(first), *sums)
        return found


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


def cached_jobs(planned: Planned, store: Store) -> dict[Place, int]:
    """Replies that a run of the plan would not ask for, by step and endpoint; see `look_up`."""
    return look_up(planned, store).cached


def look_up(planned: Planned, store: Store) -> Stored:
    """Fold a plan over a store, asking nothing; of large plans, a sample of the slots at even distances of rank."""
    size = len(planned.slots)
    if not size or not store.connection.execute("SELECT EXISTS (SELECT 1 FROM replies)").fetchone()[0]:
        return Stored({}, size, exact=True, repeats={})
    counter, work = _Counter(), work_of(planned, None)
    if size <= FOLDED:
        Session(work, store, counter, Silent()).offline()
        seen = counter.seen()
        return Stored(seen, counter.statuses["missing"], exact=True, repeats=_repeats(planned, seen, counter))
    sample = [planned.slots.at(n * size // SAMPLED) for n in range(SAMPLED)]
    Session(msgspec.structs.replace(work, slots=sample, planned=SAMPLED), store, counter, Silent()).offline()
    seen, times = counter.seen(), size / SAMPLED
    scaled = {place: Seen(*(round(n * times) for n in msgspec.structs.astuple(s))) for place, s in seen.items()}
    return Stored(scaled, None, exact=False, repeats=_repeats(planned, seen, counter))


def _repeats(planned: Planned, seen: Mapping[Place, Seen], counter: _Counter) -> dict[Place, float]:
    """Jobs for each first attempt, learned once there are enough accepted samples to speak of."""
    accepted, missing = counter.statuses["accepted"], counter.statuses["missing"]
    if accepted < LEARNED or missing > accepted:
        return {}
    found: dict[Place, float] = {}
    for program in planned.programs():
        for jobs in program.job_classes:
            recipe = jobs.factory.recipe
            place = recipe.step, recipe.endpoint
            first = float(jobs.per_slot) * accepted
            if first and place in seen:
                found[place] = min(float(jobs.attempts * 2), max(1.0, seen[place].jobs / first))
    return found
