"""Runs the steps of a few slots with stand-in replies, and notes every job they would ask for."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tapc.ir import Dataset
from tapc.jobs import Job, Reply
from tapc.steps import Ask, Both, Decide, Short, SlotState, StepProgram, Steps


def unchecked(dataset: Dataset) -> Dataset:
    """The same dataset without `require`: stand-in texts would fail checks, and no key depends on them."""
    steps = tuple(
        step.model_copy(update={"require": ()}) if hasattr(step, "require") else step for step in dataset.steps
    )
    return dataset.model_copy(update={"steps": steps})


class Probed(msgspec.Struct, frozen=True):
    """A job some slot asks for; attempts after the first are not seen here."""

    job: Job
    language: str
    branch: str


def probe_slot(
    programs: Sequence[StepProgram], state: SlotState, answer: Callable[[Job], Reply], *, language: str, branch: str
) -> list[Probed]:
    """All first-attempt jobs of one slot, in order of steps.

    Steps that read a step without a result are left out.
    """
    jobs: list[Job] = []

    def ask(job: Job) -> Reply:
        jobs.append(job)
        return answer(job)

    names = {program.name for program in programs}
    for program in programs:
        if any(name in names and name not in state.results for name in program.reads):
            continue
        result = _drive(program.run(state), ask)
        if not isinstance(result, Short):
            state.results[program.name] = result
            state.names[program.name] = program.view(result)
    return [Probed(job, language, branch) for job in jobs]


def _drive(coroutine: Steps[Any], ask: Callable[[Job], Reply]) -> Any:
    value: Any = None
    while True:
        try:
            effect = coroutine.send(value)
        except StopIteration as stop:
            return stop.value
        match effect:
            case Ask():
                value = ask(effect.job)
            case Both():
                value = [_drive(part, ask) for part in effect.parts]
            case Decide():
                value = None
            case _:
                raise TypeError(f"a step awaited {effect!r}, which is no effect")
