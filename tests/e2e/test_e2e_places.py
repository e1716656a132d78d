"""What is wrong outside the text of a spec is shown at the line of the spec that asks for it."""

from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1

dataset d {
  samples 2
  endpoint writer {
    model "m"
    url "http://127.0.0.1:9/v1"
    %s
    price { input $1/M, output $1/M }
  }
  generate a { using writer, prompt "Hi" }
  emit sft { from a }
}
"""


@pytest.fixture
def tapc(tmp_path: Path) -> Called:
    return Called(tmp_path)


@pytest.mark.parametrize(
    ("field", "code", "line"),
    [
        ('key env("TAPC_TEST_NO_SUCH_KEY")', "TAP901", 8),
        ('transport { header "X-Team" env("TAPC_TEST_NO_SUCH_KEY") }', "TAP901", 8),
        ("// no key is needed", "TAP905", 5),
    ],
)
@pytest.mark.parametrize("command", [("run", "--yes"), ("preview", "--yes"), ("doctor", "--yes")])
def test_findings_about_an_endpoint_point_at_it(tapc: Called, field: str, code: str, line: int, command) -> None:
    (tapc.folder / "d.tap").write_text(SPEC % field)
    name, *options = command
    said = tapc(name, "d.tap", *options, code=5).stderr
    assert f"[{code}]" in said
    assert f"--> d.tap:{line}:" in said


def test_a_spec_that_is_not_there_is_looked_for(tapc: Called) -> None:
    assert "`tapc new NAME`" in tapc("check", "tutor.tap", code=1).stdout
    for name in ("other.tap", "notes.txt"):
        (tapc.folder / name).write_text("tap 1\n")
    assert "there is `other.tap`" in tapc("check", "tutor.tap", code=1).stdout
    (tapc.folder / "tutors.tap").write_text("tap 1\n")
    assert "did you mean `tutors.tap`?" in tapc("check", "tutor.tap", code=1).stdout
    (tapc.folder / "tutors.tap").write_text('tap 1\nimport "./othr.tap"\n')
    assert "did you mean `other.tap`?" in tapc("check", "tutors.tap", code=1).stdout


def test_a_number_behind_an_equals_sign_is_explained(tapc: Called) -> None:
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", "samples = 2") % "")
    assert "`samples 12`, or a comparison, `samples >= 12`" in tapc("check", "d.tap", code=1).stdout


@pytest.mark.parametrize("kind", ["dpo", "orpo", "grpo", "chat"])
def test_words_of_trainers_lead_to_kinds_of_rows(tapc: Called, kind: str) -> None:
    (tapc.folder / "d.tap").write_text((SPEC % "").replace("emit sft", f"emit {kind}"))
    known = {"dpo": "preference", "orpo": "preference", "grpo": "rl", "chat": "sft"}[kind]
    assert f"help: write `{known}`" in tapc("check", "d.tap", code=1).stdout


@pytest.mark.parametrize("line", ["samples: 2", "samples : 2", "samples:2"])
def test_a_colon_behind_a_field_is_explained_and_removed(tapc: Called, line: str) -> None:
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", line) % "")
    assert "without a colon: `samples 2`" in tapc("check", "d.tap", code=1).stdout
    tapc("check", "--fix", "d.tap")
    assert tapc("show", "d.tap").stdout.count("samples 2") == 1


def test_one_cause_is_one_finding(tapc: Called) -> None:
    text = SPEC.replace("samples 2", "samples 2, taxonomy topic = n.topics, mix level = n.levels") % ""
    (tapc.folder / "d.tap").write_text(text.replace("tap 1", 'tap 1\nimport "./nowhere.tap" as n'))
    assert tapc("check", "d.tap", code=1).stdout.count("error[") == 1


def test_a_mix_may_be_a_copy_of_another_one(tapc: Called) -> None:
    mixes = 'mix first { a 3, b: "second" }, mix again = first, mix other = first { c 4 }'
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", f"samples 8, {mixes}") % "")
    shown = tapc("show", "d.tap").stdout
    for name, values in (("again", "a 3 b"), ("first", "a 3 b"), ("other", "a 3 b c 4")):
        block = shown.partition(f"mix {name} ")[2].partition("}")[0].splitlines()[1:]
        assert " ".join(line.partition("//")[0].partition(":")[0].strip() for line in block).strip() == values
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", "samples 8, mix a = b, mix b = a") % "")
    assert "TAP218" in tapc("check", "d.tap", code=1).stdout
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", "samples 8, mix a = bb, mix b { x, y }") % "")
    assert "did you mean `b`?" in tapc("check", "d.tap", code=1).stdout


@pytest.mark.parametrize("name", ["none", "node", "vote", "level", "then"])
def test_good_names_near_words_of_the_language_are_names(tapc: Called, name: str) -> None:
    (tapc.folder / "d.tap").write_text(SPEC.replace("samples 2", f"samples 2, mix kind {{ {name}, other }}") % "")
    assert "TAP204" not in tapc("check", "d.tap").stdout


def test_folders_are_checked_and_hidden_ones_are_left_alone(tapc: Called) -> None:
    for place in ("specs/a.tap", "specs/more/b.tap", "specs/.venv/wrong.tap"):
        path = tapc.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("samples" if "wrong" in place else SPEC % "")
    assert "2 specs checked" in tapc("check", "specs").stdout
    tapc("fmt", "specs")
    assert (tapc.folder / "specs/.venv/wrong.tap").read_text() == "samples"
    (tapc.folder / "empty").mkdir()
    assert "no spec (*.tap) in empty" in tapc("check", "empty", code=2).stderr
    assert "specs/more/wrong.tap" not in tapc("check", "specs").stdout
    (tapc.folder / "specs/more/wrong.tap").write_text("samples")
    assert "specs/more/wrong.tap:1" in tapc("check", "specs", code=1).stdout
