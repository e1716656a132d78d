"""What a run of a plan will send and pay: one estimate for `plan`, `diff` and the question before a run."""

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import msgspec

from tapc.engine import Label, labels_of
from tapc.plan import Cost, Kept, Learned, Planned, Rates, Spent, Tuning, cost_plan
from tapc.plan.estimate import Speeds
from tapc.plan.forecast import Forecast, Frontier, Stage, make_forecast
from tapc.source import bundled_dir
from tapc.store import Store, UsedSoFar, accounts, has_database, ledger_disagrees, open_store
from tapc.workspace.acceptance import recorded
from tapc.workspace.opening import existing_store
from tapc.workspace.speeds import speeds_of
from tapc.workspace.stored import look_up
from tapc.workspace.stored_fold import StoredPart

_ALIKE = 0.15
"""Relative difference up to which requests of an earlier form of a step have the length of those of this one."""

_MEASURED = 10
"""Fewest accepted texts of a step for their length to be known."""

_History = Mapping[tuple[str, str, str, str], Learned]

_PRIOR = 4
"""Number of replies that weigh as much as the expectation before there were any."""


class Estimate(msgspec.Struct, frozen=True):
    """The estimate of a plan.

    Attributes:
        before: costs before anything was known of replies.
        costs: costs with what replies of the dataset used so far.
        stored: what the store has; None without a store.
        kept: the same, with what is left to be asked.
        forecast: what a run will send and pay; None without a store.
        spent: amounts spent by the dataset, its steps and its endpoints.
        speeds: measured speeds of its endpoints.
    """

    before: Sequence[Cost]
    costs: Sequence[Cost]
    stored: StoredPart | None = None
    kept: Kept | None = None
    forecast: Forecast | None = None
    spent: Mapping[tuple[str, str], Spent] = {}
    speeds: Speeds = {}


