"""`moved`: what is read, what is reported, and what inherited lines mean."""

from pathlib import Path

import pytest
from space_kit import findings, space_of

from tapc.frontend import compile_spec
from tapc.frontend.show import show
from tapc.ir import IdentityNames, Moved
from tapc.source import DiskLoader

AXES = "taxonomy topic { physics { optics, heat }, art }\nmix level { easy, hard }\n"


def moved(old, new):
    return Moved(old=tuple(old.split(".")), new=tuple(new.split(".")))


def test_lines_are_sorted_by_the_new_name_whatever_their_order():
    lines = ["moved light = topic", "moved topic.o = topic.physics.optics", "moved level.e = level.easy"]
    expected = (moved("level.e", "level.easy"), moved("light", "topic"), moved("topic.o", "topic.physics.optics"))
    assert space_of(AXES + "\n".join(lines)).moved == expected
    assert space_of(AXES + "\n".join(lines[::-1])).moved == expected
    assert space_of(AXES).moved is None


def test_names_in_quotes_are_names_with_all_their_dots():
    body = 'taxonomy topic { "a.b" { c } }\nmix "two words" { x }\n'
    space = space_of(body + 'moved topic."x y".c = topic."a.b".c\nmoved old = "two words"')
    of_node = Moved(old=("topic", "x y", "c"), new=("topic", "a.b", "c"))
    assert space.moved == (of_node, Moved(old=("old",), new=("two words",)))
    names = IdentityNames(space)
    assert names.point("topic", "a.b.c") == ("topic", "x y.c")
    assert names.point("topic", "a.b") == ("topic", "a.b")
    assert names.point("two words", "x") == ("old", "x")


@pytest.mark.parametrize(
    "lines",
    [
        ("moved topic = subject", "moved topic.phys = topic.physics"),  # the node first, then the axis
        ("moved topic = subject", "moved subject.phys = subject.physics"),  # the axis first
        ("moved topic = subject", "moved topic.phys = subject.physics"),  # both at once
        ("moved t = u", "moved u = subject", "moved t.p = u.q", "moved u.q = subject.physics", "moved topic = t",
         "moved topic.phys = topic.p"),
    ],
)  # fmt: skip
def test_chains_lead_back_to_the_first_name(lines):
    space = space_of("taxonomy subject { physics { optics } }\n" + "\n".join(lines))
    names = IdentityNames(space)
    assert names.point("subject", "physics.optics") == ("topic", "phys.optics")
    assert names.point("subject", "physics") == ("topic", "phys")
    assert names.axis("subject") == "topic"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("moved topic.a", [("TAP104", "this does not say what moved")]),
        ("moved topic.a topic.art", [("TAP104", "this does not say what moved")]),
        ("moved topic.a = topic.art { }", [("TAP104", "this does not say what moved")]),
        ("moved 3 = topic.art", [("TAP104", "this does not say what moved")]),
        ("moved tone = level.easy", "TAP228"),
        ("moved level.e = topic", "TAP228"),
        ("moved tone.e = level.easy", "TAP228"),
        ("moved topic.optics = level.easy", "TAP228"),
        ("moved level.e.f = level.easy", "TAP228"),
        ("moved topic.a = topic.b", [("TAP229", "there is no `topic.b`")]),
        ("moved level.hard = level.harder", [("TAP229", "there is no `level.harder`")]),
        ("moved a = b\nmoved b = c", [("TAP229", "there is no `b`"), ("TAP229", "there is no `c`")]),
        ("moved level.easy = level.hard",
         [("TAP230", "`level.easy` is used again, but `moved level.easy = level.hard` says that it moved")]),
        ("moved topic.art = topic.physics.heat",
         [("TAP230", "`topic.art` is used again, but `moved topic.art = topic.physics.heat` says that it moved")]),
        ("moved topic = level",
         [("TAP230", "`topic` is used again, but `moved topic = level` says that it moved")]),
        # `easy` was `x`, and became `hard`; the `easy` of now is another
        ("moved level.x = level.easy\nmoved level.easy = level.hard",
         [("TAP230", "`level.easy` is used again, but `moved level.easy = level.hard` says that it moved")]),
        ("moved subject = topic\nmoved subject.art = topic.physics",
         [("TAP230", "`topic.art` is used again, but `moved subject.art = topic.physics` says that it moved")]),
        ("moved level.easy = level.hard\nmoved level.hard = level.easy", "TAP231"),
        ("moved topic.physics.optics = topic.physics", "TAP231"),
        ("moved level.x = level.easy\nmoved level.x = level.hard",
         [("TAP232", "`level.x` cannot have become two things")]),
        ("moved level.x = level.easy\nmoved level.y = level.easy",
         [("TAP232", "`level.easy` cannot have been two things")]),
        ("moved level.x = level.easy\nmoved level.y = level.hard\nmoved level.z = level.x\nmoved level.z = level.y", "TAP232"),
        ('moved topic."physics.optics" = topic.art', "TAP230"),
        ("moved level = level",
         [("TAP233", "`moved level = level` changes nothing: the two names are the same")]),
        ("moved level.e = level.easy\nmoved level.e = level.easy",
         [("TAP233", "`moved level.e = level.easy` changes nothing: it is given twice")]),
        ("moved subject = topic\nmoved subject.art = topic.art",
         [("TAP233", "`moved subject.art = topic.art` changes nothing: the name follows from the other lines")]),
    ],
)  # fmt: skip
def test_lines_that_cannot_be(lines, expected):
    found = findings(AXES + lines)
    assert found
    assert found == expected if isinstance(expected, list) else {code for code, _ in found} == {expected}


