"""Estimates: ordered figures, the language's tokens, closed-form counts, budgets and what the store has."""

from fractions import Fraction

import numpy as np
import pytest

from tapc.ir import (
    Aspect,
    Budget,
    Ceiling,
    Dataset,
    Emit,
    Endpoint,
    Language,
    Mix,
    MixValue,
    Price,
    Reserve,
    Rubric,
    Sampling,
    Share,
    Space,
    Taxonomy,
    TaxonomyNode,
    Template,
)
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.pair.model import Pair
from tapc.plan import Kept, Learned, PlanDocument, Planned, Rates, Spent, cost_plan, describe, plan_dataset

RATES = Rates({"en": 0.2, "zh-Hans": 0.8})


def value(tag: str, percent: int) -> MixValue:
    language = Language(tag=tag, name=tag, endonym=tag, script="Latn", direction="ltr")
    return MixValue(name=tag, share=Share(kind="percent", value=Fraction(percent, 100)), language=language)


def dataset(english: int = 50, *, samples: int = 40, cap: int | None = 10**12, max_tokens: int = 400) -> Dataset:
    price = Price(input=10**6, output=2 * 10**6)
    prompt = Template(text="Ask about {{ topic }} in {{ language.name }}.", reads=("language", "topic"))
    return Dataset(
        name="d",
        samples=samples,
        space=Space(
            taxonomy=Taxonomy(name="topic", children=(TaxonomyNode(name="a"), TaxonomyNode(name="b"))),
            mixes=(Mix(name="language", values=(value("en", english), value("zh-Hans", 100 - english))),),
        ),
        endpoints=(
            Endpoint(name="judge", model="sim-judge", price=price),
            Endpoint(name="writer", model="sim", price=price),
        ),
        steps=(
            Generate(
                name="question",
                using=("writer",),
                messages=(Message(role="user", content=prompt),),
                sampling=Sampling(max_tokens=100),
                expect_tokens=40,
            ),
            Generate(
                name="answer",
                using=("writer",),
                each=3,
                messages=(Message(role="user", content=Template(text="{{ question }}", reads=("question",))),),
                sampling=Sampling(max_tokens=max_tokens),
                expect_tokens=120,
            ),
            Judge(
                name="verdict",
                of="answer",
                using=("judge",),
                rubric=Rubric(
                    name="r",
                    aspects=(Aspect(name="good", scale="range", weight=Fraction(1), minimum=1, maximum=5),),
                ),
            ),
            Pair(name="choice", of="answer", by=("verdict.overall",)),
        ),
        emits=(Emit(kind="preference", name="preference", source="choice"),),
        accept=("answer", "choice", "question", "verdict"),
        reserve=Reserve(share=Fraction(1)),
        budget=Budget(total=Ceiling(cost=cap)),
    )


def planned(given: Dataset) -> Planned:
    plan = plan_dataset(given)
    assert isinstance(plan, Planned)
    return plan


def document(given: Dataset, **more: object) -> PlanDocument:
    plan = planned(given)
    return describe(plan, cost_plan(plan, RATES, {}), spec="d.tap", **more)  # type: ignore[arg-type]


def stored(plan: Planned, share: float) -> Kept:
    """A store that has so much of every cell."""
    costs = cost_plan(plan, RATES, {})
    by_cell = {cost.place: np.floor(cost.jobs_of_cells()[0] * share).astype(np.int64) for cost in costs}
    return Kept(by_cell=by_cell, missing=0 if share == 1 else 20, accepted=0)


def test_jobs_are_counted_in_closed_form() -> None:
    jobs = {s.name: s.jobs for s in document(dataset()).steps}
    assert jobs == {"question": 40, "answer": 120, "verdict": 120, "choice": 0}


def test_figures_are_ordered() -> None:
    plan = document(dataset())
    for step in plan.steps:
        for figures in (step.input_tokens, step.output_tokens, step.cost_usd):
            assert 0 <= figures.floor <= figures.expected <= figures.ceiling
    assert plan.total.cost_usd.expected == pytest.approx(sum(s.cost_usd.expected for s in plan.steps))


def test_later_steps_are_fed_by_earlier_ones() -> None:
    """The judge reads three answers of 120 tokens and their questions, so it must cost more than its form alone."""
    verdict = next(s for s in document(dataset()).steps if s.name == "verdict")
    assert verdict.input_tokens.expected > 120 * (120 + 40)


def test_expected_output_is_what_the_spec_says() -> None:
    steps = {s.name: s for s in document(dataset()).steps}
    assert steps["question"].output_tokens.expected == 40 * 40
    assert steps["answer"].output_tokens.expected == 120 * 120


def test_history_wins_over_the_spec() -> None:
    plan = planned(dataset())
    history = {("question", "writer", "sim", tag): Learned(10, 77.0) for tag in ("en", "zh-Hans")}
    costs = {c.recipe.step: c for c in cost_plan(plan, RATES, history)}
    assert costs["question"].output.expected == 77 * 40


def test_ceilings_grow_with_the_token_limit_and_bound_every_attempt() -> None:
    small, large = (document(dataset(max_tokens=n)) for n in (200, 800))
    out = [next(s for s in d.steps if s.name == "answer").output_tokens.ceiling for d in (small, large)]
    slots_with_reserve = 40 + 4 * 10  # four cells of ten, each may be replaced wholly
    assert out == [200 * 3 * 3 * slots_with_reserve, 800 * 3 * 3 * slots_with_reserve]


def test_the_budget_is_judged_by_the_expectation() -> None:
    expected = document(dataset()).total.cost_usd.expected
    cap = round(expected * 10**12)
    assert document(dataset(cap=cap + 10**6)).budget.fits_expected
    over = document(dataset(cap=cap // 2)).budget
    assert not over.fits_expected
    assert over.smallest_cap_usd > expected
    assert document(dataset(cap=None)).budget.fits_expected


def test_money_spent_before_counts_against_the_budget() -> None:
    cap = round(document(dataset()).total.cost_usd.expected * 10**12) + 10**9
    assert document(dataset(cap=cap)).budget.fits_expected
    assert not document(dataset(cap=cap), spent={("dataset", ""): Spent(cap // 2)}).budget.fits_expected


def test_what_is_stored_costs_nothing() -> None:
    plan = planned(dataset())
    done = document(dataset(), kept=stored(plan, 1))
    assert done.total.cached == done.total.jobs
    assert (done.total.cost_usd.floor, done.total.cost_usd.expected, done.total.cost_usd.ceiling) == (0, 0, 0)
    assert done.total.requests.ceiling == 0
    half = document(dataset(), kept=stored(plan, 0.5)).steps[0]
    assert half.cached == 20
    assert half.cost_usd.expected == pytest.approx(document(dataset()).steps[0].cost_usd.expected / 2, rel=0.01)


def test_replies_that_slots_share_are_had_by_all_of_them() -> None:
    """A shared reply is noted in the cell that read it first; what is left of the step is counted over all cells."""
    given = dataset()
    shared = given.steps[0].model_copy(update={"per": ("language", "topic")})
    plan = planned(given.model_copy(update={"samples": 5, "steps": (shared, *given.steps[1:])}))
    costs = cost_plan(plan, RATES, {})
    cost = next(cost for cost in costs if cost.recipe.step == "question")
    first = np.zeros(len(plan.allocation), np.int64)
    first[0] = cost.jobs - 1
    kept = Kept(by_cell={cost.place: first}, missing=1, accepted=0)
    step = next(s for s in describe(plan, costs, spec="d.tap", kept=kept).steps if s.name == "question")
    assert (step.jobs, step.cached, step.requests.floor) == (4, 3, 1)
