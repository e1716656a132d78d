"""From the steps of a dataset to programs."""

from importlib import import_module

from tapc.ir import Dataset, Generate
from tapc.steps.context import StepTools
from tapc.steps.draw_groups import number_draw_groups
from tapc.steps.generate import generate_recipes
from tapc.steps.kit import Kit
from tapc.steps.program import StepProgram


def compile_steps(dataset: Dataset, tools: StepTools | None = None) -> tuple[StepProgram, ...]:
    """Compile all steps of a dataset, in its topological order, each by `compile_step` of the file of its kind's name.

    Programs hold the memory of ranked checks, so a fold compiles its own.

    Args:
        dataset: checked; see `tapc.ir.Dataset`.
        tools: what steps and checks are lent from above.
    """
    recipes = {step.name: generate_recipes(dataset, step) for step in dataset.steps if isinstance(step, Generate)}
    mixes = frozenset(mix.name for mix in dataset.space.mixes if mix.per_candidate)
    widths: dict[str, int] = {}
    kit = Kit(dataset, tools or StepTools(), mixes, number_draw_groups(dataset, recipes), widths)
    found: list[StepProgram] = []
    for step in dataset.steps:
        program: StepProgram = import_module(f"tapc.steps.{step.kind}").compile_step(step, kit)
        widths[step.name] = program.most_candidates
        found.append(program)
    return tuple(found)
