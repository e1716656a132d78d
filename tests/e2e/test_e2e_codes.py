"""Codes that no spec raises: about the command line, the machine and what is installed on it."""

import io
import sys
from pathlib import Path

import pytest
from called import Called
from driving import QUICKSTART, Tapc

SPEC = """tap 1
dataset d {
  samples 2
  endpoint writer { model "sim" }
  input rows { SOURCE }
  generate answer { using writer, prompt "{{ rows }}" }
  emit sft { from answer }
}
"""


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    return Called(tmp_path)


def test_a_dataset_that_is_not_there(tapc: Tapc) -> None:
    done = tapc("check", str(QUICKSTART), "--dataset", "quickstat", code=1)
    assert "error[TAP143] no-such-dataset: there is no dataset `quickstat`" in done.stdout
    assert "did you mean `quickstart`?" in done.stdout


def test_a_spec_or_plan_that_cannot_be_read(tapc: Tapc) -> None:
    for arguments in (("fmt", "absent.tap"), ("run", "absent.json")):
        assert "TAP923" in tapc(*arguments, code=None).stderr
    (tapc.folder / "folder.tap").mkdir()
    for arguments in (("plan", "folder.tap"), ("plan", "absent.tap"), ("show", "folder.tap")):
        done = tapc(*arguments, code=1)
        assert "TAP120" in done.stdout + done.stderr


def test_no_git(tapc: Tapc, monkeypatch: pytest.MonkeyPatch) -> None:
    (tapc.folder / "a.tap").write_text(QUICKSTART.read_text())
    monkeypatch.setenv("PATH", str(tapc.folder))
    assert "TAP870" in tapc("diff", "HEAD", "HEAD~1", "a.tap", code=2).stderr


def test_packages_that_are_not_installed(tapc: Tapc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "datasets", None)
    (tapc.folder / "rows.parquet").write_bytes(b"PAR1")
    for source, package in (('file "rows.parquet", field text', "parquet"), ('hub "org/set", field text', "hub")):
        (tapc.folder / "a.tap").write_text(SPEC.replace("SOURCE", source))
        done = tapc("check", "a.tap", code=1)
        assert "TAP714" in done.stdout
        assert f"pip install 'tapc[{package}]'" in done.stdout


def test_a_dataset_of_the_hub_that_cannot_be_read(tapc: Tapc) -> None:
    (tapc.folder / "broken").mkdir()
    (tapc.folder / "broken" / "state.json").write_text("{")
    (tapc.folder / "a.tap").write_text(SPEC.replace("SOURCE", 'hub "broken", field text'))
    done = tapc("check", "a.tap", code=1)
    assert "TAP713" in done.stdout
    assert "a.tap:5:16" in done.stdout


def test_a_system_that_refuses(tapc: Tapc) -> None:
    (tapc.folder / "a.tap").write_text(QUICKSTART.read_text())
    long = "x" * 300
    done = tapc("run", "a.tap", "--limit", "1", "--out", long, "--store", "my store", code=5)
    assert "TAP922" in done.stderr
    assert f"run it again: tapc run a.tap --limit 1 --out {long} --store 'my store'" in " ".join(done.stderr.split())


def test_a_refused_run_leaves_no_folder_behind(tapc: Tapc) -> None:
    (tapc.folder / "a.tap").write_text(
        QUICKSTART.read_text().replace('model "sim-writer"', 'model "m", url "http://127.0.0.1:9/v1", key env("NONE")')
    )
    assert "NONE" in tapc("run", "a.tap", "--yes", "--out", "deep/er", code=5).stderr
    assert not (tapc.folder / "deep").exists()


def test_quiet_leaves_results_and_errors(tapc: Tapc) -> None:
    (tapc.folder / "a.tap").write_text(QUICKSTART.read_text())
    tapc("run", "a.tap", "--limit", "1", "--quiet")
    for line in (
        "plan a.tap --out p.json",
        "show a.tap",
        "graph a.tap",
        "diff a.tap a.tap",
        "status",
        "explain TAP203",
    ):
        done = tapc(*line.split(), "--quiet")
        assert done.stdout
        assert not done.stderr
    assert tapc("cache", "export", "r.tapc", "-q").stdout == ""
    assert tapc("cache", "import", "r.tapc", "-q").stdout == ""
    (tapc.folder / "other.tap").write_text(QUICKSTART.read_text().replace("seed 7", "seed 8").replace("Ask", "Put"))
    tapc("cache", "gc", "other.tap", "-q", code=2)
    done = tapc("cache", "gc", "other.tap", "-q", "--yes")
    assert not done.stdout + done.stderr
    assert tapc("cache", "gc", "other.tap", "-q", "--yes").stdout.startswith("0 of")


def test_a_command_that_needs_one_dataset_says_so(tapc: Tapc) -> None:
    one = 'dataset a {\n  samples 5\n  endpoint w { model "sim" }\n  generate q { using w, prompt "x" }\n  emit sft { from q }\n}\n'
    (tapc.folder / "two.tap").write_text(f"tap 1\n{one}dataset b extends a {{ samples 6 }}\n")
    (tapc.folder / "lib.tap").write_text("tap 1\nmix m { a }\n")
    for command in ("plan", "show", "graph"):
        done = tapc(command, "two.tap", code=1)
        assert "the spec declares 2 datasets: `a`, `b`" in done.stderr
        assert "--dataset a" in done.stderr
        assert "declares no dataset" in tapc(command, "lib.tap", code=1).stderr
    assert "samples 6" in tapc("show", "two.tap", "--dataset", "b").stdout
    tapc("check", "two.tap")


def test_fmt_of_standard_input_writes_only_what_is_asked_for(tapc: Tapc, monkeypatch: pytest.MonkeyPatch) -> None:
    def fmt(*options: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"tap 1\nmix   m{a,b}")))
        return tapc("fmt", "-", *options, code=code).stdout

    assert fmt() == "tap 1\nmix m { a, b }\n"
    assert fmt("--check", code=1) == ""
    assert fmt("--diff").splitlines()[-4:] == [
        " tap 1",
        "-mix   m{a,b}",
        "\\ No newline at end of file",
        "+mix m { a, b }",
    ]
