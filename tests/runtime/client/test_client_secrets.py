"""Keys in the texts of others: as they are, and as JSON, JSON within JSON, and URLs write them."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tapc.ir import Endpoint, EnvRef, Transport
from tapc.runtime.client.environment import resolve
from tapc.runtime.client.secrets import Secrets

KEY = "sk-live/abc+DEF=0123456789&x"


def slashed(text):
    return text.replace("/", "\\/")


@pytest.mark.parametrize(
    "shown",
    [
        KEY,
        slashed(KEY),
        json.dumps(slashed(KEY)),
        json.dumps(json.dumps({"upstream": slashed(KEY)})),
        quote(KEY, safe=""),
        quote(KEY),
        KEY.replace("&", "\\u0026").replace("=", "\\u003D"),
        f"Authorization: Bearer {KEY} was refused",
    ],
)
def test_a_key_is_masked_however_it_was_quoted(shown):
    masked = Secrets((KEY,)).mask(shown)
    assert "***" in masked and "abc" not in masked and "0123456789" not in masked


@pytest.mark.parametrize("shown", [KEY, slashed(KEY), quote(KEY, safe=""), f"so it is {KEY}!"])
def test_a_reply_that_holds_a_key_is_a_leak(shown):
    assert Secrets((KEY,)).leaked("harmless", shown)
    assert not Secrets(("EMPTY", KEY)).leaked("EMPTY", KEY[:-1])


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=60))
def test_what_is_masked_is_gone_as_a_whole(key):
    secrets, once = Secrets((key,)), json.dumps(key)[1:-1]
    for shown in (key, quote(key, safe=""), once, json.dumps(once)[1:-1]):
        assert secrets.mask(f"({shown})") == "(***)"
    assert secrets.leaked(f"so it is {key}!")


def test_parts_of_headers_and_addresses_from_the_environment_are_secrets():
    endpoint = Endpoint(
        name="w",
        model="m",
        urls=(EnvRef(name="U"),),
        transport=Transport(headers=(("Authorization", EnvRef(name="H")),)),
    )
    environ = {"H": "Bearer tok-0123456789abcdef", "U": "https://h.example/v1?code=q-0123456789abcdef&v=1"}
    resolved, problems = resolve(endpoint, environ)
    assert not problems
    for secret in ("tok-0123456789abcdef", "q-0123456789abcdef"):
        assert resolved.secrets.mask(f"no {secret}.") == "no ***."
