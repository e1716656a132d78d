"""What must and what must not change the keys of jobs."""

from fractions import Fraction

import pytest
from msgspec.structs import replace
from stepkit import (
    ENDPOINTS,
    Check,
    Driver,
    Pair,
    Sampling,
    dataset,
    endpoint,
    fitting,
    generate,
    judge,
    keys,
    scale,
    slot,
    user,
    verdict,
)

from tapc.ir import Budget, Ceiling, EnvRef, FieldType, Limit, Price, Reserve, Transport
from tapc.jobs import Draw, JobFactory, Message, Recipe, derived_seed
from tapc.kinds.checks.length.spec import Length
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.generate.model import Generate
from tapc.kinds.steps.generate.program import generate_recipes
from tapc.steps.draw_groups import number_draw_groups
from tapc.steps.identity import Origin, pick, ticket
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

QUESTION = generate("question", "Ask about {{ topic }}", "topic")
ANSWER = generate("answer", "{{ question }}", "question", using=("llama", "writer"), each=2)
VERDICT = judge("verdict", "answer", scale("quality"), scale("safety"))


def steps(*extra):
    return (QUESTION, ANSWER, VERDICT, *extra)


BASE = keys(dataset(*steps()), topic="cells")


def swap(step, **fields):
    return step.model_copy(update=fields)


def only(name, **fields):
    return tuple(swap(e, **fields) if e.name == name else e for e in ENDPOINTS)


def test_base_asks_one_question_four_answers_four_verdicts():
    assert len(BASE) == 9


SAME = {
    "dataset renamed": dataset(*steps(), name="other"),
    "question renamed": dataset(
        swap(QUESTION, name="q"),
        swap(ANSWER, messages=(user("{{ q }}", "q"),)),
        VERDICT,
    ),
    "answer renamed": dataset(QUESTION, swap(ANSWER, name="reply"), swap(VERDICT, of="reply")),
    "judge renamed": dataset(QUESTION, ANSWER, swap(VERDICT, name="opinion")),
    "endpoint renamed": dataset(
        swap(QUESTION, using=("w",)),
        swap(ANSWER, using=("llama", "w")),
        VERDICT,
        endpoints=tuple(swap(e, name="w") if e.name == "writer" else e for e in ENDPOINTS),
    ),
    "url": dataset(*steps(), endpoints=only("writer", urls=("http://a/v1", "http://b/v1"))),
    "price": dataset(*steps(), endpoints=only("writer", price=Price(input=1, output=2))),
    "transport": dataset(
        *steps(), endpoints=only("writer", transport=Transport(timeout_seconds=3, headers=(("x", "y"),)))
    ),
    "API key": dataset(*steps(), endpoints=only("writer", key=EnvRef(name="KEY"))),
    "limits": dataset(
        *steps(),
        endpoints=only("writer", limit=Limit(requests_per_minute=1, tokens_per_minute=9, concurrency=3)),
    ),
    "batch": dataset(*steps(), endpoints=only("writer", mode="batch")),
    "context, overhead and terms": dataset(*steps(), endpoints=only("writer", context=9000, overhead=9, terms="MIT")),
    "rubric renamed": dataset(QUESTION, ANSWER, swap(VERDICT, rubric=swap(VERDICT.rubric, name="marks"))),
    "samples": dataset(*steps()).model_copy(update={"samples": 7}),
    "budget and reserve": dataset(*steps()).model_copy(
        update={"budget": Budget(total=Ceiling(cost=5)), "reserve": Reserve(share=Fraction(2))}
    ),
    "model name with the same identity": dataset(*steps(), endpoints=only("writer", model="w2", identity="writer")),
    "endpoints of a step in another order": dataset(QUESTION, swap(ANSWER, using=("writer", "llama")), VERDICT),
    "unrelated step": dataset(generate("another", "Something else"), *steps()),
    "unrelated step of the same prompt but other sampling": dataset(
        generate("a", "Ask about {{ topic }}", "topic", sampling=Sampling(temperature=0.1)), *steps()
    ),
    "steps in another order": dataset(*steps(generate("x", "Other"), generate("a", "Third"))),
    "checks": dataset(swap(QUESTION, require=(Length(check="length", maximum=Fraction(10**6)),)), ANSWER, VERDICT),
    "attempts and need": dataset(swap(QUESTION, attempts=9), swap(ANSWER, need=1), VERDICT),
    "pair": dataset(*steps(Pair(name="choice", of="answer", by=("verdict.overall",)))),
    "judge of equal rubric elsewhere": dataset(*steps(swap(VERDICT, name="again"))),
    "limit written out": dataset(swap(QUESTION, sampling=Sampling(max_tokens=1024)), ANSWER, VERDICT),
}


