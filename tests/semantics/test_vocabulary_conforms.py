"""Every field of the vocabulary is used: its own example, in a spec around it, means something and comes back.

For each field: the spec with its example compiles; means something else than the spec without it; is printed by `show`
so that it means the same; and `diff` sees the difference. A statement or field that is added to the vocabulary joins
by itself; a statement needs an entry in AROUND, which says what stands around its fields.
"""

from pathlib import Path

import pytest
from diff_as_patch import assert_in_words, patched

from tapc.frontend import compile_spec
from tapc.frontend.show import show
from tapc.ir import Dataset, canonical_json, digest
from tapc.kinds.declared import REGISTRY
from tapc.kinds.programs import PROGRAMS
from tapc.plan import find_differences

STATEMENTS = REGISTRY.vocabulary.statements

FILES = {
    "rows.jsonl": b'{"text": "a"}\n',
    "catalog.csv": b"code,label,name_en,up,parent_code,w,register,text,share,n\n1,one,One,,,2,formal,first,60%,30\n2,two,Two,1,1,1,plain,second,40%,70\n",
    "wide.csv": b"field,subfield\nphysics,heat\nphysics,optics\nbiology,cells\n",
}

WORLD = {
    "samples": "samples 100",
    "taxonomy": "taxonomy topic { physics { mechanics, heat }, chemistry { bonding }, biology { cells } }",
    "language": "mix language { en, sw, zh-Hans }",
    "difficulty": "mix difficulty { easy, hard }",
    "source": "mix source { a, b }",
    "writer": 'endpoint writer { model "sim", price free }',
    "llama": 'endpoint llama { model "sim-small", price free }',
    "referee": 'endpoint referee { model "sim-judge", price free }',
    "second": 'endpoint second { model "sim-xl", price free }',
    "reward_model": 'endpoint reward_model { model "sim-reward", price free }',
    "rm": 'endpoint rm { model "sim-rm", price free }',
    "clear": "rubric clear { aspect clarity 1..5 }",
    "helpfulness": "rubric helpfulness { aspect help 1..5 }",
    "safe": "rubric safe { aspect safe boolean }",
    "question": 'generate question { using writer, prompt "Ask about {{ topic }} in {{ language.name }}." }',
    "reference": 'generate reference { using writer, prompt "{{ question }}" }',
    "answer": 'generate answer { using [writer, llama], each 2, prompt "{{ question }}" }',
    "verdict": "judge verdict { of answer, using referee, rubric clear }",
    "safety": "judge safety { of answer, using referee, rubric safe }",
    "v": "vote v { of answer, extract boxed }",
    "choice": "pair choice { of answer, by verdict.overall }",
    "emit": "emit records",
}
"""A dataset in which every name that examples use stands for something."""

BY_EXTRA = '\ngenerate by_extra {{ using extra, prompt "Go on." }}'

AROUND = {
    "dataset": ("{}", {}),
    "taxonomy": ("taxonomy topic {{ {} }}", {"nodes": "physics { mechanics, heat }, chemistry { bonding }, cells"}),
    "node": ("taxonomy topic {{ physics {{ {} }}, chemistry, cells }}", {"nodes": "mechanics, heat"}),
    "mix": ("mix difficulty {{ {} }}", {"values": "easy, hard"}),
    "value": ("mix difficulty {{ easy {{ {} }}, hard }}", {}),
    "when": ("when topic in physics {{ {} }}", {"mix": "mix difficulty { easy 3, hard 1 }"}),
    "columns": ('mix extra from "catalog.csv" {{ columns {{ {} }} }}', {"id": "id code"}),
    "endpoint": (
        "endpoint extra {{ {} }}" + BY_EXTRA,
        {"model": 'model "real"', "price": "price free", "url": 'url "http://127.0.0.1:9/v1"'},
    ),
    "price": (
        'endpoint extra {{ model "sim-x", price {{ {} }} }}' + BY_EXTRA,
        {"input": "input $1/M", "output": "output $9/M"},
    ),
    "above": (
        'endpoint extra {{ model "sim-x", price {{ input $0.2/M, output $1/M, above 9k {{ {} }} }} }}' + BY_EXTRA,
        {"input": "input $1/M", "output": "output $9/M"},
    ),
    "limit": ('endpoint extra {{ model "sim-x", limit {{ {} }} }}' + BY_EXTRA, {}),
    "transport": ('endpoint extra {{ model "sim-x", transport {{ {} }} }}' + BY_EXTRA, {}),
    "input": ("input rows {{ {} }}", {"file": 'file "rows.jsonl"', "field": "field text"}),
    "hub": ('input rows {{ hub "org/set" {{ {} }}, field text }}', {}),
    "generate": ("generate extra {{ {} }}", {"using": "using writer", "prompt": 'prompt "Go on."'}),
    "messages": ("generate extra {{ using writer, messages {{ {} }} }}", {"user": 'user "Go on."'}),
    "judge": ("judge extra {{ {} }}", {"of": "of answer", "using": "using referee", "rubric": "rubric clear"}),
    "score": ("score extra {{ {} }}", {"of": "of answer", "using": "using rm"}),
    "vote": ("vote extra {{ {} }}", {"of": "of answer", "extract": 'extract regex "(a|b)"'}),
    "pair": ("pair extra {{ {} }}", {"of": "of answer", "by": "by verdict.clarity"}),
    "clean_of": ('generate extra {{ using writer, prompt "Go on.", require clean_of "rows.jsonl" {{ {} }} }}', {}),
    "rubric": (
        "rubric extra {{ {} }}\njudge by_extra {{ of answer, using referee, rubric extra }}",
        {"aspect": "aspect clarity 1..5"},
    ),
    "emit": ("emit sft extra {{ {} }}", {"from": "from question"}),
    "budget": ("budget {{ {} }}", {"requests": "requests 90k"}),
    "ceiling": ("budget {{ requests 99k, step answer {{ {} }} }}", {"requests": "requests 90k"}),
    "expect": ("emit preference {{ from choice }}\nexpect {{ {} }}", {}),
    "card": ("card {{ {} }}", {"title": 'title "T"'}),
}
"""Statement -> what stands around its fields, and the fields it needs or that make an example mean something."""

