"""Servers nobody here wrote, on loopback. What is not installed is a failure, not a skip.

`TAPC_EXTERNAL_MODULES` names a `node_modules` folder with `@copilotkit/aimock`; `.ci/run` makes one.
"""

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

FIXTURES = {
    "fixtures": [
        {
            "match": {"userMessage": "cut me off"},
            "response": {"content": "This sentence has no", "finishReason": "length"},
        },
        {"match": {"userMessage": "score this"}, "response": {"content": '{"score": 4}'}},
        {
            "match": {"userMessage": "think hard"},
            "response": {"content": "4", "reasoning": "two and two"},
        },
        {
            "match": {"userMessage": "fail with 400"},
            "response": {"error": {"message": "context too long", "type": "invalid_request_error"}, "status": 400},
        },
        {
            "match": {},
            "response": {
                "content": "Hello from somewhere else.",
                "usage": {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15},
            },
        },
    ]
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Aimock:
    """The server with its control routes."""

    def __init__(self, port):
        self.root = f"http://127.0.0.1:{port}"
        self.url = f"{self.root}/v1"

    def _call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.root + path, data=data, method=method, headers={"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def chaos(self, **rates):
        self._call("DELETE", "/__aimock/chaos")
        if rates:
            self._call("POST", "/__aimock/chaos", rates)

    def journal(self):
        return [e for e in self._call("GET", "/__aimock/journal") if e["path"].endswith("/chat/completions")]

    def ready(self):
        try:
            with socket.create_connection(("127.0.0.1", int(self.root.rsplit(":", 1)[1])), timeout=1):
                return True
        except OSError:
            return False


@pytest.fixture(scope="session")
def aimock_script():
    modules = os.environ.get("TAPC_EXTERNAL_MODULES")
    if not modules:
        pytest.fail("TAPC_EXTERNAL_MODULES must name a node_modules folder with @copilotkit/aimock; see .ci/run")
    script = Path(modules) / "@copilotkit" / "aimock" / "dist" / "cli.js"
    if not script.is_file() or shutil.which("node") is None:
        pytest.fail(f"{script} or node itself is missing: npm install @copilotkit/aimock")
    return script


@pytest.fixture
def start_aimock(aimock_script, tmp_path):
    """Starts servers with environment changes, and stops them."""
    running = []

    def start(answers=FIXTURES, **environment):
        fixtures = tmp_path / "fixtures.json"
        fixtures.write_text(json.dumps(answers))
        server = Aimock(port := free_port())
        command = ["node", str(aimock_script), "-p", str(port), "-h", "127.0.0.1", "-f", str(fixtures)]
        with (tmp_path / "aimock.log").open("ab") as log:
            process = subprocess.Popen(
                [*command, "--log-level", "warn", "--journal-max", "0"],
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
            )
        running.append(process)
        for _ in range(200):
            if server.ready():
                return server
            if process.poll() is not None:
                break
            time.sleep(0.05)
        pytest.fail("aimock did not start: " + (tmp_path / "aimock.log").read_text()[-2000:])

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=10)
