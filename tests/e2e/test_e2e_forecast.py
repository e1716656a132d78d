"""Forecasts of edits against the runs that follow them, with models that reject differently by cell.

A small part of `bench/estimates.py`, which judges 200 edits; what holds only in most of them is not asserted here.
"""

import importlib
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from tapc.store import open_store
from tapc.workspace import stored as stored_module
from tapc.workspace.acceptance import recorded
from tapc.workspace.diff import diff_document, side_of
from tapc.workspace.estimate import estimate_plan
from tapc.workspace.plan.document import plan_document

BENCH = Path(__file__).resolve().parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    sys.path.insert(0, str(BENCH))
    try:
        return tuple(importlib.import_module(name) for name in ("estimates", "edited_specs", "cell_effects"))
    finally:
        sys.path.remove(str(BENCH))


@pytest.fixture(scope="module")
def judged(bench, tmp_path_factory):
    """A spec with checks and a judge that was run once: a function that plans it with changes, and its options."""
    estimates, specs, effects = bench
    example = next(one for one in specs.EXAMPLES if one.name == "judged")
    folder = tmp_path_factory.mktemp("judged")
    options = estimates.RunOptions(folder / "out", folder / ".tapc", brake=False)
    with effects.served(7) as url:

        def plan(**changes):
            now = {**specs.first(example), "samples": 60, "seed": 7, **changes}
            return estimates.planned(folder / "judged.tap", specs.written(example, now, url))

        estimates.run(plan(), options)
        yield plan, options, lambda planned, **more: estimates.run(planned, changed(options, **more))


def document(planned, options):
    return plan_document(planned, spec="x", store=options.store, diagnostics=(), by=())


EDITS = [{"threshold": 3.9}, {"threshold": 2.5}, {"samples": 75}, {"style2": 5}, {"style3": 6}, {"attempts": 3}]


@pytest.mark.parametrize("edit", EDITS, ids=str)
def test_an_edit_is_forecast_by_plan_and_diff_alike_and_sends_what_it_says(judged, edit):
    plan, options, run = judged
    first, after = plan(), plan(**edit)
    found = document(after, options)
    forecast, total = found.forecast, found.total
    assert forecast is not None and forecast.requests is not None and forecast.cost_usd is not None
    difference = diff_document(side_of(first, "a"), side_of(after, "b"), options.store)
    assert difference.forecast == forecast
    assert difference.total.to_pay == total.requests.expected
    assert difference.total.cost_usd == pytest.approx(total.cost_usd.expected)
    assert total.requests.floor <= total.requests.expected <= total.requests.ceiling
    assert forecast.requests.low <= total.requests.expected <= forecast.requests.high <= total.requests.ceiling
    assert forecast.accepted_interval.low <= forecast.accepted <= forecast.accepted_interval.high <= 75
    report = run(after)
    sent = report.run.requests.sent
    assert sent <= total.requests.ceiling
    if forecast.requests.low == forecast.requests.high:
        assert sent == total.requests.expected
    # 95% intervals of six edits may miss once or twice, but not by much
    margin = 0.35 * max(20, total.requests.expected)
    assert forecast.requests.low - margin <= sent <= forecast.requests.high + margin
    done = document(after, options)
    assert (done.total.requests.expected, done.total.requests.ceiling) == (0, 0)
    assert done.forecast.requests is None or done.forecast.requests.high == 0
    assert done.forecast.accepted == report.manifest.samples.accepted


def test_a_raised_threshold_rejects_stored_samples_and_a_lowered_one_asks_nothing(judged):
    plan, options, run = judged
    run(plan())
    before = document(plan(), options).forecast
    raised = document(plan(threshold=4.1), options)
    assert raised.forecast.rejected > before.rejected
    assert raised.forecast.replacements > 0
    assert raised.total.requests.expected > 0
    assert document(plan(threshold=1.0), options).total.requests.expected <= raised.total.requests.expected


def records(options):
    store = open_store(options.store, offline=True)
    try:
        return dict(recorded(store, "edits"))
    finally:
        store.close()


