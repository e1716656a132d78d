"""What the compilation of a step is given."""

from collections.abc import Mapping

import msgspec

from tapc.checks import CheckRuntime
from tapc.ir import Check, Dataset, IdentityNames, Step
from tapc.jobs import JobFactory, Recipe
from tapc.steps.acceptance import Acceptance
from tapc.steps.context import StepTools
from tapc.steps.draw_groups import StepEndpoint
from tapc.steps.identity import ticket
from tapc.steps.program import SlotState
from tapc.steps.recipes import chat_recipe


class CompileContext(msgspec.Struct, frozen=True, eq=False):
    """One compilation of a dataset.

    Attributes:
        dataset: the IR.
        names: identities of axes and their values.
        tools: rows, draws and files that steps and checks use.
        checks: runtimes of checks, by kind.
        mixes: names of all `per candidate` mixes.
        draw_groups: draw groups by step and position of the endpoint in its `using`; see `tapc.steps.draw_groups`.
        widths: most candidates of the steps compiled before, by name.
    """

    dataset: Dataset
    names: IdentityNames
    tools: StepTools
    checks: Mapping[str, CheckRuntime]
    mixes: frozenset[str]
    draw_groups: Mapping[StepEndpoint, int]
    widths: Mapping[str, int]

    def sample(self, slot: SlotState) -> int:
        """A slot's seed for `sample`."""
        return ticket(b"sample", self.dataset.seed, slot.key.drawn)

    def acceptance(self, step: str, checks: tuple[Check, ...], *, plain: bool = False) -> Acceptance:
        """Compile what results of a step must pass; see `Acceptance`."""
        return Acceptance(step, checks, self.checks, self.tools, plain=plain)


def chat_recipes(dataset: Dataset, step: Step, schema: bytes | None, schema_name: str) -> tuple[Recipe, ...]:
    """Chat recipes of a step, one per endpoint it chats with, in its order."""
    return tuple(
        chat_recipe(
            step=step.name,
            endpoint=dataset.endpoint(endpoint),
            sampling=step.chat_sampling(),
            schema=schema,
            schema_name=schema_name,
        )
        for endpoint in step.chats_with()
    )


def factories_of(recipes: tuple[Recipe, ...], draw_groups: "list[int] | tuple[int, ...]") -> tuple[JobFactory, ...]:
    """Factories of recipes in their draw groups."""
    return tuple(
        JobFactory(recipe if draw_group == 0 else msgspec.structs.replace(recipe, draw_group=draw_group))
        for recipe, draw_group in zip(recipes, draw_groups, strict=True)
    )
