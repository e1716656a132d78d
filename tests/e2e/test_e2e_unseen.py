"""Control characters, direction marks and other unseen ones from outside reach no terminal, card or report."""

import contextlib
import json
import subprocess
from pathlib import Path

import pytest
from called import Called
from refusing import refusing_server

ACTING = "\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\u2028\x85\U000e0041\u3164"
UNSEEN = set(ACTING) - set("]0;owned31m") | {"\x00", "\x08"}

SPEC = """tap 1
dataset d {
  samples 4
  endpoint writer { model "m", url "URL", price free, limit { concurrency 1 } }
  generate answer { using writer, prompt "Say something.", attempts 1, max_tokens 64 }
  emit sft { from answer }
}
"""


def assert_seen(*texts: str) -> None:
    for text in texts:
        assert not UNSEEN & set(text), sorted(UNSEEN & set(text))


def reports(folder: Path) -> list[str]:
    return [(folder / "out" / "d" / name).read_text("utf-8") for name in ("README.md", "manifest.json", "run.json")]


def test_what_a_server_calls_itself(tmp_path: Path) -> None:
    def alters(document: dict) -> None:
        document["model"] = f"m{ACTING}"
        document["system_fingerprint"] = f"fp{ACTING}"

    tapc = Called(tmp_path)
    with refusing_server(lambda _: None, alters=alters) as (url, _):
        (tmp_path / "spec.tap").write_text(SPEC.replace("URL", url))
        done = tapc("run", "spec.tap")
        stats = tapc("cache", "stats")
        as_json = tapc("cache", "stats", "--json")
    assert_seen(done.stdout, done.stderr, stats.stdout, as_json.stdout, *reports(tmp_path))
    returned = tapc.manifest("d")["models"][0]["returned"]
    assert_seen(returned)
    assert returned.startswith("m\\x1b]0;owned\\x07") and "\\u{202e}" in returned
    assert "\\u{202e}" in reports(tmp_path)[0].replace("\\\\", "\\").replace("\\{", "{").replace("\\}", "}")


@pytest.mark.parametrize("form", [(), ("--log-json",), ("--json",)])
def test_what_a_server_says_of_an_error(tmp_path: Path, form: tuple[str, ...]) -> None:
    tapc = Called(tmp_path)
    with refusing_server(lambda _: f"no{ACTING} way") as (url, _):
        (tmp_path / "spec.tap").write_text(SPEC.replace("URL", url))
        done = tapc("run", "spec.tap", *form, code=5)
        doctor = tapc("doctor", "spec.tap", code=None)
    assert "way" in done.stdout + done.stderr
    assert_seen(done.stdout, done.stderr, doctor.stdout, doctor.stderr)


def test_names_of_files_headers_and_revisions(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    odd = "s\x1b[31m\u202e.tap"
    (tmp_path / odd).write_text(SPEC.replace("URL", "http://127.0.0.1:9/v1").replace("samples 4", "samples 4px"))
    (tmp_path / "rows\u202e.csv").write_text(f"text,{ACTING.replace(chr(7), '')}\na,b\n", encoding="utf-8")
    (tmp_path / "spec.tap").write_text(
        SPEC.replace("URL", "http://127.0.0.1:9/v1")
        .replace("generate", 'input rows { file "rows\\u{202e}.csv", field missing }\n  generate', 1)
        .replace("Say something.", "{{ rows }}"),
        encoding="utf-8",
    )
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    said = []
    for words in (
        ("check", odd),
        ("check", odd, "--format", "json"),
        ("check", odd, "--format", "github"),
        ("check", odd, "--format", "sarif"),
        ("check", f"absent{ACTING}.tap"),
        ("plan", f"absent{ACTING}.tap"),
        ("plan", "spec.tap"),
        ("plan", "spec.tap", "--set", f"x{ACTING}=1"),
        ("plan", "spec.tap", "--by", ACTING),
        ("plan", "spec.tap", "--against", f"main{ACTING}"),
        ("diff", f"a{ACTING}", f"b{ACTING}", "spec.tap"),
        ("explain", ACTING),
        ("run", f"absent{ACTING}.json"),
        ("fmt", f"absent{ACTING}.tap"),
        ("budget", "show", f"d{ACTING}"),
        (f"bogus{ACTING}",),
        ("plan", f"--{ACTING}"),
        ("import", f"rows\u202e{ACTING}.csv"),
        ("import", "rows\u202e.csv"),
    ):
        with contextlib.suppress(ValueError):  # NUL in a path
            done = tapc(*words, code=None)
            said.append((words, done.stdout + done.stderr))
    for words, text in said:
        assert not UNSEEN & set(text), (words, sorted(UNSEEN & set(text)), text)
    documents = [text for words, text in said if "json" in words or "sarif" in words]
    assert documents and all(json.loads(text) is not None for text in documents)
