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
