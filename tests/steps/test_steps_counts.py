"""Closed-form counts of jobs against running every slot and counting the keys that were asked."""

import json
from collections import Counter
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stepkit import Driver, Pair, Sampling, endpoint, generate, judge, ok, scale, text

from tapc.ir import Budget, Ceiling, Dataset, Mix, MixValue, Price, Reserve, Space, Taxonomy, TaxonomyNode
from tapc.jobs import worst_case
from tapc.kinds.steps.score.model import Score
from tapc.plan import Rates, cost_plan, describe, job_graph, plan_dataset

AXES = ("language", "level", "topic")
POOL = ("one", "three", "two")


def space(topics, languages, levels):
    children = tuple(TaxonomyNode(name=f"t{i}") for i in range(topics))
    mixes = (("language", languages), ("level", levels))
    return Space(
        taxonomy=Taxonomy(name="topic", children=children),
        mixes=tuple(Mix(name=name, values=tuple(MixValue(name=f"v{i}") for i in range(n))) for name, n in mixes),
    )


@st.composite
def datasets(draw):
    """Outlines per some axes, questions, answers by all or some of a pool or for every question, scores and pairs."""
    some = st.lists(st.sampled_from(POOL), min_size=1, unique=True).map(lambda names: tuple(sorted(names)))
    two = st.lists(st.sampled_from(POOL), min_size=1, max_size=2, unique=True).map(lambda names: tuple(sorted(names)))
    few = st.integers(1, 2)
    system = st.sampled_from(
        [None, text("Judge"), text("Judge in {{ language }}", "language"), text("{{ outline }}", "outline")]
    )
    per = tuple(draw(st.lists(st.sampled_from(AXES), unique=True).map(sorted)))
    outline = generate(
        "outline", " ".join(f"{{{{ {a} }}}}" for a in per), *per, using=draw(some), per=per, each=draw(few)
    )
    question = generate(
        "question",
        "{{ outline }} {{ topic }}",
        "outline",
        "topic",
        using=draw(two),
        each=draw(few),
        sampling=Sampling(n=draw(st.sampled_from([None, 2])), max_tokens=40),
    )
    using = draw(some)
    answer = generate(
        "answer",
        "{{ question }}",
        "question",
        using=using,
        each=draw(few),
        pick=draw(st.none() | st.integers(1, len(using))),
        for_step=draw(st.sampled_from([None, "question"])),
    )
    steps = [outline, question, answer]
    for number, of in enumerate(draw(st.lists(st.sampled_from(["answer", "question", "outline"]), max_size=2))):
        mode = draw(
            st.sampled_from(["listwise", "pointwise"] if of == "answer" else ["listwise", "pairwise", "pointwise"])
        )
        aspects = (scale(f"quality{number}"),)
        steps.append(judge(f"verdict{number}", of, *aspects, using=draw(some), mode=mode, system=draw(system)))
    if draw(st.booleans()):
        of = draw(st.sampled_from(["answer", "outline"]))
        steps.append(Score(name="reward", of=of, using="scorer", reward=True))
        steps.append(Pair(name="choice", of=of, by=("reward.overall",)))
    return Dataset(
        name="d",
        samples=draw(st.integers(1, 8)),
        space=space(draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(few)),
        endpoints=tuple(endpoint(name, sampling=Sampling(max_tokens=40)) for name in (*POOL, "scorer")),
        steps=tuple(steps),
        reserve=Reserve(share=Fraction(1)),
    )


