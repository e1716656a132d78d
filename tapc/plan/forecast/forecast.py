"""What a run of a plan will send and pay: expectation and interval, from what the store has and what was accepted."""

from collections.abc import Mapping, Sequence
from math import ceil, floor

import msgspec
import numpy as np

from tapc.ir import Reserve
from tapc.plan.estimate import Cost, StepEndpoint, Tuning
from tapc.plan.forecast.basis import Basis, Frontier, acceptance_of
from tapc.plan.forecast.cohorts import Field, Game, Played, Rows
from tapc.plan.forecast.groups import Groups
from tapc.plan.forecast.stages import Floats, Ints, Stage

_ROWS = 4000
"""Most rows that are played; of more, an even selection."""

_WORK = 300_000
"""Rows times repetitions."""

_LEAST, _MOST = 48, 400
"""Repetitions."""

_EDITED = 0.05
"""Relative standard deviation of how an edit of a step changes the tokens of its requests, beyond what is estimated."""

_LOW, _HIGH, _LIKELY = 0.025, 0.975, 0.95
_Z = 1.96


class Range(msgspec.Struct, frozen=True):
    """A 95% interval, and the 95th percentile."""

    low: int
    high: int
    likely: int


class Forecast(msgspec.Struct, frozen=True):
    """What a run will send and pay.

    Attributes:
        certain: requests if nothing fails, by step and endpoint and cell.
        expected: expected requests, likewise.
        requests: interval of all requests; None if the acceptance of some step is not known.
        money: interval of picodollars; None as well if the tokens of some step are not known.
        accepted: samples accepted in the end: expected, and interval.
        rejected: samples that stored replies reject, and those expected to be rejected.
        replaced: replacements that are expected to be asked.
        sampled: whether the stored replies of a part of the samples stand for all.
        basis: what was taken for the acceptance of each step that is still to be asked.
    """

    certain: Mapping[StepEndpoint, Ints]
    expected: Mapping[StepEndpoint, Floats]
    requests: Range | None
    money: Range | None
    accepted: tuple[float, int, int]
    rejected: tuple[int, float]
    replaced: float
    sampled: bool
    basis: Sequence[Basis]


