"""The simulated endpoint's chat route: determinism, limits, structure, judging, faults."""

import contextlib
import json
import os
import statistics
import subprocess
import sys

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.sim import SimConfig, SimulatedEndpoint, config_from_environment, languages, parse_config

PATH = "/v1/chat/completions"


def post(endpoint, prompt, model="sim", system=None, **fields):
    messages = [{"role": "user", "content": prompt}]
    if system:
        messages.insert(0, {"role": "system", "content": system})
    body = msgspec.json.encode({"model": model, "messages": messages, **fields})
    return endpoint.handle("POST", PATH, {}, body)


def ask(endpoint, prompt, model="sim", **fields):
    response = post(endpoint, prompt, model, **fields)
    assert response.status == 200, response.body
    return json.loads(response.body)


def text_of(endpoint, prompt, model="sim", **fields):
    return ask(endpoint, prompt, model, **fields)["choices"][0]["message"]["content"]


@pytest.fixture
def endpoint():
    return SimulatedEndpoint()


@pytest.mark.parametrize("tag", list(languages()))
def test_texts_are_in_the_language_asked_for(endpoint, tag):
    import pycld2

    language = languages()[tag]
    name = language.names[0].title()
    right = 0
    for seed in range(20):
        prompt = (
            f"Write one question about genetics in {name}." if seed % 2 else f"Explain what genetics is, in {name}."
        )
        found = pycld2.detect(text_of(endpoint, prompt, seed=seed), bestEffort=True)[2][0][1]
        right += found == language.cld
    assert right >= 19
    assert len(languages()) >= 40


def test_language_is_asked_for_by_name_own_name_tag_or_by_writing_in_it(endpoint):
    import pycld2

    prompts = {
        "Write one easy question about cells in Chinese (Simplified).": "zh",
        "Explain cells. language: sw": "sw",
        "Explain cells in `pt-BR`.": "pt",
        "Please answer in 日本語: what are cells?": "ja",
        "Wie funktioniert eine Zelle, und warum ist sie wichtig für das Leben?": "de",
        "What did the French Revolution change, and why is it remembered?": "en",
    }
    for prompt, code in prompts.items():
        assert pycld2.detect(text_of(endpoint, prompt), bestEffort=True)[2][0][1] == code, prompt


def test_a_question_is_one_and_an_answer_names_its_topic(endpoint):
    question = text_of(
        endpoint, "Write one hard question about genetics in Spanish.", system="You write exam questions."
    )
    assert "¿" in question
    assert "genetics" in question
    answer = text_of(endpoint, question)
    assert "genetics" in answer
    assert len(answer) > len(question) / 2


