"""A server that repeats its key in every way and place: no file, no table, no line on the terminal holds it afterwards."""

import contextlib
import itertools
import json
import sqlite3
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import zstandard
from called import Called

sys.path.insert(0, str(Path(__file__).parents[1] / "outside"))
from echoes import echoes

KEY = "sk-proj-T9xQ2mZk7Lw0Rv5Yb8Nc_Jd3Hf6G/q+s"
IN_PATH = "8f14e45fceea167a5a36dedd4bea2543"
IN_QUERY = "Zm9vYmFyYmF6MTIz"
IN_HEADER = "team-0123456789abcdef0"
SECRETS = (KEY, IN_PATH, IN_QUERY, IN_HEADER)
PLACES = ("text", "reasoning", "reasoning_content", "model", "fingerprint", "refusal", "error", "header")

SPEC = """tap 1
dataset d {
  samples SAMPLES
  reserve 0%
  endpoint writer {
    model "m", url env("GATE_URL"), key env("GATE_KEY"), price free
    transport { header "X-Team" env("GATE_TEAM") }
    limit { concurrency 4 }
  }
  generate answer { using writer, prompt "Say number.", attempts 1, max_tokens 64 }
  emit sft { from answer }
  emit rejects
  emit records
}
"""


def reply(place: str, said: str) -> tuple[int, dict[str, str], dict]:
    message = {"role": "assistant", "content": "All is well."}
    document = {"model": "m", "choices": [{"index": 0, "finish_reason": "stop", "message": message}]}
    if place == "error":
        return 400, {}, {"error": {"message": f"the key {said} may not ask this", "type": "invalid_request_error"}}
    if place == "header":
        return 307, {"location": f"/elsewhere?was={said}".encode("ascii", "replace").decode().replace("\n", "")}, {}
    if place == "text":
        message["content"] = f"You came with {said}, I see."
    elif place == "model":
        document["model"] = f"m {said}"
    elif place == "fingerprint":
        document["system_fingerprint"] = said
    elif place == "refusal":
        message["content"], message["refusal"] = "", f"Not with {said}."
    else:
        message[place] = f"The user has {said}."
    return 200, {"x-echo": said.replace("\n", ""), "x-request-id": KEY}, document