MESSAGES = "generate extra {{{{ using writer, messages {{{{ {} }}}} }}}}"

INSTEAD = {
    ("columns", "parent"): {"around": 'taxonomy topic from "catalog.csv" {{ columns {{ {} }} }}'},
    ("node", "count"): {"around": "taxonomy topic {{ physics {{ {}, optics }}, chemistry }}", "nodes": ""},
    ("value", "count"): {"around": "mix difficulty {{ {}, hard }}"},
    ("node", "at_least"): {"around": "taxonomy topic {{ physics {{ {}, optics }}, chemistry }}", "nodes": ""},
    ("value", "at_least"): {"around": "mix difficulty {{ {}, hard }}"},
    ("node", "at_most"): {"around": "taxonomy topic {{ physics {{ {}, optics }}, chemistry }}", "nodes": ""},
    ("value", "at_most"): {"around": "mix difficulty {{ {}, hard }}"},
    ("dataset", "input"): {"emit": "emit records more"},
    ("generate", "messages"): {"prompt": ""},
    ("generate", "need"): {"each": "each 3"},
    ("input", "hub"): {"file": ""},
    ("judge", "panel"): {"using": "using [referee, second]"},
    ("score", "of"): {"kind": "kind reward"},
    ("score", "using"): {"kind": "kind reward"},
    ("score", "kind"): {"using": "using reward_model"},
    ("score", "run"): {"using": ""},
    ("score", "require"): {"kind": "kind reward"},
    ("pair", "chosen_at_least"): {"by": "by verdict.overall"},
    ("messages", "system"): {"user": "", "around": MESSAGES.format('{}\nuser "Go on."')},
    ("messages", "assistant"): {"user": "", "around": MESSAGES.format('user "Hm."\n{}\nuser "Go on."')},
    ("emit", "good"): {"around": "emit kto extra {{ {} }}", "from": "from verdict.overall", "bad": "bad <= 1"},
    ("emit", "bad"): {"around": "emit kto extra {{ {} }}", "from": "from verdict.overall", "good": "good >= 4"},
    ("emit", "truth"): {"around": "emit rl extra {{ {} }}", "from": "prompt question"},
    ("emit", "source"): {"around": "emit rl extra {{ {} }}", "from": "prompt question", "truth": "truth v.majority"},
    ("emit", "from"): {"around": "emit preference extra {{ {} }}"},
    ("emit", "prompt"): {"around": "emit preference extra {{ {} }}", "from": "from choice"},
    ("pair", "within"): {"around": "pair extra {{ {} }}\nmix principle per candidate {{ honest, brief }}"},
    ("taxonomy", "from"): {"nodes": "", "columns": "columns { id code }"},
    ("taxonomy", "columns"): {"nodes": "", "from": 'from "catalog.csv"'},
    ("taxonomy", "levels"): {"nodes": "", "from": 'from "wide.csv"'},
    ("mix", "from"): {"values": "", "columns": "columns { id code }"},
    ("mix", "columns"): {"values": "", "from": 'from "catalog.csv"'},
}
"""(statement, field) -> other fields that must stand, or must not (empty), while the field's example does."""

