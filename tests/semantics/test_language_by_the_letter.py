"""Every promise of the language's description, by its letter: a small spec each, and what it must mean."""

import sys
from fractions import Fraction as F  # noqa: N817 - shares read better so
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from exact_types import differences

HEAD = 'dataset d {\n  samples 100\n  endpoint w { model "sim", price free }\n'
GEN = '  generate answer { using w, prompt "Say." }\n'
GEN2 = '  generate answer { using w, each 2, prompt "Say." }\n'
RUBRIC = "  rubric r { aspect a 1..5 }\n"
JUDGE = "  judge v { of answer, using w, rubric r }\n"
SFT = "  emit sft { from answer }\n"


def ds(body="", *, steps=GEN, emits=SFT, top="tap 1\n"):
    return top + HEAD + body + "\n" + steps + emits + "}\n"


@pytest.fixture
def ir(compiled):
    """The dataset of a spec that must be right."""

    def run(spec, /, **rest):
        found = compiled(spec, **rest)
        assert [d.message for d in found.diagnostics if d.severity == "error"] == []
        assert differences(found.dataset) == []
        return found.dataset

    return run


@pytest.fixture
def errors(compiled):
    """Codes of the errors of a spec."""

    def run(spec, /, **rest):
        return {d.code for d in compiled(spec, **rest).diagnostics if d.severity == "error"}

    return run


def leaves(dataset):
    found = {}

    def walk(node, path):
        if not node.children:
            found[".".join(path)] = node
        for child in node.children:
            walk(child, (*path, child.name))

    for child in dataset.space.taxonomy.children:
        walk(child, (child.name,))
    return found


def mix(dataset, name):
    return {value.name: value for value in next(m for m in dataset.space.mixes if m.name == name).values}


# 3. Lexical rules


def test_the_first_statement_is_the_edition(errors):
    assert errors(ds(top="")) == {"TAP004"}
    assert errors(ds(top="tap 2\n")) == {"TAP005"}


def test_comments_and_doc_comments(ir):
    text = "  mix m {\n    /// lines\n    /// of text\n    a // beside\n    //// plain\n    b\n  }\n"
    values = mix(ir(ds(text)), "m")
    assert values["a"].definition == "lines\nof text"
    assert values["b"].definition is None


def test_statements_end_at_newline_or_comma_and_braces_may_stand_on_one_line(ir):
    one = ir(ds("  mix m { a, b\n c }\n"))
    assert one.space == ir(ds("  mix m {\n a\n b\n c\n }\n")).space
    assert ir(ds(steps='  generate answer { using [\n w\n ], prompt "Say." }\n')).steps[0].using == ("w",)


@pytest.mark.parametrize("name", ["zh-Hans", "哲学", "हिन्दी", "_x", "é1", "or", "in", "as"])
def test_names_of_any_script_and_contextual_words(ir, name):
    assert name in mix(ir(ds(f"  mix m {{ {name} 10%, other }}\n")), "m")


def test_quoted_names_in_nodes_paths_and_conditions(ir):
    made = ir(ds('  taxonomy t { "0402" { x, y }, "C++" 10% }\n  mix m { a, b }\n  when t in t2 { mix m { a } }\n'
                 .replace("t2", '"0402"')))  # fmt: skip
    assert set(leaves(made)) == {"0402.x", "0402.y", "C++"}
    assert made.space.rules[0].condition.tests[0].values == ("0402",)
    deeper = ir(ds('  taxonomy t { a { "0402", y } }\n  mix m { a, b }\n  when t in a."0402" { mix m { a } }\n'))
    assert deeper.space.rules[0].condition.tests[0].values == ("a.0402",)


@pytest.mark.parametrize(
    "word",
    "import param when exclude count at_least at_most title definition example note only except from columns levels".split(),  # noqa: SIM905
)
def test_reserved_heads_are_names_only_in_quotes(ir, errors, word):
    assert errors(ds(f"  mix m {{ {word}, b }}\n"))
    assert word in mix(ir(ds(f'  mix m {{ "{word}", b }}\n')), "m")


def test_a_slip_in_a_reserved_word_says_so(compiled):
    found = compiled(ds('  taxonomy t { a { tittle "x" } }\n')).diagnostics
    assert [(d.code, d.severity) for d in found if d.code == "TAP204"] == [("TAP204", "warning")]
    assert "TAP204" not in {d.code for d in compiled(ds("  taxonomy t { a { tittle 2, b } }\n")).diagnostics}


