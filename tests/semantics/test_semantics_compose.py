from tapc.frontend.show import show
from tapc.ir import digest

BASE = """tap 1
param scale = 60
endpoint gpt { model "sim", price free, temperature 0.2 }
dataset a {
  samples scale
  taxonomy topic { x 60%, y }
  mix tone { warm, cold }
  when topic in x { mix tone { warm 100% } }
  endpoint writer = gpt { temperature 0.9 }
  generate answer { using writer, each 2, prompt "On {{ topic }}, {{ tone }}.", require length 5..50, require json }
  rubric clear { aspect clarity 1..5 }
  judge verdict { of answer, using writer, rubric clear }
  pair choice { of answer, by verdict.overall }
  emit preference { from choice }
  emit sft { from answer, best_by verdict.overall }
  budget { cost $5, cost $1 per run, endpoint writer { tokens 1M } }
}
"""


def test_settings_are_typed(compiled):
    assert compiled(BASE).dataset.samples == 60
    assert compiled(BASE, settings={"scale": "1.5k"}).dataset.samples == 1500
    wrong = compiled(BASE, settings={"scale": "30%"})
    assert [d.code for d in wrong.diagnostics] == ["TAP131"]
    unknown = compiled(BASE, settings={"scal": "30"})
    assert [d.code for d in unknown.diagnostics] == ["TAP130"]
    assert unknown.diagnostics[0].notes == ("did you mean `scale`?",)


def test_copies_take_given_fields_over_the_original(compiled):
    dataset = compiled(BASE).dataset
    assert dataset.endpoint("writer").sampling.temperature == 0.9
    assert dataset.endpoint("writer").model == "sim"


def test_extends_merges_steps_by_field_and_replaces_mixes_whole(compiled):
    child = """
dataset b extends a {
  samples 10
  mix tone { warm, cold, dry }
  generate answer { max_tokens 9, require length 1..9 }
  budget { cost $2, endpoint writer { requests 7 } }
  drop judge verdict
  drop pair choice
  drop emit preference
  emit sft { best_by length_score.overall }
  score length_score { of answer, using writer, kind reward }
}
"""
    made = compiled(BASE + child, dataset="b").dataset
    assert made is not None
    answer = made.step("answer")
    assert (answer.sampling.max_tokens, answer.each) == (9, 2)
    assert {c.check: (c.minimum, c.maximum) for c in answer.require} == {"length": (1, 9), "json": (None, None)}
    assert [v.name for v in made.space.mixes[0].values] == ["cold", "dry", "warm"]
    assert made.space.rules == ()
    assert [step.name for step in made.steps] == ["answer", "length_score"]
    assert (made.budget.total.cost, made.budget.per_run.cost) == (2 * 10**12, 10**12)
    assert (made.budget.endpoints[0][1].tokens, made.budget.endpoints[0][1].requests) == (10**6, 7)
    assert [e.name for e in made.emits] == ["rejects", "sft"]


PIPELINE = """tap 1
pipeline tutor(subject, writer, answerers) {
  rubric clear { aspect clarity 1..5: "On {{ subject }}" }
  generate question { using writer, per subject, prompt "{{ subject.title|upper }} 'subject' {{ 'subject' }}" }
  generate answer { using answerers, prompt "{{ question }} {{ tone }}" }
  judge verdict { of answer, using writer, rubric clear }
}
"""
USE = """tap 1
import "./lib.tap" as lib
dataset d {
  samples 5
  taxonomy topic { x, y }
  mix tone { warm }
  endpoint one { model "sim", price free }
  endpoint two { model "sim-two", price free }
  pipeline lib.tutor { subject topic, writer one, answerers [one, two] }
  generate answer { max_tokens 20 }
  emit sft { from answer, best_by verdict.overall }
}
"""


def test_pipelines_rename_axes_and_merge_steps(compiled):
    found = compiled(USE, lib_tap=PIPELINE)
    assert found.diagnostics == []
    question, answer = found.dataset.step("question"), found.dataset.step("answer")
    assert question.messages[0].content.text == "{{ topic.title|upper }} 'subject' {{ 'subject' }}"
    assert question.messages[0].content.reads == ("topic",)
    assert question.per == ("topic",)
    assert (answer.using, answer.sampling.max_tokens) == (("one", "two"), 20)
    assert found.dataset.step("verdict").rubric.aspects[0].definition.text == "On {{ topic }}"
    assert [name for name, _ in found.sources] == ["spec.tap", "lib.tap"]


def test_pipeline_equals_its_steps_written_out(compiled):
    plain = """tap 1
dataset d {
  samples 5
  taxonomy topic { y, x }
  mix tone { warm }
  endpoint two { model "sim-two", price free }
  endpoint one { model "sim", price free }
  rubric clear { aspect clarity 1..5: "On {{ topic }}" }
  judge verdict { of answer, using one, rubric clear }
  generate answer { using [one, two], max_tokens 20, prompt "{{ question }} {{ tone }}" }
  generate question { using one, per topic, prompt "{{ topic.title|upper }} 'subject' {{ 'subject' }}" }
  emit sft { from answer, best_by verdict.overall }
}
"""
    assert digest(compiled(plain).dataset) == digest(compiled(USE, lib_tap=PIPELINE).dataset)


def test_wrong_pipeline_arguments_do_not_cascade(compiled):
    found = compiled(USE.replace("writer one,", "writr one,"), lib_tap=PIPELINE)
    assert {d.code for d in found.diagnostics} == {"TAP142"}


def test_shown_dataset_compiles_to_the_same_ir(compiled):
    found = compiled(BASE)
    lines = show(found)
    text = "\n".join(line.text for line in lines) + "\n"
    assert digest(compiled(text).dataset) == digest(found.dataset)
    temperature = next(line for line in lines if "temperature" in line.text)
    assert temperature.origin.file.slice(temperature.origin.span) == "temperature 0.9"


def test_loops_of_extends_and_copies(codes):
    assert codes("tap 1\ndataset a extends b { samples 1 }\ndataset b extends a { samples 1 }\n") == [
        "TAP140",
        "TAP140",
    ]


TWO_RUBRICS = """tap 1
import "a.tap" as a
import "b.tap" as b
dataset d {
  samples 5
  endpoint one { model "sim" }
  generate answer { using one, prompt "Say something." }
  judge first { of answer, using one, rubric a.fit }
  judge second { of answer, using one, rubric b.fit }
  emit sft { from answer, best_by first.overall }
}
"""


def test_two_rubrics_of_one_name_are_told_apart_by_the_author(compiled):
    clear = "tap 1\nrubric fit { aspect clarity 1..5 }\n"
    found = compiled(TWO_RUBRICS, a_tap=clear, b_tap=clear)
    assert [(d.code, d.message) for d in found.diagnostics] == [("TAP113", "two rubrics are named `fit`")]
    assert found.diagnostics[0].notes == ("give one of them another name: `rubric other = b.fit`",)
    mended = TWO_RUBRICS.replace("  judge second", "  rubric other = b.fit\n  judge second").replace(
        "rubric b.fit", "rubric other"
    )
    assert compiled(mended, a_tap=clear, b_tap=clear).diagnostics == []
