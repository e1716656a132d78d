"""Lint beyond the examples: what each rule must not say, and where it points."""

import pytest

from tapc.ir import DEFAULT_MAX_TOKENS, Endpoint, Sampling
from tapc.workspace.check.counts import check_counts

HEAD = 'tap 1\n\ndataset d {\n  samples 10\n  endpoint writer { model "sim", price free }\n'


@pytest.fixture
def codes(tmp_path):
    def run(body, head=HEAD):
        path = tmp_path / "x.tap"
        path.write_text(head + body + "}\n", encoding="utf-8")
        found = check_counts(path, settings={}, dataset=None)
        assert all(d.severity == "warning" for d in found), [d.message for d in found]
        return [d.code for d in found]

    return run


ANSWER = 'generate answer { using writer, prompt "Say." }\n'
SFT = "emit sft { from answer }\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (ANSWER + SFT, []),
        # a language that arrives through what is read, or that a structure of labels cannot have
        (
            'mix language { en, sw }\ngenerate question { using writer, prompt "In {{ language.name }}." }\n'
            'generate answer { using writer, prompt "{{ question }}" }\n' + SFT,
            [],
        ),
        (
            "mix language { en, sw }\n"
            'generate answer { using writer, prompt "Rate.", returns { points integer 1..5 }, require language }\n'
            + SFT,
            [],
        ),
        ("mix language { en }\n" + 'generate answer { using writer, prompt "Say.", require language }\n' + SFT, []),
        # steps that act without being read
        (
            'rubric r { aspect a 1..5 }\ngenerate answer { using writer, prompt "Say." }\n'
            "judge v { of answer, using writer, rubric r, require score v.overall >= 3 }\n" + SFT,
            [],
        ),
        ('generate other { using writer, prompt "Hi." }\n' + ANSWER + SFT + "accept [answer, other]\n", []),
        ('generate other { using writer, prompt "Hi." }\n' + ANSWER + "emit records\n", []),
        ('generate other { using writer, prompt "Hi." }\n' + ANSWER + SFT, ["TAP604"]),
        # a chain nobody reads the end of: only the end is told
        (
            'generate other { using writer, prompt "Hi." }\n'
            'generate more { using writer, prompt "{{ other }}" }\n' + ANSWER + SFT,
            ["TAP604"],
        ),
        # mixes that act without being printed
        (
            "mix tone { a, b }\n"
            'generate answer { using writer, prompt "Say.", require unique 0.9 within tone }\n' + SFT,
            [],
        ),
        ('mix tone { a, b }\ngenerate answer { using writer, prompt "Say.", per tone }\n' + SFT, []),
        (
            "mix tone { a, b }\nmix x { c, d }\nwhen tone = a { mix x { c } }\n"
            'generate answer { using writer, prompt "{{ x }}" }\n' + SFT,
            [],
        ),
        ('mix tone { a, b at_most 0 }\ngenerate answer { using writer, prompt "{{ tone }}" }\n' + SFT, ["TAP612"]),
        # shares of nothing that a rule fills
        (
            "mix x { u, v }\nmix tone { a, b 0 }\nwhen x = u { mix tone { b } }\n"
            'generate answer { using writer, prompt "{{ tone }}" }\n' + SFT,
            [],
        ),
        # temperature 0 is fine where nothing needs to differ, or something differs
        ('generate answer { using writer, temperature 0, prompt "Say." }\n' + SFT, []),
        ('generate answer { using writer, temperature 0, each 2, prompt "Say." }\n' + SFT, ["TAP609"]),
        (
            "mix tone per candidate { a, b }\n"
            'generate answer { using writer, temperature 0, each 2, prompt "{{ tone }}" }\n' + SFT,
            [],
        ),
        ('generate answer { using writer, temperature 0, attempts 1, require unique 0.9, prompt "Say." }\n' + SFT, []),
        # a rubric that another copies
        (
            "rubric base { aspect a 1..5 }\nrubric r = base { aspect b 1..5 }\n"
            + ANSWER
            + "judge v { of answer, using writer, rubric r }\nemit sft { from answer, best_by v.overall }\n",
            [],
        ),
        ('endpoint own = writer { temperature 0.1 }\ngenerate answer { using own, prompt "Say." }\n' + SFT, []),
        (ANSWER + SFT + "budget { requests 0 }\n", ["TAP608"]),
        (ANSWER + SFT + "budget { tokens 1k }\n", ["TAP608"]),
        (ANSWER + SFT + "budget { tokens 10k, tokens 20k per run }\n", ["TAP613"]),
        (ANSWER + SFT + "budget { tokens 20k, tokens 10k per run, step answer { tokens 5k } }\n", []),
        ("emit rejects\n" + ANSWER, ["TAP611"]),
    ],
)
def test_each_rule_speaks_only_where_it_should(codes, body, expected):
    assert codes(body) == expected