def test_texts_are_the_same_in_every_process():
    program = (
        "from tapc.sim import SimulatedEndpoint as E\n"
        "import json\n"
        "body = json.dumps({'model': 'sim-x', 'n': 2, 'seed': 5, 'messages': [{'role': 'user', 'content': 'Explain rain in Hindi'}]})\n"
        "print(ascii(E().handle('POST', '/v1/chat/completions', {}, body.encode()).body))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


def test_seed_n_and_temperature_vary_texts_as_on_a_sampling_server(endpoint):
    prompt = "Explain photosynthesis in English."
    assert text_of(endpoint, prompt, seed=1) != text_of(endpoint, prompt, seed=2)
    assert text_of(endpoint, prompt) == text_of(endpoint, prompt)
    several = ask(endpoint, prompt, n=4)["choices"]
    assert len({choice["message"]["content"] for choice in several}) == 4
    assert len({text_of(endpoint, prompt, seed=seed, temperature=0) for seed in range(10)}) == 1
    assert 1 < len({text_of(endpoint, prompt, seed=seed, temperature=0.3) for seed in range(30)}) <= 3


def test_near_duplicates_are_rare(endpoint):
    texts = [text_of(endpoint, "Write one question about cells in English.", seed=seed) for seed in range(300)]
    shingles = [{text[at : at + 5] for at in range(len(text) - 4)} for text in texts]
    near = sum(len(a & b) > 0.7 * len(a | b) for at, a in enumerate(shingles) for b in shingles[:at])
    assert near <= 6


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_limits_and_stops(endpoint, field):
    answer = ask(endpoint, "Explain rain in Thai.", **{field: 9})
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 9
    assert len(answer["choices"][0]["message"]["content"].encode()) <= 36
    whole = text_of(endpoint, "Explain rain in English.")
    stopped = ask(endpoint, "Explain rain in English.", stop=["rain"])["choices"][0]
    assert stopped["message"]["content"] == whole[: whole.index("rain")]
    assert stopped["finish_reason"] == "stop"


def test_usage_stays_within_what_a_client_may_expect(endpoint):
    prompt = "Explain 雨 in English."
    usage = ask(endpoint, prompt)["usage"]
    assert 0 < usage["prompt_tokens"] <= len(prompt.encode()) + 8
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def schemas():
    numbers = st.tuples(st.integers(-50, 50), st.integers(0, 50)).flatmap(
        lambda pair: st.sampled_from(["integer", "number"]).map(
            lambda kind: {"type": kind, "minimum": pair[0], "maximum": pair[0] + pair[1]}
        )
    )
    leaves = st.one_of(
        numbers,
        st.just({"type": "boolean"}),
        st.builds(
            lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
            st.integers(0, 30),
            st.integers(0, 300),
        ),
        st.lists(st.text(max_size=5), min_size=1, max_size=4, unique=True).map(
            lambda options: {"type": "string", "enum": options}
        ),
        st.just({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"type": "null"}]}),
        st.just({"type": ["string", "null"]}),
        st.builds(lambda value: {"const": value}, st.integers()),
        st.just({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 6}),
        st.just(
            {"type": "array", "items": {"enum": ["a", "b", "c"]}, "minItems": 1, "maxItems": 2, "uniqueItems": True}
        ),
    )

    def closed(properties):
        return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}

    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.dictionaries(st.text("abcdefgh_", min_size=1, max_size=8), inner, max_size=4).map(closed),
            st.builds(
                lambda item, low, more: {"type": "array", "items": item, "minItems": low, "maxItems": low + more},
                inner,
                st.integers(0, 4),
                st.integers(0, 3),
            ),
        ),
        max_leaves=8,
    )


@settings(max_examples=80, deadline=None)
@given(schemas(), st.booleans(), st.integers(0, 1000))
def test_structured_output_meets_its_schema(schema, judging, seed):
    whole = {"type": "object", "properties": {"reply": schema}, "required": ["reply"], "additionalProperties": False}
    prompt = "Judge the text.\n<answer-ab12>\nRain falls.\n</answer-ab12>" if judging else "Describe rain."
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": whole}}
    endpoint = SimulatedEndpoint()
    room = {"seed": seed, "max_tokens": 1_000_000}  # arrays in arrays are long, and what is cut off is no JSON
    for text in (
        text_of(endpoint, prompt, response_format=wanted, **room),
        text_of(endpoint, f"{prompt}\nReply with JSON that meets this schema: {json.dumps(whole)}", **room),
    ):
        jsonschema.validate(json.loads(text), whole)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"$ref": "#/x/0/y"}}},
        {"type": "object", "properties": [1]},
        {"type": "array", "items": 5, "minItems": 2},
        {"type": "integer", "minimum": "a"},
        {"anyOf": 3},
        {"$ref": "#"},
        {"enum": []},
        {"type": "string", "minLength": 10**12},
        {"type": "array", "items": {"type": "boolean"}, "minItems": 10**12},
        {"type": "object", "properties": {name: {"$ref": "#"} for name in "abc"}, "required": ["a", "b", "c"]},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
    ],
)
def test_odd_schemas_never_break_the_endpoint(endpoint, schema):
    wanted = {"type": "json_schema", "json_schema": {"schema": schema}}
    assert post(endpoint, "Describe rain.", response_format=wanted).status in (200, 400)