def estimate_plan(planned: Planned, store: Path, *, limit: int | None = None) -> Estimate:
    """Estimate a plan.

    Args:
        planned: the plan.
        store: folder of the store; what it has costs nothing. It need not exist, and is not made.
        limit: number of samples that a run makes, the first by rank; None means all.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    first = cost_plan(planned, language_rates(), {})
    if not has_database(store):
        return Estimate(first, first)
    opened = open_store(store, offline=True)
    try:
        stored = look_up(planned, opened, limit=limit)
        spent = _spent(opened, planned.dataset.name)
        history = used_so_far(opened, planned.dataset.name)
        speeds = speeds_of(planned.dataset, opened)
        frontier = _with_records(stored.frontier, opened, planned)
    finally:
        opened.close()
    costs = cost_plan(planned, language_rates(), _accepted(history, stored.stages, frontier)) if history else first
    tuning = _tuning(stored, costs)
    seed = int(planned.digest[:16], 16)
    found = make_forecast(
        costs,
        stored.stages,
        stored.groups,
        reserve=planned.dataset.reserve,
        frontier=frontier,
        tuning=tuning,
        seed=seed,
    )
    kept = msgspec.structs.replace(stored.kept, tuning=tuning, left=found.certain, expected=found.expected)
    return Estimate(first, costs, stored, kept, found, spent, speeds)


def _with_records(frontier: Frontier, store: Store, planned: Planned) -> Frontier:
    """What the store has of a plan, with the acceptance that runs recorded."""
    records = recorded(store, planned.dataset.name)
    earlier = [(digest, record) for digest, record in records if digest != planned.digest]
    return msgspec.structs.replace(frontier, same=dict(records).get(planned.digest), earlier=earlier)


def _accepted(history: _History, stages: Sequence[Stage], frontier: Frontier) -> _History:
    """The history, with the lengths of texts that were accepted: only those are read by later steps."""
    ratios: dict[str, float] = {}
    for stage, counts in zip(stages, frontier.counts, strict=True):
        used = [learned for place, learned in history.items() if place[0] == stage.name]
        jobs, characters = sum(one.jobs for one in used), sum(one.jobs * one.chars for one in used)
        measured = [counts, *(found for _, record in frontier.earlier if (found := record.steps.get(stage.name)))]
        known = next((one for one in measured if one.texts >= _MEASURED), None)
        if stage.writes and known is not None and characters:
            ratios[stage.name] = known.characters / known.texts / (characters / jobs)
    return {
        place: msgspec.structs.replace(learned, chars=learned.chars * ratios.get(place[0], 1.0))
        for place, learned in history.items()
    }


def expected_costs(planned: Planned, store: Path) -> list[Cost]:
    """What a plan costs from nothing, with what replies of the dataset used so far; the store is not searched.

    Raises:
        StoreError: there is a store that cannot be read.
    """
    history: _History = {}
    if has_database(store):
        with existing_store(store) as opened:
            history = used_so_far(opened, planned.dataset.name)
    return cost_plan(planned, language_rates(), history)


def _tuning(stored: StoredPart, costs: Sequence[Cost]) -> dict[tuple[str, str], Tuning]:
    """Corrections of input tokens and shares of cached input, as stored replies report them.

    Args:
        stored: result of `look_up`.
        costs: costs of the plan, made with the history of the replies.
    """
    tuning: dict[tuple[str, str], Tuning] = {}
    for cost in costs:
        seen = stored.seen.get(cost.place)
        if not cost.input.expected:
            continue
        if seen is not None and seen.input:
            found = seen.input * cost.jobs / (cost.input.expected * seen.jobs)
            trust = seen.jobs / (seen.jobs + _PRIOR)
            tuning[cost.place] = Tuning(1 + (found - 1) * trust, seen.cached / seen.input * trust)
        elif cost.learned is not None and cost.learned.jobs:
            # requests of an earlier form: a small difference is taken for an error of the estimate, a large one for
            # the edit
            found = cost.learned.input * cost.jobs / cost.input.expected
            tuning[cost.place] = Tuning(found if abs(found - 1) <= _ALIKE else 1.0, own=False)
    return tuning


def used_so_far(store: Store, dataset: str) -> dict[tuple[str, str, str, str], Learned]:
    """Tokens that replies of a dataset used over all its runs, by step, endpoint, model and language."""
    rows: dict[tuple[str, str, str, str], list[UsedSoFar]] = {}
    for used in store.history(labels_of(dataset)):
        label = Label.read(used.label)
        if label is not None and used.outcome != "gave_up":
            rows.setdefault((label.step, label.endpoint, label.model, label.language), []).append(used)
    return {place: _learned(found) for place, found in rows.items() if sum(used.jobs for used in found)}


def _learned(rows: Sequence[UsedSoFar]) -> Learned:
    """Means and variances over all outcomes, since all are paid for; characters only of replies with outcome `ok`."""
    jobs = sum(used.jobs for used in rows)
    into, out = (sum(used.input for used in rows) / jobs, sum(used.output for used in rows) / jobs)
    fine = [used for used in rows if used.outcome == "ok"]
    good = sum(used.jobs for used in fine)
    return Learned(
        jobs=jobs,
        output=out,
        output_variance=max(0.0, sum(used.output_squares for used in rows) / jobs - out**2),
        input=into,
        input_variance=max(0.0, sum(used.input_squares for used in rows) / jobs - into**2),
        chars=sum(used.chars for used in fine) / good if good else 0.0,
    )


def _spent(store: Store, dataset: str) -> dict[tuple[str, str], Spent]:
    """Amounts spent by a dataset, its steps and its endpoints."""
    account = next((one for one in accounts(store, latest=0) if one.dataset == dataset), None)
    if account is None:
        return {}
    if account.wrong:
        raise ledger_disagrees(store.folder, account.wrong)
    return {
        (line.kind, "" if line.kind == "dataset" else line.name): Spent(
            line.spent.cost, line.spent.tokens, line.spent.requests
        )
        for line in account.lines
        if line.kind in ("dataset", "step", "endpoint")
    }


@cache
def language_rates() -> Rates:
    """Tokens per character by language: the higher of two tokenizers' rates, so that a plan errs on the dear side."""
    path = bundled_dir("stdlib") / "languages" / "languages.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    measured = {
        row["tag"]: max(float(row["tokens_per_char_o200k"]), float(row["tokens_per_char_tekken"])) for row in rows
    }
    return Rates(measured)
