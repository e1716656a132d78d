"""Votes, reward models and input rows."""

import json
from fractions import Fraction

import pytest
from stepkit import Driver, Short, bad, dataset, generate, judge, slot, text, verdict

from tapc.ir import FieldType
from tapc.jobs import Message
from tapc.kinds.checks.score.spec import ScoreBound
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.input.model import Input
from tapc.kinds.steps.pair.model import Pair
from tapc.kinds.steps.score.model import Score
from tapc.kinds.steps.score.program import read_reward
from tapc.kinds.steps.vote.model import Vote
from tapc.steps import InputRow, StepTools
from tapc.steps.answers import boxed, last_number, same, tagged

F = Fraction


def votes(step, *texts, **fields):
    left = list(texts)
    programs = compile_steps(dataset(generate("answer", "Ask", each=len(texts), **fields), step))
    state = Driver(lambda job: left.pop(0)).slot(programs, slot())
    return state.results.get(step.name, state.names.get(f"short {step.name}")), state


BOXED = Vote(name="v", of="answer", extract="boxed")


def test_majority_of_boxed_answers():
    found, state = votes(
        BOXED,
        r"so \boxed{42}",
        r"first \boxed{7}, no \boxed{\frac{84}{2}}",
        r"\boxed{42.0}.",
        "no box",
        r"\boxed{ 42 }",
    )
    assert {v.candidate: v.score("overall") for v in found.verdicts} == {0: True, 1: False, 2: True, 4: True}
    assert found.verdicts[0].score("majority") == "42"
    assert found.verdicts[1].score("answer") == r"\frac{84}{2}"
    assert found.verdicts[0].score("agreement") == F(3, 5), "the fifth was asked and did not answer"
    assert found.verdicts[0].score("count") == 3
    assert [(r.candidate, r.reason) for r in state.rejections] == [(3, "no-answer")]


def test_no_answers_and_draws_between_answers():
    assert votes(BOXED, "a", "b")[0] == Short("v", "no-answer", "none of 2 candidates")
    none = votes(BOXED, r"\boxed{2}", r"\boxed{1}")[0].verdicts
    assert [(v.score("answer"), v.score("majority"), v.score("overall")) for v in none] == [
        ("2", None, None),
        ("1", None, None),
    ]
    assert none[0].score("agreement") == F(1, 2)


@pytest.mark.parametrize(
    ("answers", "fields", "majority"),
    [
        ("112", {}, "1"),
        ("1122", {}, None),
        ("1123", {}, None),  # half is not more than half
        ("11123", {}, "1"),
        ("1-", {}, None),  # one of two that were asked
        ("11-", {}, "1"),
        ("1123", {"at_least": F(1, 2)}, "1"),
        ("1123", {"at_least": F(51, 100)}, None),
        ("1122", {"at_least": F(1, 2)}, None),
        ("2211", {"at_least": F(1, 2), "ties": "first"}, "2"),
        ("1212", {"ties": "first"}, None),
        ("123", {"at_least": F(1, 3), "ties": "first"}, "1"),
        ("111", {"at_least": F(1)}, "1"),
        ("112", {"at_least": F(1)}, None),
    ],
)
def test_what_is_a_majority(answers, fields, majority):
    texts = [rf"\boxed{{{answer}}}" if answer != "-" else "I do not know" for answer in answers]
    found, _ = votes(Vote(name="v", of="answer", extract="boxed", **fields), *texts)
    assert {v.score("majority") for v in found.verdicts} == {majority}
    needed, _ = votes(Vote(name="v", of="answer", extract="boxed", needed=True, **fields), *texts)
    if majority is None:
        assert (needed.step, needed.reason) == ("v", "no-majority")
    else:
        assert needed == found


def test_a_vote_is_needed_where_its_majority_is_read():
    for paths, needed in [
        ({"v.majority"}, True), ({"v"}, True), ({"v.overall"}, True), ({"v.agreement"}, None),
        ({"v.count", "v.answer"}, None), (set(), None), ({"v.agreement", "v.majority"}, True),
    ]:  # fmt: skip
        assert BOXED.read_by_others(frozenset(paths)).needed is needed