def test_acceptance_is_recorded_by_plan_step_and_check_and_replaced_by_a_rerun(judged):
    plan, options, run = judged
    planned = plan(seed=8)
    report = run(planned)
    first = records(options)[planned.digest]
    manifest = report.manifest
    reasons = {
        step: {reason: sum(n for _, n in found) for reason, found in one.reasons.items()}
        for step, one in first.steps.items()
    }
    assert {step: found for step, found in reasons.items() if found} == manifest.rejected
    assert manifest.rejected["question"] and manifest.rejected["verdict"]
    tries = {step: sum(row[3] for row in one.counts) for step, one in first.steps.items()}
    assert sum(tries.values()) == report.run.requests.sent
    good = {step: sum(row[4] for row in one.counts) for step, one in first.steps.items()}
    assert good["question"] == tries["question"] - reasons["question"]["length-bounds"]
    assert len({row[0] for row in first.steps["question"].counts}) > 10  # it knows how they differ by cell
    run(planned)
    assert records(options)[planned.digest] == first
    run(planned, limit=10)
    assert records(options)[planned.digest] == first, "a run that came less far replaces nothing"
    run(planned, offline=True)
    assert records(options)[planned.digest] == first


def test_a_step_without_replies_is_forecast_by_its_earlier_form(judged):
    plan, options, run = judged
    earlier = plan(seed=9)
    run(earlier)
    found = {one.step: one for one in document(plan(seed=9, style2=77), options).forecast.basis}
    assert (found["answer"].source, found["answer"].plan) == ("earlier", earlier.digest)
    assert found["question"].source == "stored"
    record = records(options)[earlier.digest].steps["answer"]
    tries, good = (sum(row[n] for row in record.counts) for n in (3, 4))
    assert (found["answer"].tries, found["answer"].accepted) == (tries, pytest.approx(good / tries))


def test_nothing_is_claimed_of_a_step_that_never_ran(judged, tmp_path):
    plan, _, _ = judged
    store = tmp_path / "empty"
    open_store(store).close()
    found = plan_document(plan(), spec="x", store=store, diagnostics=(), by=()).forecast
    assert (found.requests, found.cost_usd) == (None, None)
    assert {one.source for one in found.basis} == {"assumed"}
    other = plan_document(plan(), spec="x", store=tmp_path / "none", diagnostics=(), by=())
    assert other.forecast is None


def test_a_sample_of_a_large_plan_stands_for_all(judged, monkeypatch):
    """The same plan folded whole and by a third of its samples."""
    plan, options, run = judged
    run(plan(seed=10, samples=120))
    more = plan(seed=10, samples=150, threshold=3.6)
    whole = document(more, options)
    assert not whole.forecast.sampled
    monkeypatch.setattr(stored_module, "JOBS", 150)
    part = document(more, options)
    assert part.forecast.sampled
    assert not part.total.cached_exact
    assert part.total.requests.expected == pytest.approx(whole.total.requests.expected, rel=0.4)
    width = part.forecast.requests.high - part.forecast.requests.low
    assert width > whole.forecast.requests.high - whole.forecast.requests.low
    assert part.forecast.requests.low <= whole.total.requests.expected <= part.forecast.requests.high


def test_a_run_of_the_first_samples_is_forecast_apart(judged):
    plan, options, run = judged
    planned = plan(seed=11)
    run(planned, limit=20)
    some = estimate_plan(planned, options.store, limit=30).forecast
    whole = estimate_plan(planned, options.store).forecast
    first = sum(float(column.sum()) for column in some.expected.values())
    every = sum(float(column.sum()) for column in whole.expected.values())
    assert 10 * 3 <= first < every
    report = run(planned, limit=30)
    assert some.requests.low * 0.8 <= report.run.requests.sent <= some.requests.high * 1.2
    nothing = estimate_plan(planned, options.store, limit=30).forecast
    assert sum(float(column.sum()) for column in nothing.expected.values()) == 0


def test_the_forecast_is_the_same_each_time(judged):
    plan, options, _ = judged
    assert document(plan(style=3), options).forecast == document(plan(style=3), options).forecast


def test_what_a_sample_finds_is_counted_for_all(judged, monkeypatch):
    plan, options, run = judged
    planned = plan(seed=12, samples=120)
    run(planned)
    whole = document(planned, options).forecast
    monkeypatch.setattr(stored_module, "JOBS", 150)
    part = document(planned, options).forecast
    assert part.sampled
    assert part.accepted == pytest.approx(whole.accepted, rel=0.25)
    assert part.rejected == pytest.approx(whole.rejected, rel=0.4)
