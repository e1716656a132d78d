"""Parts of reading that need no socket: waits, schemas, error texts."""

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.endpoints.client import exhausted, retry_after
from tapc.endpoints.replies.failures import error_text
from tapc.endpoints.replies.quick_schema import quick_check
from tapc.endpoints.replies.structured import Schema, unfenced
from tapc.outside.secrets import Secrets

NOON = 1_700_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], None),
        ([(b"retry-after", b"2")], 2.0),
        ([(b"retry-after", b"0.5")], 0.5),
        ([(b"retry-after", b"Tue, 14 Nov 2023 22:13:50 GMT")], 30.0),
        ([(b"retry-after", b"Tue, 14 Nov 2023 22:00:00 GMT")], 0.0),
        ([(b"retry-after", b"1m30s")], 90.0),
        ([(b"retry-after", b"soon")], None),
        ([(b"retry-after", b"-5")], None),
        ([(b"retry-after", b"nan")], None),
        ([(b"retry-after", b"9"), (b"retry-after-ms", b"1500")], 1.5),
        ([(b"llm_provider-retry-after", b"4")], 4.0),
    ],
)
def test_retry_after_is_read_in_every_form(headers, seconds):
    assert retry_after(headers, lambda: NOON) == seconds


@given(st.binary(max_size=40))
@settings(max_examples=200)
def test_retry_after_never_fails_and_is_never_negative(value):
    wait = retry_after([(b"retry-after", value)], lambda: NOON)
    assert wait is None or wait >= 0


def never():
    raise AssertionError("the clock is asked for dates only")


def test_used_up_limits_say_how_long_to_wait():
    left = [(b"x-ratelimit-remaining-requests", b"3"), (b"x-ratelimit-reset-requests", b"6m0s")]
    assert exhausted(left, never) is None
    spent = [(b"x-ratelimit-remaining-tokens", b"0"), (b"x-ratelimit-reset-tokens", b"6m0.5s"), *left]
    assert exhausted(spent, never) == 360.5
    assert exhausted([(b"x-ratelimit-remaining-tokens", b"0")], never) is None


@pytest.mark.parametrize(
    ("prefix", "suffix", "reset", "wait"),
    [
        (b"llm_provider-x-", b"-tokens", b"20ms", 0.02),
        (b"", b"", b"7", 7.0),
        (b"x-", b"", b"1700000030", 30.0),
        (b"x-", b"", b"1700000030000", 30.0),
        (b"x-", b"", b"1699999999", None),
        (b"x-", b"-requests", b"soon", None),
    ],
)
def test_limits_are_read_under_every_name_in_use(prefix, suffix, reset, wait):
    headers = [(prefix + b"ratelimit-remaining" + suffix, b"0"), (prefix + b"ratelimit-reset" + suffix, reset)]
    assert exhausted(headers, lambda: 1_700_000_000.0) == wait
    assert exhausted([(headers[0][0], b"1"), headers[1]], never) is None


def test_of_several_limits_that_are_used_up_the_last_to_be_reset_counts():
    used = [(b"x-ratelimit-remaining-requests", b"0"), (b"x-ratelimit-remaining-tokens", b"0")]
    for short, long in ((b"requests", b"tokens"), (b"tokens", b"requests")):
        resets = [(b"x-ratelimit-reset-" + short, b"5s"), (b"x-ratelimit-reset-" + long, b"1m20s")]
        assert exhausted([*used, *resets], never) == 80.0
        assert exhausted([*resets[::-1], *used], never) == 80.0


@pytest.mark.parametrize("said", [b"5s later", b"5sx", b"6m0s.", b"20ms,1s"])
def test_a_wait_with_anything_behind_it_is_not_understood(said):
    assert exhausted([(b"ratelimit-remaining", b"0"), (b"ratelimit-reset", said)], never) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.sampled_from(["", "a", "b", "long text"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
    optional={"minimum": st.integers(-2, 2), "maximum": st.integers(-2, 2)},
)
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={"enum": st.just(["a", "b"]), "maxLength": st.integers(0, 4), "description": st.just("x")},
)
SCHEMAS = st.recursive(
    NUMBERS | TEXTS | st.sampled_from([{"type": "boolean"}, {"const": "a"}, {"enum": [1, "a"]}, {}, True]),
    lambda inner: (
        st.fixed_dictionaries({"type": st.just("array"), "items": inner}, optional={"minItems": st.integers(0, 2)})
        | st.fixed_dictionaries(
            {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("abc"), inner, max_size=3)},
            optional={"required": st.just(["a"]), "additionalProperties": st.booleans()},
        )
    ),
    max_leaves=5,
)


@given(SCHEMAS, JSON)
@settings(max_examples=400)
def test_the_quick_check_accepts_only_what_jsonschema_accepts(schema, value):
    quick = quick_check(schema)
    if quick is not None and quick(value):
        assert jsonschema.Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, JSON)
@settings(max_examples=200)
def test_schemas_decide_as_jsonschema_does(schema, value):
    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (Schema(json.dumps(schema).encode()).accepts(json.dumps(value)) is not None) == valid


def test_schemas_the_quick_check_does_not_know_are_left_to_jsonschema():
    schema = {"anyOf": [{"type": "string", "pattern": "^a"}, {"type": "integer"}]}
    assert quick_check(schema) is None
    checked = Schema(json.dumps(schema).encode())
    assert checked.accepts('"abc"') and checked.accepts("4") and checked.accepts('"b"') is None


@pytest.mark.parametrize("text", ['{"a":' * 50_000, "[" * 200_000 + "]" * 200_000, "\ud800", ""])
def test_hostile_json_is_invalid_and_harmless(text):
    assert Schema(b"{}").accepts(text) is None


def test_references_to_other_documents_are_not_followed():
    schema = Schema(b'{"$ref": "http://127.0.0.1:9/schema.json"}')
    with pytest.raises(Exception, match="Unresolvable"):
        schema.accepts("1")


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("```json\n[1]\n```", "[1]"),
        ("```\n1\n```", "1"),
        ("  ```JSON\n1\n``` ", "1"),
        ("```python\n1\n```", None),
        ("x", None),
        ("``````", None),
    ],
)
def test_code_fences_are_taken_off(text, inside):
    assert unfenced(text) == inside


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":{"message":"a b","code":1}}', "a b"),
        (b'{"error":"plain"}', "plain"),
        (b'{"detail":"fast api"}', "fast api"),
        (b'{"detail":[{"msg":"field required"}]}', '[{"msg": "field required"}]'),
        (b'{"object":"error","message":"vllm"}', "vllm"),
        (b"<html><body><h1>502</h1> Bad   Gateway</body></html>", "502 Bad Gateway"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"", ""),
    ],
)
def test_error_texts_are_found(body, text):
    assert error_text(body, Secrets(())) == text


def test_error_texts_are_short():
    assert len(error_text(b'{"error":{"message":"' + b"x" * 100_000 + b'"}}', Secrets(()))) <= 300
    assert len(error_text(b"y" * 100_000, Secrets(()))) <= 300


@pytest.mark.parametrize("before", range(280, 302))
def test_no_part_of_a_secret_is_left_where_an_error_text_is_cut(before):
    secret = "sk-0123456789/abcdef"
    written = secret.encode(), secret.encode().replace(b"/", b"\\/"), secret.encode().replace(b"0", b"\\u0030")
    for body, echo in ((b"%b%b", written[0]), *((b'{"error":{"message":"%b%b"}}', echo) for echo in written)):
        shown = error_text(body % (b"x" * before, echo), Secrets((secret,)))
        assert "sk-" not in shown
