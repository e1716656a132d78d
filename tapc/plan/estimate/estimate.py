"""Jobs, tokens and money of a plan before the first request."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import ceil

import msgspec

from tapc.ir import Dataset, Price
from tapc.jobs import Job, Recipe, Reply, Usage, usage_cost
from tapc.plan.estimate.output import History, Outputs
from tapc.plan.estimate.probe import Probed, probe_slot
from tapc.plan.estimate.standin import stand_in
from tapc.plan.estimate.tokens import Rates, expected_input, least_input, most_input
from tapc.steps import SlotState, StepProgram

SAMPLE = 128
"""Slots whose prompts are really rendered; all, if there are fewer."""

LONGEST_SAMPLE = 24
"""Of them, those that are also rendered with the longest texts that may stand in them, for the ceiling."""


class Figures(msgspec.Struct, frozen=True, gc=False):
    """Floor, expected and ceiling of one quantity."""

    floor: int
    expected: int
    ceiling: int


class Cost(msgspec.Struct, frozen=True):
    """One step at one endpoint.

    Attributes:
        recipe: names step, endpoint and price.
        jobs: first attempts, exactly, where nothing is rejected.
        most_jobs: with every attempt and every replacement the spec allows.
        input, output: tokens of all jobs.
        money: picodollars of all jobs.
        largest: picodollars of the largest single job at its worst.
        by_language: share of the sampled jobs, by language.
        by_branch: the same by the taxonomy's first level.
    """

    recipe: Recipe
    jobs: int
    most_jobs: int
    input: Figures
    output: Figures
    money: Figures
    largest: int
    by_language: tuple[tuple[str, int], ...]
    by_branch: tuple[tuple[str, int], ...]


class Sample(msgspec.Struct, frozen=True):
    """A slot to render: fresh state each time it is asked for."""

    open: Callable[[], SlotState]
    language: str
    branch: str


def estimate(
    dataset: Dataset,
    programs: Sequence[StepProgram],
    *,
    samples: Iterable[Sample],
    slots: int,
    reserve: int,
    combinations: Callable[[tuple[str, ...]], int],
    rates: Rates,
    history: History,
) -> list[Cost]:
    """Cost every step at every endpoint it uses.

    Args:
        dataset: the IR.
        programs: its steps compiled without checks (`unchecked`), in order.
        samples: slots to render, spread over the set; at most `SAMPLE` are read.
        slots: planned slots.
        reserve: replacement slots the spec allows at most.
        combinations: how many combinations of values of some axes are in use, for steps made once `per` axis.
        rates: tokens a character by language.
        history: what this workspace has seen.

    Returns:
        Rows in order of steps, then endpoints as the step names them.
    """
    steps = {step.name: step for step in dataset.steps}
    outputs = Outputs(steps, rates, history)
    expected: dict[tuple[str, str], list[Probed]] = defaultdict(list)
    longest: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for i, sample in enumerate(samples):
        if i == SAMPLE:
            break
        language, branch = sample.language, sample.branch

        def expect(job: Job, language: str = language) -> Reply:
            return stand_in(job, outputs.characters(job.recipe, language))

        for probed in probe_slot(programs, sample.open(), expect, language=language, branch=branch):
            expected[probed.job.recipe.step, probed.job.recipe.endpoint].append(probed)
        if i < LONGEST_SAMPLE:
            for probed in probe_slot(programs, sample.open(), _longest(outputs), language=language, branch=branch):
                longest[probed.job.recipe.step, probed.job.recipe.endpoint].append(probed.job)
    found: list[Cost] = []
    for program in programs:
        for jobs in program.job_classes:
            recipe = jobs.factory.recipe
            place = (recipe.step, recipe.endpoint)
            count = round(combinations(jobs.per) * jobs.per_combination if jobs.per else slots * jobs.per_slot)
            most = count if jobs.per else ceil((slots + reserve) * jobs.per_slot)
            size = _Size(count, most * max(1, jobs.attempts), expected[place], longest[place])
            found.append(_cost(recipe, size, outputs, rates))
    return found


def _longest(outputs: Outputs) -> Callable[[Job], Reply]:
    return lambda job: stand_in(job, outputs.longest_bytes(job.recipe))


class _Size(msgspec.Struct, frozen=True):
    """How many jobs, and samples of them with stand-ins of expected and of greatest length."""

    jobs: int
    most_jobs: int
    expected: Sequence[Probed]
    longest: Sequence[Job]


def _cost(recipe: Recipe, size: _Size, outputs: Outputs, rates: Rates) -> Cost:
    price, probed = recipe.price, size.expected
    sampled = max(1, len(probed))
    mean_in = sum(expected_input(p.job, p.language, rates) for p in probed) / sampled
    mean_out = sum(outputs.expected(recipe, p.language) for p in probed) / sampled
    least_in = min((least_input(p.job) for p in probed), default=0)
    most_in = max((most_input(job) for job in size.longest), default=0)
    most_out = recipe.max_tokens * recipe.n
    into = Figures(least_in * size.jobs, round(mean_in * size.jobs), most_in * size.most_jobs)
    out = Figures(outputs.least(recipe) * size.jobs, round(mean_out * size.jobs), most_out * size.most_jobs)
    money = Figures(
        _money(price, into.floor, out.floor),
        _money(price, into.expected, out.expected),
        _money(price, into.ceiling, out.ceiling),
    )
    languages = Counter(p.language for p in probed)
    branches = Counter(p.branch for p in probed)
    return Cost(
        recipe=recipe,
        jobs=size.jobs,
        most_jobs=size.most_jobs,
        input=into,
        output=out,
        money=money,
        largest=_money(price, most_in, most_out),
        by_language=tuple(sorted(languages.items())),
        by_branch=tuple(sorted(branches.items())),
    )


def _money(price: Price | None, into: int, out: int) -> int:
    return usage_cost(price, Usage(into, out))
