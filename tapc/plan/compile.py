"""Makes a plan from the IR: counts, slots and rows."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from tapc.checks import CheckTools
from tapc.ir import Dataset, digest
from tapc.kinds.compiling import compile_steps
from tapc.kinds.programs import PROGRAMS
from tapc.kinds.runtime import Programs
from tapc.plan.all_rows import allocate_all
from tapc.plan.assignment import RowAssignment, Rows, assign_rows
from tapc.plan.slots import Slots, SpareSlots
from tapc.plan.spare_rows import RowSlots, row_sources
from tapc.quota import COUNTED, Allocation, DrawnCounts, Lock, MixDraws, QuotaProblem, allocate, mix_draws
from tapc.steps import DECISIONS_VERSION, Origin, SlotKey, SlotState, StepProgram, StepTools
from tapc.templates import AxisViews, MixValueView, views


class PlanResources(msgspec.Struct, frozen=True):
    """Files that a plan is made from in addition to the spec, read by the caller.

    Attributes:
        rows: rows of every input step.
        checks: resources of checks; see `tapc.checks.CheckTools`.
        programs: digest of the files of each `run [ … ]`.
        digest: hash over the files of `checks` and `programs`; empty if there are none.
        files: (name, sha256) of all these files, for the manifest.
        folder: working directory of programs.
    """

    rows: tuple[Rows, ...] = ()
    checks: CheckTools = CheckTools()
    programs: Mapping[tuple[str, ...], str] = {}
    digest: bytes = b""
    files: tuple[tuple[str, str], ...] = ()
    folder: Path = Path()


class Planned(msgspec.Struct, frozen=True):
    """A dataset with its counts; slots, programs and estimates are derived on demand.

    Attributes:
        dataset: the IR.
        digest: hash of the IR and the counts; same spec and lock, same digest, on every machine.
        allocation: counts.
        slots: slots in rank order. If there are inputs, they are drawn as their rows.
        views: objects that templates see of the axes.
        draws: draws of the mixes that are `per candidate`; None if there are none.
        assignments: rows by slot, by name of input step.
        resources: files and programs that the steps read.
        kinds: programs of each kind of step, check and emit.
    """

    dataset: Dataset
    digest: str
    allocation: Allocation
    slots: Slots
    views: AxisViews
    draws: "CandidateMixes | None"
    assignments: Mapping[str, RowAssignment] = {}
    resources: PlanResources = PlanResources()
    kinds: Programs = PROGRAMS

    def programs(self, tools: StepTools | None = None) -> tuple[StepProgram, ...]:
        """Compile the steps; ranked checks have state, so each fold needs its own."""
        return compile_steps(self.dataset, self.tools(tools), self.kinds)

    def tools(self, tools: StepTools | None = None) -> StepTools:
        """Resources of the steps; rows of replacements have state, so every fold needs its own."""
        if tools is None:
            rows = row_sources(self.assignments, self.own_input) if self.own_input else {}
            tools = StepTools(rows=rows, checks=self.resources.checks, programs=self.resources.programs)
        return msgspec.structs.replace(tools, draws=self.draws)

    @property
    def own_input(self) -> str | None:
        """The input whose rows slots are drawn as; None without an input."""
        return self.dataset.first_input or next(iter(self.assignments), None)

    @property
    def own_rows(self) -> RowAssignment | None:
        """The rows that slots are drawn as; None without an input."""
        return self.assignments[self.own_input] if self.own_input else None

    def replacements(self) -> SpareSlots | RowSlots:
        """Where slots that fail are replaced from; see `tapc.engine.SpareSlots`. Every fold needs its own."""
        own = self.own_rows
        return SpareSlots(self.slots) if own is None else RowSlots(self.slots, own)

    def same_slot(self, key: SlotKey) -> SlotKey | None:
        """The planned slot that is drawn as a slot of another plan; None if there is none."""
        own = self.own_rows
        if own is not None:
            rank = own.rank(key.drawn)
            return None if rank is None else self.slots.at(rank)
        return self.slots.same(key)

    def open_slot(self, key: SlotKey) -> SlotState:
        """The state of a slot before its first step."""
        names, axes = self.views.cell(key.leaf, key.values)
        return SlotState(key, names.copy(), axes)

    def reserve(self) -> int:
        """The most replacement slots that the spec allows, over all cells."""
        counts, times = np.unique(self.allocation.count, return_counts=True)
        return sum(int(n) * self.dataset.reserve.most(int(count)) for count, n in zip(counts, times, strict=True))

    def axes(self) -> tuple[str, ...]:
        """Names of the axes that cells have, the taxonomy first."""
        tree = self.allocation.tree.axis
        return (*([tree] if tree else []), *(name for name, _ in self.allocation.mixes))

    def drawn(self) -> tuple[str, ...]:
        """Names of the mixes that are drawn for each candidate."""
        return tuple(mix.name for mix in self.dataset.space.mixes if mix.per_candidate)

    def combinations(self, axes: Sequence[str]) -> int:
        """The number of combinations of values of some axes that occur."""
        names = [name for name, _ in self.allocation.mixes]
        columns = [
            self.allocation.values[:, names.index(axis)] if axis in names else self.allocation.leaf for axis in axes
        ]
        if not columns or not len(self.allocation):
            return min(1, len(self.allocation))
        return len(np.unique(np.stack(columns, axis=1), axis=0))


class CandidateMixes:
    """Draws values of `per candidate` mixes by the identity of a slot, and returns their views for templates."""

    def __init__(self, draws: MixDraws, shown: AxisViews, late: Collection[str]) -> None:
        self._draws = draws
        self._views = shown
        self._late = frozenset(late)

    def value(self, key: SlotKey, mix: str, candidate: int, width: int) -> str:
        """The name of the value of a candidate; see `MixDraws.value`."""
        at = key.base
        if self._late and self._draws.by_cell(mix, self._late):
            at = Origin(key.cell, key.ordinal)
        return self._draws.value(
            at.cell, key.leaf, key.values, mix, ordinal=at.ordinal, candidate=candidate, width=width
        )

    def count(self, allocation: Allocation, mix: str, width: int, *, whole: bool = False) -> DrawnCounts:
        """The values of the planned slots of a step, with any number of draws if `whole`; see `MixDraws.count`."""
        return self._draws.count(allocation, mix, width, None if whole else COUNTED)

    def view(self, mix: str, value: str) -> MixValueView:
        """The view of a value under the name of the mix."""
        return self._views.drawn(mix, value)


def plan_dataset(
    dataset: Dataset,
    lock: Lock | None = None,
    resources: PlanResources | None = None,
    kinds: Programs = PROGRAMS,
) -> Planned | list[QuotaProblem]:
    """Count every cell, and assign rows of inputs to slots.

    Args:
        dataset: the composed and checked IR.
        lock: counts of an earlier plan, to be kept where possible; they enter the digest.
        resources: rows and files; they enter the digest too.
        kinds: programs of each kind of step, check and emit.

    Returns:
        The plan, or the contradictions that prevent one.
    """
    resources = resources or PlanResources()
    allocation = _allocate(dataset, lock, resources)
    if isinstance(allocation, list):
        return allocation
    shown = views(dataset.space)
    draws: CandidateMixes | None = None
    if any(mix.per_candidate for mix in dataset.space.mixes):
        drawn = mix_draws(dataset.space, allocation.samples)
        if isinstance(drawn, list):
            return drawn
        draws = CandidateMixes(drawn, shown, allocation.late_mixes)
    slots = Slots(allocation)
    assignments = _assign(resources, allocation, slots, shown)
    if isinstance(assignments, list):
        return assignments
    if assignments:
        own = dataset.first_input or next(iter(assignments))
        slots = Slots(allocation, assignments[own])
    name = _digest(dataset, allocation, resources)
    return Planned(dataset, name, allocation, slots, shown, draws, assignments, resources, kinds)


def plan_again(planned: Planned, dataset: Dataset) -> Planned:
    """The plan of another dataset that has the same space, samples and inputs, and so the same counts."""
    name = _digest(dataset, planned.allocation, planned.resources)
    return msgspec.structs.replace(planned, dataset=dataset, digest=name)


def _digest(dataset: Dataset, allocation: Allocation, resources: PlanResources) -> str:
    """What names a plan."""
    state = hashlib.blake2b(digest_size=16, person=b"tapc.plan")
    state.update(digest(dataset).encode())
    state.update(allocation.digest.encode())
    for part in (*(rows.digest for rows in resources.rows), resources.digest):
        state.update(part)
    if dataset.remembers:
        state.update(b"decisions %d" % DECISIONS_VERSION)
    return state.hexdigest()


def _allocate(dataset: Dataset, lock: Lock | None, resources: PlanResources) -> Allocation | list[QuotaProblem]:
    if dataset.samples is not None:
        return allocate(dataset.space, dataset.samples, lock)
    if len(resources.rows) != 1:
        message = f"`samples all` needs one `input`, this dataset has {len(resources.rows)}"
        return [QuotaProblem("rows", message, ("samples",), ("write a number, for example `samples 600`",))]
    return allocate_all(dataset.space, resources.rows[0], lock)


def _assign(
    resources: PlanResources, allocation: Allocation, slots: Slots, shown: AxisViews
) -> dict[str, RowAssignment] | list[QuotaProblem]:
    assignments: dict[str, RowAssignment] = {}
    problems: list[QuotaProblem] = []
    for rows in resources.rows:
        assignment = assign_rows(rows, allocation, slots, shown)
        if isinstance(assignment, RowAssignment):
            assignments[rows.step] = assignment
        else:
            problems += assignment
    return problems or assignments
