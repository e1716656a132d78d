"""A spec of a stranger: what reads it neither asks, nor runs, nor writes, nor needs a variable of the environment."""

import json
import socket
import stat
import threading
from pathlib import Path

import pytest
from called import Called

SPEC = """tap 1
dataset d {
  samples 4
  endpoint writer { model "m", url "URL", key env("STRANGE_KEY"), price free }
  endpoint other { model "n", url env("STRANGE_URL"), price free }
  input rows { file "rows.jsonl", field text }
  generate answer {
    using [writer, other], prompt "{{ rows }}", max_tokens 64
    require run ["python3", "mark.py"]
  }
  score length { of answer, run ["python3", "mark.py"] }
  emit sft { from answer }
}
"""


class Listener:
    """Counts who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.count = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/v1"

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            connection.close()


@pytest.fixture
def server():
    listener = Listener()
    yield listener
    listener.socket.close()


def state(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_reading_a_spec_asks_runs_writes_and_needs_nothing(tmp_path: Path, server: Listener) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "spec.tap").write_text(SPEC.replace("URL", server.url, 1))
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps({"text": f"row {n}"}) + "\n" for n in range(4)))
    (tmp_path / "mark.py").write_text("import pathlib; pathlib.Path('was-run').write_text('x')\n")
    before = state(tmp_path)
    for words in (
        ("check", "spec.tap"),
        ("plan", "spec.tap"),
        ("plan", "spec.tap", "--json", "--samples", "2"),
        ("plan", "spec.tap", "--format", "markdown"),
        ("graph", "spec.tap"),
        ("show", "spec.tap"),
        ("fmt", "spec.tap", "--check"),
        ("diff", "spec.tap", "spec.tap"),
        ("status", "spec.tap"),
        ("run", "spec.tap"),  # without --allow-run
        ("run", "spec.tap", "--yes"),
    ):
        done = tapc(*words, code=None)
        assert done.returncode in (0, 1, 2, 5), (words, done.stdout, done.stderr)
        assert state(tmp_path) == before, words
    assert server.count == 0
    plan = tapc("plan", "spec.tap").stdout
    for part in (server.url.removesuffix("/v1"), "STRANGE_KEY", "STRANGE_URL", "rows.jsonl", "python3 mark.py"):
        assert part in plan
    refused = tapc("run", "spec.tap", "--yes", code=5)
    assert "TAP927" in refused.stdout + refused.stderr and "python3 mark.py" in refused.stdout + refused.stderr


def test_a_store_is_its_owners_and_explains_itself(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "spec.tap").write_text(
        'tap 1\ndataset d {\n  samples 2\n  endpoint w { model "sim" }\n  generate a { using w, prompt "Hi." }\n'
        "  emit sft { from a }\n}\n"
    )
    tapc("run", "spec.tap")
    store = tmp_path / ".tapc"
    assert stat.S_IMODE(store.stat().st_mode) == 0o700
    text = (store / "README.md").read_text("utf-8")
    for path in store.iterdir():
        if path.name not in ("README.md", ".gitignore"):
            assert path.name.removesuffix("-wal").removesuffix("-shm") in text, path.name
    (store / "README.md").write_text("mine")
    tapc("run", "spec.tap")
    assert (store / "README.md").read_text() == "mine"
    (store / "README.md").unlink()
    assert "sound" in tapc("cache", "verify").stdout


def test_no_proxy_gets_a_request(tmp_path: Path, server: Listener) -> None:
    tapc = Called(tmp_path)
    target = Listener()
    (tmp_path / "spec.tap").write_text(
        f'tap 1\ndataset d {{\n  samples 2\n  endpoint w {{ model "m", url "{target.url}", price free }}\n'
        '  generate a { using w, prompt "Hi." }\n  emit sft { from a }\n}\n'
    )
    proxy = server.url.removesuffix("/v1")
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")
    tapc("run", "spec.tap", code=5, **dict.fromkeys(names, proxy))
    target.socket.close()
    assert target.count > 0
    assert server.count == 0


def test_nothing_that_costs_is_sent_unasked(tmp_path: Path, server: Listener) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "spec.tap").write_text(
        f'tap 1\ndataset d {{\n  samples 2\n  endpoint w {{ model "m", url "{server.url}", price {{ input $1/M, output $1/M }} }}\n'
        '  generate a { using w, prompt "Hi.", max_tokens 9 }\n  emit sft { from a }\n  budget { cost $1 }\n}\n'
    )
    done = tapc("run", "spec.tap", code=2)
    assert "add --yes to agree" in done.stderr
    assert server.url.removesuffix("/v1") in done.stderr, "the plan that is shown before names the host"
    assert server.count == 0