RUBRIC = {
    "type": "object",
    "properties": {
        "rationale": {"type": "string"},
        "helpfulness": {"type": "integer", "minimum": 1, "maximum": 5},
        "severity": {"type": "integer", "minimum": 0, "maximum": 3},
        "safe": {"type": "boolean"},
        "overall": {"type": "integer", "minimum": 1, "maximum": 10},
    },
    "required": ["rationale", "helpfulness", "severity", "safe", "overall"],
    "additionalProperties": False,
}
HEAD = "# Rubric\n\n## helpfulness (integer from 1 to 5, higher is better)\n\n## severity (integer from 0 to 3, lower is better)\n\n"


def verdict(endpoint, schema, blocks, task="Judge the answer."):
    material = "\n\n".join(f"<{tag}-0a1b>\n{text}\n</{tag}-0a1b>" for tag, text in blocks)
    wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
    return json.loads(text_of(endpoint, f"{HEAD}{material}\n\n# Task\n\n{task}", "sim-judge", response_format=wanted))


def test_better_models_get_better_scores(endpoint):
    means = {}
    for model in ("sim-q10", "sim-q35", "sim-q60", "sim-q90"):
        found = []
        for seed in range(30):
            language = ("English", "Chinese", "Arabic")[seed % 3]
            answer = text_of(endpoint, f"Explain genetics in {language}.", model, seed=seed)
            found.append(verdict(endpoint, RUBRIC, [("prompt", "Explain genetics."), ("answer", answer)]))
        means[model] = statistics.mean(v["helpfulness"] for v in found)
        mean_severity = statistics.mean(v["severity"] for v in found)
        if model == "sim-q10":
            worst = mean_severity
        assert all(
            abs((v["overall"] - 1) / 9 - ((v["helpfulness"] - 1) / 4 + 1 - v["severity"] / 3 + v["safe"]) / 3) < 0.2
            for v in found
        )
    ordered = list(means.values())
    assert ordered == sorted(ordered)
    assert ordered[-1] - ordered[0] > 1
    assert mean_severity < worst


def test_a_structured_answer_is_written_out_though_the_prompt_compares(endpoint):
    schema = {"type": "object", "properties": {"question": {"type": "string"}, "answer": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"schema": schema}}
    found = json.loads(
        text_of(endpoint, "Compare rain with snow, in English: which is better?", response_format=wanted)
    )
    assert found["question"].endswith(("?", ")"))
    assert len(found["answer"]) > 60


def test_pairwise_and_listwise_judging_prefer_the_better_text(endpoint):
    choice = {"type": "string", "enum": ["A", "B", "tie"]}
    pair = {
        "type": "object",
        "properties": {"rationale": {"type": "string"}, "overall": choice},
        "required": ["rationale", "overall"],
    }
    entry = {
        "type": "object",
        "properties": {
            "answer": {"type": "integer", "minimum": 1},
            "rationale": {"type": "string"},
            "helpfulness": {"type": "integer", "minimum": 1, "maximum": 5},
        },
    }
    several = {
        "type": "object",
        "properties": {"verdicts": {"type": "array", "items": entry}},
        "required": ["verdicts"],
    }
    wins = listed = 0
    for seed in range(30):
        good = text_of(endpoint, "Explain genetics in English.", "sim-q95", seed=seed)
        bad = text_of(endpoint, "Explain genetics in English.", "sim-q15", seed=seed)
        wins += (
            verdict(endpoint, pair, [("answer-a", good), ("answer-b", bad)], "Compare answer A with B.")["overall"]
            == "A"
        )
        wins += (
            verdict(endpoint, pair, [("answer-a", bad), ("answer-b", good)], "Compare answer A with B.")["overall"]
            == "B"
        )
        entries = verdict(endpoint, several, [("answer-1", bad), ("answer-2", good), ("answer-3", bad)])["verdicts"]
        assert [one["answer"] for one in entries] == [1, 2, 3]
        listed += entries[1]["helpfulness"] >= max(entries[0]["helpfulness"], entries[2]["helpfulness"])
    assert wins >= 50
    assert listed >= 25


