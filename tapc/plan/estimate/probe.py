"""Runs the steps of a few slots with stand-in replies, and notes every job they would ask for."""

from collections.abc import Callable, Sequence

from tapc.ir import Dataset, Judge
from tapc.jobs import Job, Reply
from tapc.steps import SlotState, StepProgram, run_slot


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

    run_slot(programs, state, ask)
    return jobs


def answers_read(dataset: Dataset, programs: Sequence[StepProgram]) -> dict[str, int]:
    """How many answers each listwise judge reads at once, which its verdicts must all speak of."""
    listwise = {step.name for step in dataset.steps if isinstance(step, Judge) and step.mode == "listwise"}
    return {p.name: int(getattr(p, "most_candidates", 1)) for p in programs if p.name in listwise}
