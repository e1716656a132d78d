"""The statements of the language about the sample space, one by one."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space_kit import codes, findings, lower, space_of

from tapc.ir import Condition, Example, Share, digest
from tapc.ir import Test as AxisTest


def shares(body, **more):
    return {child.name: child.share for child in space_of(f"taxonomy t {{ {body} }}", **more).taxonomy.children}


def test_every_form_of_share():
    assert shares("a 40%, b 3, c, d count 50, e 2 at_least 20 at_most 500, f 12.5%") == {
        "a": Share(kind="percent", value=Fraction(2, 5)),
        "b": Share(value=3),
        "c": Share(),
        "d": Share(kind="count", value=50),
        "e": Share(value=2, at_least=20, at_most=500),
        "f": Share(kind="percent", value=Fraction(1, 8)),
    }
    assert shares("a { count 50 }, b") == shares("a count 50, b")


def test_thirds_are_exact():
    assert codes("taxonomy t { a 33.3%, b 33.3%, c 33.4% }") == []
    assert findings("taxonomy t { a 33.3%, b 33.3%, c 33.3% }") == [
        ("TAP201", "percentages under the taxonomy `t` sum to 99.9%, not 100%")
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("a 60%, b 40%, c", "TAP201"), ("a 60%, b 50%", "TAP201"), ("a { x 50% }", "TAP201"), ("a 0, b 0", "TAP202"),
        ("a -1, b", "TAP202"), ("a 110%", "TAP202"), ("a 1 2", "TAP202"), ("a 1..2", "TAP202"), ("a count", "TAP202"),
        ("a count 600, b count 600", "TAP203"), ("a count 600, b count 300", "TAP203"),
        ("a at_most 300, b at_most 300", "TAP203"), ("a at_least 900, b at_least 900", "TAP203"),
        ("a count 50 at_most 20, b", "TAP203"), ("a count 30 { x count 20, y count 20 }, b", "TAP203"),
        ("a 10% { x count 200, y }, b", "TAP203"), ("count, b", "TAP205"),
        ("a { levels [x] }", "TAP205"), ("a, b, a", "TAP206"), ('a "x" { title "y" }', "TAP207"), ("7 10%", "TAP208"),
        ("a { note x }", "TAP209"), ("a { example { } }", "TAP209"), ("", "TAP220"), ("a = nowhere", "TAP219"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_nodes(body, code):
    assert set(codes(f"taxonomy t {{ {body} }}")) == {code}


def test_quoted_heads_are_always_names():
    assert sorted(shares('"count" 1, "tittle" 2, "C++", "0402"')) == ["0402", "C++", "count", "tittle"]


def test_attributes():
    node = space_of("""
      taxonomy t {
        /// doc comments define
        a
        b "Bee": "after a colon"
        c { definition "in the block", title "See", note style "dry", note unit "SI", example { question "q", answer "a" } }
      }""").taxonomy.children  # fmt: skip
    assert [n.definition for n in node] == ["doc comments define", "after a colon", "in the block"]
    assert [n.title for n in node] == [None, "Bee", "See"]
    assert node[2].notes == (("style", "dry"), ("unit", "SI"))
    assert node[2].examples == (Example(fields=(("answer", "a"), ("question", "q"))),)


SCIENCE = 'taxonomy science "Science": "all of it" { physics 50% { optics, heat }, biology 30%, maths 20% }'


def test_grafts_copy_and_own_fields_win():
    space = space_of('taxonomy t { s 40% = science { note k "v", biology: "life" }, u }', top=SCIENCE)
    graft = space.taxonomy.children[0]
    assert (graft.share.value, graft.title, graft.definition, graft.notes) == (
        Fraction(2, 5), "Science", "all of it", (("k", "v"),),
    )  # fmt: skip
    biology = graft.children[0]
    assert (biology.definition, biology.share.value) == ("life", Fraction(3, 10))
    inner = space_of("taxonomy t = science.physics", top=SCIENCE).taxonomy
    assert [child.name for child in inner.children] == ["heat", "optics"]


def test_only_and_except_let_the_others_absorb():
    kept = space_of("taxonomy t = science { only [physics.optics, biology] }", top=SCIENCE).taxonomy.children
    assert [(child.name, child.share.value) for child in kept] == [
        ("biology", Fraction(3, 8)),
        ("physics", Fraction(5, 8)),
    ]
    assert [child.name for child in kept[1].children] == ["optics"]
    left = space_of("taxonomy t = science { except [physics] }", top=SCIENCE).taxonomy.children
    assert [(child.name, child.share.value) for child in left] == [
        ("biology", Fraction(3, 5)),
        ("maths", Fraction(2, 5)),
    ]
    assert codes("taxonomy t = science { only [physic] }", top=SCIENCE) == ["TAP219"]
    assert codes("taxonomy t = science { except [physics, biology, maths] }", top=SCIENCE) == ["TAP220"]


def test_circular_grafts_end():
    assert codes("taxonomy t = a", top="taxonomy a { x = b }\ntaxonomy b { y = a }") == ["TAP218"]
    many = "\n".join(f"taxonomy g{i} {{ x = g{i + 1}, y = g{i + 1} }}" for i in range(40)) + "\ntaxonomy g40 { z }"
    assert codes("taxonomy t = g0", top=many) == ["TAP222"]


def test_params_stand_for_shares_and_texts():
    top = 'param much = 70%\nparam word = "Title"'
    assert shares("a much word, b 30%", top=top)["a"].value == Fraction(7, 10)


def test_mixes_per_candidate():
    mix = space_of("mix principle per candidate { honest, kind }").mixes[0]
    assert mix.per_candidate


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("zh-Hans", ("Chinese (Simplified)", "简体中文", "Hans", "ltr")), ("ur", ("Urdu", "اردو", "Arab", "rtl")),
     ("sd", ("Sindhi", "سنڌي", "Arab", "rtl")), ("tlh", ("Klingon", "Klingon", "Latn", "ltr"))],
)  # fmt: skip
def test_languages_are_known(tag, expected):
    language = space_of(f"mix language {{ {tag} }}").mixes[0].values[0].language
    assert (language.tag, language.name, language.script, language.direction) == (tag, expected[0], *expected[2:])
    if tag != "tlh":
        assert language.endonym == expected[1]


@pytest.mark.parametrize(
    ("tag", "code", "better"),
    [("german", "TAP216", "de"), ("cn", "TAP216", "zh-Hans"), ("zh-hans", "TAP217", "zh-Hans"), ("iw", "TAP217", "he"),
     ("xx-YY-zz-qq", "TAP216", None)],
)  # fmt: skip
def test_languages_that_are_none(tag, code, better):
    _, report = lower(f"mix language {{ {tag}, en }}")
    assert [d.code for d in report.diagnostics] == [code]
    if better:
        assert report.diagnostics[0].fixes[0].edits[0].text == better


def test_common_languages_need_no_registry():
    import subprocess
    import sys
    from pathlib import Path

    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from space_kit import space_of;"
        "space_of('mix language { en, zh-Hans, sw }'); assert 'langcodes' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent)], check=True)


AXES = "taxonomy t { p { q, r }, s }\nmix d { a, b }\nmix e { x, y }\n"


def test_rules_and_exclusions():
    space = space_of(AXES + "when t in p and d = a { mix e { y 30%, x 70% } }\nexclude e in [x] when t in [p.q, s]")
    rule, exclusion = space.rules[0], space.exclusions[0]
    assert rule.condition == Condition(tests=(AxisTest(axis="d", values=("a",)), AxisTest(axis="t", values=("p",))))
    assert [(name, share.value) for name, share in rule.shares] == [("x", Fraction(7, 10)), ("y", Fraction(3, 10))]
    assert (exclusion.mix, exclusion.values) == ("e", ("x",))
    assert exclusion.condition == Condition(tests=(AxisTest(axis="t", values=("p.q", "s")),))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ("when t in p { mix e { x } }\nwhen t in p.q { mix e { y } }", []),  # inside: the narrower wins
        ("when t in p { mix e { x } }\nwhen d = a { mix e { y } }", ["TAP212"]),
        ("when t in p { mix e { x } }\nwhen d = a { mix e { x } }", []),  # they agree
        ("when t in p { mix e { x } }\nwhen t in s { mix e { y } }", []),  # they never meet
        ("when t in p { mix e { x } }\nwhen t in [p.q, p.r] { mix e { y } }", ["TAP212"]),  # the same region
        ("when t in p { mix e { x } }\nwhen d = a { mix e { y } }\nwhen t in p and d = a { mix e { x 1, y 2 } }", []),
        ("when t in p and t in s { mix e { x } }", ["TAP213"]),
        ("exclude d = a\nwhen d = a { mix e { x } }", ["TAP213"]),
        ("exclude e in [x, y]", ["TAP214"]),
        ("exclude e = x when t in p\nexclude e = y when d = a", ["TAP214"]),
        ("exclude e = x when t in p\nexclude e = y when t in s", []),
        ("when t in p { mix e { x } }\nexclude e = x when d = a", ["TAP214"]),
        ("when t in p { mix e { x } }\nwhen t in p.q { mix e { y } }\nexclude e = x when t in p.q", []),
        ("when d = a { mix e { x } }\nwhen e = x { mix d { a } }", ["TAP215"]),
        ("when d = a { mix d { b } }", ["TAP215"]),
        ("when u = a { mix d { b } }", ["TAP210"]), ("when t in z { mix d { b } }", ["TAP211"]),
        ("when t in q { mix d { b } }", ["TAP211"]), ("when t in p { mix d { c } }", ["TAP211"]),
        ("when t in p { mix f { c } }", ["TAP210"]), ("when t in p { mix d { a 30%, b 60% } }", ["TAP201"]),
        ('when t in p { mix d { a "title" } }', ["TAP221"]), ("when t in p { d }", ["TAP221"]),
        ("exclude t = p", ["TAP224"]), ("exclude d = c", ["TAP211"]),
    ],
)  # fmt: skip
def test_rules_against_each_other(rules, expected):
    assert codes(AXES + rules) == expected


def test_an_overlap_shows_a_sample_in_both():
    found = findings(AXES + "when t in p { mix e { x } }\nwhen d = b { mix e { y } }")
    assert found[0][1].endswith("both hold for t = p.q, d = b")


def test_a_node_named_without_its_path_is_suggested():
    _, report = lower(AXES + "when t in q { mix d { b } }")
    assert report.diagnostics[0].notes == ("did you mean `p.q`?",)


NODES = st.recursive(
    st.just(()), lambda inner: st.lists(st.tuples(st.sampled_from("abcdef"), inner), max_size=4, unique_by=lambda n: n[0])
)  # fmt: skip


def written(nodes, order):
    parts = []
    for name, below in order(list(nodes)):
        parts.append(f"{name} {{ {written(below, order)} }}" if below else f'{name} 2 "T{name}": "d"')
    return ", ".join(parts)


@settings(max_examples=40, deadline=None)
@given(NODES.filter(bool), st.randoms(use_true_random=False))
def test_order_and_layout_do_not_matter(nodes, random):
    def shuffled(items):
        random.shuffle(items)
        return items

    rules = ["exclude d = a when e = x", "when e = y { mix d { b 3, c } }", "mix e { y, x }", "mix d { c, a, b }"]
    plain = f"taxonomy t {{ {written(nodes, list)} }}\n" + "\n".join(rules)
    other = "\n".join(shuffled([f"taxonomy t {{ {written(nodes, shuffled)} }}", *rules])).replace(", ", "\n")
    assert digest(space_of(plain)) == digest(space_of(other))
