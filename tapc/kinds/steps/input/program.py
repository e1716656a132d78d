"""`input`: existing rows, dealt to slots before the run."""

from typing import Any

from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.input.model import Input
from tapc.steps.compile_context import CompileContext
from tapc.steps.context import RowSource
from tapc.steps.program import JobClass, SlotState
from tapc.steps.results import Candidate, Generated, Short, StepResult
from tapc.steps.views import TextView


class InputProgram:
    """An input step, compiled; see `tapc.steps.StepProgram`. It asks nothing."""

    def __init__(self, step: Input, rows: RowSource | None) -> None:
        self.name = step.name
        self.reads = step.reads()
        self.draws = None
        self.job_classes: tuple[JobClass, ...] = ()
        self.decided_candidates = 0
        self.most_candidates = 1
        self._rows = rows

    def view(self, result: StepResult) -> Any:
        """The row's text, with its columns as fields."""
        if not isinstance(result, Generated):
            raise TypeError(f"{self.name} yields a row")
        return TextView(result.candidates[0])

    async def run(self, slot: SlotState) -> StepResult | Short:
        """Take the slot's row; see `StepProgram.run`."""
        if self._rows is None:
            raise TypeError(f"there are no rows for the input {self.name}")
        row = self._rows.row(slot.key)
        if row is None:
            return Short(self.name, "no-row", "every row is dealt to another slot")
        candidate = Candidate(0, "", "", row.text, row.fields, "", row.messages, b"", 0)
        return Generated((candidate,))


def compile_step(step: Input, context: CompileContext) -> InputProgram:
    """Compile an input step."""
    return InputProgram(step, context.tools.rows.get(step.name))


RUNTIME = StepRuntime("input", compile_step)
