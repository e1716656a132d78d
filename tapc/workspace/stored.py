"""What the store has of a plan, found by folding the plan over it without sending anything."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.engine import Pipeline, Session, Silent, Work
from tapc.jobs import Job, Reply
from tapc.plan import Allocation, Cost, Kept, Planned, Tuning
from tapc.steps import SlotKey, SlotState, Status, StepTools
from tapc.store import Store

Ints = npt.NDArray[np.int64]

StepEndpoint = tuple[str, str]
"""A step and an endpoint."""

FOLDED = 10_000
"""Most slots that are all folded; of larger plans `SAMPLED` are, and what the store has is extrapolated."""

SAMPLED = 2_000
LEARNED = 20
"""Fewest accepted samples from which the number of attempts per job is learned."""

_PRIOR = 4
"""Number of replies that weigh as much as the expectation before there were any."""


class Seen(msgspec.Struct, frozen=True):
    """What stored replies of one step at one endpoint used: tokens, and picodollars at the price when asked.

    `cached` is the part of the input that came from the provider's cache.
    """

    jobs: int
    input: int
    output: int
    cost: int
    cached: int = 0


class StoredPart(msgspec.Struct, frozen=True):
    """What a store has of a plan.

    Attributes:
        seen: usage of distinct replies by step and endpoint, over the slots that were folded.
        kept: numbers of stored jobs by cell, and what they say about the jobs that are left.
    """

    seen: Mapping[StepEndpoint, Seen]
    kept: Kept


class _Counter:
    """A sink that notes used replies: their usage and their cell. Replies are told apart by 64 bits of the key."""

    def __init__(self) -> None:
        self._visits: dict[StepEndpoint, array[int]] = defaultdict(lambda: array("q"))
        self.statuses: Counter[str] = Counter()

    def add(self, state: SlotState, status: Status) -> None:  # noqa: ARG002 - what a sink is given
        """Count a slot that is finished as far as stored replies allow."""
        self.statuses[status] += 1

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """Note a reply that the fold uses."""
        recipe, usage = job.recipe, reply.usage
        key, cell = (int.from_bytes(half[:8], "big", signed=True) for half in (job.key, slot.cell))
        row = (key, usage.input, usage.output, reply.cost, usage.cached, cell)
        self._visits[recipe.step, recipe.endpoint].extend(row)

    def seen(self) -> dict[StepEndpoint, Seen]:
        """Sums over distinct replies by step and endpoint."""
        return {place: Seen(len(rows), *rows[:, 1:5].sum(axis=0).tolist()) for place, rows in self._rows()}

    def by_cell(self, allocation: Allocation) -> dict[StepEndpoint, Ints]:
        """Distinct replies by step and endpoint, and by cell."""
        words = allocation.words[0].astype(np.uint64)
        order = np.argsort(words)
        found: dict[StepEndpoint, Ints] = {}
        for place, rows in self._rows():
            cells = order[np.searchsorted(words[order], rows[:, 5].astype(np.uint64))]
            found[place] = np.bincount(cells, minlength=len(allocation)).astype(np.int64)
        return found

    def _rows(self) -> Iterator[tuple[StepEndpoint, Ints]]:
        for place, flat in self._visits.items():
            rows = np.array(flat, np.int64).reshape(-1, 6)
            _, first = np.unique(rows[:, 0], return_index=True)
            yield place, rows[first]


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
        spare=planned.slots,
        reserve=dataset.reserve,
        open_slot=planned.open_slot,
        expected=tuple(expected.items()),
        cap=dataset.budget.total.cost,
    )


def cached_jobs(planned: Planned, store: Store) -> Kept:
    """The jobs of a plan that the store has; see `look_up`."""
    return look_up(planned, store).kept


def look_up(planned: Planned, store: Store) -> StoredPart:
    """Fold a plan over a store without sending anything; of large plans, a sample of slots, evenly by rank."""
    size = len(planned.slots)
    if not size or store.is_empty():
        return StoredPart({}, Kept(missing=size))
    counter, work, looked = _Counter(), work_of(planned, None), None
    if size > FOLDED:
        sample = [planned.slots.at(n * size // SAMPLED) for n in range(SAMPLED)]
        work = msgspec.structs.replace(work, slots=sample, planned=SAMPLED)
        looked = np.zeros(len(planned.allocation), np.int64)
        cells = [cell for key in sample if (cell := planned.slots.find(key.cell)) is not None]
        np.add.at(looked, np.array(cells, np.int64), 1)
    Session(work, store, counter, Silent()).offline()
    seen = counter.seen()
    kept = Kept(
        by_cell=counter.by_cell(planned.allocation),
        looked=looked,
        missing=counter.statuses["missing"] if looked is None else None,
        repeats=_repeats(planned, seen, counter),
        accepted=counter.statuses["accepted"],
    )
    return StoredPart(seen, kept)


def tuned(stored: StoredPart, costs: Sequence[Cost]) -> Kept:
    """What the store has, with tokens of input and shares of cached input as its replies report them.

    Args:
        stored: result of `look_up`.
        costs: costs of the plan, made with the history of the replies.
    """
    tuning: dict[StepEndpoint, Tuning] = {}
    for cost in costs:
        seen = stored.seen.get(cost.place)
        if seen is None or not seen.input or not cost.input.expected:
            continue
        found = seen.input * cost.jobs / (cost.input.expected * seen.jobs)
        trust = seen.jobs / (seen.jobs + _PRIOR)
        tuning[cost.place] = Tuning(1 + (found - 1) * trust, seen.cached / seen.input * trust)
    return msgspec.structs.replace(stored.kept, tuning=tuning)


def _repeats(planned: Planned, seen: Mapping[StepEndpoint, Seen], counter: _Counter) -> dict[StepEndpoint, float]:
    """Jobs per first attempt by step and endpoint, learned once there are enough accepted samples."""
    accepted, missing = counter.statuses["accepted"], counter.statuses["missing"]
    if accepted < LEARNED or missing > accepted:
        return {}
    found: dict[StepEndpoint, float] = {}
    for program in planned.programs():
        for jobs in program.job_classes:
            recipe = jobs.factory.recipe
            place = recipe.step, recipe.endpoint
            first = float(jobs.per_slot) * accepted
            if first and place in seen:
                found[place] = min(float(jobs.attempts * 2), max(1.0, seen[place].jobs / first))
    return found