def make_forecast(
    costs: Sequence[Cost],
    stages: Sequence[Stage],
    groups: Groups,
    *,
    reserve: Reserve,
    frontier: Frontier,
    tuning: Mapping[StepEndpoint, Tuning],
    seed: int,
) -> Forecast:
    """Forecast a run.

    Args:
        costs: costs of the plan; their job classes are those of `stages`.
        stages: its steps.
        groups: groups of its cells.
        reserve: replacements that a cell may use.
        frontier: how far stored replies bring its samples.
        tuning: corrections of input tokens.
        seed: of the repetitions, so that a plan always has the same figures.
    """
    cells = costs[0].cells if costs else None
    if cells is None:
        return _nothing(frontier)
    random = np.random.default_rng(seed)
    known = [acceptance_of(i, stage, groups, frontier) for i, stage in enumerate(stages)]
    rows, weight = _thinned(frontier.rows, cells.strata.of_cell, random)
    of_cell = np.ones(len(cells)) if frontier.weights is None else frontier.weights
    sizes = rows.slots * of_cell[rows.cell] * weight
    times = int(np.clip(_WORK // max(1, len(rows.cell)), _LEAST, _MOST))
    scale = np.ones(len(cells))
    scale[rows.cell] = weight
    spare = np.array([max(reserve.floor, ceil(reserve.share * int(n))) for n in cells.count], np.float64)
    if frontier.looked is not None:  # a cell stands for others, so it has their reserve
        spare = spare * of_cell * frontier.looked / np.maximum(1, cells.count)
    spare = np.maximum(0.0, np.rint((spare - frontier.opened * of_cell) * scale))
    drawn = [one.draws(times, random) for one in known]
    field = Field(
        stages=stages,
        spare=spare,
        begun=frontier.spares,
        turn=frontier.turn,
        stratum=cells.strata.of_cell,
        strata=len(cells.strata),
        group=groups.of_cell,
        success=[success for success, _ in drawn],
        passing=[passing for _, passing in drawn],
        combination={i: cells.combinations(stage.per) for i, stage in enumerate(stages) if stage.per},
        shared=frontier.shared,
    )
    slots = _slots(sizes, rows.slots, frontier, times, random)
    played = Game(field, times, random).play(rows, slots)
    return _result(
        costs,
        stages,
        frontier,
        played,
        [one.basis for one in known],
        tuning,
        times,
        random,
        thin=bool((weight > 1).any()),
    )


def _nothing(frontier: Frontier) -> Forecast:
    accepted = frontier.accepted
    return Forecast(
        certain={},
        expected={},
        requests=None,
        money=None,
        accepted=(accepted, accepted, accepted),
        rejected=(frontier.rejected, 0.0),
        replaced=0.0,
        sampled=frontier.weights is not None,
        basis=(),
    )


def _thinned(rows: Rows, stratum: Ints, random: np.random.Generator) -> tuple[Rows, Floats]:
    """At most so many rows as are played, evenly by stratum, and by how much each of them counts."""
    size = len(rows.cell)
    if size <= _ROWS:
        return rows, np.ones(size)
    of_row = stratum[rows.cell]
    order = np.lexsort((random.random(size), of_row))
    picked = np.unique(
        np.concatenate((order[:: -(-size // _ROWS)], order[np.unique(of_row[order], return_index=True)[1]]))
    )
    whole = np.bincount(of_row, weights=rows.slots)
    mine = np.bincount(of_row[picked], weights=rows.slots[picked], minlength=len(whole))
    weight = (whole / np.maximum(1e-9, mine))[of_row[picked]]
    parts = {name: getattr(rows, name)[picked] for name in rows.__struct_fields__}
    return Rows(**parts), weight


def _slots(sizes: Floats, found: Floats, frontier: Frontier, times: int, random: np.random.Generator) -> Floats:
    """Slots of each row in each repetition; of a sample, other samples might have found other numbers.

    The numbers that a sample finds are drawn again with gamma weights of the same mean (a Bayesian bootstrap over
    slots, those that are finished included), less where much of the plan was folded.

    Args:
        sizes: slots that each row stands for.
        found: slots of each row.
        frontier: where they were found.
        times: repetitions.
        random: source of random numbers.
    """
    slots = np.tile(sizes, (times, 1))
    if frontier.weights is not None and len(sizes):
        parts = random.gamma(np.maximum(1e-9, found), size=(times, len(found)))
        rest = random.gamma(max(1e-9, float(frontier.finished)), size=(times, 1))
        whole = (parts.sum(axis=1, keepdims=True) + rest) / (float(found.sum()) + frontier.finished)
        factor = parts / np.maximum(1e-9, found) / np.maximum(1e-9, whole)
        slots = slots * (1 + (factor - 1) * np.sqrt(max(0.0, 1 - frontier.folded)))
    rounded = np.floor(slots + random.random(slots.shape))
    rounded[0] = np.rint(sizes)
    return np.maximum(rounded, 0.0)


def _result(
    costs: Sequence[Cost],
    stages: Sequence[Stage],
    frontier: Frontier,
    played: Played,
    bases: Sequence[Basis],
    tuning: Mapping[StepEndpoint, Tuning],
    times: int,
    random: np.random.Generator,
    *,
    thin: bool,
) -> Forecast:
    sampled = frontier.weights is not None
    certain: dict[StepEndpoint, Ints] = {}
    expected: dict[StepEndpoint, Floats] = {}
    sent = np.zeros(times)
    paid: Floats | None = np.zeros(times)
    known = True
    at = 0
    basis: list[Basis] = []
    for stage, one in zip(stages, bases, strict=True):
        asked = False
        for _ in stage.places:
            cost, by_cell, sure, by_stratum = (
                costs[at],
                played.by_cell[at],
                played.certain[at],
                played.by_stratum[:, at],
            )
            at += 1
            if cost.recipe.runs_program:
                continue
            if sampled or thin:
                sure, by_cell = _spread(cost, sure), _spread(cost, by_cell)
            certain[cost.place] = cost.cells.whole(sure)
            expected[cost.place] = np.maximum(by_cell, 0.0)
            sent += by_stratum.sum(axis=1)
            if by_stratum.any():
                asked = True
                money = _money(cost, by_stratum, tuning.get(cost.place, Tuning(own=False)), random)
                paid = None if money is None or paid is None else paid + money
        if asked or (stage.decides and not stage.places):
            known = known and (one.source != "assumed" or not stage.places)
            basis.append(one)
    accepted = played.accepted[1:] + frontier.accepted
    middle = float(accepted.mean())
    return Forecast(
        certain=certain,
        expected=expected,
        requests=_range(sent[1:]) if known else None,
        money=_range(paid[1:]) if known and paid is not None else None,
        accepted=(middle, *_ends(accepted)),
        rejected=(frontier.rejected, float(played.rejected[1:].mean())),
        replaced=float(played.replaced[1:].mean()),
        sampled=sampled,
        basis=basis,
    )


def _spread(cost: Cost, by_cell: Floats) -> Floats:
    """Requests of the cells that were played, divided among all cells of their strata by their first attempts."""
    of_cell = cost.cells.strata.of_cell
    jobs = np.maximum(cost.jobs_of_cells()[0], 0).astype(np.float64)
    whole = np.bincount(of_cell, weights=jobs, minlength=len(cost.cells.strata))
    sums = np.bincount(of_cell, weights=by_cell, minlength=len(cost.cells.strata))
    return jobs * (sums / np.maximum(1e-9, whole))[of_cell]


def _money(cost: Cost, by_stratum: Floats, tuning: Tuning, random: np.random.Generator) -> Floats | None:
    """Picodollars of requests in each repetition; None if nothing is known of the tokens of such requests.

    Args:
        cost: a step at an endpoint.
        by_stratum: its requests, shape (times, strata).
        tuning: corrections of its input tokens.
        random: source of random numbers.
    """
    unit, prices, learned = cost.unit, cost.prices, cost.learned
    if not prices.usual.input and not prices.usual.output:
        return np.zeros(len(by_stratum))
    if learned is None or not learned.jobs:
        return None
    price = (1 - tuning.cached) * prices.usual.input + tuning.cached * prices.cached
    each = unit.mean_in * tuning.input * price + unit.mean_out * prices.usual.output
    jobs = by_stratum.sum(axis=1)
    one = np.sqrt(prices.usual.input**2 * learned.input_variance + prices.usual.output**2 * learned.output_variance)
    alike = max(1.0, float(cost.made.per_slot))  # requests of one slot, whose texts have similar length
    own = one * np.sqrt(jobs * alike) * random.standard_normal(len(jobs))
    drift = one * jobs * np.sqrt(alike / learned.jobs) * random.standard_normal(len(jobs))
    middle = by_stratum @ each * (1 + (0.0 if tuning.own else _EDITED) * random.standard_normal(len(jobs)))
    return np.maximum(0.0, middle + own + drift)


def _ends(numbers: Floats) -> tuple[int, int]:
    """Ends of the 95% interval, in whole numbers."""
    if len(numbers) >= 200:
        low, high = np.quantile(numbers, (_LOW, _HIGH))
    else:
        middle, apart = float(numbers.mean()), float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
        low, high = middle - _Z * apart, middle + _Z * apart
    return max(0, floor(low)), max(0, ceil(high))


def _range(numbers: Floats) -> Range:
    low, high = _ends(numbers)
    apart = float(numbers.std(ddof=1)) if len(numbers) > 1 else 0.0
    likely = float(np.quantile(numbers, _LIKELY)) if len(numbers) >= 200 else float(numbers.mean()) + 1.645 * apart
    return Range(low, high, min(high, max(low, ceil(likely))))
