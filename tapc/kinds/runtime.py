"""What runs a kind of step or emit, and all of them together; for checks see `tapc.checks.CheckRuntime`."""

from collections.abc import Callable
from typing import Any

import msgspec

from tapc.checks import CheckRuntime
from tapc.ir import Dataset, Emit
from tapc.jobs import Recipe
from tapc.rows.columns import Column
from tapc.rows.common import Row, RowContext, prompts_of
from tapc.steps import SlotState, StepProgram
from tapc.steps.compile_context import CompileContext


def _no_recipes(dataset: Dataset, step: Any) -> tuple[Recipe, ...]:  # noqa: ARG001 - what every kind is given
    return ()


class StepRuntime(msgspec.Struct, frozen=True):
    """What runs a kind of step.

    Attributes:
        kind: its name.
        compile: makes a program of the model of a step.
        recipes: of requests whose draws differ between otherwise equal steps, per endpoint; see
            `tapc.steps.draw_groups`. None where equal requests are meant to be shared.
    """

    kind: str
    compile: Callable[[Any, CompileContext], StepProgram]
    recipes: Callable[[Dataset, Any], tuple[Recipe, ...]] = _no_recipes


class EmitRuntime(msgspec.Struct, frozen=True):
    """What writes a kind of output.

    Attributes:
        kind: its name.
        rows: makes the rows of one slot.
        columns: what these rows hold, derived from the spec.
        prompts: what the answers of a row answer, as messages; rows of equal prompts go to one split.
        label: reads the label of an encoded row, whose balance the card shows; None where rows have none.
        place: among the configs of a dataset: readers that name none get one of the lowest place that has rows.
        balanced: whether the card compares the two sides of its pairs.
    """

    kind: str
    rows: Callable[[SlotState, RowContext], list[Row]]
    columns: Callable[[Dataset, Emit], tuple[Column, ...]]
    label: Callable[[bytes], str] | None = None
    prompts: Callable[[Row, RowContext], list[object]] = prompts_of
    balanced: bool = False
    place: int = 0


class Programs:
    """What runs the kinds that specs may use.

    Attributes:
        steps, checks, emits: by name.
    """

    def __init__(
        self, steps: tuple[StepRuntime, ...], checks: tuple[CheckRuntime, ...], emits: tuple[EmitRuntime, ...]
    ) -> None:
        self.steps = {runtime.kind: runtime for runtime in steps}
        self.checks = {runtime.kind: runtime for runtime in checks}
        self.emits = {runtime.kind: runtime for runtime in emits}