def test_regex_takes_the_last_match_and_gives_up_on_patterns_without_end():
    found, _ = votes(
        Vote(name="v", of="answer", extract="regex", argument=r"answer is (\w+)"),
        "answer is A. No, answer is B",
        "answer is b",
    )
    assert [v.score("answer") for v in found.verdicts] == ["B", "b"]
    assert found.verdicts[0].score("agreement") == 1
    slow, _ = votes(Vote(name="v", of="answer", extract="regex", argument=r"(a|aa)+$"), "a" * 80 + "b")
    assert slow.reason == "no-answer"


def test_fields_of_structures_vote():
    form = FieldType(kind="object", fields=(("n", FieldType(kind="integer")),))
    found, _ = votes(
        Vote(name="v", of="answer", extract="field", argument="n"),
        *(json.dumps({"n": n}) for n in (1, 2, 1)),
        returns=form,
    )
    assert found.verdicts[0].score("majority") == "1"


def test_pairs_by_vote():
    steps = (generate("answer", "Ask", each=3), BOXED, Pair(name="p", of="answer", by=("v.overall",)))
    left = [r"\boxed{1}", r"x \boxed{2}", r"y \boxed{2}"]
    state = Driver(lambda job: left.pop(0)).slot(compile_steps(dataset(*steps)), slot())
    assert [(p.chosen, p.rejected) for p in state.results["p"].pairs] == [(1, 0)]


@pytest.mark.parametrize(
    ("text", "content"),
    [("no", None), (r"\boxed{", None), (r"\boxed{a{b}c} d", "a{b}c"), (r"\boxed{1} \boxed{2}", "2")],
)
def test_boxes(text, content):
    assert boxed(text) == content


def test_equal_answers():
    assert same("1,000") == same("1000.0") == same(" $1000. ") == same("1 000") == same("1\u202f000")
    assert same("-1,234,567.5") == F(-12345675, 10)
    assert len({same("1,2"), same("12"), same("1, 2"), same("1,2,3"), same("123"), same("1,0000"), same("10000")}) == 7
    assert same("1/2") == same("0.5")
    assert same("Paris") == same(" paris ")
    assert same("1e999999999") == "1e999999999"
    assert same("1/0") == "1/0"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It costs $18.", "18"), ("1,250.50 in total", "1,250.50"), ("from 3 to -4", "-4"), ("5-3", "3"), ("x = 3/4!", "3/4"),
        ("no digits", None), ("10 or 20?", "20"), ("in 2024, 7%", "7"), ("(-2)", "-2"), ("f(x)-2", "2"), ("1,2", "2"),
        ("+7", "+7"), ("v1.2.3", "3"), ("unit A12", "12"), ("٣ and 3", "3"),
    ],
)  # fmt: skip
def test_the_last_number_of_a_text(text, number):
    assert last_number(text) == number


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("<answer> 4 </answer>", "4"), ("<answer>1</answer> no, <answer>2</answer>.", "2"), ("<answer>4", None),
        ("</answer><answer>", None), ("4</answer>", None), ("<answer></answer>", ""), ("<answers>4</answers>", None),
    ],
)  # fmt: skip
def test_the_content_of_the_last_tag(text, content):
    assert tagged(text, "answer") == content


REWARD = Score(name="rm", of="answer", using="referee", reward=True)


def test_reward_models_read_the_conversation_and_answer_a_number():
    replies = {"good": "1.25", "bad": "-0.5", "odd": "nan"}
    left = list(replies)
    driver = Driver(lambda job: left.pop(0) if job.recipe.step == "answer" else replies[job.messages[-1].content])
    steps = (generate("answer", "Ask", each=3), REWARD, Pair(name="p", of="answer", by=("rm.overall",), margin=F(1)))
    state = driver.slot(compile_steps(dataset(*steps)), slot())
    assert [(v.candidate, v.score("overall")) for v in state.results["rm"].verdicts] == [(0, F(5, 4)), (1, F(-1, 2))]
    assert [(r.candidate, r.reason) for r in state.rejections] == [(2, "nonsense")]
    assert state.results["p"].pairs[0].margin == F(7, 4)
    job = next(job for job in driver.jobs.values() if job.recipe.step == "rm")
    assert job.recipe.kind == "pooling"
    assert job.recipe.parameters == b"{}"
    assert [m.role for m in job.messages] == ["user", "assistant"]
    assert (job.recipe.max_tokens, job.recipe.seeded) == (0, False)