OTHERWISE = {
    ("endpoint", "overhead"): "overhead 70 tokens",
    ("endpoint", "mode"): "mode batch",
    ("transport", "timeout"): "timeout 60s",
    ("generate", "attempts"): "attempts 4",
    ("judge", "of"): "of reference",
    ("judge", "panel"): "panel mean",
    ("judge", "attempts"): "attempts 4",
    ("score", "of"): "of reference",
    ("vote", "of"): "of reference",
    ("dataset", "mix"): "mix difficulty { easy 3, hard }",
    ("dataset", "endpoint"): 'endpoint writer { model "sim-tiny" }',
    ("dataset", "rubric"): "rubric clear { aspect clarity 1..6 }",
    ("dataset", "judge"): "judge verdict { of answer, using second, rubric clear }",
    ("dataset", "pair"): "pair choice { of answer, by verdict.clarity }",
    ("pair", "of"): "of question",
    ("pair", "chosen"): "chosen from writer",
    ("pair", "rejected"): "rejected random",
    ("hub", "split"): "split test",
    ("clean_of", "ngram"): "ngram 9",
    ("columns", "id"): "id register",
    ("node", "count"): "mechanics",
    ("node", "at_least"): "cells",
    ("node", "at_most"): "cells",
    ("value", "count"): "mechanics",
    ("value", "at_least"): "cells",
    ("value", "at_most"): "cells",
    ("emit", "from"): "from other",
}
"""(statement, field) -> what to compare with where the example says what holds anyway, or the field is required."""

BY_HAND = {
    ("dataset", "allow"),
    ("dataset", "drop"),
    ("dataset", "pipeline"),
    ("taxonomy", "only"),
    ("taxonomy", "except"),
    ("node", "only"),
    ("node", "except"),
    ("mix", "only"),
    ("mix", "except"),
}
"""Need a second declaration to work on (see test_language_by_the_letter.py and test_semantics_compose.py), or change no
dataset (`allow`: see test_diagnostics_allowed.py)."""


class Files:
    """The spec, and the files its examples name."""

    def __init__(self, text):
        self.files = {"spec.tap": text.encode(), **FILES}

    def read(self, path):
        return self.files[Path(path).as_posix()]


def compiled(text):
    return compile_spec(Path("spec.tap"), Files(text))


def errors(found):
    return [f"{d.code} {d.message}" for d in found.diagnostics if d.severity == "error"]


def spec(statement, fields):
    """The world with one statement in it; `fields` maps names of fields to their lines."""
    around = fields.get("around", AROUND[statement][0])
    inner = "\n".join(line for key, line in fields.items() if line and key != "around")
    body = around.format(inner)
    declared = body.split()[: 1 if body.startswith("samples") else 2]
    world = [line for line in WORLD.values() if not declared or line.split()[: len(declared)] != declared]
    return "tap 1\ndataset d {\n" + "\n".join([*world, body]) + "\n}\n"


CASES = [
    (statement.name, field.name)
    for statement in STATEMENTS.values()
    for field in statement.fields
    if statement.name in AROUND and (statement.name, field.name) not in BY_HAND
]


@pytest.mark.parametrize(("name", "head"), CASES)
def test_the_example_of_a_field_is_used_printed_and_compared(name, head):
    field = STATEMENTS[name].field(head)
    needed = {**AROUND[name][1], **INSTEAD.get((name, head), {})}
    without = {key: line for key, line in needed.items() if key != head}
    first = compiled(spec(name, {**needed, head: field.example}))
    plain = compiled(spec(name, {**without, head: OTHERWISE.get((name, head), needed.get(head, ""))}))
    assert errors(first) == [], spec(name, {**needed, head: field.example})
    text = "\n".join(line.text for line in show(first)) + "\n"
    again = compiled(text)
    assert errors(again) == [], text
    assert digest(again.dataset) == digest(first.dataset), text
    if plain.dataset is not None and not errors(plain):
        assert digest(plain.dataset) != digest(first.dataset), f"`{field.example}` means nothing"
        said_by_diff(plain.dataset, first.dataset)
        said_by_diff(first.dataset, plain.dataset)


def said_by_diff(before, after):
    """`diff` sees what changed, and says it in words that, put into the earlier spec, make the later one of it."""
    found = find_differences(before, after, REGISTRY)
    assert found
    assert_in_words(found)
    text = patched(before, after, found)
    again = compiled(text)
    assert errors(again) == [], text
    assert digest(again.dataset) == digest(after), (text, found)


