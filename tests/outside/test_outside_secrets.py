"""Keys in the texts of others, however they are written; and texts that only look like it."""

import json
from urllib.parse import quote

import pytest
from echoes import echoes
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.endpoints.client import resolve, secrets_of
from tapc.ir import Endpoint, EnvRef, Transport
from tapc.outside.secrets import Secrets
from tapc.outside.strength import looks_random, strength

KEYS = ("sk-live/abc+DEF=0123456789&x", "sk-proj-T9xQ2mZk7Lw0Rv5Yb8Nc_Jd3Hf6G", "0f8fad5b-d9cb-469f-a165-70867728950e")
WAYS = sorted(echoes("x"))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("way", WAYS)
def test_a_key_is_found_and_masked_however_it_is_written(way, key):
    written = echoes(key)[way]
    secrets = Secrets((key,))
    for text in (written, f"So the key is {written}, and that is that.", f"“{written}” – 好"):
        assert secrets.leaked("harmless", text, "model")
        assert secrets.holds(text.encode())
        masked = secrets.mask(text)
        assert not secrets.leaked(masked)
        assert "***" in masked or masked.startswith("(withheld")
        assert not any(part in masked for part in (key[3:12], key[-10:], key[3:12].upper()))


@pytest.mark.parametrize("key", KEYS)
def test_texts_without_the_key_are_no_leak_and_stay_as_they_are(key):
    secrets = Secrets((key,))
    other = "sk-proj-Another0Key1Altogether2Here3Nobody4Knows"
    texts = [*echoes(other).values(), *echoes(key[: len(key) // 2]).values(), *echoes(key[1:-1]).values()]
    texts += ["40% of &amp; \\alpha \\u00e9 %20 &#8217; \\x1b[0m", "", "%", "\\", "&#", "\ud800", "日本語" * 100]
    for text in texts:
        assert not secrets.leaked(text), text
        assert secrets.mask(text) == text


@settings(deadline=None)
@given(
    # half of a key's own escapes undone has no one meaning: providers hand out none with these signs
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\%&"), min_size=16, max_size=60),
    st.integers(0, 40),
)
def test_any_strong_key_is_found_in_every_way(key, before):
    secrets = Secrets((key,))
    if strength(key) < 48:
        assert not secrets.leaked(key)
        return
    for way, written in echoes(key).items():
        assert secrets.leaked("a" * before + written), way


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60))
def test_what_is_masked_is_gone_as_a_whole(key):
    secrets, once = Secrets((key,)), json.dumps(key)[1:-1]
    for shown in (key, quote(key, safe=""), once, json.dumps(once)[1:-1]):
        assert secrets.mask(f"({shown})") == "(***)"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("EMPTY", False),
        ("token-abc123", False),  # the key of vLLM's documentation
        ("not-needed", False),
        ("sk-no-key-required", False),
        ("dummy-key-for-local-vllm", False),
        ("internationalization", False),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", False),
        ("----------------------", False),
        ("k7Gq2x9PzB1m4", True),  # thirteen characters of a password manager
        ("0123456789abcdef", True),
        ("ZXCVBNMLKJHGFDSA0987", True),
    ],
)
def test_values_that_occur_by_chance_are_no_leak(value, found):
    assert Secrets((value,)).leaked(f"we say {value} here") is found
    shown = Secrets((value,)).mask(f"we say {value} here")
    assert ("***" in shown) is (len(value) >= 6)


def endpoint(**given):
    return Endpoint(name="w", model="Mixtral-8x7B-Instruct-v0123456789", **given)


def test_parts_of_headers_and_addresses_from_the_environment_are_secrets():
    wanted = endpoint(urls=(EnvRef(name="U"),), transport=Transport(headers=(("Authorization", EnvRef(name="H")),)))
    environ = {"H": "Bearer tok-0123456789abcdef", "U": "https://h.example/v1?code=q-0123456789abcdef&v=1"}
    resolved, problems = resolve(wanted, environ)
    assert not problems
    for secret in ("tok-0123456789abcdef", "q-0123456789abcdef"):
        assert resolved.secrets.mask(f"no {secret}.") == "no ***."


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("https://gate.example/k/8f14e45fceea167a5a36dedd4bea2543/v1", "8f14e45fceea167a5a36dedd4bea2543"),
        ("https://gate.example/0f8fad5b-d9cb-469f-a165-70867728950e/openai", "0f8fad5b-d9cb-469f-a165-70867728950e"),
        ("https://gate.example/v1?subscription-key=Zm9vYmFyYmF6MTIz", "Zm9vYmFyYmF6MTIz"),
        ("https://gate.example/a%2Bb0c1d2e3f4g5h6/v1", "a+b0c1d2e3f4g5h6"),
    ],
)
def test_all_of_an_address_but_scheme_and_host_is_kept_out_of_what_is_written(url, secret):
    resolved, problems = resolve(endpoint(urls=(EnvRef(name="U"),)), {"U": url})
    assert not problems
    assert [target.origin for target in resolved.targets] == ["https://gate.example"]
    assert resolved.secrets.leaked(f"you came by {secret}!")
    assert secret not in repr(resolved)
    path = url.removeprefix("https://gate.example/").partition("?")[0]
    if len(path) >= 6:
        assert path not in resolved.secrets.mask(f"no route /{path}/chat/completions")


@pytest.mark.parametrize(
    "url",
    [
        "https://x.openai.azure.com/openai/deployments/gpt-4o-mini-2024-07-18?api-version=2024-02-15-preview",
        "https://api.example/models/mistralai/Mixtral-8x7B-Instruct-v0123456789/v1",
        "http://localhost:8000/v1",
    ],
)
def test_names_in_an_address_may_occur_in_replies(url):
    secrets = secrets_of([endpoint(urls=(EnvRef(name="U"),))], {"U": url})
    for text in ("gpt-4o-mini-2024-07-18", "2024-02-15-preview", "Mixtral-8x7B-Instruct-v0123456789", "localhost"):
        assert not secrets.leaked(text)


def test_an_address_that_stands_in_the_spec_is_no_secret():
    url = "http://localhost:8000/abcdef0123456789abcdef/v1"
    for urls in ((url,), (EnvRef(name="U", default=url),)):
        resolved, _ = resolve(endpoint(urls=urls), {})
        assert resolved.targets[0].origin == url
        assert not resolved.secrets.leaked(url)


def test_what_looks_generated():
    for text in ("8f14e45fceea167a", "tok_A1b2C3d4E5f6", "0f8fad5b-d9cb-469f-a165-70867728950e"):
        assert looks_random(text)
    for text in ("openai", "deployments", "customer-support-model", "gpt-4o-mini-2024-07-18", "v1", "20240718", ""):
        assert not looks_random(text)


def test_nothing_shows_them():
    assert KEYS[0] not in repr(Secrets(KEYS)) + str(Secrets(KEYS))
    assert not Secrets(()).leaked("a", "b")
    assert not Secrets(())
