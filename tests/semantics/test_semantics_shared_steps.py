"""A step made once for the values of some axes (`per`) is the same for all slots that share it, whatever they differ in."""

import pytest

SPEC = """tap 1
dataset d {{
  samples 12
  taxonomy topic {{ a, b }}
  mix language {{ {languages} }}
  mix level {{ hard, easy }}
  mix tone per candidate {{ kind, strict }}
  endpoint w {{ model "sim", price free }}
  generate syllabus {{ using w, per topic, prompt "{{{{ topic }}}}" }}
  generate draft {{ using w, prompt "{{{{ level }}}}" }}
  generate shared {{ using w, {step} }}
  generate answer {{ using w, prompt "{{{{ shared }}}} {{{{ language }}}} {{{{ level }}}} {{{{ tone }}}} {{{{ draft }}}}" }}
  emit sft {{ from answer, prompt asked }}
}}
"""


def findings(compiled, step, languages="en, de"):
    found = compiled(SPEC.format(step=step, languages=languages))
    return [(d.code, d.message) for d in found.diagnostics if d.severity == "error"]


@pytest.mark.parametrize(
    "step",
    [
        'per topic, prompt "{{ topic.path }} {{ syllabus }}"',
        'per [topic, level], prompt "{{ syllabus }} at {{ level }}"',
        'per [topic, language], prompt "{{ language.name }}", require language, require unique 0.9 within topic',
        'prompt "{{ syllabus }} {{ draft }} {{ language }} {{ tone }}", require language',
    ],
)
def test_what_is_the_same_for_all_slots_may_be_read(compiled, step):
    assert not findings(compiled, step)


@pytest.mark.parametrize(
    ("step", "code", "said"),
    [
        ('per topic, prompt "{{ level }}"', "TAP312", "name `level` in its `per` as well"),
        ('per topic, system "{{ language.name }}", prompt "x"', "TAP312", "name `language` in its `per` as well"),
        ('per level, prompt "{{ syllabus }}"', "TAP312", "`syllabus` may differ between slots that share it"),
        ('per level, prompt "{{ draft }}"', "TAP312", "`draft` may differ between slots that share it"),
        ('per topic, prompt "{{ tone }}"', "TAP312", "made once for each value of `topic`"),
        ('per topic, prompt "x", require language', "TAP418", "name `language` in its `per` as well"),
        ('per topic, prompt "x", require unique 0.9 within level', "TAP418", "name `level` in its `per` as well"),
    ],
)
def test_what_differs_between_them_may_not(compiled, step, code, said):
    ((found, message),) = findings(compiled, step)
    assert (found, said in message) == (code, True), message


def test_an_axis_of_one_value_differs_nowhere(compiled):
    assert not findings(compiled, 'per topic, prompt "x", require language', languages="en")
