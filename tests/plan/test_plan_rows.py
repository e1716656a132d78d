"""Costs by step, endpoint, language and branch: every table of a plan adds up, whatever the store has."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.plan import Kept, Learned, PlanDocument, Planned, Rates, Tuning, cost_plan, describe
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

RATES = Rates({"en": 0.2, "zh-Hans": 0.8, "sw": 0.3})

SPEC = """tap 1

dataset d {{
  samples {samples}
  taxonomy topic {{ {leaves} }}
  mix language {{ {languages} }}
  mix level {{ easy 30%: "one step", hard: "several steps, with {words}" }}
  endpoint a {{ model "sim-a", price {{ input $0.25/M, output $1/M, cached_input $0.05/M }} }}
  endpoint b {{ model "big", url "http://127.0.0.1:9/v1", price {{ input $3/M, output $15/M }}, limit {{ concurrency 8 }} }}
  endpoint c {{ model "sim-c", price free }}
  generate shared {{ using a, per topic, prompt "About {{{{ topic.path }}}}.", max_tokens 80 }}
  generate question {{
    using b
    prompt "{{{{ shared }}}} {{{{ level.definition }}}} in {{{{ language.name }}}}."
    max_tokens 400
  }}
  generate answer {{ using {pool}, each 2, prompt "{{{{ question }}}}", max_tokens 900 }}
  judge verdict {{ of answer, using a, mode {mode}, rubric r }}
  rubric r {{ aspect good 1..5: "Is it good?" }}
  emit reward {{ from verdict }}
  budget {{ cost $100, cost $50 per run }}
}}
"""

FIGURES = ("requests", "input_tokens", "output_tokens")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rows")


def planned(folder: Path, **parts: object) -> Planned:
    given = {
        "samples": 40,
        "leaves": 'a { x: "short", y }, b',
        "languages": "en 50%, zh-Hans 30%, sw",
        "words": "many words",
        "pool": "[a, b]",
        "mode": "pointwise",
    }
    path = folder / "d.tap"
    path.write_text(SPEC.format(**{**given, **parts}), encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return found.planned


def figures(row, name: str) -> tuple[int, int, int]:
    found = getattr(row, name)
    return found.floor, found.expected, found.ceiling


def add(rows) -> dict[str, tuple[int, ...]]:
    rows = list(rows)
    found = {name: tuple(map(sum, zip(*(figures(r, name) for r in rows), strict=True))) for name in FIGURES}
    return {**found, "jobs": (sum(r.jobs for r in rows),), "cached": (sum(r.cached for r in rows),)}


def dollars(rows) -> list[float]:
    return [sum(figures(r, "cost_usd")[n] for r in rows) for n in range(3)]


def tokens(found: dict[str, tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(found["input_tokens"], found["output_tokens"], strict=True)))


def parts_of(whole: dict[str, tuple[int, ...]], parts: dict[str, tuple[int, ...]], *, pooled: bool) -> bool:
    """Whether parts add up to a whole; endpoints of a pool cannot all be asked by every slot, so the whole is less."""
    ceilings = [(whole[name][2], parts[name][2]) for name in FIGURES]
    assert all(0 <= a <= b if pooled else a == b for a, b in ceilings)
    return all(whole[name][:2] == parts[name][:2] for name in whole)


def check(document: PlanDocument, *, pooled: bool) -> None:
    steps = [s for s in document.steps if s.endpoint]
    every = add(steps)
    assert add(document.endpoints) == every
    for axis, rows in document.by.items():
        tree = axis == document.taxonomy
        top = [r for r in rows if not tree or "." not in r.value]
        whole = add(top)
        assert whole["requests"] == figures(document.total, "requests"), axis
        assert tokens(whole) == figures(document.total, "tokens")
        assert (whole["jobs"], whole["cached"]) == ((document.total.jobs,), (document.total.cached,))
        assert parts_of(whole, every, pooled=pooled)
        assert dollars(top) == pytest.approx(dollars([document.total]))
        assert dollars(top)[:2] == pytest.approx(dollars(steps)[:2])
        assert dollars(top)[2] <= dollars(steps)[2] * (1 + 1e-9)
        assert sum(r.samples for r in top) == document.samples
        for which in ("floor", "expected", "ceiling"):
            spent = sum(getattr(r.seconds, which) for r in top)
            assert spent == pytest.approx(getattr(document.total.seconds, which), abs=0.001 * len(top) + 0.001)
        for row in rows:
            children = [r for r in rows if r.value.rpartition(".")[0] == row.value]
            assert not (tree and children) or add(children) == add([row])
            assert not row.steps or parts_of(add([row]), add(row.steps), pooled=pooled)
            for name in (*FIGURES, "cost_usd"):
                floor, expected, ceiling = figures(row, name)
                assert 0 <= floor <= expected <= ceiling
    if document.total.likely_usd is not None:
        assert document.total.cost_usd.expected <= document.total.likely_usd <= document.total.cost_usd.ceiling


SIDES = {
    "samples": st.integers(1, 150),
    "leaves": st.sampled_from(["a, b", "a { x { p, q 3 }, y }, b 20%", "sole", "a 60% { x, y }, b { z }, c 1"]),
    "languages": st.sampled_from(["en", "en 50%, zh-Hans 30%, sw", "en 1, zh-Hans 1"]),
    "pool": st.sampled_from(["[a, b]", "2 of [a, b, c]", "1 of [a, b, c]", "a"]),
    "mode": st.sampled_from(["pointwise", "listwise", "pairwise"]),
}


@settings(max_examples=30, deadline=None)
@given(st.fixed_dictionaries(SIDES), st.data())
def test_every_table_adds_up(folder, parts, data):
    plan = planned(folder, **parts)
    taught = data.draw(st.booleans())
    places = [("shared", "a", "sim-a"), ("question", "b", "big"), ("verdict", "a", "sim-a")]
    places += [("answer", e, m) for e, m in (("a", "sim-a"), ("b", "big"), ("c", "sim-c"))]
    history = {(*place, "en"): Learned(30, 41.5, 90.0, 70.0, 30.0, 120.0) for place in places} if taught else {}
    costs = cost_plan(plan, RATES, history)
    cells = len(plan.allocation)
    part = data.draw(st.sampled_from([0.0, 0.3, 1.0]))
    jobs = {cost.place: cost.jobs_of_cells()[0] for cost in costs}
    looked = data.draw(st.booleans()) and part < 1
    kept = Kept(
        by_cell={place: np.floor(n * part).astype(np.int64) for place, n in jobs.items()},
        looked=plan.allocation.count if looked else None,
        missing=None if looked else 0 if part == 1 else len(plan.slots),
        expected={cost.place: jobs[cost.place] * 1.13 for cost in costs} if taught else {},
        accepted=25 if taught else 0,
        tuning={cost.place: Tuning(0.9, 0.4) for cost in costs} if taught else {},
    )
    document = describe(plan, costs, spec="d.tap", kept=kept)
    check(document, pooled="of" in parts["pool"])
    assert document.total.jobs == sum(cost.jobs for cost in costs)
    assert all(int(n.sum()) == cost.jobs for n, cost in zip(jobs.values(), costs, strict=True))
    assert cells == document.cells


def test_a_language_costs_what_its_tokens_cost(folder):
    plan = planned(folder)
    rows = {r.value: r for r in describe(plan, cost_plan(plan, RATES, {}), spec="d").by["language"]}
    each = {name: row.cost_usd.expected / row.samples for name, row in rows.items()}
    assert each["zh-Hans"] > each["en"] * 1.1
    for row in rows.values():
        assert {(p.step, p.endpoint) for p in row.steps} == {
            ("shared", "a"), ("question", "b"), ("answer", "a"), ("answer", "b"), ("verdict", "a"),
        }  # fmt: skip


def test_a_branch_with_longer_texts_costs_more(folder):
    long = "word " * 400
    plan = planned(folder, samples=400, leaves=f'a "A" {{ x "{long}" }}, b "B" {{ y "short" }}')
    rows = {r.value: r for r in describe(plan, cost_plan(plan, RATES, {}), spec="d").by["topic"]}
    a, b = (next(p for p in rows[name].steps if p.step == "shared") for name in ("a", "b"))
    assert a.input_tokens.expected > 5 * b.input_tokens.expected


def test_a_new_leaf_has_nothing_stored(folder):
    before = planned(folder, leaves="a, b")
    after = planned(folder, leaves="a, b, c", samples=60)
    costs = cost_plan(after, RATES, {})
    old = {bytes(before.allocation.cell(n)): int(before.allocation.count[n]) for n in range(len(before.allocation))}
    have = np.array([old.get(after.allocation.cell(n), 0) for n in range(len(after.allocation))], np.int64)
    kept = Kept(by_cell={("question", "b"): have}, missing=20)
    rows = {r.value: r for r in describe(after, costs, spec="d", kept=kept).by["topic"]}
    assert rows["c"].cached == 0
    assert rows["a"].cached >= 15


def test_the_ceiling_knows_texts_that_no_sample_has(folder):
    """One leaf of two thousand has a long title; no sample of slots needs to contain it."""
    leaves = ", ".join([*(f"n{i}" for i in range(2000)), f'long 1 "{"x" * 5000}"'])
    plan = planned(folder, samples=4000, leaves=leaves)
    cost = next(c for c in cost_plan(plan, RATES, {}) if c.recipe.step == "shared")
    assert cost.unit.most_in > 5000


def test_what_was_learned_of_another_model_says_nothing(folder):
    plan = planned(folder, samples=10)
    base = {c.place: c.output.expected for c in cost_plan(plan, RATES, {})}
    other = {("question", "b", "small", "en"): Learned(50, 7.0)}
    assert {c.place: c.output.expected for c in cost_plan(plan, RATES, other)} == base
    same = {("question", "b", "big", "en"): Learned(50, 7.0)}
    found = {c.place: c.output.expected for c in cost_plan(plan, RATES, same)}
    assert found["question", "b"] == 7 * 10
