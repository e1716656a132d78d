"""Counts what passes each step, by group of cells, from slots that are finished."""

from array import array
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np

from tapc.plan.forecast.stages import Ints, Stage
from tapc.steps import Generated, SlotKey, SlotState, Status, StepResult

FIELDS = 4
"""Numbers per step and group: see `StepCounts`."""


class StepCounts(msgspec.Struct, frozen=True):
    """What one step did, by group of cells.

    Attributes:
        reached: slots (or combinations of `per`) for which it came to an end.
        passed: those of them with a result.
        tries: replies of candidates or judges, those that failed included.
        good: those of them that succeeded.
        reasons: failures by reason, over all groups.
    """

    reached: Ints
    passed: Ints
    tries: Ints
    good: Ints
    reasons: dict[str, int]


class Tally:
    """Counts slots as they are finished; cheap enough for every slot of a run.

    Args:
        stages: the steps.
        groups: number of groups.
        group: the group of a slot.
    """

    def __init__(self, stages: Sequence[Stage], groups: int, group: Callable[[SlotKey], int]) -> None:
        self._stages = stages
        self._groups = groups
        self._group = group
        self._numbers = array("q", bytes(8 * FIELDS * groups * len(stages)))
        self._reasons: list[Counter[str]] = [Counter() for _ in stages]
        self._shared: list[set[bytes] | None] = [set() if stage.per else None for stage in stages]
        self._places = {stage.name: i for i, stage in enumerate(stages)}
        self._most = [round(stage.chains) for stage in stages]

    def add(self, state: SlotState, status: Status) -> None:
        """Count a finished slot."""
        numbers, results = self._numbers, state.results
        group = self._group(state.key)
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
                self._reasons[place][one.reason] += 1

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
        return [
            StepCounts(
                table[:, i, 0].copy(),
                table[:, i, 1].copy(),
                table[:, i, 2].copy(),
                table[:, i, 3].copy(),
                dict(sorted(reasons.items())),
            )
            for i, reasons in enumerate(self._reasons)
        ]
