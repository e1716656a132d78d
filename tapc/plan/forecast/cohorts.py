"""Plays the rest of a run many times, with slots in rows: those of one row are in one cell and have come equally far.

All numbers have a first axis for repetitions. The first repetition is the one in which nothing fails, so it gives what
is certainly asked; the others give expectation and interval.

For each step in order: of the slots of a row that pass all steps it reads, each asks its requests; a request is asked
again until it succeeds or its attempts are used up (a truncated geometric number of tries). Slots that end without a
result of a step that decides are rejected, and replaced by new slots of their cell, as long as the reserve of the cell
lasts; those are played in turn.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt

from tapc.plan.forecast.stages import Floats, Ints, Stage

TODO, PASSED, SHORT, PENDING = 0, 1, 2, 3
"""What became of a step of a slot: not begun, a result, none, or some of its requests are without a reply."""

_ROUNDS = 60
"""Most rounds of replacements."""


class Rows(msgspec.Struct, frozen=True):
    """Slots that are not finished.

    Attributes:
        cell: cell of each row, as an index into the allocation.
        slots: number of slots.
        status: of each step, shape (rows, steps).
        pending: requests without a reply by job class of all steps in order, shape (rows, classes).
        left: attempts that are left to those, by step, shape (rows, steps).
        booked: whether a rejection of the slot is counted and replaced already.
    """

    cell: Ints
    slots: Floats
    status: npt.NDArray[np.int8]
    pending: Ints
    left: Ints
    booked: npt.NDArray[np.bool_]


class Field(msgspec.Struct, frozen=True):
    """Where rows are played.

    Attributes:
        stages: the steps.
        spare: replacements that each cell may still use.
        begun: the first of these of which replies are stored, in order within their cells.
        turn: how many others of its cell come before each of `begun`.
        stratum: stratum of each cell.
        strata: number of strata.
        group: group of each cell.
        success: probability that a try succeeds, by step, shape (times, groups).
        passing: probability that a slot passes, by step, shape (times, groups); unused where candidates are written.
        combination: combination of values of `per` of each cell, by step with `per`.
        shared: what became of each combination (`TODO`, `PASSED`, `SHORT`), by step with `per`.
    """

    stages: Sequence[Stage]
    spare: Floats
    begun: Rows
    turn: Ints
    stratum: Ints
    strata: int
    group: Ints
    success: Sequence[Floats]
    passing: Sequence[Floats]
    combination: Mapping[int, Ints]
    shared: Mapping[int, npt.NDArray[np.int8]]


class Played(msgspec.Struct, frozen=True):
    """What the repetitions came to.

    Attributes:
        by_cell: mean number of requests over all repetitions but the first, shape (classes, cells).
        certain: requests of the first one, shape (classes, cells).
        by_stratum: requests, shape (times, classes, strata).
        accepted: slots accepted, by repetition.
        rejected: slots rejected, by repetition, those replaced included.
        replaced: replacements, by repetition.
    """

    by_cell: Floats
    certain: Floats
    by_stratum: Floats
    accepted: Floats
    rejected: Floats
    replaced: Floats


class Game:
    """The repetitions under way.

    Args:
        field: where.
        times: number of repetitions.
        random: source of random numbers.
    """

    def __init__(self, field: Field, times: int, random: np.random.Generator) -> None:
        self._field = field
        self._times = times
        self._random = random
        cells = len(field.spare)
        classes = sum(len(stage.places) for stage in field.stages)
        self._first = np.cumsum([0, *(len(stage.places) for stage in field.stages)])
        self._by_cell = np.zeros((classes, cells))
        self._certain = np.zeros((classes, cells))
        self._by_stratum = np.zeros((times, classes, field.strata))
        self._accepted = np.zeros(times)
        self._rejected = np.zeros(times)
        self._replaced = np.zeros(times)
        self._shared = {i: np.tile(known, (times, 1)) for i, known in field.shared.items()}

    def play(self, rows: Rows, slots: Floats) -> Played:
        """Play rows to the end.

        Args:
            rows: the slots.
            slots: how many they are in each repetition, shape (times, rows).
        """
        cells = len(self._field.spare)
        spare = np.tile(self._field.spare, (self._times, 1))
        begun, turn = self._field.begun, self._field.turn
        known = np.bincount(begun.cell, minlength=cells)
        before = np.zeros((self._times, cells))
        for _ in range(_ROUNDS):
            lost = self._round(rows, slots)
            by_cell = self._sum(lost, rows.cell, cells)
            again = np.minimum(by_cell, spare)
            if not again.any():
                break
            spare -= again
            self._replaced += again.sum(axis=1)
            after = before + again
            new = np.maximum(after, known) - np.maximum(before, known)  # those of which nothing is stored
            old = (before[:, begun.cell] <= turn) & (turn < after[:, begun.cell])
            used = np.flatnonzero(new.any(axis=0))
            rows = joined(begun, fresh(used, new[:, used], self._field.stages))
            slots = np.concatenate((old.astype(np.float64), new[:, used]), axis=1)
            before = after
        return Played(
            self._by_cell / max(1, self._times - 1),
            self._certain,
            self._by_stratum,
            self._accepted,
            self._rejected,
            self._replaced,
        )

    def _round(self, rows: Rows, slots: Floats) -> Floats:
        """Play the steps of some slots; returns those rejected and not yet replaced, shape (times, rows)."""
        alive: list[Floats] = []
        made: list[Floats | float] = []
        for i, stage in enumerate(self._field.stages):
            reached = self._joined([alive[parent] for parent in stage.parents], slots)
            passed, candidates = self._step(i, stage, rows, reached, made)
            alive.append(passed)
            made.append(candidates)
        ends = [i for i, stage in enumerate(self._field.stages) if stage.decides]
        last = [i for i in ends if not any(i in self._field.stages[j].parents for j in ends)]
        accepted = self._joined([alive[i] for i in last], slots)
        self._accepted += accepted.sum(axis=1)
        lost = slots - accepted
        self._rejected += lost.sum(axis=1)
        return np.where(rows.booked, 0.0, lost)

    def _joined(self, parents: list[Floats], slots: Floats) -> Floats:
        """Slots that pass several steps, which are independent of each other but for the cell."""
        if not parents:
            return slots
        found = parents[0]
        for other in parents[1:]:
            share = np.divide(other, slots, out=np.zeros_like(other), where=slots > 0)
            both = self._binomial(found, share)
            found = np.where(other >= slots, found, np.where(found >= slots, other, both))
        return found

    def _step(
        self, i: int, stage: Stage, rows: Rows, reached: Floats, made: list[Floats | float]
    ) -> tuple[Floats, Floats | float]:
        """Play a step; returns the slots that pass it, and the share of its candidates that those have."""
        if stage.per:
            return self._combined(i, stage, rows, reached), 1.0
        status = rows.status[:, i]
        success = self._field.success[i][:, self._field.group[rows.cell]]
        more = 1.0
        if stage.source is not None:
            whole = round(self._field.stages[stage.source].chains) or 1
            more = stage.grown(np.asarray(made[stage.source]) * whole, whole) / max(1e-9, stage.chains)
        first = self._first[i]
        pending = rows.pending[:, first : first + len(stage.places)]
        waits = status == PENDING
        chains = np.where(waits, pending.sum(axis=1), stage.chains * np.asarray(more))
        asks = np.where((status == PASSED) | (status == SHORT), 0.0, reached) * chains
        left = np.where(waits, rows.left[:, i], stage.attempts)
        tries, good = self._tries(self._whole(asks), success, left)
        share = np.where(waits[:, None], pending / np.maximum(1, pending.sum(axis=1, keepdims=True)), stage.shares)
        for k in range(len(stage.places)):
            self._note(int(first) + k, tries * share[:, k], rows.cell)
        passed, candidates = self._passing(i, stage, rows, reached, success, left)
        if stage.writes and stage.chains == 1:
            passed = np.where(waits & (pending.sum(axis=1) == 1) | (status == TODO), good, passed)
        return np.where(status == SHORT, 0.0, np.where(status == PASSED, reached, passed)), candidates

    def _passing(
        self, i: int, stage: Stage, rows: Rows, reached: Floats, success: Floats, left: Ints
    ) -> tuple[Floats, Floats | float]:
        if not stage.writes:
            return self._binomial(reached, self._field.passing[i][:, self._field.group[rows.cell]]), 1.0
        last = 1 - (1 - success) ** left
        first = self._first[i]
        waiting = rows.pending[:, first : first + len(stage.places)].sum(axis=1)
        wanted = np.where(rows.status[:, i] == PENDING, waiting, round(stage.chains))
        chance, share = stage.passes(last, wanted)
        return self._binomial(reached, chance), np.where(rows.status[:, i] == PASSED, 1.0, share)

    def _combined(self, i: int, stage: Stage, rows: Rows, reached: Floats) -> Floats:
        """A step that slots share: each combination is asked once, by the first slot that reaches it."""
        which, known = self._field.combination[i], self._shared[i]
        size = int(known.shape[1])
        asked = (self._sum(reached, which[rows.cell], size) > 0) & (known == TODO)
        if asked.any():
            cell = np.zeros(size, np.int64)
            cell[which[::-1]] = np.arange(len(which))[::-1]  # a cell of each combination
            success = self._field.success[i][:, self._field.group[cell]]
            attempts: Ints = np.full(size, stage.attempts, np.int64)
            wanted: Ints = np.full(size, round(stage.chains), np.int64)
            tries, _ = self._tries(self._whole(asked * stage.chains), success, attempts)
            for k, share in enumerate(stage.shares):
                self._note(int(self._first[i]) + k, tries * share, cell)
            if stage.writes:
                last = 1 - (1 - success) ** stage.attempts
                chance, _ = stage.passes(last, wanted)
            else:
                chance = self._field.passing[i][:, self._field.group[cell]]
            passes = self._random.random(known.shape) < chance
            known[asked] = np.where(passes, PASSED, SHORT)[asked]
        return np.where(known[:, which[rows.cell]] == PASSED, reached, 0.0)

    def _tries(self, chains: Floats, success: Floats, left: Ints) -> tuple[Floats, Floats]:
        """Tries of so many requests, each repeated until it succeeds or none is left; and how many succeeded."""
        tries = np.zeros_like(chains)
        open_, good = chains, np.zeros_like(chains)
        for attempt in range(int(np.max(left, initial=0))):
            open_ = np.where(attempt < left, open_, 0.0)
            if not open_.any():
                break
            tries = tries + open_
            passed = self._binomial(open_, success)
            good = good + passed
            open_ = open_ - passed
        return tries, good

    def _binomial(self, times: Floats, chance: Floats) -> Floats:
        return self._random.binomial(times.astype(np.int64), np.clip(chance, 0.0, 1.0)).astype(np.float64)

    def _whole(self, amounts: Floats) -> Floats:
        """Whole numbers of the same mean; those of the first repetition are not rounded at random."""
        found = np.floor(amounts + self._random.random(amounts.shape))
        found[0] = np.rint(amounts[0])
        return found

    def _note(self, place: int, requests: Floats, cell: Ints) -> None:
        """Add requests, shape (times, rows), to the sums of a job class."""
        cells, strata = len(self._field.spare), self._field.strata
        self._certain[place] += np.bincount(cell, weights=requests[0], minlength=cells)
        self._by_cell[place] += np.bincount(cell, weights=requests[1:].sum(axis=0), minlength=cells)
        self._by_stratum[:, place] += self._sum(requests, self._field.stratum[cell], strata)

    def _sum(self, numbers: Floats, group: Ints, size: int) -> Floats:
        """Sums by group of columns, shape (times, size)."""
        at = np.arange(self._times)[:, None] * size + group
        found = np.bincount(at.reshape(-1), weights=numbers.reshape(-1), minlength=self._times * size)
        return found.astype(np.float64).reshape(-1, size)


def joined(first: Rows, second: Rows) -> Rows:
    """Rows of both, in order."""
    return Rows(
        **{name: np.concatenate((getattr(first, name), getattr(second, name))) for name in Rows.__struct_fields__}
    )


def fresh(cells: Ints, slots: Floats, stages: Sequence[Stage]) -> Rows:
    """Slots of some cells that have not begun."""
    size, classes = len(cells), sum(len(stage.places) for stage in stages)
    return Rows(
        cell=cells.astype(np.int64),
        slots=slots[0] if slots.ndim > 1 else slots,
        status=np.zeros((size, len(stages)), np.int8),
        pending=np.zeros((size, classes), np.int64),
        left=np.zeros((size, len(stages)), np.int64),
        booked=np.zeros(size, np.bool_),
    )
