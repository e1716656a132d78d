"""From the steps of a dataset to programs."""

from tapc.checks import AskingCheck, CandidateCheck, CheckTools, MemoryCheck
from tapc.ir import Check, Dataset, IdentityNames
from tapc.kinds.programs import PROGRAMS
from tapc.kinds.runtime import Programs
from tapc.steps import StepProgram, StepTools
from tapc.steps.compile_context import CompileContext
from tapc.steps.draw_groups import number_draw_groups


def compile_steps(
    dataset: Dataset, tools: StepTools | None = None, programs: Programs = PROGRAMS
) -> tuple[StepProgram, ...]:
    """Compile all steps of a dataset, in its topological order.

    Programs hold the memory of ranked checks, so a fold compiles its own.

    Args:
        dataset: checked; see `tapc.ir.Dataset`.
        tools: what steps and checks are given.
        programs: what runs each kind.
    """
    runtimes = programs.steps
    recipes = {step.name: runtimes[step.kind].recipes(dataset, step) for step in dataset.steps}
    mixes = frozenset(mix.name for mix in dataset.space.mixes if mix.per_candidate)
    widths: dict[str, int] = {}
    groups = number_draw_groups(dataset, recipes)
    context = CompileContext(
        dataset, IdentityNames(dataset.space), tools or StepTools(), programs.checks, mixes, groups, widths
    )
    found: list[StepProgram] = []
    for step in dataset.steps:
        program = runtimes[step.kind].compile(step, context)
        widths[step.name] = program.most_candidates
        found.append(program)
    return tuple(found)


def compile_check(
    check: Check, tools: CheckTools, programs: Programs = PROGRAMS
) -> CandidateCheck | MemoryCheck | AskingCheck:
    """Compile one check alone."""
    return programs.checks[check.check].make(check, tools)
