"""What may stand in a template, and where findings point."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.ir import Example, Mix, MixValue, Space, Taxonomy, TaxonomyNode
from tapc.kinds.declared import REGISTRY
from tapc.semantics.report import Report
from tapc.source import SourceFile, Span
from tapc.syntax import parse
from tapc.syntax.nodes import Quoted
from tapc.templates import TemplateScope, check_template, list_kind, number_kind, record_kind, space_kinds, text_kind

SPACE = Space(
    taxonomy=Taxonomy(
        name="topic",
        definition="all",
        children=(
            TaxonomyNode(
                name="physics",
                children=(TaxonomyNode(name="optics", notes=(("style", "dry"),), title="Optics & light"),),
                examples=(Example(fields=(("answer", "4"), ("question", "2+2"))),),
            ),
            TaxonomyNode(name="zoology"),
        ),
    ),
    mixes=(Mix(name="difficulty", values=(MixValue(name="easy"), MixValue(name="hard"))),),
)
SCOPE = TemplateScope(
    {
        **space_kinds(SPACE),
        "plan": record_kind("the text of `plan`", {"steps": list_kind(text_kind()), "size": number_kind()}),
    },
    {"answer": "it has several candidates; add `for answer`"},
)


def check(text):
    report = Report(REGISTRY.vocabulary)
    file = SourceFile("t.tap", f'"{text}"')
    found = check_template(Quoted(Span(0, len(file.text)), text), file, SCOPE, report)
    assert (found is None) == bool(report.diagnostics)
    return found, [(d.code, file.slice(d.labels[0].span), d.notes) for d in report.diagnostics]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a {{ topc }} b", "TAP302", "topc"),
        ("{{ topic.pth }}", "TAP303", "pth"),
        ("{{ topic | uper }}", "TAP304", "uper"),
        ("{% set x = 1 %}", "TAP305", "set"),
        ("{% include 'x' %}", "TAP305", "include"),
        ("{% raw %}{{ x }}{% endraw %}", "TAP305", "{% raw %}{{ x }}{% endraw %}"),
        ("{{ 3 * topic }}", "TAP306", "{{ 3 * topic }}"),
        ("{{ topic ~ topic }}", "TAP306", "{{ topic ~ topic }}"),
        ("{{ topic() }}", "TAP306", "{{ topic() }}"),
        ("{{ topic['name'] }}", "TAP306", "{{ topic['name'] }}"),
        ("{{ topic is defined }}", "TAP306", "{{ topic is defined }}"),
        ("{{ topic < 3 }}", "TAP306", "{{ topic < 3 }}"),
        ("{{ topic.note.style }}", "TAP307", "style"),
        ("{{ topic.parent }}", "TAP307", "parent"),
        ("{{ topic.example }}", "TAP307", "example"),
        ("{{ " + "(" * 30 + "1" + ")" * 30 + " }}", "TAP308", "{{ " + "(" * 30 + "1" + ")" * 30 + " }}"),
        ("{{ topic | sample(2) }}", "TAP309", "sample"),
        ("{% for c in topic %}{{ c }}{% endfor %}", "TAP309", "topic"),
        ("{{ plan.steps | sample(0) }}", "TAP310", "sample"),
        ("{{ topic | indent(1000000000) }}", "TAP310", "indent"),
        ("{{ topic | upper(1) }}", "TAP310", "upper"),
        ("{% if difficulty == 'Hard' %}x{% endif %}", "TAP311", "'Hard'"),
        ("{% if difficulty in ['easy', 'hrd'] %}x{% endif %}", "TAP311", "'hrd'"),
        ("{{ answer }}", "TAP312", "answer"),
        ("{{ topic", "TAP301", "{{ topic"),
        ("{% if topic %}", "TAP301", "{% if topic %}"),
    ],
)
def test_what_is_wrong_is_named_at_its_place(text, code, place):
    _, found = check(text)
    assert [item[:2] for item in found] == [(code, place)]


def test_everything_wrong_is_found_at_once():
    _, found = check("{{ topc }} {{ topic.pth | uper }} {{ difficulty + 1 }} {{ nothing_like_it }}")
    assert [item[0] for item in found] == ["TAP302", "TAP303", "TAP304", "TAP306", "TAP302"]


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("plain { text }", ()),
        ("{{ topic }} {{ topic.path }} {{ difficulty.name }}", ("difficulty", "topic")),
        ("{{ topic.note.style | default('plain') }}", ("topic",)),
        ("{{ topic.parent.definition | default('none') }}", ("topic",)),
        ("{% for e in topic.example | default([]) %}{{ e.question }}{{ loop.index }}{% endfor %}", ("topic",)),
        ("{% if difficulty == 'hard' and not plan.size > 3 %}{{ topic }}{% else %}x{% endif %}", ("difficulty", "plan", "topic")),
        ("{{ plan.steps | sample(2) | join(', ') | upper }} {{ plan | length }}", ("plan",)),
        ("{{ 'long' if difficulty == 'hard' else 'short' }}", ("difficulty",)),
        ("{# a remark #}{{ '{{' }}", ()),
    ],
)  # fmt: skip
def test_names_read_are_dependencies(text, reads):
    found, problems = check(text)
    assert problems == []
    assert found.reads == reads


def test_places_inside_a_text_block_are_true():
    source = 'tap 1\ndataset d {\n  generate a {\n    prompt """\n      Über {{ topic }}\n      {% if difficulty %}\n        {{ langauge }}\n      {% endif %}\n      """\n  }\n}\n'  # fmt: skip
    file = SourceFile("m.tap", source)
    module, _ = parse(file)
    text = module.statements[0].block.statements[0].block.statements[0].values[0]
    report = Report(REGISTRY.vocabulary)
    assert check_template(text, file, SCOPE, report) is None
    assert [file.slice(d.labels[0].span) for d in report.diagnostics] == ["langauge"]
    assert file.position(report.diagnostics[0].labels[0].span.start).line == 7


def test_places_behind_escapes_are_true():
    source = 'tap 1\nx { prompt "a\\n\\"b\\" {{ topc }}" }\n'
    file = SourceFile("m.tap", source)
    text = parse(file)[0].statements[0].block.statements[0].values[0]
    report = Report(REGISTRY.vocabulary)
    check_template(text, file, SCOPE, report)
    assert [file.slice(d.labels[0].span) for d in report.diagnostics] == ["topc"]


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", " topic ", "if ", "for ", "in ", "endif", "endfor", ".", "|", "'", '"', "(", ")",
     "[", "]", "*", "not ", " x", "\n", "default", "sample", "1", "==", "raw", "-", "é"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_any_text_ends_with_a_template_or_findings(text):
    report = Report(REGISTRY.vocabulary)
    file = SourceFile("t.tap", f'"{text}"')
    found = check_template(Quoted(Span(0, len(file.text)), text), file, SCOPE, report)
    assert (found is None) == bool(report.diagnostics)
    for finding in report.diagnostics:
        span = finding.labels[0].span
        assert 0 <= span.start <= span.end <= len(file.text)


@given(
    st.lists(
        st.sampled_from(
            ["{{ topic }}", "{{topic.path}}", "{{ plan.steps }}", "{{ difficulty.name }}", "{{ topic.definition }}",
             "{{ topc }}", "{{ topic. path }}", "{{ topic.note.style }}", "{{ true }}", "{{ 1a }}", "{{ topic\n}}", "}}", "{ {", "{",
             "{{ topic | upper }}", "{# c #}", "{%- if topic %}x{% endif %}", "text", "\n", "{{ answer }}", "{{- topic }}"]
        ),
        max_size=4,
    ).map("".join)
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_plain_templates_are_judged_as_by_the_full_check(text):
    """What the quick reading accepts, the full check accepts with the same result."""
    from tapc.templates.plain import plain_reads
    from tapc.templates.tokens import Tokens
    from tapc.templates.walk import Walk

    quick = plain_reads(text, SCOPE)
    if quick is not None:
        found = []
        walk = Walk(Tokens(text), SCOPE, found.append)
        walk.run()
        assert (found, tuple(sorted(walk.reads))) == ([], quick)
