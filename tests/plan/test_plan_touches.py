"""The plan lists every file, host, environment variable and program that a spec would touch, on the terminal as well."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from tapc.plan import TouchesPlan
from tapc.ui.verdict import touches_lines
from tapc.workspace.plan.document import plan_document
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

SPEC = """tap 1
import "parts.tap" as parts
dataset d {
  samples 4
  endpoint writer {
    model "m", url env("GATE_URL", "http://localhost:8000/deep/v1"), key env("GATE_KEY"), price free
    transport { header "X-Team" env("TEAM", "none"), header "Authorization" env("AUTH") }
  }
  endpoint other { model "n", url ["https://a.example/v1", "https://b.example:8443/v1"], key env("GATE_KEY"), price free }
  endpoint hidden { model "o", url env("HIDDEN_URL"), price free }
  input rows { file "rows.csv", field text }
  generate answer {
    using [writer, other, hidden], prompt "{{ rows }}"
    require run ["python3", "check me.py"], require clean_of "bench/*.txt"
  }
  judge verdict { of answer, using writer, rubric parts.clear }
  score length { of answer, run ["./score.sh", "-v"] }
  emit sft { from answer }
}
"""
PARTS = "tap 1\nrubric clear { aspect clarity 1..5 }\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    (tmp_path / "spec.tap").write_text(SPEC)
    (tmp_path / "parts.tap").write_text(PARTS)
    (tmp_path / "rows.csv").write_text("text\na\nb\nc\nd\n")
    (tmp_path / "check me.py").write_text("")
    (tmp_path / "score.sh").write_text("")
    (tmp_path / "bench").mkdir()
    for name in "ab":
        (tmp_path / "bench" / f"{name}.txt").write_text("words of a benchmark that nobody asks about at all today\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touched(name: str = "spec.tap") -> TouchesPlan:
    checked = check_spec(Path(name), settings={}, dataset=None)
    found = count_spec(checked)
    planned = found.planned
    assert planned is not None, found.diagnostics
    sources = (*checked.compiled.sources, *planned.resources.files)
    document = plan_document(planned, spec=name, store=Path(".tapc"), diagnostics=(), sources=sources)
    found = json.loads(document.model_dump_json(by_alias=True))["touches"]
    return TouchesPlan.model_validate(found)


def shown(touches: TouchesPlan, width: int) -> list[str]:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(touches_lines(touches, width), soft_wrap=True)
    return capture.get().splitlines()


def test_everything_is_listed(folder: Path) -> None:
    touches = touched()
    assert {file.path: file.use for file in touches.files} == {
        "spec.tap": "spec",
        "parts.tap": "module or table",
        **dict.fromkeys(
            ["bench/a.txt", "bench/b.txt", "check me.py", "rows.csv", "score.sh"], "input, benchmark or program"
        ),
    }
    assert [(host.host, host.variable, host.when) for host in touches.hosts] == [
        (None, "HIDDEN_URL", "run"),
        ("https://a.example", None, "run"),
        ("https://b.example:8443", None, "run"),
        ("http://localhost:8000", "GATE_URL", "run"),
    ]
    assert {v.name: v.needed for v in touches.environment} == {
        "AUTH": True,
        "GATE_KEY": True,
        "GATE_URL": False,
        "HIDDEN_URL": True,
        "TEAM": False,
    }
    assert [program.command for program in touches.programs] == [["python3", "check me.py"], ["./score.sh", "-v"]]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_terminal_shows_all_of_it_within_its_width(folder: Path, width: int) -> None:
    lines = shown(touched(), width)
    text = " ".join(lines)
    assert max(map(len, lines)) <= width
    for part in ("parts.tap", "bench/b.txt", "rows.csv", "check me.py", "score.sh", "https://b.example:8443 (other)",
                 "the host in GATE_URL, else http://localhost:8000 (writer)", "the host in HIDDEN_URL (hidden)", "AUTH",
                 "TEAM (optional)", "python3 'check me.py'", "./score.sh -v"):  # fmt: skip
        assert part in text
    assert "touches no" not in text


def test_a_spec_that_touches_nothing_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.tap").write_text(
        'tap 1\ndataset d {\n  samples 2\n  endpoint w { model "sim" }\n  generate a { using w, prompt "Hi." }\n'
        "  emit sft { from a }\n}\n"
    )
    assert shown(touched(), 80) == ["touches no other file, host, environment variable or program"]
    (tmp_path / "spec.tap").write_text((tmp_path / "spec.tap").read_text().replace('"sim"', '"m", url "http://h/v1"'))
    assert shown(touched(), 80) == ["asks: http://h (w)", "touches no other file, environment variable or program"]


def test_rows_of_a_hub_are_asked_for_by_the_plan_already() -> None:
    from tapc.frontend import compile_spec
    from tapc.plan.access import touches

    class Memory:
        def read(self, path: Path) -> bytes:
            return (
                b'tap 1\ndataset d {\n  samples 2\n  endpoint w { model "sim" }\n  input r { hub "org/set", field text }\n'
                b'  generate a { using w, prompt "{{ r }}" }\n  emit sft { from a }\n}\n'
            )

    compiled = compile_spec(Path("s.tap"), Memory())
    assert compiled.dataset is not None, compiled.diagnostics
    found = touches(compiled.dataset, compiled.sources, ())
    assert [(host.host, host.when) for host in found.hosts] == [("https://huggingface.co", "check")]
    assert shown(found, 100)[0] == "asks: https://huggingface.co (org/set for r, by check and plan as well)"


def test_many_files_are_counted(folder: Path) -> None:
    touches = touched()
    many = touches.model_copy(
        update={
            "files": [touches.files[0]] + [touches.files[1].model_copy(update={"path": f"f{n}"}) for n in range(99)]
        }
    )
    assert "and 59 more (--json lists them)" in " ".join(shown(many, 100))


def test_files_outside_are_listed_by_the_path_that_the_spec_writes(tmp_path: Path, monkeypatch) -> None:
    inner = tmp_path / "specs"
    (tmp_path / "bench").mkdir()
    inner.mkdir()
    monkeypatch.chdir(inner)
    (tmp_path / "rows.csv").write_text("text\na\nb\nc\nd\n")
    (tmp_path / "bench" / "one.txt").write_text("words of a benchmark that nobody asks about at all today\n")
    (tmp_path / "mark.py").write_text("")
    (inner / "spec.tap").write_text(
        f"""tap 1
dataset d {{
  samples 4
  endpoint w {{ model "sim" }}
  input rows {{ file "{tmp_path}/rows.csv", field text }}
  generate a {{ using w, prompt "{{{{ rows }}}}", require clean_of "../bench/*.txt", require run ["python3", "../mark.py"] }}
  emit sft {{ from a }}
}}
"""
    )
    assert {file.path for file in touched().files} == {
        "spec.tap",
        f"{tmp_path}/rows.csv",
        "../bench/one.txt",
        "../mark.py",
    }