def fit(schema):
    """Something of a schema's shape, with one entry in lists."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        return {name: fit(part) for name, part in schema["properties"].items()}
    if schema["type"] == "array":
        return [fit(schema["items"])]
    return "because" if schema["type"] == "string" else schema["minimum"]


def reply(job):
    recipe = job.recipe
    if recipe.kind == "pooling":
        return str(job.key[0])
    if recipe.schema is None:
        return ok(*(f"text {job.key.hex()[:12]} {part}" for part in range(recipe.n)))
    found = fit(json.loads(recipe.schema))
    if "verdicts" in found:
        count = job.messages[-1].content.count("<answer-")
        found["verdicts"] = [{**found["verdicts"][0], "answer": number} for number in range(1, count + 1)]
    return json.dumps(found)


def asked(plan, keys=None):
    """All jobs in order of slots."""
    driver = Driver(reply)
    programs = plan.programs()
    for key in plan.slots if keys is None else keys:
        driver.slot(programs, plan.open_slot(key))
    return list(driver.jobs.values())


@settings(max_examples=100, deadline=None)
@given(datasets())
def test_counts_in_closed_form_are_those_that_counting_finds(given_dataset):
    plan = plan_dataset(given_dataset)
    jobs = asked(plan)
    found = Counter((job.recipe.step, job.recipe.endpoint) for job in jobs)
    graph = job_graph(
        given_dataset,
        plan.programs(),
        slots=len(plan.slots),
        cells=len(plan.allocation),
        combinations=plan.combinations,
    )
    costs = cost_plan(plan, Rates({}), {})
    pools = {
        step.name
        for step in given_dataset.steps
        if getattr(step, "pick", None) not in (None, len(getattr(step, "using", ())))
    }
    for step in graph.steps:
        assert step.jobs == sum(n for (name, _), n in found.items() if name == step.name), step
        for group in step.groups:
            if step.name not in pools:  # which of a pool a slot draws is known by slot only
                assert group.jobs == found[step.name, group.endpoint], group
            cost = next(cost for cost in costs if cost.place == (step.name, group.endpoint))
            assert found[step.name, group.endpoint] <= cost.most_jobs == cost.jobs_of_cells()[1].sum()
            assert cost.jobs == group.jobs
            assert cost.jobs_of_cells()[0].sum() == group.jobs
    assert graph.jobs == len(jobs)


@settings(max_examples=50, deadline=None)
@given(datasets())
def test_no_ceiling_is_passed_where_nothing_is_left_over_for_attempts_and_replacements(given_dataset):
    once = [s.model_copy(update={"attempts": 1}) if hasattr(s, "attempts") else s for s in given_dataset.steps]
    bare = given_dataset.model_copy(update={"steps": tuple(once), "reserve": Reserve(share=Fraction(0), floor=0)})
    plan = plan_dataset(bare)
    document = describe(plan, cost_plan(plan, Rates({}), {}), spec="d.tap")
    jobs = asked(plan)
    found = {name: Counter() for name in ("requests", "input_tokens", "output_tokens")}
    for job in jobs:
        worst, place = worst_case(job), (job.recipe.step, job.recipe.endpoint)
        for name, amount in zip(found, (1, worst.input, worst.output), strict=True):
            found[name][place] += amount
    for name, amounts in found.items():
        ceilings = {(s.name, s.endpoint): getattr(s, name).ceiling for s in document.steps if s.endpoint}
        assert all(amount <= ceilings[place] for place, amount in amounts.items()), name
    tokens = sum(found["input_tokens"].values()) + sum(found["output_tokens"].values())
    assert document.total.requests.expected <= document.total.requests.ceiling
    assert len(jobs) <= document.total.requests.ceiling
    assert tokens <= document.total.tokens.ceiling


IN, OUT = 3, 5
"""Picodollars a token."""

BYTES_PER_TOKEN = 128
"""Of the longest token in any vocabulary in use; the next endpoint may well make a token of each of its bytes."""


def longest(job):
    """Texts as long as the limit allows at all, in letters of three bytes; of structures, what their schema wants."""
    if job.recipe.schema is not None or job.recipe.kind != "chat":
        return reply(job)
    letters = job.recipe.max_tokens * BYTES_PER_TOKEN // 3
    return ok(*[("光合作用" * (letters // 4 + 1))[:letters]] * job.recipe.n)


def shortest(job):
    """One token each."""
    return ok(*["x"] * job.recipe.n) if job.recipe.schema is None and job.recipe.kind == "chat" else reply(job)


def bytes_of(job):
    """Tokens of the prompt if every byte is one, without what a chat template adds."""
    return sum(len(message.content.encode()) for message in job.messages)


@settings(max_examples=15, deadline=None)
@given(datasets())
def test_what_is_used_lies_between_floor_and_ceiling(given_dataset):
    """Counted naively here: bytes of prompts as they are rendered, limits as they are stated, price times tokens."""
    once = [s.model_copy(update={"attempts": 1}) if hasattr(s, "attempts") else s for s in given_dataset.steps]
    priced = [e.model_copy(update={"price": Price(input=IN, output=OUT)}) for e in given_dataset.endpoints]
    bare = {"steps": tuple(once), "endpoints": tuple(priced), "reserve": Reserve(share=Fraction(0), floor=0)}
    plan = plan_dataset(given_dataset.model_copy(update=bare))
    document = describe(plan, cost_plan(plan, Rates({}), {}), spec="d.tap")
    figures = {(s.name, s.endpoint): s for s in document.steps if s.endpoint}
    for answers, whole in ((longest, True), (shortest, False)):
        driver = Driver(answers)
        programs = plan.programs()
        for key in plan.slots:
            driver.slot(programs, plan.open_slot(key))
        used = {place: [0, 0, 0] for place in figures}
        for job in driver.jobs.values():
            sums = used[job.recipe.step, job.recipe.endpoint]
            made = job.recipe.max_tokens * job.recipe.n if whole else job.recipe.n if job.recipe.max_tokens else 0
            sums[0] += 1
            sums[1] += bytes_of(job)
            sums[2] += made
        if whole:
            for place, (requests, prompts, made) in used.items():
                step = figures[place]
                assert requests <= step.requests.ceiling, place
                assert prompts <= step.input_tokens.ceiling, place
                assert made <= step.output_tokens.ceiling, place
                assert (prompts * IN + made * OUT) / 10**12 <= step.cost_usd.ceiling * (1 + 1e-9), place
            continue
        for name in ("outline", "question", "answer"):  # equal texts share a verdict, so that judges may use less
            places = [place for place in used if place[0] == name]
            assert sum(figures[place].input_tokens.floor for place in places) <= sum(used[place][1] for place in places)
            assert sum(figures[place].output_tokens.floor for place in places) <= sum(
                used[place][2] for place in places
            )


@settings(max_examples=20, deadline=None)
@given(datasets(), st.integers(0, 7))
def test_jobs_come_in_one_order_and_no_more_than_are_asked_for(given_dataset, stop):
    plan, again = plan_dataset(given_dataset), plan_dataset(given_dataset)
    jobs = [job.key for job in asked(plan)]
    assert [job.key for job in asked(again)] == jobs
    first = [job.key for job in asked(plan, islice(plan.slots, stop))]
    assert first == jobs[: len(first)]
    assert [job.key for job in asked(plan, [plan.slots.at(n) for n in range(min(stop, len(plan.slots)))])] == first


def test_members_of_a_pool_have_a_ceiling_each_and_the_dearest_of_them_one_together():
    price = {name: Price(input=0, output=dear) for name, dear in (("one", 1), ("two", 20), ("three", 300))}
    given_dataset = Dataset(
        name="d",
        samples=36,
        space=space(3, 1, 2),
        endpoints=tuple(endpoint(name, sampling=Sampling(max_tokens=10), price=price[name]) for name in POOL),
        steps=(generate("answer", "{{ topic }}", "topic", using=POOL, pick=2, attempts=1),),
        reserve=Reserve(share=Fraction(0), floor=0),
        budget=Budget(total=Ceiling(), steps=(("answer", Ceiling(requests=72)),)),
    )
    plan = plan_dataset(given_dataset)
    document = describe(plan, cost_plan(plan, Rates({}), {}), spec="d.tap")
    assert [step.requests.ceiling for step in document.steps] == [36, 36, 36]
    assert document.total.jobs == document.total.requests.ceiling == 72
    assert document.total.cost_usd.ceiling * 10**12 == pytest.approx(36 * 10 * (300 + 20))
    assert document.budget.fits_ceiling
    for rows in (document.by["level"], document.by["topic"]):
        assert sum(row.requests.ceiling for row in rows) == 72
        assert sum(row.cost_usd.ceiling for row in rows) == pytest.approx(document.total.cost_usd.ceiling)