@pytest.mark.parametrize(
    ("written", "value"),
    [("1_000", 1000), ("10k", 10_000), ("1.5M", 1_500_000), ("1G", 10**9)],
)
def test_numbers(ir, written, value):
    assert ir(ds(emits=SFT + f"  budget {{ tokens {written} }}\n")).budget.total.tokens == value


def test_unknown_units_are_named(compiled):
    found = compiled(ds("  mix m { a 10px, b }\n")).diagnostics
    assert [d.code for d in found] == ["TAP106"]
    assert "px" in found[0].message


def test_money_rates_and_durations_are_exact(ir):
    endpoint = (
        'endpoint w { model "sim", price { input $0.40/M, output $2/M, cached_input $0.03/M, batch 50% }, '
        "limit { requests 600/min, tokens 400k/min, concurrency 64 }, transport { timeout 5min } }"
    )
    made = ir(ds().replace('endpoint w { model "sim", price free }', endpoint)).endpoints[0]
    assert (made.price.input, made.price.output, made.price.cached_input, made.price.batch) == (
        400_000,
        2_000_000,
        30_000,
        F(1, 2),
    )
    assert (made.limit.requests_per_minute, made.limit.tokens_per_minute, made.limit.concurrency) == (600, 400_000, 64)
    assert made.transport.timeout_seconds == 300.0


def test_texts_are_raw_and_indented_as_their_end(ir, errors):
    text = '  generate answer { using w, prompt """\n      one \\n\n\n        two\n      """ }\n'
    assert ir(ds(steps=text)).steps[0].messages[0].content.text == "one \\n\n\n  two"
    assert errors(ds(steps='  generate answer { using w, prompt """\n   one\n      """ }\n')) == {"TAP013"}


def test_params_are_typed_and_set_from_outside(ir, errors):
    spec = ds(top="tap 1\nparam scale = 600\n").replace("samples 100", "samples scale")
    assert ir(spec).samples == 600
    assert ir(spec, settings={"scale": "7"}).samples == 7
    assert errors(spec, settings={"scale": "7%"}) == {"TAP131"}
    assert errors(spec, settings={"scal": "7"}) == {"TAP130"}


def test_env_stands_only_in_url_and_key(ir, errors):
    real = (
        'endpoint w { model "m", url [env("U", "http://localhost:8000/v1"), "http://h/v1"], key env("K"), price free }'
    )
    made = ir(ds().replace('endpoint w { model "sim", price free }', real)).endpoints[0]
    assert (made.urls[0].name, made.urls[0].default, made.urls[1], made.key.name) == (
        "U", "http://localhost:8000/v1", "http://h/v1", "K",
    )  # fmt: skip
    assert "TAP401" in errors(ds().replace("price free", 'price free, key env("K", "x")'))
    assert "TAP401" in errors(ds().replace("price free", 'price free, key "sk-1234567890"'))
    assert errors(ds().replace('model "sim"', 'model env("M")')) == {"TAP402"}


# 4. The sample space


def test_without_a_taxonomy_there_is_a_single_leaf(ir):
    assert ir(ds()).space.taxonomy is None


def test_nodes_and_values_are_written_alike(ir):
    body = '{ a 40% "Title": "what it is" { note style "dry", example { question "q", answer "z" } }, b }\n'
    made = ir(ds(f"  taxonomy t {body}  mix m {body}"))
    for one in (leaves(made)["a"], mix(made, "m")["a"]):
        assert (one.title, one.definition, one.notes) == ("Title", "what it is", (("style", "dry"),))
        assert one.examples[0].fields == (("answer", "z"), ("question", "q"))
        assert (one.share.kind, one.share.value) == ("percent", F(2, 5))


def test_share_forms(ir):
    made = leaves(ir(ds("  taxonomy t { a 40%, b 3, c, d count 5, e 10% at_least 2 at_most 20, f at_most 7 }\n")))
    assert [(made[n].share.kind, made[n].share.value) for n in "abcd"] == [
        ("percent", F(2, 5)), ("weight", 3), ("weight", 1), ("count", 5),
    ]  # fmt: skip
    assert (made["e"].share.at_least, made["e"].share.at_most, made["f"].share.at_most) == (2, 20, 7)


@pytest.mark.parametrize(
    ("shares", "fine"),
    [("a 40%, b 60%", True), ("a 40%, b 50%", False), ("a 40%, b 50%, c", True), ("a 40%, b 60%, c", False),
     ("a 33.3%, b 66.7%", True), ("a 50%, b 60%", False)],
)  # fmt: skip
def test_percentages_sum_to_a_hundred_where_nothing_else_takes_a_share(errors, shares, fine):
    for kind in ("taxonomy", "mix"):
        assert errors(ds(f"  {kind} x {{ {shares} }}\n")) == (set() if fine else {"TAP201"})


