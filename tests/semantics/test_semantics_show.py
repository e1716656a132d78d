"""What `show` prints is a complete spec that means the same: its IR has the same digest."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tapc.format import format_source
from tapc.frontend import compile_spec
from tapc.frontend.show import show
from tapc.ir import digest
from tapc.source import DiskLoader, SourceFile, bundled_dir

ROOT = Path(__file__).parents[2]
EXAMPLES = bundled_dir("grammar") / "examples"
REAL = sorted([*(ROOT / "specs").glob("*.tap"), *(EXAMPLES / "good").glob("*.tap")])


class Over:
    """Files in memory, and those of the disk below them."""

    def __init__(self, **files):
        self.files = files

    def read(self, path):
        if str(path) in self.files:
            return self.files[str(path)].encode()
        return DiskLoader().read(path)


def text_of(compiled):
    return "\n".join(line.text for line in show(compiled)) + "\n"


def comes_back(path, first):
    assert first.dataset is not None, [d.message for d in first.diagnostics]
    text = text_of(first)
    again = compile_spec(path, Over(**{str(path): text}))
    assert again.dataset is not None, ([d.message for d in again.diagnostics], text)
    assert digest(again.dataset) == digest(first.dataset), text
    assert text_of(again) == text
    assert format_source(SourceFile("shown.tap", text))[0] == text


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.stem)
def test_real_specs_come_back(path):
    found = compile_spec(path, DiskLoader())
    for name in () if len(found.datasets) == 1 else found.datasets:
        comes_back(path, compile_spec(path, DiskLoader(), dataset=name))
    if found.dataset is not None:
        comes_back(path, found)


WORDS = [
    "heat", "哲学", "C++", "0402", "tittle", "count", "in", "and", "a.b", "zh-Hans", "नमस्ते", "می‌خواهم", "or",
    'say "hi"', "back\\slash", "e\u0301", "when", "tap", "drop", "true",
]  # fmt: skip
TEXTS = [
    "plain", 'with "quotes"', "two\nlines", "  led\n\n   \n by blanks ", "tab\there", "joined می‌خواهم", "half \u0301",
    "bidi \u202e mark", "", 'three """ quotes\nand a line', "// no comment", "end\n", "\nstart", "\\n", "\x07 bell",
]  # fmt: skip


def quoted(text):
    body = json.dumps(text, ensure_ascii=True)
    return body.replace("\\u0007", "\\u{7}")


names = st.sampled_from(WORDS)
texts = st.sampled_from(TEXTS)
decimals = st.sampled_from(["1", "2.5", "0.001", "0.01k", "0.3333333", "7"])


@st.composite
def nodes(draw, depth=2):
    """The inside of an axis: weights, counts and bounds, or percentages that sum to 100."""
    found = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    percents = draw(st.booleans()) and len(found) == 2
    lines = []
    for i, name in enumerate(found):
        share = ["37.5%", "62.5%"][i] if percents else draw(st.sampled_from(["", "3", "0.25", "1 at_most 9000"]))
        title = draw(st.sampled_from(["", quoted("A title")]))
        line = f"{quoted(name)} {share} {title}" + draw(st.sampled_from(["", ": " + quoted(draw(texts))]))
        inner = []
        if draw(st.booleans()):
            inner.append(f"note {quoted(draw(names))} {quoted(draw(texts))}")
            inner.append(f"example {{ {quoted(draw(names))} {quoted(draw(texts))} }}")
        if depth and draw(st.integers(0, 3)) == 0:
            inner += draw(nodes(depth - 1))
        lines.append(line + (" {\n" + "\n".join(inner) + "\n}" if inner else ""))
    return lines


@st.composite
def endpoints(draw):
    fields = [
        f"temperature {draw(decimals)}" if draw(st.booleans()) else "temperature 0.7",
        f"stop [{quoted(draw(texts))}, {quoted(draw(texts))}]",
        f'extra {{ {quoted(draw(names))} {quoted(draw(texts))}, deep {{ list [1, 2.5, "x", [true, null]], on }} }}',
        "limit { requests 600/min, tokens 5k/s, concurrency 4 }",
        'url [env("URL", "http://localhost:1/v1"), "http://localhost:2/v1"]',
        'key env("KEY")',
        "price { input $0.25/M, cached_input $0.003/M, output $2/M, batch 50% }",
        "thinking 2k",
        "context 32k",
        "overhead 12 tokens",
        'transport { timeout 1.5s, header "X-Team" "data", header "X-Run" env("RUN") }',
        'terms "mit"',
        'revision "step-1200"',
        "seed -3",
        "logprobs true",
        "max_tokens most",
    ]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=6, unique_by=lambda text: text.split()[0]))
    needed = [line for line in (fields[4], "price free") if not any(f.startswith(line[:4]) for f in chosen)]
    return "\n".join(['model "real-model"', *chosen, *needed])