@contextlib.contextmanager
def repeating(answers):
    lock, answers = threading.Lock(), itertools.cycle(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def put(self, status, headers, document):
            body = json.dumps(document).encode()
            self.send_response(status)
            for name, value in (*headers.items(), ("content-length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.put(200, {}, {"data": [{"id": "m"}, {"id": f"m-{KEY}"}]})

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            with lock:
                answer = next(answers)
            self.put(*answer)

        def log_message(self, *_):
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{IN_PATH}/v1?code={IN_QUERY}"
    finally:
        server.shutdown()
        server.server_close()


def written(folder: Path):
    """Everything a run left: files as they are, and the store's values decompressed."""
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        yield str(path), path.read_bytes()
    for base in folder.rglob("store.db"):
        with contextlib.closing(sqlite3.connect(base)) as store:
            tables = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in store.execute(f'SELECT * FROM "{table}"'):
                    for value in row:
                        data = value if isinstance(value, bytes) else str(value).encode()
                        with contextlib.suppress(zstandard.ZstdError):
                            data += zstandard.ZstdDecompressor().decompress(data)
                        yield f"{table} of the store", data


def assert_nowhere(folder: Path, *shown: str) -> None:
    everything = [*written(folder), *(("the terminal", text.encode()) for text in shown)]
    assert len(everything) > 5
    for secret in SECRETS:
        forms = {form.encode().lower() for form in echoes(secret).values()}
        forms |= {json.dumps(form).encode().lower()[1:-1] for form in echoes(secret).values()}
        for place, data in everything:
            lowered = data.lower()
            assert not [form for form in forms if form in lowered], (place, secret)


def test_a_repeated_key_is_nowhere_afterwards(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    answers = [(place, way) for place in PLACES[:-1] for way in sorted(echoes(KEY))]
    (tmp_path / "spec.tap").write_text(SPEC.replace("SAMPLES", str(len(answers))))
    said = echoes(KEY)
    with repeating([(200, {}, reply("", "")[2]), *(reply(place, said[way]) for place, way in answers)]) as url:
        env = {"GATE_URL": url, "GATE_KEY": KEY, "GATE_TEAM": IN_HEADER}
        done = tapc("run", "spec.tap", "--yes", "--log-json", "--no-brake", code=5, **env)  # most replies are rejected
        before = tapc.manifest("d")
        tapc("run", "spec.tap", "--offline", code=5)  # without any of the variables
        assert tapc.manifest("d") == before
        more = tapc("doctor", "spec.tap", code=None, **env)
        plan = tapc("plan", "spec.tap", "--out", "plan.json", "--lock", code=None, **env)
        tapc("plan", "spec.tap", "--out", "plan.json", code=None, **env)
    shown = [text for one in (done, more, plan) for text in (one.stdout, one.stderr)]
    shown += [tapc(*words, code=None).stdout for words in (("status",), ("cache", "stats"), ("budget", "show"))]
    assert_nowhere(tmp_path, *shown)
    assert tapc.manifest("d")["rejected"]["answer"]["leak"] >= len(answers) * 5 // 7 - 1
    assert {m["origin"] for m in tapc.manifest("d")["models"]} == {url.partition(f"/{IN_PATH}")[0]}


@pytest.mark.parametrize("way", ["as it is", "base64", "%xx everywhere", "JSON escapes everywhere"])
def test_a_redirect_that_repeats_the_key(tmp_path: Path, way: str) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "spec.tap").write_text(SPEC.replace("SAMPLES", "2"))
    with repeating([reply("header", echoes(KEY)[way])]) as url:
        done = tapc("run", "spec.tap", "--yes", code=5, GATE_URL=url, GATE_KEY=KEY, GATE_TEAM=IN_HEADER)
    assert "TAP907" in done.stdout + done.stderr
    assert_nowhere(tmp_path, done.stdout, done.stderr)


@pytest.mark.parametrize("place", ["prompt", "input"])
def test_a_key_that_spec_or_input_hold_is_not_written_out(tmp_path: Path, place: str) -> None:
    tapc = Called(tmp_path)
    key = "0f8fad5b-d9cb-469f-a165-70867728950e"  # of no provider's shape: only the environment says that it is one
    spec = (
        SPEC.replace("SAMPLES", "2")
        .replace("generate answer", 'input rows { file "rows.jsonl", field text }\n  generate answer')
        .replace("Say number.", "Say {{ rows }}." + (key if place == "prompt" else ""))
    )
    (tmp_path / "spec.tap").write_text(spec)
    rows = [{"text": f"row {n} {key if place == 'input' else ''}"} for n in range(2)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with repeating([reply("", "")]) as url:
        done = tapc("run", "spec.tap", "--yes", code=5, GATE_URL=url, GATE_KEY=key, GATE_TEAM="x")
    assert "TAP938" in done.stdout + done.stderr
    assert key not in done.stdout + done.stderr
    assert not (tmp_path / "out" / "d").exists()


def test_a_program_that_tells_the_key(tmp_path: Path) -> None:
    tapc = Called(tmp_path)
    (tmp_path / "teller.py").write_text(
        "import base64, json, os, sys\n"
        "key = os.environ['GATE_KEY']\n"
        "for n, line in enumerate(sys.stdin):\n"
        "    said = key if n % 2 else base64.b64encode(b'u:' + key.encode()).decode()\n"
        "    print(json.dumps({'accept': False, 'reason': said}))\n"
    )
    spec = SPEC.replace("SAMPLES", "4")
    spec = spec.replace("max_tokens 64 }", f'max_tokens 64, require run ["{sys.executable}", "teller.py"] }}')
    (tmp_path / "spec.tap").write_text(spec)
    with repeating([reply("", "")]) as url:
        env = {"GATE_URL": url, "GATE_KEY": KEY, "GATE_TEAM": IN_HEADER}
        done = tapc("run", "spec.tap", "--yes", "--allow-run", code=5, **env)
        assert_nowhere(tmp_path, done.stdout, done.stderr)
        (tmp_path / "teller.py").write_text("import os, sys; sys.exit(os.environ['GATE_KEY'])")
        failed = tapc("run", "spec.tap", "--yes", "--allow-run", code=5, **env)
    assert_nowhere(tmp_path, failed.stdout, failed.stderr)
