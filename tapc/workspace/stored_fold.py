"""One fold of stored replies over slots of a plan: what they used, and how far they bring each slot."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.engine import NO_REPLY, Finished, Fold, Pipeline, Replacements, Used, Wanted
from tapc.jobs import Job, Reply
from tapc.plan import Allocation, Kept, Planned
from tapc.plan.estimate import Cells
from tapc.plan.forecast import PASSED, PENDING, SHORT, TODO, Frontier, Groups, Rows, Stage, Tally
from tapc.steps import Missing, SlotKey, SlotState, StepProgram
from tapc.store import Store

Ints = npt.NDArray[np.int64]

StepEndpoint = tuple[str, str]
"""A step and an endpoint."""

_ALL = 2**40
"""In flight: all that is missing is found before any of it is said to be missing."""


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
        kept: numbers of stored jobs by cell.
        stages: the steps of the plan.
        groups: groups of its cells.
        frontier: how far the replies bring its slots.
    """

    seen: Mapping[StepEndpoint, Seen]
    kept: Kept
    stages: tuple[Stage, ...]
    groups: Groups
    frontier: Frontier


def combinations_of(planned: Planned, stages: Sequence[Stage]) -> dict[int, int]:
    """The number of combinations of `per` of each step that has one."""
    return {i: planned.combinations(stage.per) for i, stage in enumerate(stages) if stage.per}


class _Row(msgspec.Struct, frozen=True):
    """How far a slot has come; slots that have come equally far are counted together.

    Attributes:
        cell: its cell.
        booked: whether its rejection is counted, and replaced.
        statuses: what became of each step.
        pending: requests without a reply, by job class of all steps in order.
        left: attempts that are left to those, by step.
    """

    cell: int
    booked: bool
    statuses: tuple[int, ...]
    pending: tuple[int, ...]
    left: tuple[int, ...]


