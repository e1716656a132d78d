"""What templates print; the short way and Jinja's way are one."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jinja2 import TemplateSyntaxError

from tapc.ir import Example, Language, Mix, MixValue, Space, Taxonomy, TaxonomyNode, Template
from tapc.templates import compile_template, views
from tapc.templates.environment import environment
from tapc.templates.filters import SEED_NAME

EXAMPLES = tuple(Example(fields=(("answer", str(i * i)), ("question", f"{i}*{i}"))) for i in range(12))
SPACE = Space(
    taxonomy=Taxonomy(
        name="topic",
        definition="everything",
        notes=(("style", "formal"),),
        title="Topics",
        children=(
            TaxonomyNode(
                name="physics",
                title="Physics",
                definition="matter",
                examples=EXAMPLES,
                children=(
                    TaxonomyNode(name="solid_state", notes=(("unit", "SI"),)),
                    TaxonomyNode(name="waves", definition="what swings", title="Waves"),
                ),
            ),
            TaxonomyNode(name="zoology"),
        ),
    ),
    mixes=(
        Mix(name="difficulty", values=(MixValue(name="easy", title="Easy"), MixValue(name="very_hard"))),
        Mix(
            name="language",
            definition="a tongue",
            values=(
                MixValue(
                    name="ar",
                    language=Language(tag="ar", name="Arabic", endonym="العربية", script="Arab", direction="rtl"),
                ),
            ),
        ),
        Mix(name="principle", per_candidate=True, values=(MixValue(name="honest", definition="no lies"),)),
    ),
)
VIEWS = views(SPACE)


def render(text, leaf=0, values=(1, 0), seed=7, **more):
    return compile_template(Template(text=text)).render({**VIEWS.names(leaf, values), **more}, seed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("{{ topic }}|{{ topic.name }}|{{ topic.title }}", "solid state|solid_state|solid state"),
        ("{{ topic.path }}|{{ topic.parent }}|{{ topic.parent.name }}", "Physics > solid state|Physics|physics"),
        ("{{ topic.definition }}|{{ topic.note.style }}|{{ topic.note.unit }}", "matter|formal|SI"),
        ("{{ difficulty }} {{ language }} {{ language.tag }} {{ language.endonym }}", "very hard Arabic ar العربية"),
        ("{{ language.name }} {{ language.script }} {{ language.direction }}", "Arabic Arab rtl"),
        ("{{ language.definition }}", "a tongue"),
        ("{{ topic | upper }} {{ 'DNA repair' | title }} {{ ' x ' | trim }}", "SOLID STATE DNA Repair x"),
        ("{% if difficulty == 'very_hard' %}\nhard\n{% endif %}\nend", "hard\nend"),
        ("{{ topic | json }}", '"solid state"'),
        ("{{ [1, 2] | length }} {{ topic | length }}", "2 11"),
    ],
)
def test_views(text, printed):
    assert render(text) == printed


def test_exact_numbers_print_as_people_write_them():
    from fractions import Fraction

    score = {"overall": Fraction(13, 4)}
    assert render("{{ v.overall }}{% if v.overall > 3 %} good{% endif %}", v=score) == "3.25 good"
    assert render("{{ v }} {{ w }}", v=Fraction(4), w=Fraction(1, 3)) == "4 0.3333"


def test_attributes_are_inherited_and_titles_are_not():
    assert render("{{ topic }}: {{ topic.definition }}", leaf=1) == "Waves: what swings"
    assert render("{{ topic }}: {{ topic.definition }} {{ topic.note.style }}", leaf=2) == "zoology: everything formal"


def test_indexes_become_names():
    assert VIEWS.axes(2, (0, 0)) == {"topic": "zoology", "difficulty": "easy", "language": "ar"}
    assert VIEWS.axes(0, (0, 0))["topic"] == "physics.solid_state"
    assert VIEWS.mixes == ("difficulty", "language")
    assert str(VIEWS.drawn("principle", "honest")) == "honest"


def test_views_are_shared_between_calls():
    first, second = VIEWS.names(0, (0, 0)), VIEWS.names(0, (1, 0))
    assert first is not second
    assert first["topic"] is second["topic"]


def test_samples_depend_on_the_seed_alone():
    text = "{{ topic.example | sample(3) }}"
    assert render(text, seed=1) == render(text, seed=1)
    assert len({render(text, seed=seed) for seed in range(20)}) > 10
    assert render(text).count("question: ") == 3


def test_examples_print_questions_first():
    assert render("{{ topic.example | sample(1) }}").split("\n")[0].startswith("question: ")


@given(st.integers(0, 2**64), st.integers(1, 11))
def test_a_sample_changes_only_where_an_element_enters(seed, count):
    from tapc.templates.filters import sample

    before, after = sample(list("abcdefghijk"), count, seed), sample(list("abcdefghijkl"), count, seed)
    assert len(set(before) - set(after)) <= 1
    assert len(set(before)) == count


def test_text_of_models_is_never_rendered_again():
    evil = "{{ topic }}{% for x in range(9) %}x{% endfor %}"
    assert render("<{{ answer }}>", answer=evil) == f"<{evil}>"
    assert render("{% if topic %}<{{ answer }}>{% endif %}", answer=evil) == f"<{evil}>"


def test_missing_attributes_are_never_printed_as_nothing():
    from jinja2 import UndefinedError

    for text in ("{{ topic.nothing }}", "{{ nothing }}", "{{ topic.nothing | upper }}", "{{ topic._printed }}"):
        with pytest.raises(UndefinedError):
            render(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)
HOLES = st.sampled_from(
    ["{{ topic }}", "{{topic.path}}", "{{ v }}", "{{ v }}{{ w.a }}", "{{ language.tag }}", "{{ topic.note.style }}", "%", "%s",
     "{{ difficulty.title }}", " text\n", "\n", "{", "}", "{{ topic.parent.title }}"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(HOLES, max_size=8).map("".join), VALUES, VALUES)
def test_the_short_way_prints_what_jinja_prints(text, v, inner):
    try:
        environment().parse(text)
    except TemplateSyntaxError:
        assume(condition=False)  # the parts make a brace of their own where they meet
    names = {**VIEWS.names(0, (1, 0)), "v": v, "w": {"a": inner}}
    jinja = environment().from_string(text).render({**names, SEED_NAME: 1})
    assert compile_template(Template(text=text)).render(names, 1) == jinja