@pytest.mark.parametrize("name", SAME)
def test_what_must_not_change_keys(name):
    changed = keys(SAME[name], topic="cells")
    assert changed >= BASE


BRIEF = FieldType(kind="object", fields=(("text", FieldType(kind="text")),))

CHANGED = {
    "prompt": dataset(swap(QUESTION, messages=(user("Ask something about {{ topic }}", "topic"),)), ANSWER, VERDICT),
    "system": dataset(
        swap(QUESTION, messages=(user("Be brief").model_copy(update={"role": "system"}), *QUESTION.messages)),
        ANSWER,
        VERDICT,
    ),
    "temperature": dataset(swap(QUESTION, sampling=Sampling(temperature=0.5)), ANSWER, VERDICT),
    "limit": dataset(swap(QUESTION, sampling=Sampling(max_tokens=100)), ANSWER, VERDICT),
    "stop": dataset(swap(QUESTION, sampling=Sampling(stop=("\n",))), ANSWER, VERDICT),
    "seed of the step": dataset(swap(QUESTION, sampling=Sampling(seed=1)), ANSWER, VERDICT),
    "top_p": dataset(swap(QUESTION, sampling=Sampling(top_p=0.5)), ANSWER, VERDICT),
    "frequency_penalty": dataset(swap(QUESTION, sampling=Sampling(frequency_penalty=0.5)), ANSWER, VERDICT),
    "presence_penalty": dataset(swap(QUESTION, sampling=Sampling(presence_penalty=0.5)), ANSWER, VERDICT),
    "logprobs": dataset(swap(QUESTION, sampling=Sampling(logprobs=True)), ANSWER, VERDICT),
    "sampling of the endpoint": dataset(*steps(), endpoints=only("writer", sampling=Sampling(temperature=0.5))),
    "extra of the endpoint": dataset(*steps(), endpoints=only("writer", sampling=Sampling(extra='{"top_k":5}'))),
    "schema": dataset(swap(QUESTION, returns=BRIEF), ANSWER, VERDICT),
    "thinking on": dataset(*steps(), endpoints=only("writer", thinking="on")),
    "extra": dataset(swap(QUESTION, sampling=Sampling(extra='{"top_k":5}')), ANSWER, VERDICT),
    "seed": dataset(*steps(), seed=1),
    "identity": dataset(*steps(), endpoints=only("writer", identity="another")),
    "revision": dataset(*steps(), endpoints=only("writer", revision="step-2")),
    "realm": dataset(*steps(), endpoints=only("writer", model="sim", identity="writer")),
    "thinking": dataset(*steps(), endpoints=only("writer", thinking=100)),
    "thinking off": dataset(*steps(), endpoints=only("writer", thinking="off")),
    "token field": dataset(*steps(), endpoints=only("writer", token_field="max_completion_tokens")),
}


@pytest.mark.parametrize("name", CHANGED)
def test_what_changes_keys_of_all_writers_jobs(name):
    changed = keys(CHANGED[name], topic="cells")
    # the question changes, and with it everything that reads it
    assert len(changed) == len(BASE)
    assert not changed & BASE


