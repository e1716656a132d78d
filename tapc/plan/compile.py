"""From the IR to something that can be counted, costed and run."""

import hashlib
from collections.abc import Sequence
from math import ceil

import msgspec
import numpy as np

from tapc.ir import Dataset, digest
from tapc.plan.allocate import Allocation, Lock, MixDraws, Problem, allocate, mix_draws
from tapc.plan.slots import Slots
from tapc.steps import SlotKey, SlotState, StepProgram, StepTools, compile_steps
from tapc.templates import AxisViews, MixValueView, views


class Planned(msgspec.Struct, frozen=True):
    """A dataset with its counts; slots, programs and estimates are derived on demand.

    Attributes:
        dataset: the IR.
        digest: of the IR and the counts; same spec and lock, same digest, everywhere.
        allocation: counts.
        slots: slots in rank order.
        views: what templates see of the axes.
        draws: draws the mixes that are `per candidate`; None where there are none.
    """

    dataset: Dataset
    digest: str
    allocation: Allocation
    slots: Slots
    views: AxisViews
    draws: "CandidateMixes | None"

    def programs(self, tools: StepTools | None = None) -> tuple[StepProgram, ...]:
        """Compile the steps; ranked checks have memory, so each fold needs its own."""
        return compile_steps(self.dataset, self.tools(tools))

    def tools(self, tools: StepTools | None = None) -> StepTools:
        """What steps are lent, the plan's own draws among it."""
        return msgspec.structs.replace(tools or StepTools(), draws=self.draws)

    def open_slot(self, key: SlotKey) -> SlotState:
        """A slot's state before its first step."""
        return SlotState(key, self.views.names(key.leaf, key.values), self.views.axes(key.leaf, key.values))

    def reserve(self) -> int:
        """Replacement slots the spec allows at most, over all cells."""
        rule = self.dataset.reserve
        counts, times = np.unique(self.allocation.count, return_counts=True)
        return sum(
            int(n) * max(rule.floor, ceil(rule.share * int(count))) for count, n in zip(counts, times, strict=True)
        )

    def combinations(self, axes: Sequence[str]) -> int:
        """How many combinations of values of some axes occur."""
        names = [name for name, _ in self.allocation.mixes]
        columns = [
            self.allocation.values[:, names.index(axis)] if axis in names else self.allocation.leaf for axis in axes
        ]
        if not columns or not len(self.allocation):
            return min(1, len(self.allocation))
        return len(np.unique(np.stack(columns, axis=1), axis=0))


class CandidateMixes:
    """Draws values of `per candidate` mixes by a slot's identity, and shows them to templates."""

    def __init__(self, draws: MixDraws, shown: AxisViews) -> None:
        self._draws = draws
        self._views = shown

    def value(self, key: SlotKey, mix: str, candidate: int, width: int) -> str:
        """Name of the value a candidate gets; see `MixDraws.value`."""
        return self._draws.value(
            key.cell, key.leaf, key.values, mix, ordinal=key.ordinal, candidate=candidate, width=width
        )

    def view(self, mix: str, value: str) -> MixValueView:
        """What templates see under the mix's name."""
        return self._views.drawn(mix, value)


def plan_dataset(dataset: Dataset, lock: Lock | None = None) -> Planned | list[Problem]:
    """Count every cell.

    Args:
        dataset: composed and checked; `samples` must be a number.
        lock: counts of an earlier plan, to be kept where possible; they enter the digest.

    Returns:
        The plan, or the contradictions that stand in its way.
    """
    if dataset.samples is None:
        return [Problem("size", "`samples all` needs an input whose rows can be counted", ("samples",))]
    allocation = allocate(dataset.space, dataset.samples, lock)
    if isinstance(allocation, list):
        return allocation
    shown = views(dataset.space)
    draws: CandidateMixes | None = None
    if any(mix.per_candidate for mix in dataset.space.mixes):
        drawn = mix_draws(dataset.space, dataset.samples)
        if isinstance(drawn, list):
            return drawn
        draws = CandidateMixes(drawn, shown)
    state = hashlib.blake2b(digest_size=16, person=b"tapc.plan")
    state.update(digest(dataset).encode())
    state.update(allocation.digest.encode())
    return Planned(dataset, state.hexdigest(), allocation, Slots(allocation), shown, draws)
