"""`tapc new`, `tapc show`, `tapc check --fix` and completion, as a user starts with them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from called import Called
from driving import PATIENCE, Tapc, clean_environment


@pytest.fixture
def tapc(tmp_path: Path) -> Tapc:
    return Called(tmp_path)


def test_new_writes_a_commented_spec_that_can_be_planned(tapc: Tapc) -> None:
    done = tapc("new", "science_tutor")
    assert done.stdout == "science_tutor.tap\n"
    assert "tapc plan science_tutor.tap" in done.stderr
    text = (tapc.folder / "science_tutor.tap").read_text()
    assert "dataset science_tutor {" in text
    assert "// " in text
    assert "specs/quickstart.tap" not in text, "comments name the new file"
    assert json.loads(tapc("plan", "science_tutor.tap", "--json").stdout)["dataset"] == "science_tutor"
    assert tapc("fmt", "--check", "science_tutor.tap").returncode == 0


def test_new_overwrites_nothing_and_corrects(tapc: Tapc) -> None:
    (tapc.folder / "mine.tap").write_text("mine")
    assert "TAP925" in tapc("new", "mine", code=2).stderr
    assert (tapc.folder / "mine.tap").read_text() == "mine"
    assert "did you mean 'quickstart'" in tapc("new", "other", "--from", "quickstrt", code=2).stderr
    assert "TAP926" in tapc("new", "2nd", code=2).stderr
    assert "TAP924" in tapc("new", "mine.tap/x", code=2).stderr
    assert sorted(p.name for p in tapc.folder.iterdir()) == ["mine.tap"]
    tapc("new", "specs/x")
    assert (tapc.folder / "specs" / "x.tap").is_file(), "folders are made"


def module_and_spec(tapc: Tapc) -> None:
    (tapc.folder / "parts.tap").write_text(
        'tap 1\n\nparam size = 6\n\nmix level {\n  easy\n  hard\n}\n\nendpoint writer {\n  model "sim"\n}\n'
    )
    (tapc.folder / "main.tap").write_text(
        'tap 1\n\nimport "parts.tap"\n\ndataset d {\n  samples 6\n  mix level = parts.level\n  generate text {\n'
        '    using parts.writer\n    prompt "Write about something {{ level }}."\n    max_tokens 50\n  }\n'
        "  emit sft { from text }\n}\n"
    )


def test_show_composes_modules_and_names_the_origin_of_each_line(tapc: Tapc) -> None:
    module_and_spec(tapc)
    lines = json.loads(tapc("show", "main.tap", "--json").stdout)
    origins = {line["text"].strip(): (line["file"], line["line"]) for line in lines if line["file"]}
    assert origins["dataset d {"] == ("main.tap", 5)
    assert origins["easy"] == ("parts.tap", 6)
    assert origins["hard"] == ("parts.tap", 7)
    shown = tapc("show", "main.tap").stdout
    assert "    easy  // parts.tap:6" in shown.splitlines()
    assert '    model "sim"  // parts.tap:11' in shown.splitlines(), "endpoints of other files are put in"
    (tapc.folder / "alone.tap").write_text(shown)
    assert tapc("fmt", "--check", "alone.tap").returncode == 0
    digests = {json.loads(tapc("plan", name, "--json").stdout)["digest"] for name in ("main.tap", "alone.tap")}
    assert len(digests) == 1
    plain = tapc("show", "main.tap", "--plain").stdout
    assert plain.splitlines() == [line["text"] for line in lines]
    (tapc.folder / "main.tap").write_text("tap 1\ndataset d { sampels 6 }\n")
    wrong = tapc("show", "main.tap", code=1)
    assert wrong.stdout == ""
    assert "error[" in wrong.stderr


def test_fix_applies_what_is_safe_in_all_files_and_prints_what_remains(tapc: Tapc, quickstart: Path) -> None:
    (tapc.folder / "unused.tap").write_text("tap 1\n\nmix level {\n  easy\n  hard\n}\n")
    text = quickstart.read_text()
    broken = text.replace("tap 1\n", 'tap 1\n\nimport "unused.tap"\n', 1).replace("samples 60", "sampels 60")
    quickstart.write_bytes(b"\xef\xbb\xbf" + broken.encode())
    quickstart.chmod(0o640)
    (tapc.folder / "link.tap").symlink_to("quickstart.tap")
    before = tapc("check", "link.tap", code=1)
    assert "applied by `tapc check --fix`" in before.stdout
    fixed = tapc("check", "link.tap", "--fix", code=None)
    assert "fixed: link.tap" in fixed.stderr
    after = quickstart.read_bytes()
    assert b'import "unused.tap"' not in after
    assert after.startswith(b"\xef\xbb\xbf"), "a byte order mark is the user's"
    assert quickstart.stat().st_mode & 0o777 == 0o640
    assert (tapc.folder / "link.tap").is_symlink()
    again = tapc("check", "link.tap", "--fix", "--format", "json", code=fixed.returncode)
    assert not any(fix.get("safe") for finding in json.loads(again.stdout) for fix in finding["fixes"])
    assert quickstart.read_bytes() == after
    assert sorted(p.name for p in tapc.folder.iterdir()) == ["link.tap", "quickstart.tap", "unused.tap"]


def test_fix_leaves_alone_what_it_cannot_fix_safely(tapc: Tapc, quickstart: Path) -> None:
    quickstart.write_text(quickstart.read_text().replace("samples 60", "samples sixty"))
    text = quickstart.read_text()
    done = tapc("check", "quickstart.tap", "--fix", code=1)
    assert "fixed:" not in done.stderr
    assert quickstart.read_text() == text


def complete(tapc: Tapc, words: str, at: int) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tapc"],
        cwd=tapc.folder,
        env=clean_environment(COMP_WORDS=words, COMP_CWORD=str(at), _TAPC_COMPLETE="bash_complete"),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_shells_are_offered_completion(tapc: Tapc) -> None:
    assert complete(tapc, "tapc ca", 1) == ["cache"]
    assert {"stats", "verify", "gc", "export", "import"} == set(complete(tapc, "tapc cache ", 2))
    assert "--give-up" in complete(tapc, "tapc run x.tap --g", 3)
    assert complete(tapc, "tapc new x --from qu", 4) == ["quickstart"]
    for shell in ("bash", "zsh", "fish"):
        assert "_TAPC_COMPLETE" in Tapc(tapc.folder)(_TAPC_COMPLETE=f"{shell}_source").stdout
        assert f"_TAPC_COMPLETE={shell}_source" in tapc("--help").stdout