def test_a_contradiction_shows_the_sum(compiled):
    found = compiled(ds("  mix m { a 40%, b 50% }\n")).diagnostics[0]
    assert "90%" in found.message + " ".join(found.notes)


SEEN = 'taxonomy t: "all" { a_b: "def" { note k "v", example { q "x" }, c "Title" } }\n  mix language { sw, zh-Hans }\n'


@pytest.mark.parametrize(
    "hole",
    ["t", "t.name", "t.title", "t.definition", "t.note.k", "t.parent", "t.path", "t.example | sample(3)",
     "t.example | length", "language", "language.tag", "language.name", "language.endonym", "language.script",
     "language.direction"],
)  # fmt: skip
def test_templates_see(ir, errors, hole):
    made = errors(ds(SEEN, steps=f'  generate answer {{ using w, prompt "{{{{ {hole} }}}}" }}\n'))
    assert made == set()


def test_attributes_are_inherited_and_must_exist_on_every_leaf(errors):
    steps = '  generate answer {{ using w, prompt "{{{{ t.{} }}}}" }}\n'
    half = '  taxonomy t { a: "x" { p, q }, b { r } }\n'
    assert errors(ds(half, steps=steps.format("definition"))) == {"TAP307"}
    assert errors(ds(half, steps=steps.format("definition | default('-')"))) == set()
    assert errors(ds('  taxonomy t: "all" { a { p, q }, b { r } }\n', steps=steps.format("definition"))) == set()
    assert errors(ds('  taxonomy t { a "Title" { p } }\n', steps=steps.format("title"))) in (set(), {"TAP307"})


def test_languages_are_checked_against_the_registry(ir, errors):
    value = mix(ir(ds("  mix language { zh-Hans }\n")), "language")["zh-Hans"].language
    assert (value.tag, value.script, value.direction) == ("zh-Hans", "Hans", "ltr")
    assert value.name.startswith("Chinese")
    assert errors(ds("  mix language { xx-Qqqq9 }\n")) == {"TAP216"}
    assert mix(ir(ds("  mix language { ar }\n")), "language")["ar"].language.direction == "rtl"


LIB = "tap 1\ntaxonomy med { a { x, y }, b { c, d }, e }\nmix tone { u 30%, v 70% }\n"


def test_grafts_only_and_except(ir):
    top = 'tap 1\nimport "./lib.tap" as lib\n'
    made = ir(ds("  taxonomy t { root = lib.med { only [a, b.c] }, z }\n", top=top), lib_tap=LIB)
    assert set(leaves(made)) == {"root.a.x", "root.a.y", "root.b.c", "z"}
    made = ir(ds("  taxonomy t = lib.med { except [b, a.x] }\n", top=top), lib_tap=LIB)
    assert set(leaves(made)) == {"a.y", "e"}
    made = ir(ds("  taxonomy t { n = lib.med.b, m }\n", top=top), lib_tap=LIB)
    assert set(leaves(made)) == {"n.c", "n.d", "m"}
    assert set(mix(ir(ds("  mix tone = lib.tone\n", top=top), lib_tap=LIB), "tone")) == {"u", "v"}


def test_tables(ir):
    text = 'taxonomy s from "c.csv" { columns { id code, parent up, title name_en, weight w, note style register } }'
    made = ir(
        ds(f"  {text}\n"), **{"c.csv": "code,up,name_en,w,register\n1,,One,2,dry\n2,1,Two,3,wet\n3,1,Three,4,dry\n"}
    )
    assert {name: (n.title, n.share.value, n.notes) for name, n in leaves(made).items()} == {
        "1.2": ("Two", 3, (("style", "wet"),)), "1.3": ("Three", 4, (("style", "dry"),)),
    }  # fmt: skip
    wide = ir(
        ds('  taxonomy s from "w.csv" { levels [field, subfield] }\n'), **{"w.csv": "field,subfield\na,x\na,y\nb,z\n"}
    )
    assert set(leaves(wide)) == {"a.x", "a.y", "b.z"}
    rows = '{"id": "p1", "text": "one"}\n{"id": "p2", "text": "two"}\n'
    flat = ir(ds('  mix persona from "p.jsonl" { columns { name id, definition text } }\n'), **{"p.jsonl": rows})
    assert {n: v.definition for n, v in mix(flat, "persona").items()} == {"p1": "one", "p2": "two"}


