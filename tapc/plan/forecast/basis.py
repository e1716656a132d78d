"""How far a plan has come, and what is known of the acceptance of its steps."""

from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Literal

import msgspec
import numpy as np

from tapc.plan.forecast.cohorts import Rows, fresh
from tapc.plan.forecast.groups import Groups
from tapc.plan.forecast.rates import CHECKED, UNCHECKED, Rate, rate_of
from tapc.plan.forecast.record import Rates, Record, rates_from
from tapc.plan.forecast.stages import Floats, Ints, Stage
from tapc.plan.forecast.tally import StepCounts

ENOUGH = 30
"""Fewest tries of a step from which its acceptance is known; with fewer, those of an earlier form are added."""

_DRIFT, _DRIFT_WEIGHT, _MOST_DRIFT = 0.35, 3.0, 1.0
"""A usual standard deviation of the change of an acceptance by an edit, as logits; its weight; the most."""

Source = Literal["stored", "earlier", "both", "assumed"]
"""Where the acceptance of a step comes from: replies of this form of it, of an earlier form, both, or nowhere."""


class Basis(msgspec.Struct, frozen=True):
    """What was taken for the acceptance of a step.

    Attributes:
        step: name.
        source: where it comes from.
        tries: tries that were counted.
        accepted: share of the tries that succeeded; of a step that judges, share of its samples that pass.
        plan: digest of the plan whose run recorded it, if it is of an earlier form.
        unrecorded: reasons that reject what is too much like other samples, if nothing is known of how often.
    """

    step: str
    source: Source
    tries: int
    accepted: float
    plan: str = ""
    unrecorded: tuple[str, ...] = ()


class Frontier(msgspec.Struct, frozen=True):
    """How far stored replies bring the samples of a plan.

    Attributes:
        rows: slots that are not finished.
        spares: replacements that follow those in use, of which replies are stored.
        turn: how many others of its cell come before each of `spares`.
        finished: slots that are, replacements included.
        accepted, rejected: of these; if a sample was folded, as many as it stands for.
        opened: replacements by cell.
        weights: number of slots that a slot of a cell stands for; None if all were folded.
        looked: number of planned slots of each cell that were folded, if not all were.
        folded: share of the slots that were folded.
        shared: what became of combinations of values of `per`, by step.
        counts: what passes each step.
        earlier: acceptance recorded in runs of other forms of the dataset (digest, record), the latest first.
        same: acceptance recorded in the latest run of this very plan.
    """

    rows: Rows
    spares: Rows
    turn: Ints
    finished: int
    accepted: int
    rejected: int
    opened: Floats
    weights: Floats | None
    looked: Ints | None
    folded: float
    shared: Mapping[int, "np.ndarray[tuple[int], np.dtype[np.int8]]"]
    counts: Sequence[StepCounts]
    earlier: Sequence[tuple[str, Record]] = ()
    same: Record | None = None


def unbegun(stages: Sequence[Stage], groups: Groups, count: Ints, combinations: Mapping[int, int]) -> Frontier:
    """The frontier of a plan of which nothing is stored."""
    nothing = np.zeros(len(groups), np.int64)
    cells = np.arange(len(count), dtype=np.int64)
    return Frontier(
        rows=fresh(cells, count.astype(np.float64), stages),
        spares=fresh(cells[:0], np.zeros(0), stages),
        turn=cells[:0],
        finished=0,
        accepted=0,
        rejected=0,
        opened=np.zeros(len(count)),
        weights=None,
        looked=None,
        folded=1.0,
        shared={i: np.zeros(size, np.int8) for i, size in combinations.items()},
        counts=[StepCounts(nothing, nothing, nothing, nothing, {}) for _ in stages],
    )


class StepAcceptance(msgspec.Struct, frozen=True):
    """Acceptance of a step as it is played.

    Attributes:
        rates: by group, with one more group.
        drift: how far it may be off because it is of an earlier form, see `Rate.draws`.
        weight: how much failures that were not seen are expected, see `Rate.draws`.
        basis: where it comes from.
    """

    rates: Rates
    drift: float
    weight: float
    basis: Basis

    def draws(self, times: int, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Success of tries and passing of slots that may be true, shape (times, groups)."""
        success = self.rates.success.draws(times, random, self.drift, self.weight)[:, :-1]
        passing = self.rates.passing.draws(times, random, self.drift, self.weight)[:, :-1]
        return success, passing


def acceptance_of(i: int, stage: Stage, groups: Groups, frontier: Frontier) -> StepAcceptance:
    """Acceptance of a step: of stored replies, under the rules of now, and if they are few that of an earlier form."""
    counts = frontier.counts[i]
    sampled = frontier.weights is not None
    own = _with_rest(rate_of(counts.good, counts.tries)), _with_rest(rate_of(counts.passed, counts.reached))
    telling = 0 if stage.writes else 1
    tried = int(own[telling].tries.sum())
    records = list(frontier.earlier)
    if frontier.same is not None and (sampled or not tried):  # else these are the same replies
        records.insert(0, ("", frontier.same))
    told = ((digest, found) for digest, record in records if (found := rates_from(record, stage, groups)) is not None)
    digest, earlier = next(told, ("", None))
    source: Source = "stored" if tried else "assumed"
    drift = 0.0
    if earlier is not None and tried < ENOUGH:
        source = ("both" if tried else "earlier") if digest else "stored"
        own = own[0].plus(earlier.success), own[1].plus(earlier.passing)
        drift = _drift(stage, frontier) * sqrt(1 - tried / ENOUGH) if digest else 0.0
    elif sampled and stage.remembers and earlier is not None:
        # a sample has few of the samples that a text may be too much like: the others tell how often it is
        own = (own[0].times(earlier.unlike), own[1]) if stage.writes else (own[0], own[1].times(earlier.unlike))
    rate = own[telling]
    unknown = sampled and bool(stage.remembers) and earlier is None
    basis = Basis(
        stage.name,
        source,
        round(float(rate.tries.sum())),
        rate.mean(),
        digest if source in ("both", "earlier") else "",
        unrecorded=stage.remembers if unknown else (),
    )
    weight = CHECKED if stage.checked else UNCHECKED
    return StepAcceptance(Rates(own[0], own[1], own[telling]), drift, weight, basis)


def _drift(stage: Stage, frontier: Frontier) -> float:
    """Standard deviation, as logits, of how the acceptance of a step changes by an edit.

    It is learned from recorded runs between which the step was edited, with a usual one that weighs as much as some.
    """
    squares, weight = _DRIFT_WEIGHT * _DRIFT**2, _DRIFT_WEIGHT
    before: tuple[str, float, float] | None = None
    for _, record in frontier.earlier:
        found = record.steps.get(stage.name)
        if found is None or found.simulated != stage.simulated:
            continue
        tries, good = (sum(row[n] for row in found.counts) for n in ((3, 4) if stage.writes else (1, 2)))
        bad = tries - good
        here = found.form, log((good + 0.5) / (bad + 0.5)), 1 / (good + 0.5) + 1 / (bad + 0.5)
        if before is not None and before[0] != here[0]:
            squares += max(0.0, (here[1] - before[1]) ** 2 - here[2] - before[2])
            weight += 1
        before = here
    return min(_MOST_DRIFT, sqrt(squares / weight))


def _with_rest(rate: Rate) -> Rate:
    return Rate(np.append(rate.good, 0.0), np.append(rate.tries, 0.0))
