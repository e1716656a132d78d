"""Runs the steps of one slot at once, from replies that are at hand; the fold runs many slots side by side instead.

Used where the jobs of a slot are wanted, not its dataset row: estimates (with stand-in replies) and explanations
(with stored ones).
"""

from collections.abc import Callable, Sequence
from typing import Any

from tapc.jobs import Job, Reply
from tapc.steps.effects import Ask, Both, Decide, Missing, Steps
from tapc.steps.program import SlotState, StepProgram
from tapc.steps.results import Short

Answer = Callable[[Job], Reply]
"""Gives the reply to a job, or raises `Missing`."""


def drive(coroutine: Steps[Any], answer: Answer) -> Any:
    """Run a coroutine of a step to its end; ranked checks accept everything.

    Where replies are missing, all parts of a `gather` are tried before it fails, so that every job that can be reached
    is asked for.

    Raises:
        Missing: a reply is not there.
    """
    value: Any = None
    error: Missing | None = None
    while True:
        try:
            effect = coroutine.send(value) if error is None else coroutine.throw(error)
        except StopIteration as stop:
            return stop.value
        value, error = None, None
        try:
            value = _answered(effect, answer)
        except Missing as missing:
            error = missing


def _answered(effect: object, answer: Answer) -> Any:
    match effect:
        case Ask():
            return answer(effect.job)
        case Both():
            results: list[Any] = []
            missing: Missing | None = None
            for part in effect.parts:
                try:
                    results.append(drive(part, answer))
                except Missing as found:
                    missing = found
            if missing is not None:
                raise missing
            return results
        case Decide():
            return None
        case _:
            raise TypeError(f"a step awaited {effect!r}, which is not an effect")


def run_slot(programs: Sequence[StepProgram], state: SlotState, answer: Answer) -> None:
    """Run the steps of a slot in order, but those whose replies are missing or that read a step without a result."""
    names = {program.name for program in programs}
    for program in programs:
        if any(name in names and name not in state.results for name in program.reads):
            continue
        try:
            result = drive(program.run(state), answer)
        except Missing:
            continue
        if not isinstance(result, Short):
            state.results[program.name] = result
            state.names[program.name] = program.view(result)