def test_mixes_per_candidate(ir):
    made = ir(ds("  mix p per candidate { a 50%, b 50% }\n"))
    assert made.space.mixes[0].per_candidate


SPACE = "  taxonomy t { a { x, y }, b }\n  mix m { p, q 20%, r }\n  mix n { k, l }\n"


@pytest.mark.parametrize(
    "condition",
    ["n = k", "n in [k]", "t in a", "t in a.x", "t in [a.x, b]", "t in a and n = k", "t in a and n in [k, l]"],
)
def test_when_replaces_a_mix(ir, condition):
    made = ir(ds(SPACE + f"  when {condition} {{ mix m {{ p 50%, q 50% }} }}\n"))
    rule = made.space.rules[0]
    assert rule.mix == "m"
    assert {name: share.value for name, share in rule.shares if share.value} == {"p": F(1, 2), "q": F(1, 2)}


def test_inner_rules_win_and_partial_overlap_is_an_error(compiled):
    inner = "  when t in a { mix m { p } }\n  when t in a.x { mix m { q 100% } }\n"
    assert [d.code for d in compiled(ds(SPACE + inner)).diagnostics] == []
    found = compiled(ds(SPACE + "  when t in a { mix m { p } }\n  when n = k { mix m { r } }\n")).diagnostics
    assert [d.code for d in found] == ["TAP212"]
    assert "t = a.x" in found[0].message + " ".join(found[0].notes)
    agree = "  when t in a { mix m { p } }\n  when n = k { mix m { p } }\n"
    assert [d.code for d in compiled(ds(SPACE + agree)).diagnostics] == []


def test_exclude(ir, errors):
    made = ir(ds(SPACE + "  exclude m = p when t in a\n  exclude n in [k]\n"))
    assert {(e.mix, e.values, e.condition is None) for e in made.space.exclusions} == {
        ("m", ("p",), False),
        ("n", ("k",), True),
    }
    assert errors(ds(SPACE + "  exclude m in [p, q, r] when t in b\n")) == {"TAP214"}
    circle = "  when m = p { mix n { k } }\n  when n = k { mix m { q 100% } }\n"
    assert errors(ds(SPACE + circle)) == {"TAP215"}


def test_accept_defaults_to_what_emits_read_and_reserve_to_all(ir):
    made = ir(ds(RUBRIC + JUDGE, steps=GEN2, emits="  emit sft { from answer, best_by v.overall }\n"))
    assert made.accept == ("answer", "v")
    assert (made.reserve.share, made.reserve.floor) == (1, 5)
    assert ir(ds("  accept [answer]\n  reserve 50% at_least 2\n")).reserve == made.reserve.model_copy(
        update={"share": F(1, 2), "floor": 2}
    )


# 5. Steps


def test_steps_share_one_flat_namespace(errors):
    assert errors(ds("  mix answer { a }\n")) == {"TAP113"}
    assert errors(ds("  rubric w { aspect a 1..5 }\n")) == {"TAP113"}


def test_reading_several_candidates_needs_for(ir, errors):
    more = '  generate more {{ using w, prompt "{{{{ answer }}}}"{} }}\n'
    assert errors(ds(steps=GEN2 + more.format(""))) & {"TAP312", "TAP413"}
    assert ir(ds(steps=GEN2 + more.format(", for answer"))).step("more").for_step == "answer"


def test_inputs(ir):
    made = ir(ds('  mix language { en, sw }\n  input rows { file "rows.jsonl", field text, columns { answer gold }, match { language lang } }\n',
                 steps='  generate answer { using w, prompt "{{ rows }} {{ rows.answer }}" }\n')).step("rows")  # fmt: skip
    assert (made.field, made.columns, made.match) == ("text", (("answer", "gold"),), (("language", "lang"),))
    hub = ir(ds('  input rows { hub "org/set" { revision "abc", split train } , field text }\n',
                steps='  generate answer { using w, prompt "{{ rows }}" }\n')).step("rows")  # fmt: skip
    assert (hub.hub, hub.revision, hub.split) == ("org/set", "abc", "train")


ENDPOINTS = '  endpoint u { model "sim-u" }\n  endpoint x { model "sim-x" }\n'


@pytest.mark.parametrize(
    ("using", "names", "pick"),
    [("w", ("w",), None), ("[w, u]", ("w", "u"), None), ("2 of [w, u, x]", ("w", "u", "x"), 2)],
)
def test_generate_using(ir, using, names, pick):
    step = ir(ds(ENDPOINTS, steps=f'  generate answer {{ using {using}, prompt "Say." }}\n')).step("answer")
    assert (step.using, step.pick) == (names, pick)