CHECKS = [
    "length 20..600", "length >= 3 words", "length < 900 tokens", "unique 0.85 within subject", "no_refusal", "json",
    r'matches "^\\S"', 'not matches "x{2}"', 'run ["python", "c.py"]',
]  # fmt: skip


@st.composite
def libraries(draw):
    return f"""tap 1
param most = 90
taxonomy clinical {{
  title {quoted(draw(texts))}
  {chr(10).join(draw(nodes()))}
}}
mix tone {{ warm 30% "Warm", "cold" 70%: {quoted(draw(texts))} }}
endpoint base {{ {draw(endpoints())} }}
endpoint judge_model = base {{ temperature 0 }}
rubric fit: {quoted(draw(texts))} {{
  aspect quality 2 1..5: "On {{{{ subject }}}}" {{ 1 {quoted(draw(texts))}, 5 "wholly" }}
  aspect safe boolean {{ true "yes" }}
  aspect kind any of [{quoted("a b")}, c]
  aspect harm 0..3 lower or na
  aspect overall 1..10 asked
}}
pipeline made(topic, writers, size) {{
  generate question {{
    using 1 of writers
    system {quoted(draw(texts))}
    prompt "Ask about {{{{ topic.path }}}} ({{{{ topic }}}})."
    max_tokens size
    {"returns { title text, level integer 1..5, parts list one_of [x, " + '"y z"' + '], who: "w" { age number 0..1.5 } }' if draw(st.booleans()) else ""}
  }}
  generate answer {{
    using writers
    each 2
    messages {{ user "{{{{ question }}}}", assistant {quoted(draw(texts))}, user {quoted(draw(texts))} }}
    require {draw(st.sampled_from(CHECKS))}
    require {draw(st.sampled_from(CHECKS))}
  }}
}}
"""


@st.composite
def specs(draw):
    """(spec, library): a dataset that extends another, uses a pipeline, grafts, copies, params and rules."""
    graft = draw(st.booleans())
    tree = "taxonomy subject = lib.clinical" if graft else "taxonomy subject {\n" + "\n".join(draw(nodes())) + "\n}"
    more = draw(st.lists(st.sampled_from([
        "mix level { low, mid 2, high }", "mix voice per candidate { loud 10%, soft 90% }", "reserve 30% at_least 2",
        'card { title "T", tags ["a", "b"], summary "two\\nlines" }', 'meta { owner "me", "odd key" { n 12, list [1] } }',
        "budget { cost $5, cost $0.5 per run, tokens 1M, step answer { cost $1, requests 9 }, endpoint writer { tokens 9k } }",
        'vote most_said { of answer, extract regex "(a|b)" }', "accept [answer]", "seed 99",
        'emit rl { prompt question, truth question, source "math" }', "emit records all { format [parquet, jsonl] }",
        "pair choice { of answer, by [verdict.quality, verdict.overall], rejected quantile 0.25, margin 0.5..3, all }\nemit kto pairs { from choice }",
        "emit kto { from verdict.quality, good >= 4, bad <= 2.5, split { train 90%, test 10% } }",
        "emit kto harmless { from verdict.harm, good <= 1, bad >= 2 }",
    ]), unique=True))  # fmt: skip
    text = f"""tap 1
import "lib.tap" as lib
import std.rubrics.helpfulness as help
param amount = {draw(st.sampled_from(["60", "1_200", "2k"]))}
dataset parent {{
  samples amount
  {tree}
  mix language {{ en 50%, zh-Hans 30%, sw }}
  mix tone = lib.tone
  endpoint writer = lib.base {{ top_p 0.95 }}
  pipeline lib.made {{ topic subject, writers [writer, lib.judge_model], size 250 }}
  judge verdict {{ of answer, using lib.judge_model, rubric lib.fit, given [question, tone], require score verdict.quality > 1.5 }}
  judge second {{ of answer, using writer, rubric help, mode pairwise }}
  when language = sw {{ mix tone {{ warm 1, cold 3 }} }}
  exclude tone = cold when language in [en, sw]
  emit sft {{ from answer, best_by verdict.overall, reasoning inline }}
}}
dataset child extends parent {{
  samples 70
  drop judge second
  generate question {{ temperature 1.25, attempts 2 }}
  {chr(10).join(more)}
}}
"""
    return text, draw(libraries())


@given(specs(), st.sampled_from(["parent", "child"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_generated_specs_come_back(made, dataset):
    text, library = made
    files = Over(**{"spec.tap": text, "lib.tap": library})
    comes_back(Path("spec.tap"), compile_spec(Path("spec.tap"), files, dataset=dataset))
