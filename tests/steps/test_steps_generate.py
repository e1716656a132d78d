"""Generating: outcomes, attempts, checks, structures, parents, pools, draws per candidate."""

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stepkit import Check, Driver, Sampling, Short, bad, dataset, endpoint, fitting, generate, judge, ok, slot, user

from tapc.ir import FieldType, Mix, MixValue, Template
from tapc.jobs import Reply, Usage
from tapc.kinds.checks.length.spec import Length
from tapc.kinds.checks.score.spec import ScoreBound
from tapc.kinds.checks.unique.spec import Unique
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.generate.model import Message
from tapc.steps import Missing, StepTools


def once(step, *replies, state=None, **fields):
    """Run one step; its jobs get the replies in order of asking."""
    left = list(replies)
    driver = Driver(lambda job: left.pop(0))
    state = state or slot()
    (program,) = compile_steps(dataset(step, **fields))
    return driver.run(program.run(state)), state, driver


def test_first_good_reply_is_taken_and_tries_before_it_are_kept_with_reasons():
    step = generate("answer", "Ask", attempts=4, require=(Length(check="length", minimum=Fraction(4)),))
    replies = (bad("length", "cut off he"), bad("refusal"), "abc", ok("  good text \n", reasoning=("because",)))
    result, state, driver = once(step, *replies)
    (candidate,) = result.candidates
    assert (candidate.text, candidate.reasoning, candidate.attempt) == ("  good text", "because", 3)
    assert [(r.reason, r.attempt, r.text) for r in state.rejections] == [
        ("cut", 0, "cut off he"),
        ("refusal", 1, ""),
        ("length-bounds", 2, "abc"),
    ]
    assert candidate.key in driver.jobs
    assert len(driver.jobs) == 4
    assert all(r.endpoint == "writer" and r.key in driver.jobs for r in state.rejections)


@pytest.mark.parametrize("outcome", ["length", "refusal", "filtered", "invalid", "leak", "gave_up"])
def test_every_other_outcome_advances_attempts(outcome):
    result, state, _ = once(generate("answer", "Ask", attempts=2), bad(outcome), bad(outcome))
    reason = {"length": "cut", "gave_up": "gave-up"}.get(outcome, outcome)
    assert result == Short("answer", reason, "0 of 1 candidates, 1 needed")
    assert [r.reason for r in state.rejections] == [reason] * 2


@pytest.mark.parametrize(
    "text", ["", "  \n", "lone \ud800", "nul \x00", "<|im_end|> hello", "[/INST] hi", "<end_of_turn>"]
)
def test_texts_that_may_not_enter_prompts_are_turned_down(text):
    result, state, _ = once(generate("answer", "Ask", attempts=1), text)
    assert isinstance(result, Short)
    assert state.rejections[0].reason in ("empty", "unsafe-text")


def test_missing_passes_and_leaves_nothing():
    step = generate("answer", "Ask", each=2)
    with pytest.raises(Missing):
        once(step, bad("refusal"), Missing())


def test_thoughts_written_into_the_text_are_kept_apart():
    result, _, _ = once(generate("answer", "Ask"), "<think>\nhm\n</think>\n\nThe answer")
    assert (result.candidates[0].text, result.candidates[0].reasoning) == ("The answer", "hm")


@given(good=st.lists(st.booleans(), min_size=4, max_size=4), need=st.integers(1, 4), backwards=st.booleans())
@settings(max_examples=40, deadline=None)
def test_need_decides_and_places_are_stable(good, need, backwards):
    step = generate("answer", "Ask", each=4, need=need, attempts=1)
    (program,) = compile_steps(dataset(step))
    state = slot()
    order = {}

    def answer(job):
        order.setdefault(job.key, None)
        return "x"

    keys = Driver(answer)
    keys.run(program.run(slot()))
    place = {key: index for index, key in enumerate(order)}
    driver = Driver(lambda job: "text" if good[place[job.key]] else bad("refusal"), backwards=backwards)
    result = driver.run(program.run(state))
    if sum(good) >= need:
        assert [c.index for c in result.candidates] == [i for i in range(4) if good[i]]
    else:
        assert result == Short("answer", "refusal", f"{sum(good)} of 4 candidates, {need} needed")
    assert [r.candidate for r in state.rejections] == [i for i in range(4) if not good[i]]


FORM = FieldType(
    kind="object",
    fields=(
        ("why", FieldType(kind="text", definition="reasons first")),
        ("level", FieldType(kind="integer", minimum=Fraction(1), maximum=Fraction(3))),
        ("share", FieldType(kind="number", minimum=Fraction(0), maximum=Fraction(1, 2))),
        ("fine", FieldType(kind="boolean")),
        ("kind", FieldType(kind="one_of", options=("a", "b"))),
        ("parts", FieldType(kind="list", item=FieldType(kind="object", fields=(("name", FieldType(kind="text")),)))),
    ),
)
FILLED = {"why": "é", "level": 2, "share": 0.25, "fine": True, "kind": "a", "parts": [{"name": "x"}]}


