"""What the compilation of a step is given."""

from collections.abc import Mapping

import msgspec

from tapc.ir import Dataset, Generate, Judge
from tapc.jobs import JobFactory, Recipe
from tapc.steps.context import StepTools
from tapc.steps.draw_groups import Place
from tapc.steps.identity import slot_origin, ticket
from tapc.steps.program import SlotState
from tapc.steps.recipes import chat_recipe


class Kit(msgspec.Struct, frozen=True, eq=False):
    """One compilation of a dataset.

    Attributes:
        dataset: the IR.
        tools: lent from above.
        mixes: names of all `per candidate` mixes.
        draw_groups: of the endpoints of generate steps; see `tapc.steps.draw_groups`.
        widths: most candidates of the steps compiled before, by name.
    """

    dataset: Dataset
    tools: StepTools
    mixes: frozenset[str]
    draw_groups: Mapping[Place, int]
    widths: Mapping[str, int]

    def sample(self, slot: SlotState) -> int:
        """A slot's seed for `sample`."""
        return ticket(b"sample", self.dataset.seed, slot_origin(slot.key))


def chat_recipes(
    dataset: Dataset, step: Generate | Judge, schema: bytes | None, schema_name: str
) -> tuple[Recipe, ...]:
    """Recipes of a step's chat requests, one an endpoint of `using`, in its order."""
    return tuple(
        chat_recipe(
            step=step.name,
            endpoint=dataset.endpoint(endpoint),
            sampling=step.sampling,
            schema=schema,
            schema_name=schema_name,
        )
        for endpoint in step.using
    )


def factories_of(recipes: tuple[Recipe, ...], draw_groups: "list[int] | tuple[int, ...]") -> tuple[JobFactory, ...]:
    """Factories of recipes in their draw groups."""
    return tuple(
        JobFactory(recipe if draw_group == 0 else msgspec.structs.replace(recipe, draw_group=draw_group))
        for recipe, draw_group in zip(recipes, draw_groups, strict=True)
    )
