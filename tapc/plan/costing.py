"""Estimates each step of a plan."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from tapc.kinds.compiling import compile_steps
from tapc.plan.assignment import Rows
from tapc.plan.compile import Planned
from tapc.plan.estimate import (
    SAMPLE,
    Cells,
    Cost,
    History,
    Rates,
    Sample,
    estimate,
    find_strata,
    sample_slots,
    unchecked,
)
from tapc.plan.estimate.estimation import Heavy
from tapc.plan.estimate.strata import Strata
from tapc.steps import CandidateDraws, InputRow, SlotKey, SlotState, StepProgram, StepTools
from tapc.templates import longest_names

_RENDERED = 160 * SAMPLE
"""Most requests to render; slots with up to 160 requests do not reduce the sample."""

_FEWEST = 8
"""Least number of slots to render."""

_HEAVY = 8
"""Slots that are rendered with the longest texts; several, since a pool gives each slot other endpoints."""


def cost_plan(planned: Planned, rates: Rates, history: History, tools: StepTools | None = None) -> list[Cost]:
    """Estimate every step of a plan; see `estimate`."""
    dataset = planned.dataset
    strata, step_tools = find_strata(dataset.space, planned.allocation), planned.tools(tools)
    programs = compile_steps(unchecked(dataset), step_tools, planned.kinds)
    return estimate(
        dataset,
        programs,
        samples=_samples(planned, strata, programs),
        heavy=_heavy(planned, step_tools),
        cells=Cells(planned.allocation, strata, dataset.reserve),
        rates=rates,
        history=history,
    )


def _samples(planned: Planned, strata: Strata, programs: Sequence[StepProgram]) -> Iterator[Sample]:
    """Slots to render: fewer if each makes very many requests (40 answers compared pairwise are 1,560)."""
    each = sum(made.each for program in programs for made in program.job_classes)
    for key in sample_slots(planned.slots, strata, min(SAMPLE, max(_FEWEST, int(_RENDERED / max(1, each))))):
        yield Sample(lambda key=key: planned.open_slot(key), strata.of_slot(key))


def _heavy(planned: Planned, tools: StepTools) -> Heavy:
    """Slots whose axes, drawn values and rows all have the longest texts of the spec."""
    names = longest_names(planned.dataset.space)
    draws = None if tools.draws is None else _HeavyDraws(tools.draws, names)
    rows = {name: _HeavyRow(assignment.rows) for name, assignment in planned.assignments.items()}
    heaviest = msgspec.structs.replace(tools, draws=draws, rows={**tools.rows, **rows})

    def open_slot(key: SlotKey) -> SlotState:
        state = planned.open_slot(key)
        return SlotState(
            key, {**state.names, **{name: names[name] for name in state.names if name in names}}, state.axes
        )

    keys = planned.slots.spread(_HEAVY)
    return Heavy(
        compile_steps(unchecked(planned.dataset), heaviest, planned.kinds),
        [lambda key=key: open_slot(key) for key in keys],
    )


class _HeavyDraws:
    """Draws as usual, and returns views with the longest texts."""

    def __init__(self, draws: CandidateDraws, names: Mapping[str, Any]) -> None:
        self._draws = draws
        self._names = names

    def value(self, key: SlotKey, mix: str, candidate: int, width: int) -> str:
        """See `tapc.steps.CandidateDraws`."""
        return self._draws.value(key, mix, candidate, width)

    def view(self, mix: str, value: str) -> Any:  # noqa: ARG002 - what draws are asked
        """The longest texts of the mix, for every value."""
        return self._names[mix]


class _HeavyRow:
    """Gives every slot the longest row."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def row(self, key: SlotKey) -> InputRow | None:  # noqa: ARG002 - what a source is asked
        """See `tapc.steps.RowSource`."""
        return self._rows.longest