def test_generate_fields(ir):
    text = (
        "  generate answer { using w, each 3, attempts 4, need 2, expect_tokens 90, temperature 0.5, top_p 0.9, max_tokens 50, "
        'stop ["x"], seed 3, n 1, frequency_penalty 0.1, presence_penalty 0.2, logprobs true, extra { top_k 20 }, system "S", prompt "P" }\n'
    )
    step = ir(ds(steps=text)).step("answer")
    assert (step.each, step.attempts, step.need, step.expect_tokens) == (3, 4, 2, 90)
    assert [(m.role, m.content.text) for m in step.messages] == [("system", "S"), ("user", "P")]
    sampling = step.sampling
    assert (sampling.temperature, sampling.top_p, sampling.max_tokens, sampling.stop, sampling.seed) == (
        0.5,
        0.9,
        50,
        ("x",),
        3,
    )
    assert (sampling.extra, sampling.logprobs) == ('{"top_k":20}', True)


def test_messages_and_per(ir):
    step = ir(
        ds(
            "  mix m { a, b }\n",
            steps='  generate answer { using w, messages { user "a", assistant "b", user "c" }, per m }\n',
        )
    ).step("answer")
    assert [m.role for m in step.messages] == ["user", "assistant", "user"]
    assert step.per == ("m",)


def test_results_of_generate(errors):
    steps = (
        '  generate one { using w, prompt "Say.", returns { title text: "the title", points integer 1..5, p number 0..1, ok boolean,\n'
        "    kind one_of [a, b], tags list text, inner { deep text } } }\n"
        "  generate answer { using w, prompt \"{{ one.title }} {{ one.points }} {{ one.inner.deep }} {{ one.tags | join(', ') }} {{ one.reasoning }}\" }\n"
    )
    assert errors(ds(steps=steps)) == set()
    assert errors(ds(steps=steps.replace("one.title", "one.titel"))) == {"TAP303"}


def test_judges(ir):
    body = ENDPOINTS + RUBRIC + '  generate question { using w, prompt "Ask." }\n'
    judge = '  judge v { of answer, using [u, x], panel median, rubric r, mode listwise, prompt question, given [question], system "J", require score v.overall >= 3 }\n'
    step = ir(ds(body + judge, steps=GEN2, emits="  emit sft { from answer, best_by v.a }\n")).step("v")
    assert (step.using, step.panel, step.mode, step.prompt_of, step.given) == (
        ("u", "x"),
        "median",
        "listwise",
        "question",
        ("question",),
    )
    assert (step.require[0].check, step.require[0].field, step.require[0].minimum) == ("score", "v.overall", 3)


def test_results_of_judges(errors):
    for result in ("a", "overall", "agreement"):
        assert (
            errors(ds(RUBRIC + JUDGE, steps=GEN2, emits=f"  emit sft {{ from answer, best_by v.{result} }}\n")) == set()
        )
    assert errors(ds(RUBRIC + JUDGE, steps=GEN2, emits="  emit sft { from answer, best_by v.rationale }\n")) == {
        "TAP416"
    }