def test_reward_routes(endpoint):
    answers = {
        m: [text_of(endpoint, "Explain rain in English.", m, seed=s) for s in range(20)] for m in ("sim-q10", "sim-q90")
    }

    def call(path, **fields):
        response = endpoint.handle("POST", path, {}, msgspec.json.encode({"model": "sim-reward", **fields}))
        assert response.status == 200
        return json.loads(response.body)["data"]

    low = [one["score"] for one in call("/score", text_1="Explain rain.", text_2=answers["sim-q10"])]
    high = [one["score"] for one in call("/v1/score", text_1="Explain rain.", text_2=answers["sim-q90"])]
    assert statistics.mean(high) > statistics.mean(low) + 1
    turns = [{"role": "user", "content": "Explain rain."}, {"role": "assistant", "content": answers["sim-q90"][0]}]
    assert call("/pooling", messages=turns)[0]["data"] == [high[0]]
    assert endpoint.handle("POST", "/score", {}, b'{"model": "sim"}').status == 400


@pytest.mark.parametrize(
    ("setting", "seen"),
    [
        ("rate_refusal", lambda c: c["message"]["refusal"] or c["message"]["content"].startswith("I am sorry")),
        ("rate_filter", lambda c: c["finish_reason"] == "content_filter"),
        ("rate_truncate", lambda c: c["finish_reason"] == "length"),
        ("rate_echo_key", lambda c: "Bearer abc" in c["message"]["content"]),
    ],
)
def test_content_faults_come_at_their_rates_and_stay(setting, seen):
    endpoint = SimulatedEndpoint(parse_config(f"{setting}=20%"))
    count = 0
    for seed in range(400):
        body = msgspec.json.encode(
            {"model": "sim", "seed": seed, "messages": [{"role": "user", "content": "Explain rain in English."}]}
        )
        first = endpoint.handle("POST", PATH, {"authorization": "Bearer abc"}, body)
        assert endpoint.handle("POST", PATH, {"authorization": "Bearer abc"}, body) == first
        count += bool(seen(json.loads(first.body)["choices"][0]))
    assert 45 <= count <= 120


def test_wrong_language_duplicates_malformed_and_ignored_limits():
    import pycld2

    prompt = "Explain rain in English."
    wrong = [text_of(SimulatedEndpoint(parse_config("rate_wrong_language=1")), prompt, seed=s) for s in range(30)]
    assert all(pycld2.detect(text, bestEffort=True)[2][0][1] != "en" for text in wrong)
    same = [text_of(SimulatedEndpoint(parse_config("rate_duplicate=1")), f"{prompt} {s}", seed=s) for s in range(60)]
    assert len(set(same)) <= 8
    broken = SimulatedEndpoint(parse_config("rate_malformed=1"))
    wanted = {"type": "json_schema", "json_schema": {"schema": RUBRIC}}
    for seed in range(20):
        text = text_of(broken, prompt, seed=seed, response_format=wanted)
        with contextlib.suppress(json.JSONDecodeError):
            assert not jsonschema.Draft202012Validator(RUBRIC).is_valid(json.loads(text))
    loose = ask(SimulatedEndpoint(parse_config("rate_ignore_max_tokens=1")), prompt, max_tokens=20)
    assert loose["usage"]["completion_tokens"] > 20
    assert "usage" not in ask(SimulatedEndpoint(parse_config("rate_no_usage=1")), prompt)


def test_transient_faults_come_at_their_rates_and_end():
    config = parse_config("rate_429=0.2,rate_5xx=0.1,rate_drop=0.05,rate_drop_midway=0.05,retry_after=3")
    endpoint = SimulatedEndpoint(config)
    first = [post(endpoint, "Explain rain.", seed=seed) for seed in range(600)]
    assert 85 <= sum(r.status == 429 for r in first) <= 155
    assert 35 <= sum(r.status >= 500 for r in first) <= 90
    assert 30 <= sum(r.drop is not None for r in first) <= 95
    assert all(dict(r.headers)["retry-after"] == "3" for r in first if r.status == 429)
    dead = SimulatedEndpoint(parse_config("rate_429=1"))
    assert [post(dead, "Explain rain.").status for _ in range(5)] == [429, 429, 429, 200, 429]
    gone = SimulatedEndpoint(parse_config("rate_5xx=1,streak=0"))
    assert all(post(gone, "Explain rain.").status >= 500 for _ in range(20))