def test_structures_have_a_strict_schema_that_real_validators_agree_with():
    from jsonschema import Draft202012Validator

    step = generate("card", "Ask", returns=FORM)
    (program,) = compile_steps(dataset(step))
    recipe = program.job_classes[0].factory.recipe
    schema = json.loads(recipe.schema)
    Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]) == list(FILLED)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["why"]["description"] == "reasons first"
    sent = json.loads(recipe.parameters)["response_format"]
    assert sent == {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    validator = Draft202012Validator(schema)
    for wrong in (
        {},
        {**FILLED, "level": 4},
        {**FILLED, "more": 1},
        {**FILLED, "kind": "c"},
        {**FILLED, "fine": 1},
        {**FILLED, "level": 1.5},
    ):
        result, state, _ = once(step.model_copy(update={"attempts": 1}), json.dumps(wrong))
        assert not validator.is_valid(wrong)
        assert isinstance(result, Short)
        assert state.rejections[0].reason == "invalid"
    assert validator.is_valid(FILLED)
    result, _, _ = once(step, json.dumps(FILLED, indent=2))
    assert result.candidates[0].fields == FILLED
    assert json.loads(result.candidates[0].text) == FILLED


def test_fields_are_seen_by_later_steps_and_by_checks():
    card = generate("card", "Ask", returns=FORM, require=(Length(check="length", field="why", maximum=Fraction(1)),))
    use = generate("use", "{{ card.why }} {{ card.level }} {{ card.parts | json }}", "card")
    driver = Driver(lambda job: json.dumps(FILLED) if job.recipe.schema else "done")
    state = driver.slot(compile_steps(dataset(card, use)), slot())
    assert state.results["use"].candidates[0].messages[0].content == 'é 2 [{"name":"x"}]'


def test_several_completions_of_one_request_are_candidates():
    step = generate(
        "answer", "Ask", sampling=Sampling(n=3), attempts=2, require=(Check(check="matches", pattern="good"),)
    )
    replies = (ok("good 1", "bad", "good 2"), ok("x", "good 3", "y"))
    result, state, driver = once(step, *replies)
    assert [c.text for c in result.candidates] == ["good 1", "good 3", "good 2"]
    assert [(r.candidate, r.attempt, r.reason) for r in state.rejections] == [(1, 0, "matches")]
    assert len(driver.jobs) == 2


def test_for_step_answers_each_candidate_and_keeps_parents():
    question = generate("question", "Ask", each=3, need=1, attempts=1)
    answer = generate("answer", "Answer {{ question }}", "question", using=("llama", "writer"), for_step="question")
    second = []

    def reply(job):
        if job.recipe.step == "question":
            second.append(job)
            return bad("refusal") if len(second) == 2 else f"q{len(second)}"
        return f"to {job.messages[0].content}"

    programs = compile_steps(dataset(question, answer))
    state = Driver(reply).slot(programs, slot())
    found = state.results["answer"].candidates
    assert [(c.index, c.parent, c.endpoint, c.text) for c in found] == [
        (0, 0, "llama", "to Answer q1"),
        (1, 0, "writer", "to Answer q1"),
        (4, 2, "llama", "to Answer q3"),
        (5, 2, "writer", "to Answer q3"),
    ]
    assert [c.per_slot for c in programs[1].job_classes] == [3, 3]


def test_parents_that_say_the_same_still_get_their_own_answers():
    question = generate("question", "Ask", each=2)
    answer = generate("answer", "{{ question }}", "question", for_step="question")
    driver = Driver(lambda job: "same" if job.recipe.step == "question" else job.key.hex())
    state = driver.slot(compile_steps(dataset(question, answer)), slot())
    assert len({c.text for c in state.results["answer"].candidates}) == 2


def test_a_pool_gives_each_slot_its_own_endpoints_evenly_and_stably():
    pool = tuple(f"m{i}" for i in range(5))
    endpoints = tuple(endpoint(name) for name in pool)
    step = generate("answer", "Ask", using=pool, pick=2)
    (program,) = compile_steps(dataset(step, endpoints=endpoints))
    (wider,) = compile_steps(
        dataset(generate("answer", "Ask", using=(*pool, "m5"), pick=2), endpoints=(*endpoints, endpoint("m5")))
    )
    used = dict.fromkeys(pool, 0)
    moved = 0
    for ordinal in range(400):
        chosen = [c.endpoint for c in Driver(fitting).run(program.run(slot(ordinal))).candidates]
        later = [c.endpoint for c in Driver(fitting).run(wider.run(slot(ordinal))).candidates]
        assert len(set(chosen)) == 2
        assert [name for name in later if name != "m5"] == [name for name in chosen if name in later]
        moved += "m5" in later
        for name in chosen:
            used[name] += 1
    assert all(120 < count < 200 for count in used.values())
    assert 90 < moved < 180
    assert [c.per_slot for c in program.job_classes] == [Fraction(2, 5)] * 5


class Draws:
    def value(self, key, mix, candidate, width):
        assert 0 <= candidate < width
        return ("kind", "honest")[(candidate + key.ordinal) % 2]

    def view(self, mix, value):
        return f"<{value}>"


def test_mixes_drawn_per_candidate_reach_prompts_and_records():
    mix = Mix(name="principle", values=(MixValue(name="honest"), MixValue(name="kind")), per_candidate=True)
    system = Message(role="system", content=Template(text="Be {{ principle }}", reads=("principle",)))
    step = generate("answer", "Ask", each=3).model_copy(update={"messages": (system, user("Ask"))})
    check = generate("check", "Is {{ answer }} {{ principle }}?", "answer", "principle", for_step="answer")
    programs = compile_steps(dataset(step, check, mixes=(mix,)), StepTools(draws=Draws()))
    state = Driver(fitting).slot(programs, slot(1))
    found = state.results["answer"].candidates
    assert [dict(c.drawn)["principle"] for c in found] == ["honest", "kind", "honest"]
    assert [c.messages[0].content for c in found] == ["Be <honest>", "Be <kind>", "Be <honest>"]
    # what the parent drew is kept
    assert [dict(c.drawn)["principle"] for c in state.results["check"].candidates] == ["honest", "kind", "honest"]


def test_ranked_checks_gather_exactly_the_announced_lanes_and_come_last():
    question = generate("question", "Ask", each=2, need=1, attempts=1)
    unique = Unique(check="unique", threshold=Fraction(9, 10), within="language")
    words = Check(check="matches", pattern="e")
    answer = generate(
        "answer", "{{ question }}", "question", attempts=2, need=1, require=(unique, words), for_step="question"
    )
    programs = compile_steps(dataset(question, answer))
    assert programs[1].decided_candidates == 2
    replies = {"question": ["what is one", bad("refusal")], "answer": ["no", "the same text here"]}
    driver = Driver(lambda job: replies[job.recipe.step].pop(0))
    state = driver.slot(programs, slot(language="en"))
    assert [c.text for c in state.results["answer"].candidates] == ["the same text here"]
    assert driver.decisions == [("answer", 0, 1, "the same text here", "en")]
    again = Driver(lambda job: "what" if job.recipe.step == "question" else "the same text here")
    second = again.slot(programs, slot(1, language="en"))
    assert "answer" not in second.results
    assert {r.reason for r in second.rejections} == {"duplicate"}
    third = again.slot(programs, slot(2, language="sw"))
    assert "answer" in third.results or third.rejections[-1].candidate == 1


def test_a_text_shared_per_axis_is_no_duplicate_of_itself():
    unique = Unique(check="unique", threshold=Fraction(9, 10))
    step = generate("plan", "Plan {{ topic }}", "topic", per=("topic",), attempts=1, require=(unique,))
    (program,) = compile_steps(dataset(step))
    driver = Driver(lambda job: "one and the same plan")
    assert not isinstance(driver.run(program.run(slot(0, topic="cells"))), Short)
    assert not isinstance(driver.run(program.run(slot(1, b"e" * 16, topic="cells"))), Short)
    assert isinstance(driver.run(program.run(slot(0, topic="motion"))), Short)


def test_a_text_that_one_ranked_check_turns_down_is_remembered_by_none():
    whole = Unique(check="unique", threshold=Fraction(9, 10))
    topical = Unique(check="unique", threshold=Fraction(1, 4), within="topic")
    step = generate("question", "Ask", attempts=1, require=(whole, topical))
    (program,) = compile_steps(dataset(step))
    texts = ["a b c d e", "a b c x y z", "a b c x y z"]
    driver = Driver(lambda job: texts.pop(0))
    results = [driver.run(program.run(slot(i, topic=topic))) for i, topic in enumerate(("cells", "cells", "motion"))]
    assert [isinstance(result, Short) for result in results] == [False, True, False]
    assert [len(driver.decisions), driver.decisions[0][4]] == [3, ""]


def test_scores_of_the_parent_can_be_required():
    steps = (
        generate("draft", "Ask", each=2),
        judge("verdict", "draft"),
        generate(
            "final",
            "{{ draft }}",
            "draft",
            attempts=1,
            need=1,
            require=(ScoreBound(check="score", field="verdict.quality", minimum=Fraction(3)),),
            for_step="draft",
        ),
    )
    replies = []

    def answer(job):
        if job.recipe.step == "verdict":
            replies.append(job)
            return json.dumps({"rationale": "", "quality": 1 if len(replies) == 1 else 4})
        return job.key.hex()

    state = Driver(answer).slot(compile_steps(dataset(*steps)), slot())
    assert [c.parent for c in state.results["final"].candidates] == [1]
    assert state.rejections[-1].reason == "score"


def test_short_replies_of_a_request_for_several_are_invalid():
    step = generate("answer", "Ask", sampling=Sampling(n=2), attempts=1, need=1)
    result, state, _ = once(step, Reply("ok", ("one",), Usage(1, 1), 0))
    assert [c.index for c in result.candidates] == [0]
    assert state.rejections[0].reason == "invalid"