def test_every_statement_of_datasets_is_covered():
    assert {name for name, s in STATEMENTS.items() if s.fields} - set(AROUND) == {"file", "pipeline"}
    assert set(AROUND) <= set(STATEMENTS)
    assert all(STATEMENTS[s].field(f) for s, f in (*BY_HAND, *INSTEAD))


STEP = 'generate extra {{ using writer, prompt "Go on.", {} }}'
STRUCTURE = 'generate extra {{ using writer, prompt "Go on.", returns {{ why text }}, {} }}'
JUDGED = "judge extra {{ of answer, using referee, rubric clear, {} }}"

CHECKS = {
    "language": [(STEP, "language")],
    "length": [(STEP, "length 9..90 words"), (STRUCTURE, "length < 900 of why"), (JUDGED, "length >= 9 tokens")],
    "unique": [(STEP, "unique 0.85"), (STEP, "unique 90% within topic")],
    "matches": [(STEP, 'matches "^[A-Z]"'), (STRUCTURE, 'not matches "AI" of why')],
    "json": [(STEP, "json")],
    "no_refusal": [(STEP, "no_refusal")],
    "no_reasoning": [(STEP, "no_reasoning off"), (STRUCTURE, "no_reasoning of why")],
    "score": [(JUDGED, "score extra.clarity > 3"), (JUDGED, "score v.agreement <= 0.5")],
    "clean_of": [(STEP, 'clean_of "*.jsonl" { ngram 9 }')],
    "run": [(STEP, 'run ["python", "rows.jsonl"]')],
}
"""Check -> steps around it, and ways to write it."""

EMITS = {
    "preference": ["from choice, prompt question, system keep"],
    "sft": ["from answer, best_by verdict.overall, reasoning inline"],
    "reward": ["from choice, prompt question", "from verdict.clarity"],
    "kto": ["from verdict.overall, good >= 4, bad <= 2", "from choice", "from safety.safe"],
    "rl": ['prompt question, truth v.majority, source "math"', "prompt question, truth reference"],
    "prompts": ["prompt question, system keep"],
    "records": ["optional"],
    "rejects": ["optional"],
}
"""Emit -> ways to write its fields."""


def test_every_kind_of_check_and_emit_is_covered_and_runs():
    assert CHECKS.keys() == REGISTRY.checks.keys() == PROGRAMS.checks.keys()
    assert EMITS.keys() == REGISTRY.emits.keys() == PROGRAMS.emits.keys()
    assert REGISTRY.steps.keys() == PROGRAMS.steps.keys()
    defaults = {name for name, runtime in PROGRAMS.checks.items() if runtime.default is not None}
    assert defaults == {name for name, kind in REGISTRY.checks.items() if kind.by_default}


def comes_back(text, without):
    """A dataset whose part under test is printed so that it means the same, and which `diff` tells from one without."""
    first, plain = compiled(text), compiled(without)
    assert errors(first) == [] == errors(plain), text
    shown = "\n".join(line.text for line in show(first)) + "\n"
    again = compiled(shown)
    assert errors(again) == [], shown
    assert again.dataset == first.dataset, shown
    assert Dataset.model_validate_json(canonical_json(first.dataset), context=REGISTRY.models) == first.dataset
    assert digest(first.dataset) != digest(plain.dataset)
    said_by_diff(plain.dataset, first.dataset)
    said_by_diff(first.dataset, plain.dataset)
    return first.dataset


@pytest.mark.parametrize(("name", "around", "said"), [(n, *way) for n, ways in CHECKS.items() for way in ways])
def test_a_check_comes_back_as_its_own_model(name, around, said):
    lines = ["tap 1", "dataset d {", *WORLD.values()]
    with_it, without = ("\n".join([*lines, around.format(one), "}\n"]) for one in (f"require {said}", ""))
    checks = comes_back(with_it, without).step("extra").checks()
    assert [(check.check, type(check)) for check in checks] == [(name, REGISTRY.checks[name].model)]


@pytest.mark.parametrize(("name", "fields"), [(n, way) for n, ways in EMITS.items() for way in ways])
def test_an_emit_comes_back_as_its_own_model_with_columns(name, fields):
    lines = ["tap 1", "dataset d {", *WORLD.values()]
    dataset = comes_back("\n".join([*lines, f"emit {name} extra {{ {fields} }}", "}\n"]), "\n".join([*lines, "}\n"]))
    emit = next(one for one in dataset.emits if one.name == "extra")
    assert (emit.kind, type(emit)) == (name, REGISTRY.emits[name].model)
    columns = PROGRAMS.emits[name].columns(dataset, emit)
    assert columns and len({column.name for column in columns}) == len(columns)