RECIPE = Recipe("step", "endpoint", "model", "same", "real", b'{"max_tokens":9}', None, 0, True, 9, 1, 64, None)
ASKED = (Message("user", "Ask"),)
DRAW = Draw(0, b"c" * 16, 0, 0, 0)
IN_KEY = {
    "identity": "other", "realm": "sim", "parameters": b'{"max_tokens":8}', "schema": b"{}", "draw_group": 1, "seeded": False,
    "kind": "score", "thinking": "off",
}  # fmt: skip
NOT_IN_KEY = {
    "step": "renamed", "endpoint": "renamed", "model": "alias", "max_tokens": 8, "n": 2, "overhead": 0,
    "price": Price(input=1, output=2),
}  # fmt: skip
DRAWN = {"seed": 1, "cell": b"d" * 16, "ordinal": 1, "candidate": 1, "attempt": 1}


def key(recipe=RECIPE, draw=DRAW, messages=ASKED):
    return JobFactory(recipe).job(messages, draw).key


def test_every_field_of_recipes_and_draws_is_in_the_key_or_known_not_to_be():
    """What parameters say of `max_tokens` and `n` is in the key; the fields beside them are for accounts."""
    assert {*IN_KEY, *NOT_IN_KEY} == {*Recipe.__struct_fields__}
    assert {*DRAWN} == {*Draw.__struct_fields__}
    changed = [key(replace(RECIPE, **{name: value})) for name, value in IN_KEY.items()]
    changed += [key(draw=replace(DRAW, **{name: value})) for name, value in DRAWN.items()]
    said = [("user", "Ask."), ("system", "Ask"), ("assistant", "Ask")]
    changed += [key(messages=(Message(role, content),)) for role, content in said]
    changed.append(key(messages=(*ASKED, Message("user", ""))))
    assert len({key(), *changed}) == 1 + len(changed)
    assert {key(replace(RECIPE, **{name: value})) for name, value in NOT_IN_KEY.items()} == {key()}


def test_judges_ask_for_repeats_and_attempts_apart():
    """A panel of one model twice draws twice; a reply that cannot be read is asked for anew."""
    twice = swap(VERDICT, using=("referee", "twin"))
    endpoints = (*ENDPOINTS, endpoint("twin", "referee"))
    found = keys(dataset(QUESTION, ANSWER, twice, endpoints=endpoints), topic="cells")
    assert found > BASE
    assert len(found) == 13
    driver = Driver(lambda job: "nonsense" if job.recipe.schema else f"text {job.key.hex()}")
    driver.slot(compile_steps(dataset(*steps())), slot(topic="cells"))
    assert len([job for job in driver.jobs.values() if job.recipe.step == "verdict"]) == 4 * VERDICT.attempts


SPEC = """tap 1

dataset d {
  samples 6
  taxonomy topic { cells, motion }
  endpoint writer { model "w", url "http://127.0.0.1:1/v1" }
  generate question { using writer, prompt "Ask about {{ topic }}" }
  generate answer { using writer, each 2, prompt "{{ question }}" }
  emit sft { from answer }
}
"""
RENAMED = """// Another text of the same dataset.
tap 1

endpoint pen {
  model "w" // as before
  url "http://127.0.0.1:2/v1"
  limit { concurrency 3 }
}

dataset other {
  samples 6
  emit sft { from reply }
  taxonomy topic { motion, cells }

  endpoint pen = pen
  generate reply {
    prompt "{{ asked }}"
    each 2
    using pen
  }
  generate asked { using pen, prompt "Ask about {{ topic }}" }
}
"""


def test_layout_comments_names_and_paths_are_in_no_key(tmp_path):
    def keys_of(path, content):
        path.parent.mkdir()
        path.write_text(content, encoding="utf-8")
        found = count_spec(check_spec(path, settings={}, dataset=None))
        assert found.planned is not None, found.diagnostics
        driver = Driver(fitting)
        for key in found.planned.slots:
            driver.slot(found.planned.programs(), found.planned.open_slot(key))
        return set(driver.jobs)

    first = keys_of(tmp_path / "a" / "one.tap", SPEC)
    assert len(first) == 18
    assert keys_of(tmp_path / "b" / "two.tap", RENAMED) == first


def test_rubric_changes_the_judges_keys_only():
    other = keys(dataset(QUESTION, ANSWER, judge("verdict", "answer", scale("quality"))), topic="cells")
    assert len(other & BASE) == 5