def test_nothing_is_missing_where_the_axes_are_wrong():
    assert [code for code, _ in findings("mix level { easy 60%, hard 60% }\nmoved tone = level")] == ["TAP201"]


def test_all_below_a_name_that_is_used_again_is_reported_once():
    found = findings("taxonomy topic { a { x, y }, b { x, y } }\nmoved topic.a = topic.b")
    assert [code for code, _ in found] == ["TAP230"]


BASE = """tap 1

dataset base {
  samples 12
  mix level { easy, expert }
  moved level.hard = level.expert
  endpoint writer { model "sim", price free }
  generate question { using writer, prompt "Ask a {{ level }} question." }
  emit prompts { prompt question }
}
"""


def compiled(tmp_path: Path, more: str, name: str = "other"):
    (tmp_path / "spec.tap").write_text(f"{BASE}\ndataset {name} extends base {{ {more} }}\n", encoding="utf-8")
    return compile_spec(tmp_path / "spec.tap", DiskLoader(), dataset=name)


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ("", [("level.hard", "level.expert")]),
        ("mix level { easy, expert 3 }", [("level.hard", "level.expert")]),
        ("mix level { easy, hard }", []),  # another mix, to which the line does not apply
        ('drop mix level, generate question { using writer, prompt "Ask." }', []),
        ("mix level { easy, master }, moved level.hard = level.master", [("level.hard", "level.master")]),
        ("moved level.hard = level.expert", [("level.hard", "level.expert")]),
        ("drop moved", []),
        ("drop moved level.hard", []),
        ("mix level { easy, hard, expert }, drop moved level.hard", []),
        ("moved simple = level", [("level.hard", "level.expert"), ("simple", "level")]),
    ],
)  # fmt: skip
def test_lines_are_inherited_where_they_apply(tmp_path, more, lines):
    found = compiled(tmp_path, more)
    assert found.dataset is not None, [d.message for d in found.diagnostics]
    expected = sorted((moved(*line) for line in lines), key=lambda line: line.new)
    assert list(found.dataset.space.moved or ()) == expected


def test_an_inherited_line_keeps_its_name_from_being_used_again(tmp_path):
    found = compiled(tmp_path, "mix level { easy, hard, expert }")
    assert [d.code for d in found.diagnostics if d.severity == "error"] == ["TAP230"]
    assert compiled(tmp_path, "drop moved level.easy").diagnostics[-1].code == "TAP141"


def test_lines_are_shown_as_they_are_written_and_read_back(tmp_path):
    body = (
        'taxonomy topic { "a.b" { c }, "in" }\nmoved topic."x y".c = topic."a.b".c\nmoved topic."not here" = topic."in"'
    )
    text = BASE.replace("mix level { easy, expert }\n  moved level.hard = level.expert", body).replace("level", "topic")
    (tmp_path / "spec.tap").write_text(text, encoding="utf-8")
    first = compile_spec(tmp_path / "spec.tap", DiskLoader())
    assert first.dataset is not None, [d.message for d in first.diagnostics]
    shown = "\n".join(line.text for line in show(first)) + "\n"
    assert '  moved topic."x y".c = topic."a.b".c' in shown
    (tmp_path / "again.tap").write_text(shown, encoding="utf-8")
    again = compile_spec(tmp_path / "again.tap", DiskLoader())
    assert again.dataset == first.dataset


def test_a_line_outside_a_dataset_is_sent_inside(tmp_path):
    (tmp_path / "spec.tap").write_text(BASE + "moved a = b\n", encoding="utf-8")
    found = compile_spec(tmp_path / "spec.tap", DiskLoader())
    assert [(d.code, d.message) for d in found.diagnostics] == [("TAP103", "`moved` belongs inside a dataset")]
