"""`tapc doctor` against servers with known faults, over real sockets."""

import json
from collections.abc import Callable
from pathlib import Path

from driving import Tapc
from refusing import refusing_server

from tapc.sim import SimConfig


def doctor(tapc: Tapc, *arguments: str, code: int = 0, **env: str) -> tuple[dict, dict, str]:
    """Endpoints and steps by name, and what was said."""
    done = tapc("doctor", "quickstart.tap", *arguments, "--json", code=code, **env)
    found = json.loads(done.stdout)
    endpoints = {e["endpoint"]: e for e in found["endpoints"]}
    return endpoints, {(s["step"], s["endpoint"]): s for s in found["steps"]}, done.stderr


def test_all_is_well_with_simulated_models_and_nothing_is_stored(tapc: Tapc, quickstart: Path) -> None:
    endpoints, steps, said = doctor(tapc)
    assert said == ""
    assert all(e["reachable"] for e in endpoints.values())
    assert list(steps) == [("question", "writer"), ("answer", "tutor"), ("answer", "novice"), ("verdict", "referee")]
    for step in steps.values():
        assert step["outcome"] == "ok"
        assert step["usage"]
        assert step["seed"] == "repeats"
        assert "max_tokens" in step["sent"]
    assert steps["verdict", "referee"]["structured"] == "schema"
    assert steps["question", "writer"]["structured"] is None
    assert not (tapc.folder / ".tapc").exists()
    shown = tapc("doctor", "quickstart.tap").stdout
    assert "verdict" in shown
    assert "nothing was stored" in shown


def test_faults_of_a_server_are_named(tapc: Tapc, quickstart: Path, served: Callable[..., str]) -> None:
    tired = served("--fault", "rate_429=0.3,rate_5xx=0.2,retry_after=0.05,reasoning=true,rate_no_usage=1")
    locked = served("--key", "a-key-of-24-characters-1", "--fault", "models=sim-large+sim-small")
    text = quickstart.read_text()
    text = text.replace('model "sim-large"', f'model "sim-large"\n    url "{locked}"\n    key env("DOCTOR_KEY")')
    text = text.replace('model "sim-small"', f'model "sim-smal"\n    url "{locked}"\n    key env("DOCTOR_KEY")')
    quickstart.write_text(text)
    pointed = ("--endpoint", f"writer={tired}", "--endpoint", "referee=http://127.0.0.1:9/v1")
    key = "a-key-of-24-characters-1"
    endpoints, steps, said = doctor(tapc, *pointed, code=5, DOCTOR_KEY=key)
    assert steps["question", "writer"]["outcome"] == "ok", "errors that pass are waited out"
    assert steps["question", "writer"]["usage"] is False
    assert steps["question", "writer"]["reasoning"] == "reasoning_content"
    assert "TAP933" in said
    assert endpoints["tutor"]["key"] == "accepted"
    assert endpoints["tutor"]["listed"] is True
    assert endpoints["novice"]["listed"] is False
    assert "did you mean" in said
    assert "TAP930" in said
    assert steps["answer", "novice"]["outcome"] is None
    assert "TAP906" in said
    assert endpoints["referee"]["reachable"] is False
    assert "TAP905" in said
    assert key not in said
    assert key not in json.dumps([endpoints, list(steps.values())])

    endpoints, steps, said = doctor(tapc, *pointed, code=5, DOCTOR_KEY="another-key-of-24-chars-")
    assert endpoints["tutor"]["key"] == "refused"
    assert "TAP904" in said
    assert "the environment variable DOCTOR_KEY" in " ".join(said.split())
    assert "TAP901" in doctor(tapc, *pointed, code=5)[2]


def test_refused_and_ignored_parameters_are_found(tapc: Tapc, quickstart: Path) -> None:
    def picky(body: dict) -> str | None:
        if "temperature" in body and "exam questions" in body["messages"][0]["content"]:
            return "Unsupported value: 'temperature' does not support 0.9 with this model"
        if "response_format" in body:
            return "response_format is not supported"
        return "something is wrong with the request" if "temperature" in body and body["model"] == "sim-small" else None

    with refusing_server(picky) as (url, asked):
        names = ("writer", "novice", "referee", "tutor")
        pointed = [word for name in names for word in ("--endpoint", f"{name}={url}")]
        _, steps, said = doctor(tapc, *pointed, code=5)
    assert steps["question", "writer"]["refused"] == ["temperature"]
    assert "TAP912" in said
    assert steps["answer", "novice"]["refused"] == ["seed", "temperature"], (
        "nameless refusals: what a bare request lacks"
    )
    assert steps["verdict", "referee"]["structured"] == "prompted"
    assert steps["verdict", "referee"]["refused"] == ["response_format"]
    assert "TAP934" in said
    assert steps["answer", "tutor"]["outcome"] == "ok"
    assert "{{" not in json.dumps([body["messages"] for body in asked]), "prompts are rendered"


def test_paying_is_asked_for(tapc: Tapc, quickstart: Path) -> None:
    with refusing_server(lambda body: None) as (url, asked):
        pointed = ("--endpoint", f"tutor={url}#gpt-large")
        refused = tapc("doctor", "quickstart.tap", *pointed, code=2)
        assert "--yes" in refused.stderr
        assert "at most $" in refused.stderr
        assert asked == []
        endpoints, steps, said = doctor(tapc, *pointed, "--yes")
        assert endpoints["tutor"]["listed"] is False
        assert steps["answer", "tutor"]["returned_model"] == "gpt-large"
        assert "TAP930" in said
        assert 1 <= len(asked) <= 2


def test_a_wrong_spec_is_told_and_nothing_is_sent(tapc: Tapc, quickstart: Path) -> None:
    with refusing_server(lambda body: None) as (url, asked):
        pointed = quickstart.read_text().replace('model "sim-writer"', f'model "sim-writer"\n    url "{url}"')
        quickstart.write_text(pointed)
        tapc("doctor", "quickstart.tap", "--yes", code=None)
        assert asked, "a right spec is sent to that server"
        before = len(asked)
        quickstart.write_text(pointed.replace("samples 60", "samples"))
        said = tapc("doctor", "quickstart.tap", "--yes", code=1)
        assert "error[TAP" in said.stderr + said.stdout
        assert len(asked) == before


def test_a_model_behind_another_name_and_parameters_without_effect_are_found(tapc: Tapc, quickstart: Path) -> None:
    def altered(answer: dict) -> None:
        for model in answer.get("data", []):
            model["root"] = "/models/other"
        for choice in answer.get("choices", []):
            choice["message"]["content"] += " ### and on"

    quickstart.write_text(quickstart.read_text().replace("temperature 0.9", 'temperature 0.9\n    stop "###"'))
    config = SimConfig(models=("sim-writer",), rate_truncate=1.0)
    with refusing_server(lambda body: None, config, altered) as (url, _):
        endpoints, steps, said = doctor(tapc, "--endpoint", f"writer={url}")
    assert endpoints["writer"]["root"] == "/models/other"
    assert "TAP931" in said
    assert steps["question", "writer"]["ignored"] == ["stop"]
    assert "TAP932" in said
    assert steps["question", "writer"]["outcome"] == "length"
    assert "TAP935" in said


def test_a_server_that_only_fails_is_named(tapc: Tapc, quickstart: Path, served: Callable[..., str]) -> None:
    failing = served("--fault", "rate_5xx=1,streak=0")
    _, steps, said = doctor(tapc, "--endpoint", f"writer={failing}", code=5)
    assert steps["question", "writer"]["outcome"] is None
    assert "TAP910" in said
