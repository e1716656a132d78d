"""Estimates of small specs, computed by hand from the rules of docs and docstrings.

Prompts: 0.2 tokens for each ASCII character and 8 for the chat template; other characters at the rate of the sample's
language, 0.55 where none is known. Texts that do not exist yet have the length that is expected of their step.
"""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tapc.ir import Budget, Ceiling
from tapc.plan import Kept, Learned, Rates, Spent, Tuning, cost_plan, describe
from tapc.plan.estimate import step_totals
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

RATES = Rates({"en": 0.2, "zh": 0.8})


def planned(folder: Path, steps: str, *, samples: int = 4, space: str = "", more: str = "emit sft { from answer }"):
    path = folder / "d.tap"
    endpoint = 'endpoint w { model "sim", price { input $2/M, cached_input $1/M, output $8/M }, overhead 0 }'
    other = 'endpoint v { model "sim-v", price { input $1/M, output $4/M } }' if "[w, v]" in steps else ""
    text = f"tap 1\ndataset d {{\nsamples {samples}\n{space}\n{endpoint}\n{other}\n{steps}\n{more}\n}}\n"
    path.write_text(text, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return found.planned


def costs_of(plan, history=None):
    return {cost.recipe.step: cost for cost in cost_plan(plan, RATES, history or {})}


LANGUAGES = "mix language { en, zh }"


def test_an_expected_prompt_is_counted_by_its_characters(tmp_path: Path) -> None:
    ascii_only = 'generate answer { using w, prompt "' + "a" * 100 + '" }'
    assert costs_of(planned(tmp_path, ascii_only))["answer"].unit.mean_in.tolist() == [100 * 0.2 + 8]
    foreign = 'generate answer { using w, prompt "' + "a" * 100 + "学" * 40 + '" }'
    unknown = costs_of(planned(tmp_path, foreign))["answer"].unit
    assert unknown.mean_in.tolist() == [100 * 0.2 + 40 * 0.55 + 8]
    known = costs_of(planned(tmp_path, foreign, space=LANGUAGES))["answer"].unit
    assert sorted(known.mean_in.tolist()) == [100 * 0.2 + 40 * 0.55 + 8, 100 * 0.2 + 40 * 0.8 + 8]
    assert known.least_in == 140 // 8
    assert known.most_in == 100 + 3 * 40 + 8  # bytes, and the message


def test_a_text_that_does_not_exist_yet_has_its_expected_length(tmp_path: Path) -> None:
    """40 tokens are 200 characters of English and 50 of Chinese, and 40 tokens again where they are read."""
    steps = (
        'generate question { using w, prompt "Go.", expect_tokens 40 }\n'
        'generate answer { using w, prompt "{{ question }}", expect_tokens 10, max_tokens 20 }'
    )
    found = costs_of(planned(tmp_path, steps, space=LANGUAGES))["answer"]
    assert found.unit.mean_in.tolist() == [40 + 8, 40 + 8]
    assert found.unit.least_in == 0, "nothing of the prompt is written yet"
    assert found.unit.mean_out.tolist() == [10, 10]
    assert (found.unit.least_out, found.unit.most_out) == (1, 20)
    assert found.unit.most_in == 1024 * 128 + 8, "as long as the limit of the question permits"


def test_structured_replies_count_their_schema(tmp_path: Path) -> None:
    plain = costs_of(planned(tmp_path, 'generate answer { using w, prompt "Go." }'))["answer"]
    shaped = costs_of(planned(tmp_path, 'generate answer { using w, prompt "Go.", returns { why text } }'))["answer"]
    size = len(shaped.recipe.schema)
    assert shaped.unit.mean_in[0] - plain.unit.mean_in[0] == pytest.approx(size * 0.2, abs=1)
    assert shaped.unit.most_in == plain.unit.most_in + size


def test_a_request_for_several_completions_has_the_output_of_all(tmp_path: Path) -> None:
    found = costs_of(
        planned(tmp_path, 'generate answer { using w, prompt "Go.", each 3, n 3, max_tokens 50, expect_tokens 20 }')
    )
    unit = found["answer"].unit
    assert (unit.least_out, unit.mean_out.tolist(), unit.most_out) == (3, [60], 150)
    assert found["answer"].jobs == 12, "three requests for each sample, whose completions are a candidate each"


@pytest.mark.parametrize(
    ("length", "tokens"),
    [
        ("", 60),  # the default of a text made from the axes alone
        ("require length 100..400 chars", 40),  # the geometric mean of 200 characters
        ("require length 1..100 chars", 20),  # ends that are far apart only bound the default
        ("require length >= 1000 chars", 200),
    ],
)
def test_a_length_check_decides_about_the_expected_length(length: str, tokens: int, tmp_path: Path) -> None:
    steps = f'generate answer {{ using w, prompt "Go.", max_tokens 600, {length} }}'.replace(", }", " }")
    found = costs_of(planned(tmp_path, steps, space="mix language { en, en-GB }"))["answer"].unit
    assert found.mean_out.tolist() == pytest.approx([tokens] * 2)


def test_a_text_takes_at_least_its_least_length(tmp_path: Path) -> None:
    found = costs_of(planned(tmp_path, 'generate answer { using w, prompt "Go.", require length 80..90 chars }'))
    assert found["answer"].unit.least_out == 80 // 8


def test_history_is_read_by_language_and_bounded_by_the_limit(tmp_path: Path) -> None:
    plan = planned(tmp_path, 'generate answer { using w, prompt "Go.", max_tokens 100 }', space=LANGUAGES)
    place = ("answer", "w", "sim")
    history = {(*place, "en"): Learned(10, 30.0), (*place, "zh"): Learned(30, 70.0)}
    assert sorted(costs_of(plan, history)["answer"].unit.mean_out.tolist()) == [30, 70]
    assert costs_of(plan, {(*place, "en"): Learned(10, 30.0)})["answer"].unit.mean_out.tolist() == [30, 30]
    assert costs_of(plan, {(*place, "en"): Learned(10, 900.0)})["answer"].unit.mean_out.tolist() == [100, 100]
    mixed = costs_of(plan, {(*place, "en"): Learned(10, 30.0), (*place, "fr"): Learned(30, 70.0)})
    assert sorted(mixed["answer"].unit.mean_out.tolist()) == [30, 60], "others together where its own is not known"


TRIES = 'generate answer { using w, prompt "Go.", each 2, attempts 3, max_tokens 10, expect_tokens 5 }'


def test_totals_add_up_by_cell_and_count_what_is_stored(tmp_path: Path) -> None:
    """8 samples in two cells, two candidates each, three attempts, and a replacement for each sample."""
    plan = planned(
        tmp_path, TRIES, samples=8, space=LANGUAGES, more="emit sft { from answer }\nreserve 100% at_least 0"
    )
    (cost,) = cost_plan(plan, RATES, {})
    first, most = cost.jobs_of_cells()
    assert (first.tolist(), most.tolist()) == ([8, 8], [48, 48])
    assert (cost.jobs, cost.most_jobs) == (16, 96)
    assert cost.largest == cost.unit.most_in * 2_000_000 + 10 * 8_000_000
    (fresh,) = step_totals([cost], Kept())
    total = fresh.total()
    assert (total.jobs, total.cached) == (16, 0)
    assert (total.requests.floor, total.requests.expected, total.requests.ceiling) == (16, 16, 96)
    assert (total.output.floor, total.output.expected, total.output.ceiling) == (16, 80, 960)
    kept = Kept(by_cell={cost.place: np.array([6, 1])}, missing=3)
    (some,) = step_totals([cost], kept)
    part = some.total()
    assert (part.jobs, part.cached) == (16, 7)
    assert (part.requests.floor, part.requests.expected, part.requests.ceiling) == (9, 9, 89)
    assert part.money.ceiling == part.input.ceiling * 2_000_000 + part.output.ceiling * 8_000_000
    (full,) = step_totals([cost], Kept(by_cell={cost.place: np.array([8, 8])}, missing=0))
    assert full.total().requests.ceiling == 0, "stored replies decide every sample"
    (less,) = step_totals([cost], Kept(by_cell={cost.place: np.array([6, 1])}, missing=0))
    nothing = less.total()
    assert (nothing.requests.ceiling, nothing.money.ceiling) == (0, 0), "rejected samples ask for less"


def test_expected_requests_are_bounded_by_the_ceiling_and_need_not_reach_the_floor(tmp_path: Path) -> None:
    plan = planned(
        tmp_path, TRIES, samples=8, space=LANGUAGES, more="emit sft { from answer }\nreserve 100% at_least 0"
    )
    (cost,) = cost_plan(plan, RATES, {})
    kept = Kept(missing=8, left={cost.place: np.array([8, 8])}, expected={cost.place: np.array([20.4, 90.0])})
    (totals,) = step_totals([cost], kept)
    total = totals.total()
    assert total.requests.expected == 20 + 48
    fewer = Kept(missing=8, left={cost.place: np.array([8, 8])}, expected={cost.place: np.array([3.0, -2.0])})
    (totals,) = step_totals([cost], fewer)
    assert (totals.total().requests.floor, totals.total().requests.expected) == (3, 3)


def test_stored_replies_correct_the_expected_input_and_what_is_cached(tmp_path: Path) -> None:
    plan = planned(tmp_path, 'generate answer { using w, prompt "' + "a" * 460 + '", max_tokens 10, expect_tokens 5 }')
    (cost,) = cost_plan(plan, RATES, {})
    tuned = Kept(missing=4, tuning={cost.place: Tuning(input=1.5, cached=0.25)})
    (totals,) = step_totals([cost], tuned)
    total = totals.total()
    assert total.input.expected == 4 * 150
    assert total.money.expected == 450 * 2_000_000 + 150 * 1_000_000 + 20 * 8_000_000
    assert total.money.floor == total.input.floor * 1_000_000 + total.output.floor * 8_000_000


def test_shares_of_a_sampled_store_apply_to_strata_that_were_looked_at_enough(tmp_path: Path) -> None:
    """Of 40 examined slots in English 30 are stored, and of 10 in Chinese none: too few to say so of Chinese."""
    steps = 'generate answer { using w, prompt "Go." }'
    plan = planned(tmp_path, steps, samples=2000, space=LANGUAGES)
    (cost,) = cost_plan(plan, RATES, {})
    english = plan.dataset.space.mixes[0].values[0].name
    first = [plan.dataset.space.mixes[0].values[v].name for v in plan.allocation.values[:, 0].tolist()].index(english)
    looked, found = np.zeros(2, np.int64), np.zeros(2, np.int64)
    looked[first], looked[1 - first], found[first] = 40, 10, 30
    (totals,) = step_totals([cost], Kept(by_cell={cost.place: found}, looked=looked, missing=500))
    assert totals.total().cached == 1000 * 30 // 40 + 1000 * 30 // 50


def test_a_pool_never_costs_more_than_its_dearest_member_alone(tmp_path: Path) -> None:
    from tapc.plan.estimate.together import reliefs

    plan = planned(tmp_path, 'generate answer { using 1 of [w, v], prompt "Go.", max_tokens 10, attempts 1 }',
                   samples=10, more="emit sft { from answer }\nreserve 0% at_least 0")  # fmt: skip
    costs = cost_plan(plan, RATES, {})
    totals = step_totals(costs, Kept())
    (relief,) = reliefs(totals)
    ceilings = [one.total() for one in totals]
    assert [one.requests.ceiling for one in ceilings] == [10, 10]
    together = relief.total()
    assert sum(one.requests.ceiling for one in ceilings) + together.requests.ceiling == 10
    dear = max(cost.largest for cost in costs)
    assert sum(one.money.ceiling for one in ceilings) + together.money.ceiling == 10 * dear
    kept = Kept(by_cell={cost.place: np.array([2]) for cost in costs}, missing=6)
    left = step_totals(costs, kept)
    (relief,) = reliefs(left)
    assert sum(one.total().requests.ceiling for one in left) + relief.total().requests.ceiling == 6


def test_the_floor_is_that_of_the_shortest_prompt_and_the_ceiling_that_of_the_longest(tmp_path: Path) -> None:
    """Of 40 leaves one has a name of 90 letters: too many for all to be rendered with long texts."""
    leaves = ", ".join([*(f"a{n:02d}" for n in range(39)), "b" * 90])
    plan = planned(tmp_path, 'generate answer { using w, prompt "About {{ topic }}" }', samples=40,
                   space=f"taxonomy topic {{ {leaves} }}")  # fmt: skip
    unit = costs_of(plan)["answer"].unit
    assert (unit.least_in, unit.most_in) == (len("About a00") // 8, len("About ") + 90 + 8)


def test_the_longest_value_of_a_candidate_and_the_longest_row_bound_the_prompt(tmp_path: Path) -> None:
    values = ", ".join([*(f"a{n:02d}" for n in range(39)), "b" * 90])
    rows = [*(f"row {n}" for n in range(60)), "c" * 200]
    text = "".join(json.dumps({"text": row}) + "\n" for row in rows)
    (tmp_path / "rows.jsonl").write_text(text, encoding="utf-8")
    steps = 'input rows { file "rows.jsonl", field text }\ngenerate answer { using w, prompt "{{ rows }} {{ tone }}" }'
    plan = planned(tmp_path, steps, samples=40, space=f"mix tone per candidate {{ {values} }}")
    assert costs_of(plan)["answer"].unit.most_in == 200 + 1 + 90 + 8


def test_any_member_of_a_pool_may_write_the_longest_text(tmp_path: Path) -> None:
    steps = (
        'endpoint x { model "sim-x", max_tokens 200, price free }\n'
        'generate question { using 1 of [w, x], prompt "Go.", max_tokens 100 }\n'
        'generate answer { using w, prompt "{{ question }}" }'
    )
    assert costs_of(planned(tmp_path, steps.replace(", max_tokens 100", "")))["answer"].unit.most_in == 1024 * 128 + 8
    small = steps.replace('model "sim-x", max_tokens 200', 'model "sim-x", max_tokens 2000').replace(
        ", max_tokens 100", ""
    )
    assert costs_of(planned(tmp_path, small))["answer"].unit.most_in == 2000 * 128 + 8


def test_texts_of_a_structure_share_its_expected_length(tmp_path: Path) -> None:
    steps = (
        'generate question { using w, prompt "Go.", returns { why text, how text }, expect_tokens 40 }\n'
        'generate answer { using w, prompt "{{ question.why }}" }\n'
    )
    assert costs_of(planned(tmp_path, steps))["answer"].unit.mean_in.tolist() == [100 * 0.2 + 8]


def test_what_samples_share_is_counted_once_for_each_of_their_values(tmp_path: Path) -> None:
    steps = (
        'generate guide { using w, per topic, attempts 3, prompt "On {{ topic }}", require length 1..90 chars }\n'
        'generate answer { using w, prompt "{{ guide }}" }'
    )
    plan = planned(tmp_path, steps, samples=12, space="taxonomy topic { a, b, c }\nmix level { easy, hard }",
                   more="emit sft { from answer }\nreserve 100% at_least 0")  # fmt: skip
    cost = costs_of(plan)["guide"]
    assert (cost.jobs, cost.most_jobs) == (3, 9)
    first, most = cost.jobs_of_cells()
    assert (int(first.sum()), int(most.sum())) == (3, 9)


def test_a_pool_that_samples_share_has_no_relief_once_replies_are_stored(tmp_path: Path) -> None:
    from tapc.plan.estimate.together import reliefs

    steps = 'generate answer { using 1 of [w, v], per topic, prompt "{{ topic }}", attempts 1 }'
    plan = planned(tmp_path, steps, samples=12, space="taxonomy topic { a, b, c, d }")
    costs = cost_plan(plan, RATES, {})
    assert len(list(reliefs(step_totals(costs, Kept())))) == 1
    have = np.zeros(len(plan.allocation), np.int64)
    have[0] = 1
    kept = Kept(by_cell={costs[0].place: have}, missing=11)
    assert list(reliefs(step_totals(costs, kept))) == [], "of which cell the reply is, is not known"


@pytest.mark.parametrize("unit", ["cost", "tokens", "requests"])
@pytest.mark.parametrize("where", ["dataset", "step", "endpoint"])
def test_a_ceiling_holds_what_is_spent_and_expected_to_the_last_unit(unit: str, where: str, tmp_path: Path) -> None:
    """Before, 1,000 of each unit were spent."""
    steps = 'generate answer { using w, prompt "' + "a" * 100 + '", expect_tokens 10, max_tokens 20, attempts 1 }'
    plan = planned(tmp_path, steps, samples=10)
    (cost,) = cost_plan(plan, RATES, {})
    expected = {"cost": cost.money.expected, "tokens": 10 * (28 + 10), "requests": 10}
    assert cost.money.expected == 280 * 2_000_000 + 100 * 8_000_000
    name = {"dataset": "", "step": "answer", "endpoint": "w"}[where]
    spent = {(where, name): Spent(1000, 1000, 1000)}
    for short in (0, 1):
        ceiling = Ceiling(**{unit: expected[unit] + 1000 - short})
        part = {
            "dataset": {"total": ceiling},
            "step": {"steps": ((name, ceiling),)},
            "endpoint": {"endpoints": ((name, ceiling),)},
        }
        budget = Budget(**part[where])
        changed = msgspec.structs.replace(plan, dataset=plan.dataset.model_copy(update={"budget": budget}))
        found = describe(changed, [cost], spec="d.tap", spent=spent).budget
        assert found.fits_expected == (not short)
        assert not found.fits_ceiling


def test_the_requests_of_a_pool_add_up_whatever_is_rounded(tmp_path: Path) -> None:
    """Two samples and four endpoints, each of which half a sample draws."""
    more = "\n".join(f'endpoint {name} {{ model "sim-{name}", price free }}' for name in "xyz")
    plan = planned(tmp_path, more + '\ngenerate answer { using 1 of [w, x, y, z], prompt "Go." }', samples=2)
    assert sum(cost.jobs for cost in cost_plan(plan, RATES, {})) == 2


def test_every_completion_of_a_request_is_judged(tmp_path: Path) -> None:
    """Two requests for each of four samples, with three completions each: 24 answers, and a verdict on each."""
    steps = (
        'generate answer { using w, prompt "Go.", each 2, n 3, max_tokens 50, expect_tokens 20 }\n'
        "rubric r { aspect good 1..5 }\njudge verdict { of answer, using w, rubric r, attempts 1 }"
    )
    found = costs_of(planned(tmp_path, steps, more="emit reward { from verdict }"))
    assert (found["answer"].jobs, found["verdict"].jobs) == (8, 24)
    assert found["verdict"].unit.mean_in[0] > 20 + 8
    assert found["verdict"].unit.most_in > 50 * 128
