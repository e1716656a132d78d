"""Every example of the table of severities, one edit each, and what it makes a run ask."""

from pathlib import Path

import pytest

from tapc.plan import Rates, Side, compare, cost_plan
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1

import "parts.tap" as parts
param size = 40

dataset d {
  samples size
  taxonomy topic { a { x, y }, b: "the second" }
  mix level { easy, hard }
  endpoint writer { model "big", url "http://127.0.0.1:9/v1", price { input $1/M, output $2/M } }
  endpoint judge = parts.judge
  generate question { using writer, prompt "{{ topic }} {{ level }}", max_tokens 100 }
  generate answer { using writer, each 2, prompt "{{ question }}", max_tokens 200, temperature 0.5 }
  judge verdict { of answer, using judge, rubric parts.quality }
  pair choice { of answer, by verdict.overall, margin >= 1 }
  emit preference { from choice }
  budget { cost $5 }
  card { title "One" }
}
"""

PARTS = """tap 1

endpoint judge { model "sim-judge", price { input $1/M, output $2/M } }
rubric quality { aspect good 1..5: "Is it good?" }
"""

NONE = {
    "comment": [("dataset d {", "// what it is for\ndataset d {\n\n")],
    "layout": [("mix level { easy, hard }", "mix level {\n    easy\n\n    hard\n  }")],
    "order of values": [("easy, hard", "hard, easy")],
    "order of leaves": [('a { x, y }, b: "the second"', 'b: "the second", a { y, x }')],
    "order of declarations": [
        ('  card { title "One" }\n', ""),
        ("  samples size\n", '  card { title "One" }\n  samples size\n'),
    ],
    "import alias": [("as parts", "as other"), ("= parts.judge", "= other.judge"), ("parts.quality", "other.quality")],
    "param name": [("param size", "param number"), ("samples size", "samples number")],
    "units": [("$1/M, output $2/M } }\n  endpoint judge =", "$1.00/M, output $2.00/M } }\n  endpoint judge =")],
}
SETTINGS = {
    "price": [("input $1/M", "input $1.5/M")],
    "limit": [("price { input", "limit { requests 60/min }, price { input")],
    "concurrency": [("price { input", "limit { concurrency 4 }, price { input")],
    "url": [("http://127.0.0.1:9/v1", "http://127.0.0.1:10/v1")],
    "key": [("price { input", 'key env("A_KEY"), price { input')],
    "card": [('title "One"', 'title "Two"')],
    "budget": [("cost $5", "cost $50")],
    "expected length": [("max_tokens 100", "max_tokens 100, expect_tokens 30")],
    "renamed step": [("generate question", "generate asked"), ("{{ question }}", "{{ asked }}")],
    "renamed judge": [("judge verdict", "judge opinion"), ("verdict.overall", "opinion.overall")],
    "renamed pair": [("pair choice", "pair couple"), ("from choice", "from couple")],
    "renamed endpoint": [("endpoint writer", "endpoint author"), ("using writer", "using author")],
    "renamed dataset": [("dataset d", "dataset e")],
}
REFILTER = {
    "margin": [("margin >= 1", "margin >= 2")],
    "which is rejected": [("margin >= 1", "margin >= 1, rejected random")],
    "score": [("rubric parts.quality }", "rubric parts.quality, require score overall >= 3 }")],
    "length check": [("max_tokens 200,", "max_tokens 200, require length 10..900,")],
    "unique": [("max_tokens 100 }", "max_tokens 100, require unique 0.8 }")],
    "emit": [("emit preference { from choice }", "emit preference { from choice }\n  emit sft { from answer }")],
    "split": [("{ from choice }", "{ from choice, split { train 90%, test 10% } }")],
}
EXTEND = {
    "samples": [("size = 40", "size = 60")],
    "leaf": [("a { x, y }", "a { x, y, z }")],
    "value": [("easy, hard", "easy, hard, odd")],
    "candidates": [("each 2", "each 3")],
    "share": [("easy, hard", "easy 70%, hard 30%")],
    "endpoint": [
        ("  endpoint judge =", '  endpoint second { model "small", url "http://127.0.0.1:9/v1", price free }\n  endpoint judge ='),
        ("generate answer { using writer", "generate answer { using [writer, second]"),
    ],
    "judge": [("  pair choice", "  judge other { of answer, using writer, rubric parts.quality }\n  pair choice")],
}  # fmt: skip
REGENERATE = {
    "prompt": [("{{ topic }} {{ level }}", "Ask: {{ topic }} {{ level }}")],
    "system": [('prompt "{{ question }}"', 'system "Be brief.", prompt "{{ question }}"')],
    "model": [('model "big"', 'model "bigger"')],
    "temperature": [("temperature 0.5", "temperature 0.6")],
    "limit of tokens": [("max_tokens 200", "max_tokens 300")],
    "thinking": [("price { input", "thinking off, price { input")],
    "seed": [("  samples size", "  samples size\n  seed 5")],
    "definition in a prompt": [
        (
            "{{ topic }} {{ level }}",
            "{{ topic }} {{ level }} {{ topic.definition | default('') }}",
        )
    ],
}
CASES = [
    (severity, name, edits)
    for severity, table in {
        "none": NONE, "settings": SETTINGS, "refilter": REFILTER, "extend": EXTEND, "regenerate": REGENERATE,
    }.items()
    for name, edits in table.items()
]  # fmt: skip


def side(folder: Path, text: str) -> Side:
    (folder / "parts.tap").write_text(PARTS, encoding="utf-8")
    path = folder / "d.tap"
    path.write_text(text, encoding="utf-8")
    found = count_spec(check_spec(path, settings={}, dataset=None))
    assert found.planned is not None, found.diagnostics
    return Side("d.tap", found.planned, cost_plan(found.planned, Rates({}), {}))


@pytest.mark.parametrize(("severity", "name", "edits"), CASES, ids=[f"{s}-{n}" for s, n, _ in CASES])
def test_an_edit_has_the_severity_of_the_table(tmp_path, severity, name, edits):
    text = SPEC
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new)
    document = compare(side(tmp_path, SPEC), side(tmp_path, text))
    assert document.severity == severity, document.changes
    same = document.before.digest == document.after.digest
    assert same == (severity == "none")
    assert all(change.severity == "none" and change.reordered for change in document.changes) == same
    if severity in ("none", "settings", "refilter"):
        assert document.total.to_pay == 0
        assert (document.slots.added, document.slots.dropped) == (0, 0)
    elif severity == "extend":
        assert document.total.to_pay == document.total.jobs - document.total.reused > 0
        assert document.total.reused > 0
    else:
        assert document.total.to_pay > 0


def test_what_does_not_depend_on_a_changed_step_is_kept(tmp_path):
    text = SPEC.replace("temperature 0.5", "temperature 0.6")
    steps = {s.name: s for s in compare(side(tmp_path, SPEC), side(tmp_path, text)).steps}
    assert (steps["question"].severity, steps["question"].to_pay) == ("none", 0)
    assert (steps["answer"].severity, steps["answer"].to_pay) == ("regenerate", 80)
    assert (steps["verdict"].severity, steps["verdict"].to_pay) == ("regenerate", 80)
