"""The prompt of a row is what its answer answers, whatever was sent to get it."""

from typing import Any

import pytest
from called import Called

SPEC = """tap 1

dataset d {
  samples 6
  mix topic { sea, sky }
  endpoint w { model "sim", price free }
  endpoint judge { model "sim-judge", price free }
  rubric good { aspect clarity 1..5 }
  generate problem {
    using w
    prompt "Ask about {{ topic }}."
    returns { text text, level integer 1..5, kind one_of [short, long] }
  }
  generate question { using w, prompt "{{ problem.text }} Ask it politely." }
  generate answer { using w, prompt "{{ question }}" }
  generate critique { using w, prompt "What is wrong with {{ answer }}?" }
  generate revision {
    using w
    each 2
    system "Be brief."
    prompt "Question: {{ question }} Answer: {{ answer }} Critique: {{ critique }} Write a better answer."
  }
  judge verdict { of revision, using judge, rubric good }
  pair choice { of revision, by verdict.clarity, margin >= 0 }
  reserve 2000%
  emit records
  EMIT
}
"""


@pytest.fixture
def tapc(tmp_path) -> Called:
    return Called(tmp_path)


def said(tapc: Called, emit: str) -> str:
    (tapc.folder / "d.tap").write_text(SPEC.replace("EMIT", emit))
    return tapc("check", "d.tap", code=1).stdout


