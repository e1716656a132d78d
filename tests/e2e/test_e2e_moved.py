"""`moved`: a rename asks nothing again and changes rows only where they show names; `diff` and `check` propose it."""

import json
from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1

dataset demo {
  samples 30
  seed 3
  taxonomy topic { physics { optics "Optics", heat "Heat" }, art "Art" }
  mix level { easy 30% "an easy", hard "a hard" }
  mix language { en 60% "English", zh "Chinese" }
  mix persona per candidate { teacher "a teacher", student "a student" }
  when topic in physics and level = hard { mix language { zh 1, en 2 } }
  exclude language = zh when topic in art
  endpoint writer { model "sim-writer", price free }
  generate outline { using writer, per [topic, level], prompt "Outline {{ topic.title }}." }
  generate question {
    using writer
    prompt "Ask {{ level.title }} question about {{ topic.title }} in {{ language.title }}. {{ outline }}"
    require unique 0.9 within level
  }
  generate answer { using writer, each 2, prompt "As {{ persona.title }}: {{ question }}" }
  emit sft { from answer, split { train 70%, test 30% } }
  emit records
}
"""

RENAMES = {
    "mix": (("mix level", "mix grade"), ("level.title", "grade.title"), ("level]", "grade]"), ("level = ", "grade = "),
            ("within level", "within grade")),
    "value": (("easy 30%", "simple 30%"),),
    "candidates": (("mix persona", "mix role"), ("persona.title", "role.title"), ('teacher "', 'a-teacher "')),
    "language": ((' zh "', ' zh-Hans "'), ("{ zh 1", "{ zh-Hans 1"), ("= zh ", "= zh-Hans ")),
    "leaf": (("optics", "a-light"),),
    "node": (("physics", "science"),),
    "taxonomy": (("taxonomy topic", "taxonomy subject"), ("topic.title", "subject.title"), ("[topic", "[subject"),
                 ("topic in", "subject in")),
    "parent": (("topic { physics {", "topic { nature { physics {"), ("}, art", "} }, art"),
               ("topic in physics", "topic in nature.physics")),
}  # fmt: skip
"""Kind of rename -> what is replaced in the spec."""

LINES = {
    "mix": ["moved level = grade"],
    "value": ["moved level.easy = level.simple"],
    "candidates": ["moved persona = role", "moved persona.teacher = role.a-teacher"],
    "language": ["moved language.zh = language.zh-Hans"],
    "leaf": ["moved topic.physics.optics = topic.physics.a-light"],
    "node": ["moved topic.physics = topic.science"],
    "taxonomy": ["moved topic = subject"],
    "parent": ["moved topic.physics = topic.nature.physics"],
}
"""Kind of rename -> the lines that say it."""


def renamed(*kinds: str) -> str:
    text = SPEC
    for kind in kinds:
        for old, new in RENAMES[kind]:
            assert old in text
            text = text.replace(old, new)
    return text


def with_lines(text: str, lines: list[str]) -> str:
    return text.replace("  samples 30\n", "".join(f"  {line}\n" for line in lines) + "  samples 30\n")


def rows(folder: Path) -> dict[str, list[dict]]:
    data = folder / "out" / "demo" / "data"
    return {
        path.relative_to(data).as_posix(): [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for path in sorted(data.rglob("*.jsonl"))
    }


def nameless(found):
    """Rows without the columns that show names of axes and values."""
    if isinstance(found, dict):
        return {key: nameless(value) for key, value in found.items() if key not in ("axes", "taxonomy", "drawn")}
    return [nameless(one) for one in found] if isinstance(found, list) else found


@pytest.fixture
def made(tmp_path):
    """The program in a folder with a dataset, and its spec as `first.tap`, which has a lock."""
    tapc = Called(tmp_path)
    for name in ("first.tap", "spec.tap"):
        (tmp_path / name).write_text(SPEC, encoding="utf-8")
    tapc("run", "spec.tap", "--yes", "-q")
    return tapc


@pytest.mark.parametrize("kind", [*RENAMES, "all"])
def test_a_rename_with_moved_sends_nothing_and_changes_names_alone(made, kind):
    folder = made.folder
    before, lock = rows(folder), (folder / "spec.tap.lock").read_text(encoding="utf-8")
    kinds = [name for name in RENAMES if name not in ("taxonomy", "parent")] if kind == "all" else [kind]
    text, lines = renamed(*kinds), [line for name in kinds for line in LINES[name]]
    if kind == "all":  # lines speak of what was called otherwise before, each as if the others were not
        lines = [line.replace("= topic.physics.a-light", "= topic.science.a-light") for line in lines]
        lines = [line.replace("= level.simple", "= grade.simple") for line in lines]
    (folder / "spec.tap").write_text(with_lines(text, lines), encoding="utf-8")
    difference = json.loads(made("diff", "first.tap", "spec.tap", "--format", "json").stdout)
    assert (difference["total"]["to_pay"], difference["slots"]["dropped"], difference["moved"]) == (0, 0, None)
    assert {change["severity"] for change in difference["changes"]} <= {"settings", "none"}
    if kind != "parent":
        counts = [(row["before"], row["after"], row["kept"]) for rows in difference["axes"].values() for row in rows]
        assert all(before == after == kept for before, after, kept in counts), "under the later names"
    done = made("run", "spec.tap", "--yes")
    assert "No request was sent" in done.stdout
    after = rows(folder)
    assert after.keys() == before.keys()
    assert nameless(after) == nameless(before)
    assert (after == before) == (kind == "taxonomy")  # of the taxonomy, rows show the node alone
    if kind != "parent":  # which has a node more, and so other shares
        assert (folder / "spec.tap.lock").read_text(encoding="utf-8") == lock
    # and back: undoing a rename is deleting its line
    (folder / "spec.tap").write_text(SPEC, encoding="utf-8")
    assert "No request was sent" in made("run", "spec.tap", "--yes").stdout
    assert rows(folder) == before


@pytest.mark.parametrize("kind", RENAMES)
def test_diff_proposes_the_lines_that_a_rename_needs(tmp_path, kind):
    tapc = Called(tmp_path)
    (tmp_path / "first.tap").write_text(SPEC, encoding="utf-8")
    (tmp_path / "spec.tap").write_text(renamed(kind), encoding="utf-8")
    difference = json.loads(tapc("diff", "first.tap", "spec.tap", "--format", "json").stdout)
    assert difference["moved"]["lines"] == LINES[kind]
    assert difference["moved"]["reused"] > sum(step["reused"] for step in difference["steps"])
    shown = tapc("diff", "first.tap", "spec.tap").stdout
    assert "".join(f"\n  {line}" for line in LINES[kind]) in shown
    assert LINES[kind][0] in tapc("diff", "first.tap", "spec.tap", "--format", "markdown").stdout
    (tmp_path / "spec.tap").write_text(with_lines(renamed(kind), LINES[kind]), encoding="utf-8")
    assert "Nothing to pay for." in tapc("diff", "first.tap", "spec.tap").stdout


def test_diff_proposes_no_line_that_keeps_nothing(tmp_path):
    """A value of a mix that candidates draw: only its place among the others decides what is drawn."""
    tapc = Called(tmp_path)
    (tmp_path / "first.tap").write_text(SPEC, encoding="utf-8")
    text = renamed("candidates", "leaf").replace("a-teacher", "tutor")
    (tmp_path / "spec.tap").write_text(text, encoding="utf-8")
    difference = json.loads(tapc("diff", "first.tap", "spec.tap", "--format", "json").stdout)
    assert difference["moved"]["lines"] == [*LINES["leaf"], "moved persona = role"]


def test_diff_proposes_nothing_where_prompts_show_the_name(tmp_path):
    tapc = Called(tmp_path)
    plain = SPEC.replace(' "an easy"', "").replace("level.title", "level")
    plain = plain.replace("within level", "within topic").replace("[topic, level]", "topic")
    (tmp_path / "first.tap").write_text(plain, encoding="utf-8")
    (tmp_path / "spec.tap").write_text(plain.replace("easy 30%", "simple 30%"), encoding="utf-8")
    difference = json.loads(tapc("diff", "first.tap", "spec.tap", "--format", "json").stdout)
    assert difference["moved"] is None
    assert difference["total"]["to_pay"] > 0
    # with the line it is the same slots that are asked, with another prompt
    lined = with_lines(plain.replace("easy 30%", "simple 30%"), LINES["value"])
    (tmp_path / "spec.tap").write_text(lined, encoding="utf-8")
    difference = json.loads(tapc("diff", "first.tap", "spec.tap", "--format", "json").stdout)
    assert difference["slots"]["dropped"] == 0
    assert difference["severity"] == "regenerate"


@pytest.mark.parametrize("kind", [kind for kind in RENAMES if kind != "candidates"])  # a lock has those of slots
def test_check_proposes_what_the_lock_lacks_and_writes_it(made, kind):
    path = made.folder / "spec.tap"
    path.write_text(renamed(kind), encoding="utf-8")
    code = 1 if kind == "taxonomy" else 0  # a lock of another taxonomy is an error (TAP816)
    found = json.loads(made("check", "spec.tap", "--format", "json", code=code).stdout)
    proposed = [one for one in found if one["code"] == "TAP234"]
    assert len(proposed) == len(LINES[kind])
    made("check", "spec.tap", "--fix")
    assert path.read_text(encoding="utf-8") == renamed(kind).replace("demo {\n", f"demo {{\n  {LINES[kind][0]}\n")
    assert "No request was sent" in made("run", "spec.tap", "--yes").stdout


@pytest.mark.parametrize(
    "edits",
    [
        (("easy 30%", "simple 20%"), ('"a hard"', '"a hard", odd "an odd"')),  # two are new
        (("heat", "cold"), ("optics", "light")),  # two are gone
        (('physics { optics "Optics", heat "Heat" }', 'history { rome "Rome", gaul "Gaul" }'), ("topic in physics", "topic in history")),
        (('mix level { easy 30% "an easy", hard "a hard" }', 'mix grade { one "a first", two "a second" }'), ("level.title", "grade.title"),
         ("level]", "grade]"), ("level = hard", "grade = two"), ("within level", "within grade")),
        (("samples 30", "samples 31"),),
    ],
)  # fmt: skip
def test_check_proposes_nothing_that_it_would_have_to_guess(made, edits):
    text = SPEC
    for old, new in edits:
        text = text.replace(old, new)
    (made.folder / "spec.tap").write_text(text, encoding="utf-8")
    assert "TAP234" not in made("check", "spec.tap", "--format", "json").stdout


def test_a_name_that_came_back_or_was_gone_before_is_no_rename(made):
    path = made.folder / "spec.tap"
    path.write_text(
        SPEC.replace(', art "Art"', "").replace("exclude language = zh when topic in art", ""), encoding="utf-8"
    )
    made("run", "spec.tap", "--yes", "-q")  # the lock still knows `art`, without samples
    path.write_text(
        SPEC.replace("exclude language = zh when topic in art", "").replace("art", "music"), encoding="utf-8"
    )
    assert "TAP234" not in made("check", "spec.tap", "--format", "json").stdout
    path.write_text(SPEC, encoding="utf-8")
    assert "TAP234" not in made("check", "spec.tap", "--format", "json").stdout


def test_the_line_is_written_where_a_dataset_begins_and_found_without_counting(made):
    path = made.folder / "spec.tap"
    one = renamed("value").replace("demo {\n  samples 30", "demo { samples 30")
    one = "\n".join(line for line in one.splitlines() if not line.startswith(("  when", "  exclude"))) + "\n"
    path.write_text(one, encoding="utf-8")
    made("check", "spec.tap", "--fix")
    assert "demo {\n  moved level.easy = level.simple\n samples 30\n" in path.read_text(encoding="utf-8")
    made("check", "spec.tap")
