"""From the steps of a dataset to programs."""

from collections.abc import Callable

import msgspec

from tapc.ir import AnyStep, Dataset, Generate, Input, Judge, Pair, Score, Vote
from tapc.jobs import JobFactory, Recipe
from tapc.steps.context import StepTools
from tapc.steps.generate import GenerateProgram
from tapc.steps.identity import slot_origin, ticket
from tapc.steps.input import InputProgram
from tapc.steps.judge import compile_judge, judge_schema, lower_is_better
from tapc.steps.lanes import number_lanes, panel_lanes
from tapc.steps.pair import PairProgram
from tapc.steps.program import SlotState, StepProgram
from tapc.steps.recipes import chat_recipe
from tapc.steps.score import compile_score
from tapc.steps.structure import schema_of
from tapc.steps.vote import VoteProgram


def compile_steps(dataset: Dataset, tools: StepTools | None = None) -> tuple[StepProgram, ...]:
    """Compile all steps of a dataset, in its topological order.

    Programs hold the memory of ranked checks, so a fold compiles its own.

    Args:
        dataset: checked; see `tapc.ir.Dataset`.
        tools: what steps and checks are lent from above.
    """
    return _Compiler(dataset, tools or StepTools()).programs()


class _Compiler:
    """One compilation."""

    def __init__(self, dataset: Dataset, tools: StepTools) -> None:
        self._dataset = dataset
        self._tools = tools
        self._mixes = frozenset(mix.name for mix in dataset.space.mixes if mix.per_candidate)
        self._width: dict[str, int] = {}

    def programs(self) -> tuple[StepProgram, ...]:
        """See `compile_steps`."""
        recipes = {step.name: self._recipes(step) for step in self._dataset.steps if isinstance(step, Generate)}
        lanes = number_lanes(self._dataset, recipes)
        found: list[StepProgram] = []
        for step in self._dataset.steps:
            if isinstance(step, Generate):
                numbered = [lanes[step.name, position] for position in range(len(step.using))]
                found.append(self._generate(step, _factories(recipes[step.name], numbered)))
            else:
                found.append(self._other(step))
        return tuple(found)

    def _recipes(self, step: Generate | Judge) -> tuple[Recipe, ...]:
        if isinstance(step, Judge):
            schema, name = judge_schema(step), "verdict"
        else:
            schema, name = (schema_of(step.returns) if step.returns else None), "answer"
        return tuple(
            chat_recipe(
                step=step.name,
                endpoint=self._dataset.endpoint(endpoint),
                sampling=step.sampling,
                schema=schema,
                schema_name=name,
            )
            for endpoint in step.using
        )

    def _generate(self, step: Generate, factories: tuple[JobFactory, ...]) -> GenerateProgram:
        program = GenerateProgram(
            step,
            factories,
            seed=self._dataset.seed,
            mixes=self._mixes,
            parents=self._width[step.for_step] if step.for_step is not None else 1,
            tools=self._tools,
        )
        self._width[step.name] = program.most_candidates
        return program

    def _other(self, step: AnyStep) -> StepProgram:
        if isinstance(step, Input):
            self._width[step.name] = 1
            return InputProgram(step, self._tools.rows.get(step.name))
        if isinstance(step, Judge):
            recipes = self._recipes(step)
            return compile_judge(
                step,
                _factories(recipes, panel_lanes(recipes)),
                candidates=self._width[step.of],
                tools=self._tools,
                sample=self._sample(),
            )
        if isinstance(step, Score):
            return compile_score(step, self._dataset, candidates=self._width[step.of], tools=self._tools)
        if isinstance(step, Vote):
            return VoteProgram(step)
        if isinstance(step, Pair):
            return PairProgram(step, seed=self._dataset.seed, lower=self._directions(step))
        raise TypeError(f"{step!r} is no step")

    def _directions(self, pair: Pair) -> dict[str, bool]:
        """Whether lower is better, for each score of `by`."""
        found: dict[str, bool] = {}
        for name in pair.by:
            owner, _, score = name.partition(".")
            step = self._dataset.step(owner)
            found[name] = isinstance(step, Judge) and lower_is_better(step, score or "overall")
        return found

    def _sample(self) -> Callable[[SlotState], int]:
        seed = self._dataset.seed

        def sample(slot: SlotState) -> int:
            return ticket(b"sample", seed, slot_origin(slot.key))

        return sample


def _factories(recipes: tuple[Recipe, ...], lanes: "list[int] | tuple[int, ...]") -> tuple[JobFactory, ...]:
    return tuple(
        JobFactory(recipe if lane == 0 else _in_lane(recipe, lane)) for recipe, lane in zip(recipes, lanes, strict=True)
    )


def _in_lane(recipe: Recipe, lane: int) -> Recipe:
    return msgspec.structs.replace(recipe, lane=lane)
