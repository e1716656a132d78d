"""Counts what passes each step, by group of cells, from slots that are finished."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from tapc.plan.forecast.stages import Ints, Stage
from tapc.steps import Generated, SlotKey, SlotState, Status, StepResult

_MEASURED = 8
"""Of so many slots, the texts of one are measured."""

FIELDS = 4
"""Numbers per step and group: see `StepCounts`."""


class StepCounts(msgspec.Struct, frozen=True):
    """What one step did, by group of cells.

    Attributes:
        reached: slots (or combinations of `per`) for which it came to an end.
        passed: those of them with a result.
        tries: replies of candidates or judges, those that failed included.
        good: those of them that succeeded.
        reasons: failures by reason, and by group.
        texts, characters: number and length of some of the candidates that were accepted.
    """

    reached: Ints
    passed: Ints
    tries: Ints
    good: Ints
    reasons: dict[str, dict[int, int]]
    texts: int = 0
    characters: int = 0


class Tally:
    """Counts slots as they are finished; cheap enough for every slot of a run.

    Args:
        stages: the steps.
        groups: number of groups.
        group: the group of a slot.

    Attributes:
        slots: number of slots that were counted.
    """

    def __init__(self, stages: Sequence[Stage], groups: int, group: Callable[[SlotKey], int]) -> None:
        self._stages = stages
        self._groups = groups
        self._group = group
        self._numbers = array("q", bytes(8 * FIELDS * groups * len(stages)))
        self._reasons: list[Counter[tuple[str, int]]] = [Counter() for _ in stages]
        self._plain = array("q", bytes(8 * groups))
        self._shares = any(stage.per for stage in stages)
        self._texts = [[0, 0] for _ in stages]
        self.slots = 0
        self._shared: list[set[bytes] | None] = [set() if stage.per else None for stage in stages]
        self._places = {stage.name: i for i, stage in enumerate(stages)}
        self._most = [round(stage.chains) for stage in stages]

    def add(self, state: SlotState, status: Status) -> None:
        """Count a finished slot."""
        group = self._group(state.key)
        self.slots += 1
        if not state.key.rank % _MEASURED:  # not every eighth to be finished, which would depend on time
            self._measure(state)
        if status == "accepted" and not (state.rejections or self._shares):
            self._plain[group] += 1  # nothing failed anywhere, so every step did what its stage says
        else:
            self._add(group, state, status)

    def _measure(self, state: SlotState) -> None:
        """Measure the candidates of a slot."""
        for sums, stage in zip(self._texts, self._stages, strict=True):
            result = state.results.get(stage.name)
            if isinstance(result, Generated):
                sums[0] += len(result.candidates)
                sums[1] += sum(len(candidate.text) for candidate in result.candidates)

    def _add(self, group: int, state: SlotState, status: Status) -> None:
        """Count a slot step by step."""
        numbers, results = self._numbers, state.results
        base = group * len(self._stages) * FIELDS
        failures: dict[str, list[bytes]] = {}
        if state.rejections:
            for one in state.rejections:
                failures.setdefault(one.step, []).append(one.key)
        for i, stage in enumerate(self._stages):
            name = stage.name
            result = results.get(name)
            failed = failures.get(name)
            if result is None and (failed is None or (status == "missing" and not self._reaches(stage, results))):
                continue
            good = len(result.candidates) if isinstance(result, Generated) else 0
            shared = self._shared[i]
            if shared is not None:
                mark = result.candidates[0].key if good and isinstance(result, Generated) else (failed or [b""])[0]
                if mark in shared:
                    continue
                shared.add(mark)
            at = base + i * FIELDS
            if not stage.writes and stage.places:
                good, failed = self._replies(stage, results, failed or [])
            numbers[at] += 1
            numbers[at + 1] += result is not None
            numbers[at + 2] += good + (len(failed) if failed else 0)
            numbers[at + 3] += good
        for one in state.rejections:
            place = self._places.get(one.step)
            if place is not None:
                self._reasons[place][one.reason, group] += 1

    def retried(self, step: int, key: SlotKey, waiting: int, failed: int) -> None:
        """Count failed tries of candidates of a slot that wait for another one, and the candidates that are done."""
        stage = self._stages[step]
        if stage.writes and not stage.per:
            done = max(0, self._most[step] - waiting)
            at = (self._group(key) * len(self._stages) + step) * FIELDS
            self._numbers[at + 2] += failed + done
            self._numbers[at + 3] += done

    def _replies(self, stage: Stage, results: Mapping[str, StepResult], failed: list[bytes]) -> tuple[int, list[bytes]]:
        """Replies of a step that judges: those that could be read, and the jobs of the others.

        Its rejections name the job of a reply that could not be read, or that of the candidate that was rejected.
        """
        source = None if stage.source is None else results.get(self._stages[stage.source].name)
        if not isinstance(source, Generated):
            return round(stage.chains), []
        judged = {candidate.key for candidate in source.candidates}
        first = round(float(stage.grown(len(source.candidates), self._most[stage.source or 0])))
        return first, [key for key in failed if key not in judged]

    def _reaches(self, stage: Stage, results: Mapping[str, StepResult]) -> bool:
        return all(self._stages[parent].name in results for parent in stage.parents)

    def counts(self) -> list[StepCounts]:
        """The counts of each step."""
        table = np.array(self._numbers, np.int64).reshape(self._groups, len(self._stages), FIELDS)
        plain = np.array(self._plain, np.int64)
        found: list[StepCounts] = []
        for i, reasons in enumerate(self._reasons):
            tries = plain * self._most[i]
            more = np.stack((plain, plain, tries, tries), axis=1)
            reached, passed, tried, good = (table[:, i] + more).T
            by_reason: dict[str, dict[int, int]] = {}
            for (reason, group), number in sorted(reasons.items()):
                by_reason.setdefault(reason, {})[group] = number
            found.append(StepCounts(reached, passed, tried, good, by_reason, *self._texts[i]))
        return found