def test_scores_votes(ir):
    made = ir(ds(ENDPOINTS + '  score s { of answer, using u, kind reward }\n  score p { of answer, run ["python", "c.py"] }\n'
                 '  vote k { of answer, extract boxed }\n  vote l { of answer, extract regex "(\\\\d+)" }\n', steps=GEN2,
                 emits='  generate question { using w, prompt "Ask." }\n  emit rl { prompt question, truth k.majority, source "math" }\n'))  # fmt: skip
    assert (made.step("s").reward, made.step("p").run, made.step("k").extract) == (True, ("python", "c.py"), "boxed")
    assert (made.step("l").extract, made.step("l").argument) == ("regex", "(\\d+)")
    assert (made.emits[-1].truth, made.emits[-1].data_source) == ("k.majority", "math")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("by v.overall", {"by": ("v.overall",), "chosen": "best", "rejected": "worst"}),
        ("by [v.a, v.overall]", {"by": ("v.a", "v.overall")}),
        ("by v.a, chosen from w", {"chosen": "endpoint", "chosen_of": "w"}),
        ("by v.a, rejected random", {"rejected": "random"}),
        ("by v.a, rejected quantile 0.1", {"rejected": "quantile", "rejected_of": "1/10"}),
        ("by v.a, rejected from w", {"rejected": "endpoint", "rejected_of": "w"}),
        ("by v.a, all", {"all": True}),
        ("by v.a, within endpoint", {"within": "endpoint"}),
        ("by v.a, margin >= 1", {"margin": 1, "margin_at_most": None}),
        ("by v.a, margin 1..3", {"margin": 1, "margin_at_most": 3}),
        ("by v.a, chosen_at_least 4", {"chosen_at_least": 4}),
    ],
)
def test_pairs(ir, fields, expected):
    step = ir(
        ds(RUBRIC + JUDGE + f"  pair c {{ of answer, {fields} }}\n", steps=GEN2, emits="  emit preference { from c }\n")
    ).step("c")
    assert {name: getattr(step, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("check", "expected"),
    [
        ("language", {"check": "language"}),
        ("length 20..600", {"minimum": 20, "maximum": 600, "unit": "chars"}),
        ("length 20..600 words", {"unit": "words"}),
        ("length 20..600 tokens", {"unit": "tokens"}),
        ("unique 0.85", {"threshold": F(17, 20), "within": None}),
        ("unique 0.85 within language", {"within": "language"}),
        ('matches "a+"', {"pattern": "a+", "negated": False}),
        ('not matches "a+"', {"pattern": "a+", "negated": True}),
        ("json", {"check": "json"}),
        ("no_refusal", {"check": "no_refusal"}),
        ('clean_of "bench/*.jsonl" { ngram 8 }', {"check": "clean_of", "ngram": 8}),
        ('run ["python", "c.py"]', {"command": ("python", "c.py")}),
        ("length 1..5 of title", {"field": "title"}),
    ],
)
def test_checks(ir, check, expected):
    returns = ", returns { title text }" if " of " in check else ""
    step = ir(
        ds(
            "  mix language { en, sw }\n",
            steps=f'  generate answer {{ using w, prompt "Say."{returns}, require {check} }}\n',
        )
    ).step("answer")
    assert {name: getattr(step.require[0], name) for name in expected} == expected


def test_rubrics(ir, errors):
    text = (
        'rubric r { aspect follows 2 1..5: "how" { 1 "ignores", 5 "follows" }, aspect safe boolean, aspect severity 0..3 lower,\n'
        "  aspect category any of [x, y], aspect honesty 1..5 or na, aspect overall 1..10 asked }\n"
    )
    aspects = {
        a.name: a
        for a in ir(ds(text + JUDGE, steps=GEN2, emits="  emit sft { from answer, best_by v.overall }\n"))
        .step("v")
        .rubric.aspects
    }
    follows = aspects["follows"]
    assert (follows.weight, follows.minimum, follows.maximum, follows.definition.text) == (2, 1, 5, "how")
    assert [(n, t.text) for n, t in follows.anchors] == [(1, "ignores"), (5, "follows")]
    assert (aspects["safe"].scale, aspects["severity"].lower, aspects["category"].options) == (
        "boolean",
        True,
        ("x", "y"),
    )
    assert (aspects["honesty"].optional, aspects["overall"].asked) == (True, True)
    assert errors(ds('  rubric r { aspect a 1..5: "{{ topc }}" }\n' + JUDGE, steps=GEN2)) == {"TAP302"}


@pytest.mark.parametrize(
    ("template", "code"),
    [
        ("{% if m == 'a' %}x{% else %}y{% endif %}", None),
        ("{% for e in t.example %}{{ e.q }}{% endfor %}", None),
        *(
            (f"{{{{ m | {name} }}}}", None)
            for name in ("lower", "upper", "title", "trim", "indent", "length", "json", "default('x')")
        ),
        ("{{ langauge }}", "TAP302"),
        ("{{ m | nope }}", "TAP304"),
        ("{% set x = 1 %}", "TAP305"),
        ("{{ m() }}", "TAP306"),
        ("{{ m + 1 }}", "TAP306"),
        ("{% for i in range(3) %}{% endfor %}", "TAP306"),
    ],
)
def test_what_templates_may_say(errors, template, code):
    body = '  mix m { a, b }\n  taxonomy t { note k "v", example { q "x" }, l }\n'
    found = errors(ds(body, steps=f'  generate answer {{ using w, prompt "{template}" }}\n'))
    assert found == ({code} if code else set())


def test_what_a_template_reads_is_what_it_depends_on(ir):
    steps = '  generate answer { using w, prompt "{{ question }} {{ m }}" }\n  generate question { using w, prompt "Ask." }\n'
    made = ir(ds("  mix m { a, b }\n", steps=steps))
    assert [step.name for step in made.steps] == ["question", "answer"]
    assert made.step("answer").messages[0].content.reads == ("m", "question")


# 6. Endpoints


def test_endpoint_fields(ir):
    text = (
        'endpoint w { model "m", revision "step-1", identity "same", url "http://h/v1", price free, context 32k, thinking 4k, '
        'token_field max_completion_tokens, overhead 32 tokens, temperature 0.2, extra { a 1 }, terms "apache-2.0", mode online, '
        'transport { timeout 120s, header "X-Team" "data" } }'
    )
    made = ir(ds().replace('endpoint w { model "sim", price free }', text)).endpoints[0]
    assert (made.revision, made.identity, made.same_as, made.context, made.thinking) == (
        "step-1",
        "same",
        "same",
        32000,
        4000,
    )
    assert (made.token_field, made.overhead, made.terms, made.transport.headers) == (
        "max_completion_tokens", 32, "apache-2.0", (("X-Team", "data"),),
    )  # fmt: skip
    assert (made.price.input, made.price.output) == (0, 0)


@pytest.mark.parametrize(("word", "value"), [("off", "off"), ("on", "on"), ("4k", 4000)])
def test_thinking(ir, word, value):
    assert ir(ds().replace("price free", f"price free, thinking {word}")).endpoints[0].thinking == value


# 7. Results


@pytest.mark.parametrize("kind", ["sft", "prompts", "records", "rejects", "rl", "preference", "reward", "kto"])
def test_emits(ir, kind):
    fields = {"sft": " { from answer, best_by v.overall }", "prompts": " { prompt answer }", "rl": " { prompt question }",
              "preference": " { from c }", "reward": " { from v.a }", "kto": " { from v.overall, good >= 4, bad <= 2 }"}.get(kind, "")  # fmt: skip
    body = RUBRIC + JUDGE + "  pair c { of answer, by v.overall }\n"
    body += '  generate question { using w, prompt "Ask." }\n'
    made = ir(ds(body, steps=GEN2, emits=f"  emit {kind}{fields}\n  emit {kind} other{fields}\n"))
    assert {e.name for e in made.emits if e.kind == kind} == {kind, "other"}
    assert "rejects" in {e.kind for e in made.emits}


def test_emit_fields_and_defaults(ir):
    made = ir(
        ds(
            emits="  emit sft { from answer, format [jsonl, parquet], split { train 95%, test 5% }, reasoning inline, system keep }\n"
        )
    )
    emit = next(e for e in made.emits if e.kind == "sft")
    assert (emit.formats, emit.split, emit.reasoning, emit.system) == (
        ("jsonl", "parquet"), (("train", F(19, 20)), ("test", F(1, 20))), "inline", "keep",
    )  # fmt: skip
    plain = next(e for e in ir(ds()).emits if e.kind == "sft")
    assert (plain.formats, plain.split, plain.reasoning, plain.system) == (("jsonl",), (), "drop", "drop")
    assert ir(ds()).step("answer").attempts == 3


def test_budgets(ir):
    text = "  budget { cost $25, cost $10 per run, tokens 20M, requests 50k, endpoint w { cost $10 }, step answer { requests 10 } }\n"
    budget = ir(ds(emits=SFT + text)).budget
    assert (budget.total.cost, budget.per_run.cost, budget.total.tokens, budget.total.requests) == (
        25 * 10**12, 10 * 10**12, 20_000_000, 50_000,
    )  # fmt: skip
    assert (budget.endpoints[0][1].cost, budget.steps[0][1].requests) == (10 * 10**12, 10)


# 8. Reuse


def test_imports_bind_by_their_last_segment(ir, errors):
    top = 'tap 1\nimport "./tone.tap"\n'
    lib = "tap 1\nmix tone { u, v }\nmix other { w }\n"
    assert set(mix(ir(ds("  mix tone = tone\n", top=top), tone_tap=lib), "tone")) == {"u", "v"}
    assert set(mix(ir(ds("  mix o = tone.other\n", top=top), tone_tap=lib), "o")) == {"w"}
    through = 'tap 1\nimport "./tone.tap" as inner\nmix mine = inner.tone\n'
    assert errors(ds("  mix o = lib.inner\n", top='tap 1\nimport "./lib.tap"\n'), lib_tap=through, tone_tap=lib) == {
        "TAP122"
    }


def test_cycles_show_the_loop_and_unused_imports_are_reported(compiled, codes):
    found = compiled(ds("  mix m = a.m\n", top='tap 1\nimport "./a.tap"\n'),
                     a_tap='tap 1\nimport "./b.tap"\nmix m = b.m\n', b_tap='tap 1\nimport "./a.tap"\nmix m = a.m\n')  # fmt: skip
    assert "a.tap -> b.tap -> a.tap" in next(d for d in found.diagnostics if d.code == "TAP121").message
    assert codes(ds(top='tap 1\nimport "./a.tap"\n'), a_tap="tap 1\n") == ["TAP123"]


def test_a_bare_value_is_a_word_then_a_param_then_a_name(ir):
    top = 'tap 1\nparam off = "x"\nparam u = 5\nparam pick = w\n'
    made = ir(
        ds(steps='  generate answer { using pick, prompt "Say." }\n', top=top).replace(
            "price free", "price free, thinking off"
        )
    )
    assert (made.endpoints[0].thinking, made.step("answer").using) == ("off", ("w",))


def test_copies_take_given_fields_over_the_copied(ir):
    top = 'tap 1\nendpoint base { model "sim-b", temperature 0.1, max_tokens 9 }\n'
    made = ir(
        ds("  endpoint c = base { temperature 0.7 }\n", steps='  generate answer { using c, prompt "Say." }\n', top=top)
    )
    assert (made.endpoints[0].model, made.endpoints[0].sampling.temperature, made.endpoints[0].sampling.max_tokens) == (
        "sim-b",
        0.7,
        9,
    )


def test_pipelines_merge_with_steps_of_the_dataset(ir):
    top = (
        "tap 1\npipeline tap(topic, writer, answerers) {\n"
        '  generate question { using writer, prompt "About {{ topic }}.", max_tokens 10 }\n'
        '  generate answer { using answerers, prompt "{{ question }}" }\n}\n'
    )
    body = ENDPOINTS + "  taxonomy subject { a, b }\n  pipeline tap { topic subject, writer w, answerers [u, x] }\n"
    made = ir(ds(body, steps="  generate question { max_tokens 20 }\n", top=top))
    assert made.step("answer").using == ("u", "x")
    assert made.step("question").sampling.max_tokens == 20
    assert made.step("question").messages[0].content.reads == ("subject",)


def test_extends_merges_replaces_and_drops(ir):
    one = ds("  mix m { a, b }\n" + RUBRIC + JUDGE + '  card { title "T", licence "x" }\n  budget { cost $5, tokens 9k }\n',
             steps='  generate answer { using w, each 2, prompt "Say.", require json, require length 1..5, temperature 0.5 }\n')  # fmt: skip
    two = (
        'dataset e extends d {\n  mix m { c }\n  drop judge v\n  drop rubric r\n  card { title "U" }\n  budget { cost $6 }\n'
        '  generate answer { prompt "Other.", require length 2..9 }\n}\n'
    )
    made = ir(one + two, dataset="e")
    assert set(mix(made, "m")) == {"c"}
    assert [s.name for s in made.steps] == ["answer"]
    step = made.step("answer")
    assert (step.each, step.sampling.temperature, step.messages[0].content.text) == (2, 0.5, "Other.")
    assert {c.check: c.maximum for c in step.require} == {"json": None, "length": 9}
    assert (made.card.title, made.card.licence, made.budget.total.cost, made.budget.total.tokens) == (
        "U",
        "x",
        6 * 10**12,
        9000,
    )


# 9. Vocabulary, principles


def test_closed_world_and_its_one_open_door(ir, errors):
    assert errors(ds("  nonsense 1\n")) == {"TAP101"}
    assert errors(ds(steps='  generate answer { using w, prompt "Say.", tempo 1 }\n')) == {"TAP102"}
    assert ir(ds('  meta { anything { goes 1, here [a, "b"] } }\n')).meta == '{"anything":{"goes":1,"here":["a","b"]}}'


def test_order_of_declarations_does_not_matter(ir):
    from tapc.ir import digest

    parts = ["  mix m { a, b }\n", "  mix n { c, d }\n", "  taxonomy t { x, y }\n", GEN, SFT]
    assert digest(ir(ds("".join(parts), steps="", emits=""))) == digest(
        ir(ds("".join(reversed(parts)), steps="", emits=""))
    )


@pytest.mark.parametrize("bounds", ["-1..2", ">= -1", "<= -1", "< -3 words", "> -2"])
def test_a_length_has_no_negative_bound(errors, bounds):
    steps = f'  generate answer {{ using w, prompt "Say.", require length {bounds} }}\n'
    assert errors(ds(steps=steps)) == {"TAP108"}
    assert errors(ds(steps=steps.replace("-", ""))) == set()
