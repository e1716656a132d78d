"""Starts, steers and stops servers nobody here wrote: aimock, WireMock and LiteLLM's proxy, all on 127.0.0.1.

What is not installed is a failure, not a skip. `.ci/run` installs them and says where:
`TAPC_EXTERNAL_MODULES` names a `node_modules` folder with `@copilotkit/aimock` and `wiremock`,
`TAPC_EXTERNAL_LITELLM` the program `litellm` in an environment of its own.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from pathlib import Path

import pytest

GATEWAY_KEY = "sk-gateway-0123456789abcdef"
UPSTREAM_KEY = "sk-upstream-0123456789abcdef"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(method, url, body=None):
    """One request of a test to a server's control routes."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or b"null")


class Started:
    """A process that serves on a port, with what it printed; stopped by its own process id."""

    def __init__(self, command, port, folder, *, ready, seconds, **environment):
        self.root = f"http://127.0.0.1:{port}"
        self.url = f"{self.root}/v1"
        self.log = folder / f"{Path(command[0]).name}-{port}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder, env={**os.environ, **environment}
            )
        end = time.monotonic() + seconds
        while not self._answers(ready):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                pytest.fail(f"{command[0]} did not start: {self.log.read_text()[-3000:]}")
            time.sleep(0.05)

    def _answers(self, path):
        try:
            with urllib.request.urlopen(self.root + path, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except (OSError, urllib.error.URLError):
            return False

    def stop(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
            return
        self.process.kill()
        self.process.wait(timeout=10)


def modules():
    named = os.environ.get("TAPC_EXTERNAL_MODULES")
    if not named:
        pytest.fail("TAPC_EXTERNAL_MODULES must name a node_modules folder with the servers; see .ci/run")
    return Path(named)


def installed(path, how):
    if not Path(path).is_file():
        pytest.fail(f"{path} is missing: {how}")
    return str(path)


def program(name, how):
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: {how}")
    return found


class Aimock(Started):
    """An OpenAI-compatible server that answers from fixtures, with chaos on demand and a journal of what it did."""

    def __init__(self, folder, fixtures, **environment):
        node = program("node", "install Node.js")
        script = installed(modules() / "@copilotkit/aimock/dist/cli.js", "npm install @copilotkit/aimock")
        port = free_port()
        answers = folder / f"fixtures-{port}.json"
        answers.write_text(json.dumps(fixtures))
        options = ["-p", str(port), "-h", "127.0.0.1", "-f", str(answers), "--log-level", "warn", "--journal-max", "0"]
        super().__init__([node, script, *options], port, folder, ready="/health", seconds=20, **environment)

    def chaos(self, **rates):
        """Set the rates; without any, all is well."""
        call("DELETE", f"{self.root}/__aimock/chaos")
        if rates:
            call("POST", f"{self.root}/__aimock/chaos", rates)

    def journal(self):
        """What it was asked, in order."""
        return [e for e in call("GET", f"{self.root}/__aimock/journal") if e["path"].endswith("/chat/completions")]

    def served(self):
        """How often each request was answered with a reply, by the request's body."""
        answered = [e for e in self.journal() if e["response"]["status"] == 200 and not chaotic(e)]
        return Counter(json.dumps(e["body"], sort_keys=True) for e in answered)


def chaotic(entry):
    """What chaos did to a request of aimock's journal; empty for nothing."""
    return entry["response"].get("chaosAction", "")


class WireMock(Started):
    """A proxy with faults: stubs decide what happens to a request before or instead of passing it on."""

    def __init__(self, folder):
        java = program("java", "install a Java runtime, 11 or newer")
        jars = sorted((modules() / "wiremock" / "build").glob("wiremock-standalone-*.jar"))
        jar = installed(jars[-1] if jars else modules() / "wiremock" / "build", "npm install wiremock")
        port = free_port()
        options = ["--port", str(port), "--bind-address", "127.0.0.1", "--disable-banner", "--root-dir", str(folder)]
        heap = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        super().__init__([java, *heap, "-jar", jar, *options], port, folder, ready="/__admin/health", seconds=60)

    def behind(self, upstream):
        """Forget everything and pass requests on to a server."""
        call("DELETE", f"{self.root}/__admin/mappings")
        call("DELETE", f"{self.root}/__admin/requests")
        call("POST", f"{self.root}/__admin/scenarios/reset")
        self.upstream = upstream
        self.passing = {"proxyBaseUrl": upstream.root}
        self._stub({"priority": 10, "request": {"method": "ANY"}, "response": self.passing})

    def _stub(self, mapping):
        return call("POST", f"{self.root}/__admin/mappings", mapping)["id"]

    def answering(self, response, *, where="", priority=1):
        """Answer chat requests whose body holds some words in this way; returns how to take it back."""
        request = {"method": "POST", "urlPath": "/v1/chat/completions"}
        if where:
            request["bodyPatterns"] = [{"contains": where}]
        made = self._stub({"priority": priority, "request": request, "response": response})
        return lambda: call("DELETE", f"{self.root}/__admin/mappings/{made}")

    def in_turn(self, responses, *, endless=True):
        """Answer chat requests one after the other in these ways, from the start again or ever after as before."""
        states = ["Started", *(f"s{n}" for n in range(1, len(responses)))]
        after = [*states[1:], states[0] if endless else "over"]
        for state, then, response in zip(states, after, responses, strict=True):
            self._stub(
                {
                    "priority": 5,
                    "scenarioName": "in turn",
                    "requiredScenarioState": state,
                    "newScenarioState": then,
                    "request": {"method": "POST", "urlPath": "/v1/chat/completions"},
                    "response": response,
                }
            )

    def journal(self):
        """Chat requests it had, each with what it was to do about it."""
        return [
            {"body": e["request"]["body"], "headers": e["request"]["headers"], "did": e["responseDefinition"]}
            for e in call("GET", f"{self.root}/__admin/requests")["requests"]
            if e["request"]["url"].endswith("/chat/completions")
        ]


class LiteLLM(Started):
    """LiteLLM's proxy as a gateway before another server; it neither repeats nor hides anything."""

    def __init__(self, folder, upstream, models):
        named = os.environ.get("TAPC_EXTERNAL_LITELLM")
        if not named:
            pytest.fail("TAPC_EXTERNAL_LITELLM must name the program of `litellm[proxy]`; see .ci/run")
        config = {
            "model_list": [
                {
                    "model_name": model,
                    "litellm_params": {"model": f"openai/{model}", "api_base": upstream.url, "api_key": UPSTREAM_KEY},
                }
                for model in models
            ],
            "litellm_settings": {"num_retries": 0, "telemetry": False, "request_timeout": 20},
            "router_settings": {"num_retries": 0, "disable_cooldowns": True},
            "general_settings": {"master_key": GATEWAY_KEY},
        }
        path = folder / "gateway.yaml"
        path.write_text(json.dumps(config))  # JSON is YAML
        port = free_port()
        command = [installed(named, "pip install 'litellm[proxy]'"), "--host", "127.0.0.1", "--port", str(port)]
        super().__init__(
            [*command, "--config", str(path)],
            port,
            folder,
            ready="/health/liveliness",
            seconds=120,
            LITELLM_LOCAL_MODEL_COST_MAP="True",
            DO_NOT_TRACK="1",
        )
        self.upstream = upstream
