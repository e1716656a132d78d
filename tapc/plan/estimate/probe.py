"""Runs the steps of a few slots with stand-in replies, and notes every job they would ask for."""

from collections.abc import Callable, Sequence
from typing import Any

from tapc.ir import Dataset, Judge
from tapc.jobs import Job, Reply
from tapc.steps import Ask, Both, Decide, Short, SlotState, StepProgram, Steps


def unchecked(dataset: Dataset) -> Dataset:
    """The same dataset without `require`: stand-in texts would fail checks, and no key depends on them."""
    steps = tuple(
        step.model_copy(update={"require": ()}) if hasattr(step, "require") else step for step in dataset.steps
    )
    return dataset.model_copy(update={"steps": steps})


def probe_slot(programs: Sequence[StepProgram], state: SlotState, answer: Callable[[Job], Reply]) -> list[Job]:
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
    return jobs


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


def answers_read(dataset: Dataset, programs: Sequence[StepProgram]) -> dict[str, int]:
    """How many answers each listwise judge reads at once, which its verdicts must all speak of."""
    listwise = {step.name for step in dataset.steps if isinstance(step, Judge) and step.mode == "listwise"}
    return {p.name: int(getattr(p, "most_candidates", 1)) for p in programs if p.name in listwise}
