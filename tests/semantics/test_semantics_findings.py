"""Wrong specs: everything at once, each once, at its place."""

import pytest

from tapc.diagnostics import apply_fixes

SPEC = """tap 1
dataset d {
  samples 10
  taxonomy topic { x 60%, y 40% }
  mix language { en, de }
  endpoint writer { model "m", url "http://localhost:1/v1", key env("K"), price free }
  generate question { using writer, prompt "On {{ topic }} in {{ language.name }}." }
  generate answer { using writer, each 2, prompt "{{ question }}" }
  rubric clear { aspect clarity 1..5 }
  judge verdict { of answer, using writer, rubric clear }
  pair choice { of answer, by verdict.overall }
  emit preference { from choice }
}
"""
CHANGES = [
    ("samples 10", "samples 10px", "TAP106", "10px"),
    ("y 40%", "y 50%", "TAP201", "x"),
    ('key env("K")', 'key "sk-aaaaaaaaaaaaaaaa"', "TAP401", '"sk-aaaaaaaaaaaaaaaa"'),
    ("{{ topic }}", "{{ topick }}", "TAP302", "topick"),
    ("each 2", "eech 2", "TAP102", "eech"),
    ("by verdict.overall", "by verdict.clar", "TAP416", "clar"),
    ("emit preference", "emit preferences", "TAP440", "preferences"),
]


@pytest.mark.parametrize(("before", "after", "code", "at"), CHANGES)
def test_one_mistake_gives_one_finding_at_its_place(compiled, before, after, code, at):
    found = compiled(SPEC.replace(before, after, 1))
    assert [d.code for d in found.diagnostics if d.code != "TAP426"] == [code]
    label = found.diagnostics[0].labels[0]
    assert label.file.slice(label.span) == at
    assert found.dataset is None


def test_all_mistakes_are_told_together(compiled):
    text = SPEC
    for before, after, _, _ in CHANGES:
        text = text.replace(before, after, 1)
    assert {code for _, _, code, _ in CHANGES} <= {d.code for d in compiled(text).diagnostics}


def test_text_that_does_not_parse_hides_only_what_follows_from_it(compiled):
    found = compiled(
        SPEC.replace("mix language { en, de }", "mix language { en, de").replace("samples 10", "samples 10px")
    )
    assert [d.code for d in found.diagnostics] == ["TAP106", "TAP007"]


def test_a_fix_makes_a_slip_right(compiled):
    found = compiled(SPEC.replace("each 2", "eech 2"))
    fix = next(d for d in found.diagnostics if d.code == "TAP102").fixes[0]
    edit = fix.edits[0]
    text = edit.file.text[: edit.span.start] + edit.text + edit.file.text[edit.span.end :]
    assert text == SPEC
    assert compiled(text).diagnostics == []


def test_for_makes_several_candidates_readable(compiled):
    more = '  generate reply { using writer, %s prompt "{{ answer }}" }\n}\n'
    assert [d.code for d in compiled(SPEC[:-2] + more % "").diagnostics] == ["TAP312"]
    found = compiled(SPEC[:-2] + more % "for answer,")
    assert found.diagnostics == []
    assert found.dataset.step("reply").for_step == "answer"


def test_steps_come_in_order_of_need(compiled):
    steps = compiled(SPEC).dataset.steps
    assert [step.name for step in steps] == ["question", "answer", "verdict", "choice"]


def test_accept_defaults_to_what_emits_read(compiled):
    assert compiled(SPEC).dataset.accept == ("choice",)
    both = SPEC.replace("from choice }", "from choice }\n  emit sft { from answer, best_by verdict.overall }")
    assert compiled(both).dataset.accept == ("answer", "choice", "verdict")


@pytest.mark.parametrize(
    "junk",
    [
        "samples 1e",
        "samples [",
        "= = =",
        "generate",
        "dataset",
        "emit x y z",
        "drop",
        "judge j",
        "pair",
        "budget { cost }",
    ],
)
def test_junk_is_answered(compiled, junk):
    assert compiled(SPEC[:-2] + junk + "\n}\n").diagnostics


def test_weights_that_make_no_overall(codes):
    text = "tap 1\nrubric r { aspect a 0 1..5, aspect b 0 1..5, aspect c any of [x, y] }\n"
    assert codes(text) == ["TAP421"]
    assert codes(text.replace("b 0", "b")) == []
    assert codes(text.replace("aspect c", "aspect overall 1..5 asked, aspect c")) == []


def test_a_slip_of_a_field_that_is_there_already_is_not_mended(compiled):
    text = 'tap 1\ndataset d {\n  samples 5\n  endpoint w { model "sim" }\n  generate a { using w, prompt "x", FIELD }\n  emit sft { from a }\n}\n'
    (found,) = compiled(text.replace("FIELD", 'promt "y"')).diagnostics
    assert (found.code, found.notes, found.fixes) == ("TAP102", ("did you mean `prompt`? it is given already",), ())
    (found,) = compiled(text.replace("FIELD", "requir no_refusal, require json")).diagnostics
    assert [fix.title for fix in found.fixes] == ["write `require`"], "what may stand more than once is"


STEP = """tap 1
mix tone { warm, cold }
dataset d {
  samples 5
  endpoint w { model "sim" }
  generate a { using w, prompt "x" }
  emit sft { from a }
}
"""


@pytest.mark.parametrize(
    ("written", "instead", "code", "note"),
    [
        ("generate a", "generat a", "TAP101", "did you mean `generate`?"),
        ('model "sim"', 'modl "sim"', "TAP102", "did you mean `model`?"),
        ('using w, prompt "x"', '"using" w, prompt "x"', "TAP102", "names of fields have no quotes"),
        ('prompt "x"', 'prompt: "x"', "TAP104", "do not write `:` between a field and its value"),
        ("using w", "using = w", "TAP104", "do not write `=` between a field and its value"),
        ('prompt "x"', 'promt "x"', "TAP102", "did you mean `prompt`?"),
    ],
)
def test_one_slip_is_one_finding(compiled, written, instead, code, note):
    text = STEP.replace("mix tone { warm, cold }\n", "")
    found = compiled(text.replace(written, instead)).diagnostics
    assert [(d.code, d.notes[0]) for d in found] == [(code, note)]
    if found[0].fixes:
        (mended,) = apply_fixes(found).values()
        assert compiled(mended).diagnostics == []


def test_what_reads_a_statement_that_is_not_understood_is_not_judged(codes):
    text = STEP.replace("mix tone { warm, cold }\n", "").replace("generate a", "generat a")
    reader = '  generate b { using w, prompt "{{ a }}" }\n  emit sft'
    assert codes(text.replace("  emit sft", reader)) == ["TAP101"]


def test_a_mix_of_the_file_is_no_mix_of_the_dataset_yet(compiled):
    (found,) = compiled(STEP.replace('prompt "x"', 'prompt "{{ tone }}"')).diagnostics
    assert found.code == "TAP312"
    assert "write `mix tone = tone` inside" in found.message
    mended = STEP.replace('prompt "x"', 'prompt "{{ tone }}"').replace("  endpoint", "  mix tone = tone\n  endpoint")
    assert compiled(mended).diagnostics == []
