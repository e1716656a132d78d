"""Jobs, tokens and money of a plan before the first request."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import numpy as np

from tapc.ir import Dataset
from tapc.jobs import FREE, Job, Recipe, Reply, TokenPrices, least_rates, most_rates, tariff_of
from tapc.plan.counting import count_jobs
from tapc.plan.estimate.output import History, Learned, Outputs, merged
from tapc.plan.estimate.probe import answers_read, probe_slot
from tapc.plan.estimate.standin import stand_in
from tapc.plan.estimate.strata import Cells, Floats, Ints, Strata
from tapc.plan.estimate.tokens import Rates, expected_input, least_input, most_input
from tapc.steps import JobClass, SlotState, StepProgram

SAMPLE = 128
"""Most slots whose prompts are rendered."""

LONGEST_SAMPLE = 8
"""Number of these slots that are also rendered with the longest possible texts, for the ceiling."""


class Figures(msgspec.Struct, frozen=True, gc=False):
    """Floor, expected and ceiling of one quantity."""

    floor: int
    expected: int
    ceiling: int


class Unit(msgspec.Struct, frozen=True):
    """Tokens of one job.

    Attributes:
        least_in, least_out: lower bounds.
        mean_in, mean_out: expected values by stratum, shape (strata,).
        most_in, most_out: upper bounds.
    """

    least_in: int
    least_out: int
    mean_in: Floats
    mean_out: Floats
    most_in: int
    most_out: int


class Cost(msgspec.Struct, frozen=True):
    """One step at one endpoint.

    Attributes:
        recipe: recipe with step, endpoint and price.
        made: the jobs in closed form.
        unit: tokens of one job.
        cells: cells of the plan.
        learned: usage of such replies in earlier runs, all languages together; None before the first run.
        jobs: exact number of first attempts, if nothing is rejected.
        most_jobs: number with every attempt and every replacement that the spec allows.
        input, output: tokens of all jobs.
        prices: prices per token.
        money: picodollars of all jobs.
        largest: picodollars of the largest single job at its worst.
    """

    recipe: Recipe
    made: JobClass
    unit: Unit
    cells: Cells
    learned: Learned | None
    jobs: int
    most_jobs: int
    input: Figures
    output: Figures
    prices: "Prices"
    money: Figures
    largest: int

    @property
    def place(self) -> tuple[str, str]:
        """Step and endpoint."""
        return self.recipe.step, self.recipe.endpoint

    def jobs_of_cells(self) -> tuple[Ints, Ints]:
        """First attempts, and the most jobs, by cell; jobs that slots of several cells share are divided among them."""
        made, cells = self.made, self.cells
        attempts = max(1, made.attempts)
        if made.per:
            shares, times = cells.shares(made.per)
            return cells.whole(shares * (self.jobs / max(1, times))), cells.whole(shares * made.most) * attempts
        most = cells.most * (made.most * attempts)
        if not made.pooled:
            return cells.count * made.most, most
        return cells.whole(cells.count * (self.jobs / max(1, int(cells.count.sum())))), most


class Sample(msgspec.Struct, frozen=True):
    """A slot to render, with fresh state on each call."""

    open: Callable[[], SlotState]
    stratum: int


class Heavy(msgspec.Struct, frozen=True):
    """Slots with the longest texts of the spec, for the ceiling, and steps that render them."""

    programs: Sequence[StepProgram]
    slots: Sequence[Callable[[], SlotState]]


class _Probed(msgspec.Struct, frozen=True):
    """A job that some slot asks for."""

    job: Job
    stratum: int


def estimate(
    dataset: Dataset,
    programs: Sequence[StepProgram],
    *,
    samples: Iterable[Sample],
    heavy: Heavy,
    cells: Cells,
    rates: Rates,
    history: History,
) -> list[Cost]:
    """Estimate every step at every endpoint that it uses.

    Args:
        dataset: the IR.
        programs: its steps compiled without checks (`unchecked`), in order.
        samples: slots to render, spread over the set.
        heavy: slots with the longest texts.
        cells: cells of the plan.
        rates: tokens per character by language.
        history: usage in earlier runs of this workspace.

    Returns:
        Costs in order of steps, then of endpoints as the step names them.
    """
    strata = cells.strata
    outputs = Outputs({step.name: step for step in dataset.steps}, rates, history, answers_read(dataset, programs))
    expected: dict[tuple[str, str], list[_Probed]] = defaultdict(list)
    longest: dict[str, int] = defaultdict(int)
    limits = _limits(outputs, programs)

    def stretch(steps: Sequence[StepProgram], state: SlotState) -> None:
        for job in probe_slot(steps, state, lambda job: _longest(outputs, job, limits)):
            recipe = job.recipe
            longest[recipe.step] = max(longest[recipe.step], most_input(job) - recipe.overhead)

    for i, sample in enumerate(samples):
        language, tag = strata.languages[sample.stratum], strata.tags[sample.stratum]

        def expect(job: Job, language: str = language, tag: str = tag) -> Reply:
            return stand_in(job, outputs.characters(job.recipe, language, tag), outputs.entries(job.recipe))

        for job in probe_slot(programs, sample.open(), expect):
            expected[job.recipe.step, job.recipe.endpoint].append(_Probed(job, sample.stratum))
        if i < LONGEST_SAMPLE:
            stretch(programs, sample.open())
    for open_slot in heavy.slots:
        stretch(heavy.programs, open_slot())
    found: list[Cost] = []
    for program in programs:
        for made, jobs in zip(program.job_classes, count_jobs(program.job_classes, cells.times), strict=True):
            recipe = made.factory.recipe
            place = (recipe.step, recipe.endpoint)
            most = longest[recipe.step] + recipe.overhead if recipe.step in longest else 0
            unit = _unit(recipe, expected[place], most, strata, outputs, rates)
            found.append(_cost(made, jobs, unit, cells, _learned(history, recipe)))
    return found


def _limits(outputs: Outputs, programs: Sequence[StepProgram]) -> dict[str, int]:
    """Bytes of the longest text of any endpoint of each step: the rendered slots may not draw it from its pool."""
    return {
        program.name: max(outputs.longest_bytes(made.factory.recipe) for made in program.job_classes)
        for program in programs
        if program.job_classes
    }


def _longest(outputs: Outputs, job: Job, limits: Mapping[str, int]) -> Reply:
    return stand_in(job, limits[job.recipe.step], outputs.entries(job.recipe), packed=True)


def _learned(history: History, recipe: Recipe) -> Learned | None:
    place = (recipe.step, recipe.endpoint, recipe.identity)
    return merged([learned for key, learned in history.items() if key[:3] == place])


def _unit(
    recipe: Recipe, probed: Sequence[_Probed], longest: int, strata: Strata, outputs: Outputs, rates: Rates
) -> Unit:
    tokens = [expected_input(one.job, strata.tags[one.stratum], rates) for one in probed]
    output = {
        (language, tag): outputs.expected(recipe, language, tag)
        for language, tag in {*zip(strata.languages, strata.tags, strict=True)}
    }
    asks = not recipe.runs_program
    return Unit(
        least_in=min((least_input(one.job) for one in probed), default=0),
        least_out=outputs.least(recipe) if asks else 0,
        mean_in=_by_stratum(tokens, [one.stratum for one in probed], strata),
        mean_out=np.array(
            [output[pair] if recipe.max_tokens else 0.0 for pair in zip(strata.languages, strata.tags, strict=True)]
        ),
        most_in=longest,
        most_out=recipe.max_tokens * recipe.n,
    )


def _by_stratum(amounts: Sequence[int], numbers: Sequence[int], strata: Strata) -> Floats:
    """Means by stratum; one without samples gets the mean of its language, else of all."""
    if not amounts:
        return np.zeros(len(strata))
    values, at = np.array(amounts, np.float64), np.array(numbers, np.int64)
    names = {name: i for i, name in enumerate(dict.fromkeys(strata.languages))}
    language = np.array([names[name] for name in strata.languages], np.int64)
    found = np.full(len(strata), values.mean())
    for group, of_stratum in ((language[at], language), (at, np.arange(len(strata)))):
        sums = np.bincount(group, weights=values, minlength=int(of_stratum.max()) + 1)
        times = np.bincount(group, minlength=int(of_stratum.max()) + 1)
        known = times[of_stratum] > 0
        found[known] = (sums / np.maximum(times, 1))[of_stratum][known]
    return found


def _cost(made: JobClass, jobs: int, unit: Unit, cells: Cells, learned: Learned | None) -> Cost:
    recipe = made.factory.recipe
    slots, most_slots = int(cells.count.sum()), int(cells.most.sum())
    most = (cells.times(made.per) if made.per else most_slots) * made.most * max(1, made.attempts)
    weights = np.bincount(cells.strata.of_cell, weights=cells.count.astype(np.float64), minlength=len(cells.strata))
    weights /= max(1, slots)
    mean_in = float(unit.mean_in @ weights)
    prices = prices_of(recipe, unit.most_in, mean_in)
    worst = unit.most_in * prices.ceiling.input + unit.most_out * prices.ceiling.output
    into = Figures(unit.least_in * jobs, round(mean_in * jobs), unit.most_in * most)
    out = Figures(unit.least_out * jobs, round(float(unit.mean_out @ weights) * jobs), unit.most_out * most)
    return Cost(
        recipe=recipe,
        made=made,
        unit=unit,
        cells=cells,
        learned=learned,
        jobs=jobs,
        most_jobs=most,
        input=into,
        output=out,
        prices=prices,
        money=money(prices, into, out),
        largest=worst,
    )


class Prices(msgspec.Struct, frozen=True):
    """Picodollars per token of one step at one endpoint, equal for all its jobs, so that rows add up.

    Attributes:
        floor, ceiling: the lowest and highest prices that can apply: kinds of input, lengths that its prompts can
            reach, service tiers. The ceiling has the rates that the ledger reserves for the largest job.
        usual: standard tier, at the average length of its prompts.
    """

    floor: TokenPrices
    usual: TokenPrices
    cached: int
    ceiling: TokenPrices


def prices_of(recipe: Recipe, most_in: int, mean_in: float) -> Prices:
    """Prices of a recipe.

    Args:
        recipe: recipe with its price; None means free.
        most_in: input tokens of its largest job.
        mean_in: input tokens of its average job.
    """
    if recipe.price is None:
        return Prices(FREE, FREE, 0, FREE)
    band = tariff_of(recipe.price).band(round(mean_in))
    return Prices(least_rates(recipe), TokenPrices(band.input, band.output), band.cached, most_rates(recipe, most_in))


def money(prices: Prices, into: Figures, out: Figures, cached: int = 0) -> Figures:
    """Picodollars of tokens.

    Args:
        prices: prices per token.
        into: input tokens.
        out: output tokens.
        cached: input that is expected to come from the provider's cache.
    """
    cached = min(cached, into.expected)
    return Figures(
        into.floor * prices.floor.input + out.floor * prices.floor.output,
        (into.expected - cached) * prices.usual.input + cached * prices.cached + out.expected * prices.usual.output,
        into.ceiling * prices.ceiling.input + out.ceiling * prices.ceiling.output,
    )
