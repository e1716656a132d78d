"""Runs the steps of a few slots with stand-in replies, and records every job they ask for."""

from collections.abc import Callable, Sequence

from tapc.ir import Dataset
from tapc.jobs import Job, Reply
from tapc.steps import SlotState, StepProgram, run_slot


def unchecked(dataset: Dataset) -> Dataset:
    """The dataset without `require`: stand-in texts would fail checks, and no key depends on checks."""
    return dataset.model_copy(update={"steps": tuple(step.unchecked() for step in dataset.steps)})


def probe_slot(programs: Sequence[StepProgram], state: SlotState, answer: Callable[[Job], Reply]) -> list[Job]:
    """All first-attempt jobs of one slot, in order of steps.

    Steps that read a step without a result are skipped.
    """
    jobs: list[Job] = []

    def ask(job: Job) -> Reply:
        jobs.append(job)
        return answer(job)

    run_slot(programs, state, ask)
    return jobs


def answers_read(dataset: Dataset, programs: Sequence[StepProgram]) -> dict[str, int]:
    """The number of answers in one request of each listwise judge, all of which its verdicts must cover."""
    judging = {step.name: one for step in dataset.steps if (one := step.judging()) is not None}
    listwise = {name for name, one in judging.items() if one.at_once is None}
    return {p.name: p.most_candidates for p in programs if p.name in listwise}