def test_reward_requirements_and_outcomes():
    step = REWARD.model_copy(update={"require": (ScoreBound(check="score", field="rm.overall", minimum=F(1)),)})
    left = ["a", "b"]

    def reply(job):
        if job.recipe.step == "answer":
            return left.pop(0)
        return "0.5" if job.messages[-1].content == "a" else bad("filtered")

    state = Driver(reply).slot(compile_steps(dataset(generate("answer", "Ask", each=2), step)), slot())
    assert state.names["short rm"].reason == "score"
    assert [r.reason for r in state.rejections] == ["score", "filtered"]


@pytest.mark.parametrize(
    ("text", "value"), [("1", F(1)), ("0.1", F(1, 10)), ("1e-12", F(0)), ("inf", None), ("x", None), ("", None)]
)
def test_rewards_are_exact_to_nine_digits(text, value):
    read = read_reward(text)
    assert (read and read[0]) == value


COMMAND = ("python", "checks/math.py")


def test_programs_read_rows_and_answer_scores_with_reasons():
    step = Score(name="math", of="answer", run=COMMAND)
    lines = {
        "right": '{"score": 1, "rationale": "holds"}',
        "wrong": "false",
        "odd": '{"points": 3}',
        "loud": "Traceback",
    }
    left = list(lines)
    rows = []

    def reply(job):
        if job.recipe.step == "answer":
            return left.pop(0)
        rows.append(json.loads(job.messages[0].content))
        return lines[rows[-1]["completion"]]

    driver = Driver(reply)
    data = dataset(generate("answer", "Ask", each=4), step)
    state = driver.slot(compile_steps(data, StepTools(programs={COMMAND: "abc"})), slot(topic="cells"))
    found = state.results["math"].verdicts
    assert [(v.candidate, v.score("overall"), v.rationale) for v in found] == [(0, F(1), "holds"), (1, F(0), "")]
    assert [(r.candidate, r.reason, r.detail) for r in state.rejections] == [
        (2, "nonsense", '{"points": 3}'),
        (3, "nonsense", "Traceback"),
    ]
    assert rows[0] == {
        "prompt": [{"role": "user", "content": "Ask"}],
        "completion": "right",
        "fields": None,
        "axes": {"topic": "cells"},
    }
    jobs = {job.key: job.recipe for job in driver.jobs.values() if job.recipe.step == "math"}
    assert {(r.kind, r.endpoint, r.parameters) for r in jobs.values()} == {
        ("program", "", b'["python","checks/math.py"]')
    }
    left = list(lines)
    again = Driver(reply)
    again.slot(compile_steps(data, StepTools(programs={COMMAND: "changed"})), slot(topic="cells"))
    assert not {job.key for job in again.jobs.values() if job.recipe.step == "math"} & set(jobs)


class Rows:
    def __init__(self, *rows):
        self.rows = rows

    def row(self, key):
        return self.rows[key.rank] if key.rank < len(self.rows) else None


def test_input_rows_are_candidates_that_later_steps_read():
    source = Input(name="prompts", file=text("prompts.jsonl"), field="instruction", columns=(("answer", "gold"),))
    steps = (
        source,
        generate("answer", "{{ prompts }} ({{ prompts.gold }})", "prompts"),
        judge("verdict", "answer", prompt_of="prompts"),
    )
    rows = Rows(InputRow("What is 2+2?", {"gold": "4"}), InputRow("Go on", {}, (Message("user", "Hi"),)))
    programs = compile_steps(dataset(*steps), StepTools(rows={"prompts": rows}))
    driver = Driver(lambda job: verdict(quality=2) if job.recipe.schema else "four")
    state = driver.slot(programs, slot(0))
    assert state.results["answer"].candidates[0].messages[0].content == "What is 2+2? (4)"
    shown = next(job for job in driver.jobs.values() if job.recipe.schema).messages[1].content
    assert "(4)" not in shown
    assert Driver(lambda job: "x").run(programs[0].run(slot(1))).candidates[0].messages == (Message("user", "Hi"),)
    assert Driver(lambda job: "x").run(programs[0].run(slot(2))) == Short(
        "prompts", "no-row", "every row is dealt to another slot"
    )