def rows_of(tapc: Called, emit: str) -> list[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    """Rows of a config, each with the texts of its sample by step."""
    (tapc.folder / "d.tap").write_text(SPEC.replace("EMIT", emit))
    tapc("run", "d.tap", "--yes")
    made = {
        row["provenance"]["slot"]: {one["step"]: one for one in reversed(row["candidates"])}
        for row in tapc.rows("d", "records")
    }
    return [(row, made[row["provenance"]["slot"]]) for row in tapc.rows("d", "x")]


CONVERSATIONS = [
    "emit sft x { from revision }",
    "emit preference x { from choice }",
    "emit reward x { from verdict.clarity }",
    "emit reward x { from choice }",
    "emit kto x { from verdict.clarity, good >= 4, bad <= 2 }",
    "emit kto x { from choice }",
]


@pytest.mark.parametrize("emit", CONVERSATIONS)
def test_a_revision_is_not_an_answer_to_what_it_was_asked(tapc: Called, emit: str) -> None:
    found = said(tapc, emit)
    assert "TAP449" in found
    assert "the text of `answer` and `critique` in it" in found
    assert "`prompt question`" in found
    assert "`prompt asked`" in found


@pytest.mark.parametrize("emit", CONVERSATIONS)
def test_rows_show_the_prompt_that_the_spec_names(tapc: Called, emit: str) -> None:
    rows = rows_of(tapc, emit.replace(" }", ", prompt question }"))
    assert len({row["provenance"]["slot"] for row, _ in rows}) == 6 or "kto" in emit
    for row, made in rows:
        prompt = row["prompt"] if "prompt" in row else row["messages"][:-1]
        assert prompt == [{"role": "user", "content": made["question"]["text"]}]


def test_what_was_asked_is_shown_where_the_spec_says_so(tapc: Called) -> None:
    for row, made in rows_of(tapc, "emit sft x { from revision, prompt asked, system keep }"):
        assert row["messages"][:-1] == made["revision"]["prompt"]
        assert made["answer"]["text"] in row["messages"][1]["content"]


def test_fields_are_prompts_too(tapc: Called) -> None:
    for row, made in rows_of(tapc, "emit sft x { from answer, prompt problem.kind }"):
        assert row["messages"][0]["content"] in ("short", "long")
        assert f'"{row["messages"][0]["content"]}"' in made["problem"]["text"]


@pytest.mark.parametrize(
    ("emit", "code", "words"),
    [
        (
            "emit rl { from answer, truth critique }",
            "TAP441",
            "reads no answer: name the step whose text is the prompt",
        ),
        ("emit prompts { from question }", "TAP441", "reads no answer: name the step whose text is the prompt"),
        ("emit prompts", "TAP442", "does not say which text is the prompt"),
        ("emit rl { prompt revision, truth critique }", "TAP413", "has several candidates; a prompt is one text"),
        ("emit sft { from answer, prompt problem.level }", "TAP441", "is of type integer; a prompt is a text"),
        ("emit sft { from answer, prompt problem.txt }", "TAP111", "did you mean `text`?"),
        ("emit sft { from answer, prompt questoin }", "TAP111", "did you mean `question`?"),
        ("emit sft { from answer, prompt verdict }", "TAP112", "`verdict` is a judge"),
        ("emit sft { from answer, prompt question answer }", "TAP104", "takes one text"),
    ],
)
def test_wrong_prompts_are_told(tapc: Called, emit: str, code: str, words: str) -> None:
    found = said(tapc, emit)
    assert f"[{code}]" in found
    assert words in found


@pytest.mark.parametrize(
    ("steps", "fine"),
    [
        ('generate answer { using w, prompt "Answer this: {{ evolved }}" }', True),
        ('generate answer { using w, prompt "Improve: {{ first }}" }', False),
        ('generate answer { using w, prompt "{{ question }} Mind this: {{ check.rationale }}" }', False),
        ('generate answer { using w, prompt "Improve: {{ second }}" }', False),
        ('generate answer { using w, prompt "Answer {{ question }} unlike {{ evolved }}" }', False),
        ('generate answer { using w, system "{{ evolved }}", prompt "{{ question }}" }', True),
        ('generate answer { using w, prompt "  {{ evolved }}\\n" }', True),
        ('generate answer { using w, prompt "Answer this: {{ question }}" }', True),
        ('generate answer { using w, prompt "{{ guide }} {{ question }}" }', True),
        (
            'generate answer { using w, messages { user "{{ question }}", assistant "{{ evolved }}", user "{{ question }}" } }',
            True,
        ),
    ],
)
def test_only_answers_among_other_words_are_taken_for_part_of_a_task(tapc: Called, steps: str, fine: bool) -> None:
    spec = """tap 1
dataset d {
  samples 2
  mix topic { sea, sky }
  endpoint w { model "sim", price free }
  generate outline { using w, per topic, prompt "Outline {{ topic }}." }
  generate guide { using w, per topic, prompt "{{ outline }}" }
  generate question { using w, prompt "Ask about {{ topic }}." }
  generate evolved { using w, prompt "Make {{ question }} harder." }
  generate first { using w, prompt "{{ question }}" }
  endpoint referee { model "sim-judge", price free }
  rubric good { aspect clarity 1..5 }
  judge check { of first, using referee, rubric good }
  generate second { using w, prompt "Improve {{ first }}" }
  STEPS
  emit sft { from answer }
  emit records
}
"""
    (tapc.folder / "d.tap").write_text(spec.replace("STEPS", steps))
    found = tapc("check", "d.tap", code=0 if fine else 1).stdout
    assert ("TAP449" not in found) == fine


def test_a_sample_without_a_majority_is_replaced_where_its_truth_is_needed(tapc: Called) -> None:
    spec = """tap 1
dataset d {
  samples 12
  endpoint w { model "sim", price free }
  generate question { using w, prompt "Ask." }
  generate answer { using w, each 3, prompt "{{ question }}" }
  vote most { of answer, extract regex "([a-z])[^a-z]*$", at_least SHARE }
  EMIT
  emit records
}
"""
    for optional, replaced in (("", True), (", optional", False)):
        emit = f"emit rl {{ prompt question, truth most.majority{optional} }}"
        (tapc.folder / "d.tap").write_text(spec.replace("SHARE", "60%").replace("EMIT", emit))
        tapc("run", "d.tap", "--yes")
        rows, records = tapc.rows("d", "rl"), tapc.rows("d", "records")
        reasons = tapc.manifest("d")["rejected"]
        assert len(records) == 12
        assert all(row["agreement"] >= 0.6 and row["count"] >= 2 for row in rows)
        if replaced:
            assert len(rows) == 12
            assert (
                reasons == {"most": {"no-majority": len(tapc.rows("d", "rejects"))}} and reasons["most"]["no-majority"]
            )
        else:
            assert 0 < len(rows) < 12 and not reasons