def test_a_further_candidate_and_a_further_endpoint_leave_the_others_alone():
    more = dataset(QUESTION, swap(ANSWER, each=3), VERDICT)
    assert keys(more, topic="cells") > BASE
    endpoints = (*ENDPOINTS, endpoint("third"))
    wider = dataset(QUESTION, swap(ANSWER, using=("third", "llama", "writer")), VERDICT, endpoints=endpoints)
    assert keys(wider, topic="cells") > BASE


def test_twins_draw_apart():
    twins = dataset(generate("a", "Ask"), generate("b", "Ask"), endpoints=ENDPOINTS)
    assert len(keys(twins)) == 2
    one_step = dataset(
        generate("a", "Ask", using=("one", "two")), endpoints=(endpoint("one", "m"), endpoint("two", "m"))
    )
    assert len(keys(one_step)) == 2


def test_twins_keep_their_keys_when_one_gets_another_check_or_more_candidates():
    base = keys(dataset(generate("a", "Ask"), generate("b", "Ask")))
    assert keys(dataset(generate("a", "Ask", each=2), generate("b", "Ask"))) > base
    assert keys(dataset(generate("a", "Ask", require=(Check(check="json"),), attempts=1), generate("b", "Ask"))) == base


def test_steps_that_read_twins_draw_apart_and_survive_renaming():
    def family(a, b):
        return dataset(
            *sorted((generate(a, "Ask"), generate(b, "Ask")), key=lambda s: s.name),
            generate("x" + a, "Why {{ " + a + " }}", a),
            generate("x" + b, "Why {{ " + b + " }}", b),
        )

    base = keys(family("a", "b"))
    assert len(base) == 4
    assert keys(family("m", "n")) == base


def test_cells_and_ordinals_draw_apart_and_judges_do_not_care():
    driver = Driver(lambda job: verdict(quality=3) if job.recipe.schema else "always the same")
    programs = compile_steps(dataset(generate("question", "Ask"), judge("verdict", "question")))
    for ordinal in range(3):
        driver.slot(programs, slot(ordinal))
    driver.slot(programs, slot(0, b"d" * 16))
    asked = [job.recipe.step for job in driver.jobs.values()]
    assert asked.count("question") == 4
    assert asked.count("verdict") == 1


def test_per_axis_is_made_once_and_shared():
    syllabus = generate("syllabus", "Syllabus of {{ topic }}", "topic", per=("topic",))
    use = Generate(name="use", using=("writer",), messages=(user("{{ syllabus }} {{ topic }}", "syllabus", "topic"),))
    driver = Driver(fitting)
    programs = compile_steps(dataset(syllabus, use))
    for ordinal, topic, language in ((0, "cells", "en"), (1, "cells", "sw"), (0, "motion", "en")):
        driver.slot(programs, slot(ordinal, language.encode() * 8, topic=topic, language=language))
    asked = [job.recipe.step for job in driver.jobs.values()]
    assert asked.count("syllabus") == 2
    assert asked.count("use") == 3
    assert programs[0].job_classes[0].per == ("topic",)
    assert programs[0].job_classes[0].per_combination == 1
    assert programs[0].job_classes[0].per_slot == 0


def test_only_set_parameters_are_sent():
    import json

    at = only(
        "writer",
        sampling=Sampling(temperature=0.9, top_p=0.5, extra='{"a":1,"b":2}'),
        thinking=500,
        token_field="max_completion_tokens",
    )
    step = swap(QUESTION, sampling=Sampling(temperature=0.2, max_tokens=300, extra='{"b":3}', n=2))
    recipe = compile_steps(dataset(step, endpoints=at))[0].job_classes[0].factory.recipe
    assert json.loads(recipe.parameters) == {
        "a": 1,
        "b": 3,
        "max_completion_tokens": 800,
        "n": 2,
        "temperature": 0.2,
        "top_p": 0.5,
    }
    assert (recipe.max_tokens, recipe.n, recipe.seeded, recipe.thinking) == (800, 2, True, "500")
    plain = compile_steps(dataset(QUESTION))[0].job_classes[0].factory.recipe
    assert json.loads(plain.parameters) == {"max_tokens": 1024}
    seeded = compile_steps(dataset(swap(QUESTION, sampling=Sampling(seed=0))))[0].job_classes[0].factory.recipe
    assert not seeded.seeded


