"""Acceptance as it is recorded after a run, by step, check and group of cells, and as another plan reads it."""

import zlib
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from tapc.plan.forecast.groups import Groups
from tapc.plan.forecast.rates import Rate
from tapc.plan.forecast.stages import Floats, Stage
from tapc.plan.forecast.tally import StepCounts

_LARGEST = 64 * 2**20
"""Bytes that a record may unfold to."""


class StepRecord(msgspec.Struct, frozen=True):
    """What one step did in a run.

    Attributes:
        simulated: whether any of its models was simulated, which says nothing about real ones.
        form: digest of what it asked, see `Stage`.
        counts: number of each group that was reached, then `reached`, `passed`, `tries` and `good` (`StepCounts`).
        reasons: failures by reason, with the number of each group that had some.
        texts, characters: number and length of some of the candidates that were accepted.
    """

    simulated: bool
    form: str
    counts: list[tuple[int, int, int, int, int]]
    reasons: dict[str, list[tuple[int, int]]]
    texts: int
    characters: int


class Record(msgspec.Struct, frozen=True):
    """Acceptance in the run of a plan.

    Attributes:
        slots: samples that were finished, replacements included.
        axes: names of the axes whose values make a group.
        values: their values, by group.
        fine: whether taxonomy values are leaves; else they are nodes of the first level.
        steps: counts by name of step.
    """

    slots: int
    axes: tuple[str, ...]
    values: list[tuple[str, ...]]
    fine: bool
    steps: dict[str, StepRecord]

    def encoded(self) -> bytes:
        """The record as it is stored."""
        return zlib.compress(msgspec.msgpack.encode(self))


def read_record(data: bytes) -> Record | None:
    """A record that was stored; None if this version cannot read it."""
    try:
        return msgspec.msgpack.decode(zlib.decompressobj().decompress(data, _LARGEST), type=Record)
    except (zlib.error, msgspec.MsgspecError):
        return None


def record_of(groups: Groups, stages: Sequence[Stage], counts: Sequence[StepCounts], slots: int) -> Record:
    """What is recorded of counts.

    Args:
        groups: groups of the plan.
        stages: its steps.
        counts: counts of each.
        slots: samples that were finished.
    """
    steps: dict[str, StepRecord] = {}
    for stage, one in zip(stages, counts, strict=True):
        table = np.stack((one.reached, one.passed, one.tries, one.good), axis=1)
        some: list[int] = np.flatnonzero(table.any(axis=1)).tolist()
        rows: list[tuple[int, int, int, int, int]] = [(group, *table[group].tolist()) for group in some]
        reasons = {reason: sorted(found.items()) for reason, found in one.reasons.items()}
        steps[stage.name] = StepRecord(stage.simulated, stage.form, rows, reasons, one.texts, one.characters)
    return Record(slots, groups.axes, list(groups.values), groups.fine, steps)


class Rates(msgspec.Struct, frozen=True):
    """What is known of one step by group of a plan; each rate has one more group for what matches none.

    Attributes:
        success: of tries.
        passing: of slots.
        unlike: of tries (or slots, if the step judges) that pass all other checks, those that differ enough from other
            samples.
    """

    success: Rate
    passing: Rate
    unlike: Rate


def rates_from(record: Record, stage: Stage, groups: Groups) -> Rates | None:
    """What a record has of a step, by group of another plan; None if nothing that applies.

    Groups are matched by the axes that both have.
    """
    found = record.steps.get(stage.name)
    if found is None or not found.counts or (found.simulated and not stage.simulated):
        return None
    match = _Match(record, groups)
    reached, passed, tries, good = (match.sums({row[0]: row[n] for row in found.counts}) for n in range(1, 5))
    alike = sum(match.sums(dict(found.reasons.get(reason, ()))) for reason in stage.remembers)
    fine = good if stage.writes else passed
    return Rates(Rate(good, tries), Rate(passed, reached), Rate(fine, fine + alike))


class _Match:
    """Groups of a record as groups of a plan."""

    def __init__(self, record: Record, groups: Groups) -> None:
        common = [axis for axis in groups.axes if axis in record.axes]
        self._there = [record.axes.index(axis) for axis in common]
        self._coarse = not (record.fine and groups.fine)
        self._record = record
        self._size = len(groups)
        self._mine: dict[tuple[str, ...], list[int]] = {}
        here = [groups.axes.index(axis) for axis in common]
        for number, values in enumerate(groups.values):
            self._mine.setdefault(self._name(values, here), []).append(number)

    def _name(self, values: Sequence[str], at: Sequence[int]) -> tuple[str, ...]:
        picked = (values[i] for i in at)
        return tuple(value.partition(".")[0] for value in picked) if self._coarse else tuple(picked)

    def sums(self, counts: Mapping[int, int]) -> Floats:
        """Counts by group of the plan; the last element is what matches no group."""
        found = np.zeros(self._size + 1)
        for group, number in counts.items():
            at = self._mine.get(self._name(self._record.values[group], self._there), [self._size])
            # several groups of the plan are what one was there: they share its weight
            found[at] += number / len(at)
        return found