REAL = """tap 1

dataset d {
  samples 10
  endpoint writer { model "m", url "http://localhost/v1", price free%s }
  endpoint referee { model "n", url "http://localhost/v1", price free%s }
  rubric r { aspect a 1..5 }
  generate answer { using writer, each 4, prompt "Say.", max_tokens 1k }
  judge v { of answer, using referee, rubric r, max_tokens 200, mode %s }
  emit sft { from answer, best_by v.overall }
"""


@pytest.mark.parametrize(
    ("writer", "referee", "mode", "expected"),
    [
        ("", "", "pointwise", []),
        ("", ', identity "m"', "pointwise", ["TAP601"]),
        (', revision "2"', ', identity "m"', "pointwise", []),
        (', revision "2"', ', identity "m@2"', "pointwise", ["TAP601"]),
        ("", ", context 2k", "pointwise", []),
        ("", ", context 2k", "pairwise", ["TAP603"]),
        ("", ", context 3k", "pairwise", []),
        ("", ", context 3k", "listwise", ["TAP603"]),
        ("", ", context 2k, thinking 1k", "pointwise", ["TAP603"]),
        (", context 900", "", "pointwise", ["TAP603"]),
    ],
)
def test_identity_and_context_of_judges(codes, writer, referee, mode, expected):
    assert codes("", REAL % (writer, referee, mode)) == expected


def test_the_stated_length_bounds_what_a_later_prompt_may_hold(codes):
    body = (
        'endpoint small { model "sim", price free, context 2k }\n'
        'generate essay { using writer, prompt "Write.", max_tokens 8k%s }\n'
        'generate sum { using small, prompt "{{ essay }}", max_tokens 500 }\nemit sft { from sum }\n'
    )
    assert codes(body % "") == ["TAP603"]
    assert codes(body % ", require length 1..4000") == []
    assert codes(body % ", require length 1..2000 words") == ["TAP603"]


def test_libraries_are_not_told_of_what_they_do_not_use(codes, tmp_path):
    (tmp_path / "lib.tap").write_text('tap 1\n\nmix tone { a, b }\n\nendpoint e { model "sim" }\n')
    assert check_counts(tmp_path / "lib.tap", settings={}, dataset=None) == []


def test_every_dataset_of_a_file_is_told_at_its_own_place(tmp_path):
    one = HEAD.removeprefix("tap 1\n\n") + ANSWER + "}\n"
    path = tmp_path / "x.tap"
    path.write_text("tap 1\n\n" + one + "\n" + one.replace("dataset d", "dataset e"))
    found = check_counts(path, settings={}, dataset=None)
    assert [d.code for d in found] == ["TAP611", "TAP611"]
    assert len({d.labels[0].span for d in found}) == 2


def test_every_dataset_of_a_file_is_counted(tmp_path):
    body = '  taxonomy topic { a count 20, b }\ngenerate answer { using writer, prompt "{{ topic }}" }\n' + SFT + "}\n"
    one = HEAD.removeprefix("tap 1\n\n") + body
    path = tmp_path / "x.tap"
    path.write_text("tap 1\n\n" + one + "\n" + one.replace("dataset d", "dataset e"))
    found = [d for d in check_counts(path, settings={}, dataset=None) if d.severity == "error"]
    assert len(found) == 2


def test_the_default_limit_is_the_one_that_is_sent():
    import json

    from tapc.steps.recipes import chat_recipe

    recipe = chat_recipe(
        step="s", endpoint=Endpoint(name="e", model="m"), sampling=Sampling(), schema=None, schema_name="x"
    )
    assert recipe.max_tokens == json.loads(recipe.parameters)["max_tokens"] == DEFAULT_MAX_TOKENS