def draw_groups_of(*given, endpoints=ENDPOINTS):
    """The number of every generate step's places, in a dataset of these steps."""
    data = dataset(*given, endpoints=endpoints)
    return number_draw_groups(data, {s.name: generate_recipes(data, s) for s in data.steps if isinstance(s, Generate)})


@pytest.mark.parametrize("count", [2, 3, 4])
def test_equal_endpoints_of_one_step_have_draws_of_their_own(count):
    """A panel of one model has as many voices as members; a further member leaves the others' keys alone."""
    names = tuple(f"w{number}" for number in range(count))
    endpoints = tuple(endpoint(name, "one-model") for name in names)
    asked = keys(dataset(generate("question", "Ask", using=names), endpoints=endpoints))
    assert len(asked) == count
    fewer = keys(dataset(generate("question", "Ask", using=names[:-1]), endpoints=endpoints))
    assert fewer < asked
    draw_groups = draw_groups_of(generate("question", "Ask", using=names), endpoints=endpoints)
    assert [draw_groups["question", position] for position in range(count)] == list(range(count))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_equal_judges_of_one_panel_have_draws_of_their_own(count):
    names = tuple(f"w{number}" for number in range(count))
    endpoints = (*(endpoint(name, "one-model") for name in names), endpoint("writer"))
    alone = judge("verdict", "question", scale("quality"), using=names)
    assert len(keys(dataset(generate("question", "Ask"), alone, endpoints=endpoints))) == 1 + count


def test_steps_of_different_words_are_numbered_apart():
    """As many words, in the same places; of these only what is the very same is numbered on."""
    asking = [
        generate(name, f"{word} about {{{{ topic }}}}", "topic")
        for name, word in zip("abc", ("Ask", "Sing", "Ask"), strict=True)
    ]
    assert draw_groups_of(*asking) == {("a", 0): 0, ("b", 0): 0, ("c", 0): 1}
    assert draw_groups_of(*reversed(asking)) == {("a", 0): 0, ("b", 0): 0, ("c", 0): 1}, (
        "the order of steps decides nothing"
    )


def test_a_step_for_each_candidate_is_another_one():
    plain = generate("a", "Say {{ question }}", "question")
    each = generate("b", "Say {{ question }}", "question", for_step="question")
    assert draw_groups_of(QUESTION, plain, each)["b", 0] == 0


def test_what_is_drawn_for_a_slot_follows_from_all_that_it_is():
    """Another seed, another draw; so for the purpose, the cell, the place within it, and what is chosen from."""
    drawn = [
        ticket(b"pick", 1, Origin(b"c" * 16, 0), b"x"),
        ticket(b"pick", 2, Origin(b"c" * 16, 0), b"x"),
        ticket(b"random", 1, Origin(b"c" * 16, 0), b"x"),
        ticket(b"pick", 1, Origin(b"d" * 16, 0), b"x"),
        ticket(b"pick", 1, Origin(b"c" * 16, 1), b"x"),
        ticket(b"pick", 1, Origin(b"c" * 16, 0), b"y"),
    ]
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= number < 2**64 for number in drawn)
    pools = [{pick(1, (b"a", b"b", b"c"), seed, Origin(b"c" * 16, n)) for n in range(60)} for seed in range(3)]
    assert all(pool == {(0,), (1,), (2,)} for pool in pools)


def test_a_derived_seed_has_31_bits_of_the_key():
    """Servers take a signed 32-bit seed; all of its bits follow from the key."""
    assert derived_seed(b"\xff" * 32) == 2**31 - 1
    assert derived_seed(bytes((0x80, 0, 0, 2)) + bytes(28)) == 0x4000_0001
    assert derived_seed(bytes(32)) == 0