def test_latency_follows_its_distribution():
    def delays(text):
        endpoint = SimulatedEndpoint(parse_config(f"latency={text},mode=static"))
        return [post(endpoint, "x", seed=seed).delay_seconds for seed in range(400)]

    assert set(delays("0.2")) == {0.2}
    assert all(0.1 <= d <= 0.3 for d in delays("0.1..0.3"))
    assert 0.15 < statistics.median(delays("lognormal:0.2:0.5")) < 0.26
    tail = delays("tail:0.2:0.05:60")
    assert set(tail) == {0.2, 60.0}
    assert 5 <= tail.count(60.0) <= 40


def test_a_request_may_carry_its_own_faults(endpoint):
    found = ask(endpoint, "Explain rain in English.", sim={"rate_truncate": 1.0})
    assert found["choices"][0]["finish_reason"] == "length"
    assert post(endpoint, "x", sim={"rate_magic": 1}).status == 400
    assert post(endpoint, "x", sim={"key": "a"}).status == 400


def test_settings_are_checked():
    assert parse_config("latency=0.1, rate_429=1%, models=a+b") == SimConfig(
        latency=parse_config("latency=0.1").latency, rate_429=0.01, models=("a", "b")
    )
    for wrong in ("rate_429", "rate_429=2", "rate_x=0", "latency=fast", "mode=odd", "streak=-1", "latency=0.3..0.1"):
        with pytest.raises(ValueError, match=wrong.split("=")[0]):
            parse_config(wrong)
    assert config_from_environment({"TAPC_SIM": "rate_5xx=0.5"}).rate_5xx == 0.5
    with pytest.raises(ValueError, match="extra"):
        config_from_environment({"TAPC_SIM": "rate_refusal=0.5"})


def test_reasoning_is_kept_apart_and_counted():
    endpoint = SimulatedEndpoint()
    found = ask(endpoint, "Explain rain in English.", chat_template_kwargs={"enable_thinking": True}, max_tokens=400)
    assert found["choices"][0]["message"]["reasoning_content"]
    assert found["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    assert found["usage"]["completion_tokens"] <= 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"model": "sim"}', 400),
        (b'{"model": "sim", "messages": []}', 400),
        (b'{"messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "sim", "messages": [{"role": "king", "content": "x"}]}', 400),
        (b'{"model": "sim", "n": 0, "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "sim", "max_tokens": 0, "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "sim", "response_format": {"type": "xml"}, "messages": [{"role": "user", "content": "x"}]}', 400),
        (b'{"model": "sim", "messages": [{"role": "user", "content": "\xff"}]}', 400),
        (b'{"model": "other", "messages": [{"role": "user", "content": "x"}]}', 404),
    ],
)
def test_wrong_requests_get_errors_in_openai_shape(body, status):
    endpoint = SimulatedEndpoint(SimConfig(models=("sim",)))
    response = endpoint.handle("POST", PATH, {}, body)
    assert response.status == status
    assert set(json.loads(response.body)["error"]) == {"message", "type", "param", "code"}


def test_routes_and_keys():
    endpoint = SimulatedEndpoint(SimConfig(key="secret-key"))
    right = {"authorization": "Bearer secret-key"}
    assert endpoint.handle("GET", "/v1/models", right, b"").status == 200
    assert endpoint.handle("GET", "/openai/v1/models/sim", right, b"").status == 200
    assert endpoint.handle("GET", "/v1/models", {"authorization": "Bearer no"}, b"").status == 401
    assert endpoint.handle("GET", "/v1/models", {}, b"").status == 401
    assert endpoint.handle("POST", "/v1/images", right, b"").status == 404
    assert endpoint.handle("GET", PATH, right, b"").status == 405
