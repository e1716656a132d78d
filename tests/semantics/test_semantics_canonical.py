"""What must not change the digest: layout, comments, order of declarations, aliases, names of params, file paths."""

import random
import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.frontend import compile_spec
from tapc.ir import digest
from tapc.source import LoadError

PARTS = [
    "samples 60",
    "seed 7",
    "taxonomy topic { physics 40% { heat, light }, biology 35%, %(graft)s }",
    "mix tone { warm 30%, cold 70% }",
    "when topic in physics.heat { mix tone { warm 100% } }",
    "exclude tone = cold when topic in biology",
    'endpoint writer { model "sim", price free, limit { requests 6/min, concurrency 4 } }',
    'endpoint other { model "sim-o", price { input $1/M, output $2/M } }',
    'generate question { using writer, prompt "{{ topic.path }} {{ tone }}", max_tokens %(most)s, require length 5..90, require json }',
    'generate answer { using [writer, other], each 2, prompt "{{ question }}" }',
    'rubric own { aspect b 1..5, aspect a 2 1..5: "x" { 5 "good", 1 "bad" } }',
    "judge verdict { of answer, using other, rubric own }",
    "judge second { of answer, using other, rubric %(rubric)s }",
    "pair choice { of answer, by [verdict.a, second.overall], margin >= 0.5 }",
    "emit preference { from choice, format [jsonl, parquet] }",
    "emit sft { from answer, best_by verdict.overall }",
    "budget { cost $5, tokens 1M, step answer { cost $1 } }",
    'card { title "T", tags ["a", "b"] }',
    'meta { owner "me", ticket 12 }',
]


class Files(dict):
    def read(self, path):
        if str(path) not in self:
            raise LoadError(f"{path} does not exist")
        return self[str(path)].encode()


def spec(shuffle, alias, param, folder, spaces):
    parts = list(PARTS)
    shuffle.shuffle(parts)
    values = {"graft": f"chemistry = {alias}.tree", "most": param, "rubric": f"{alias}.clear"}
    body = []
    for part in parts:
        text = re.sub(r"%\((\w+)\)s", lambda m: values[m[1]], part)
        body.append(
            text.replace(", ", f",{spaces}").replace(" { ", f"{spaces}{{\n ") + shuffle.choice(["", "  // why"])
        )
    top = [f'import "./{folder}/lib.tap" as {alias}', f"param {param} = 90"]
    shuffle.shuffle(top)
    return "tap 1\n" + "\n".join(top) + "\n\ndataset d {\n" + "\n".join(body) + "\n}\n"


LIB = 'tap 1\ntaxonomy tree { acids, bases }\nrubric clear { aspect clarity 1..5: "?" }\n'


def digest_of(seed, alias, param, folder, spaces, name):
    text = spec(random.Random(seed), alias, param, folder, spaces)
    found = compile_spec(Path(name), Files({name: text, str(Path(name).parent / folder / "lib.tap"): LIB}))
    assert found.diagnostics == []
    return digest(found.dataset)


@given(
    st.integers(0, 10**6),
    st.sampled_from(["lib", "l2", "化学"]),
    st.sampled_from(["most", "upper-end"]),
    st.sampled_from(["parts", "a/b"]),
    st.sampled_from([" ", "   ", "\t"]),
    st.sampled_from(["spec.tap", "deep/er/other.tap"]),
)
@settings(max_examples=25, deadline=None)
def test_digest_is_of_the_meaning(seed, alias, param, folder, spaces, name):
    assert digest_of(seed, alias, param, folder, spaces, name) == digest_of(1, "lib", "most", "parts", " ", "spec.tap")


def test_digest_sees_a_changed_prompt():
    name = "spec.tap"
    text = spec(random.Random(1), "lib", "most", "parts", " ")
    files = Files({name: text.replace("{{ question }}", "{{ question }}!"), "parts/lib.tap": LIB})
    changed = compile_spec(Path(name), files).dataset
    assert digest(changed) != digest_of(1, "lib", "most", "parts", " ", name)