class StoredFold:
    """One fold over the store, and what it finds.

    Args:
        planned: the plan.
        store: where replies are.
        programs: compiled steps.
        stages: the same, as a forecast knows them.
        groups: groups of cells.
    """

    def __init__(
        self,
        planned: Planned,
        store: Store,
        programs: Sequence[StepProgram],
        stages: tuple[Stage, ...],
        groups: Groups,
    ) -> None:
        self._planned = planned
        self._places = planned.replacements()
        self._store = store
        self._programs = programs
        self._stages = stages
        self._groups = groups
        cells = Cells(planned.allocation, groups.strata, planned.dataset.reserve)
        self._combination = {i: cells.combinations(stage.per) for i, stage in enumerate(stages) if stage.per}
        self._shared = {i: np.zeros(n, np.int8) for i, n in combinations_of(planned, stages).items()}
        places = [place for stage in stages for place in stage.places]
        self._class = {place: k for k, place in enumerate(places)}
        self._first = np.cumsum([0, *(len(stage.places) for stage in stages)]).tolist()
        self._visits: dict[StepEndpoint, array[int]] = defaultdict(lambda: array("q"))
        self._statuses: Counter[str] = Counter()
        self._tally = Tally(stages, len(groups), groups.of_slot)
        self._rows: Counter[_Row] = Counter()
        self._spares: list[tuple[int, _Row]] = []
        self._keys: dict[int, SlotKey] = {}
        self._opened = np.zeros(len(planned.allocation))
        self._ended = {status: np.zeros(len(planned.allocation)) for status in ("accepted", "rejected")}
        self._waiting: dict[int, list[tuple[int, int]]] = {}

    def all(self, size: int) -> StoredPart:
        """Fold the first slots."""
        fold = self._fold(self._planned.slots.between(0, size), size)
        self._find_spares(fold)
        return self._found(None)

    def sample(self, size: int, wanted: int) -> StoredPart:
        """Fold so many of the first slots, evenly by cell."""
        planned = self._planned
        cells = planned.slots.places().cell[:size]
        order = np.argsort(cells, kind="stable")
        ranks = np.sort(order[(np.arange(wanted) * size) // wanted])
        looked = np.bincount(cells[ranks], minlength=len(planned.allocation)).astype(np.int64)
        whole = np.bincount(cells, minlength=len(planned.allocation))
        self._fold(planned.slots.pick(ranks), size)
        stratum = self._groups.strata.of_cell
        sums = np.bincount(stratum, weights=whole)
        mine = np.bincount(stratum, weights=looked, minlength=len(sums))
        weights = np.where(mine > 0, sums / np.maximum(1, mine), size / wanted)[stratum]
        return self._found((looked, weights, wanted / size))

    def _fold(self, slots: Iterator[SlotKey], size: int) -> Fold:
        """Fold slots, and those in place of rejected ones."""
        planned, dataset = self._planned, self._planned.dataset
        pipeline = Pipeline(self._programs, dataset.accept)
        fold = Fold(pipeline, self._store, open_slot=planned.open_slot, in_flight=_ALL)
        replacements = Replacements(self._places, dataset.reserve, size)
        while True:
            for event in self._turned(fold, slots):
                if isinstance(event, Used):
                    for job, reply, slot in event.replies:
                        self._visit(job, reply, slot)
                else:
                    replacements.book(event)
                    self._finished(event)
            more = replacements.next_round()
            if not more:
                return fold
            slots = iter(more)

    def _turned(self, fold: Fold, slots: Iterator[SlotKey]) -> Iterator[Used | Finished]:
        """What becomes of slots with the replies that are stored."""
        fold.feed(slots)
        missing: list[Job] = []
        while not fold.done:
            for event in fold.turn():
                if isinstance(event, Wanted):
                    missing.append(event.job)
                    self._wanted(event.job, event.slot)
                else:
                    yield event
            if fold.idle:
                for job in missing:
                    fold.answer(job, Missing(NO_REPLY))
                missing.clear()

    def _find_spares(self, fold: Fold) -> None:
        """Fold the next replacements of cells with unfinished slots, as long as they have stored replies.

        Earlier runs, under other rules, may have used more replacements than are used now; those cost less, or nothing.
        """
        reserve, count = self._planned.dataset.reserve, self._planned.allocation.count
        open_ = Counter[int]()
        for row, number in self._rows.items():
            open_[row.cell] += 0 if row.booked else number
        wave = 0
        alive = {cell for cell in self._keys if open_[cell]}
        while alive:
            slots: list[SlotKey] = []
            for cell in sorted(alive):
                used = int(self._opened[cell]) + wave
                if wave < open_[cell] and used < reserve.most(int(count[cell])):
                    slots.append(self._places.replacement(self._keys[cell], used, len(self._planned.slots)))
            alive.clear()
            for event in self._turned(fold, iter(slots)):
                if isinstance(event, Finished):
                    row = self._row(event)
                    if row is not None and (event.status != "missing" or (any(row.statuses) and self._begun(row))):
                        self._tally.add(event.state, event.status)
                        self._spares.append((wave, row))
                        alive.add(row.cell)
            wave += 1

    def _begun(self, row: "_Row") -> bool:
        """Whether any step of a slot has a reply."""
        asking = [status for status, stage in zip(row.statuses, self._stages, strict=True) if stage.places]
        return (
            PASSED in asking
            or SHORT in asking
            or any(0 < left < stage.attempts for left, stage in zip(row.left, self._stages, strict=True))
        )

    def _visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        recipe, usage = job.recipe, reply.usage
        key, cell = (int.from_bytes(half[:8], "big", signed=True) for half in (job.key, slot.cell))
        row = (key, usage.input, usage.output, reply.cost, usage.cached, cell)
        self._visits[recipe.step, recipe.endpoint].extend(row)

    def _wanted(self, job: Job, slot: SlotState) -> None:
        place = self._class.get((job.recipe.step, job.recipe.endpoint))
        if place is not None:
            attempt = job.draw.attempt if job.draw is not None else 0
            self._waiting.setdefault(id(slot), []).append((place, attempt))

    def _finished(self, event: Finished) -> None:
        self._statuses[event.status] += 1
        self._tally.add(event.state, event.status)
        row = self._row(event)
        if row is None:
            return
        key = event.state.key
        self._keys[row.cell] = key
        if event.status in self._ended:
            self._ended[event.status][row.cell] += 1
        if key.ordinal >= int(self._planned.allocation.count[row.cell]):
            self._opened[row.cell] += 1
        if event.status == "missing" or any(row.pending):
            self._rows[row] += 1

    def _row(self, event: Finished) -> "_Row | None":
        """How far a slot has come."""
        state = event.state
        cell = self._planned.slots.find(state.key.cell)
        if cell is None:
            return None
        waiting = self._waiting.pop(id(state), [])
        failed = {one.step for one in state.rejections}
        statuses: list[int] = []
        for i, stage in enumerate(self._stages):
            statuses.append(self._status(i, stage, state, waiting, failed))
            if stage.per and statuses[i] in (PASSED, SHORT):
                self._shared[i][self._combination[i][cell]] = statuses[i]
        pending, left = [0] * len(self._class), [0] * len(self._stages)
        for i, stage in enumerate(self._stages):
            mine = [(k, n) for k, n in waiting if self._first[i] <= k < self._first[i + 1]]
            for k, _ in mine:
                pending[k] += 1
            if mine:
                left[i] = max(1, stage.attempts - round(sum(n for _, n in mine) / len(mine)))
                self._tally.retried(i, state.key, len(mine), sum(n for _, n in mine))
        return _Row(cell, event.status != "missing", tuple(statuses), tuple(pending), tuple(left))

    def _status(
        self, i: int, stage: Stage, state: SlotState, waiting: Sequence[tuple[int, int]], failed: set[str]
    ) -> int:
        if stage.name in state.results:
            return PASSED
        if any(self._first[i] <= k < self._first[i + 1] for k, _ in waiting):
            return PENDING
        if any(self._stages[parent].name not in state.results for parent in stage.parents):
            return TODO
        # without a request of its own, it ended short, or waits for a reply that another slot asks for
        return SHORT if stage.name in failed or not stage.places else PENDING

    def _found(self, sample: tuple[Ints, "npt.NDArray[np.float64]", float] | None) -> StoredPart:
        statuses = self._statuses
        accepted, rejected = (
            float((ended if sample is None else ended * sample[1]).sum())
            for ended in (self._ended["accepted"], self._ended["rejected"])
        )
        looked, weights, folded = sample or (None, None, 1.0)
        frontier = Frontier(
            rows=self._packed(self._rows.items()),
            spares=self._packed((msgspec.structs.replace(row, booked=False), 1) for _, row in self._spares),
            turn=np.array([wave for wave, _ in self._spares], np.int64),
            finished=sum(statuses.values()) - sum(self._rows.values()),
            accepted=round(accepted),
            rejected=round(rejected),
            opened=self._opened,
            weights=weights,
            looked=looked,
            folded=folded,
            shared=self._shared,
            counts=self._tally.counts(),
        )
        kept = Kept(
            by_cell=self._by_cell(self._planned.allocation),
            looked=looked,
            missing=statuses["missing"] if looked is None else None,
            accepted=statuses["accepted"],
        )
        return StoredPart(self._seen(), kept, self._stages, self._groups, frontier)

    def _packed(self, given: Iterable[tuple["_Row", int]]) -> Rows:
        rows, numbers = zip(*given, strict=True) if (given := list(given)) else ((), ())
        return Rows(
            cell=np.array([row.cell for row in rows], np.int64),
            slots=np.array(numbers, np.float64),
            status=np.array([row.statuses for row in rows], np.int8).reshape(-1, len(self._stages)),
            pending=np.array([row.pending for row in rows], np.int64).reshape(-1, len(self._class)),
            left=np.array([row.left for row in rows], np.int64).reshape(-1, len(self._stages)),
            booked=np.array([row.booked for row in rows], np.bool_),
        )

    def _seen(self) -> dict[StepEndpoint, Seen]:
        """Sums over distinct replies by step and endpoint; replies are told apart by 64 bits of the key."""
        return {place: Seen(len(rows), *rows[:, 1:5].sum(axis=0).tolist()) for place, rows in self._distinct()}

    def _by_cell(self, allocation: Allocation) -> dict[StepEndpoint, Ints]:
        """Distinct replies by step and endpoint, and by cell."""
        words = allocation.words[0].astype(np.uint64)
        order = np.argsort(words)
        found: dict[StepEndpoint, Ints] = {}
        for place, rows in self._distinct():
            cells = order[np.searchsorted(words[order], rows[:, 5].astype(np.uint64))]
            found[place] = np.bincount(cells, minlength=len(allocation)).astype(np.int64)
        return found

    def _distinct(self) -> Iterator[tuple[StepEndpoint, Ints]]:
        for place, flat in self._visits.items():
            rows = np.array(flat, np.int64).reshape(-1, 6)
            _, first = np.unique(rows[:, 0], return_index=True)
            yield place, rows[first]
