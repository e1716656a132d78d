"""Waits that stand in the body of a refusal, in the words of providers; and the tables that contributors extend."""

import json
import re

import pytest

from tapc.endpoints.client.waits import wait_in_body
from tapc.endpoints.replies.ends import ends, finish_outcome
from tapc.marks import families, thoughts

GOOGLE = "type.googleapis.com/google.rpc."


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        ({"error": {"code": 429, "details": [{"@type": GOOGLE + "RetryInfo", "retryDelay": "34s"}]}}, 34.0),
        ([{"error": {"details": [{"@type": GOOGLE + "RetryInfo", "retryDelay": "34.074824224s"}]}}], 34.074824224),
        ({"error": {"details": [{"retryDelay": {"seconds": 2, "nanos": 500000000}}]}}, 2.5),
        ({"error": {"message": "Rate limit reached. Please try again in 6m0s."}}, 360.0),
        ({"error": {"message": "Please try again in 1.2s. Visit https://x"}}, 1.2),
        ({"error": {"message": "Please try again in 20ms."}}, 0.02),
        ({"error": {"message": "Rate limit reached, try again in 7m12.5s"}}, 432.5),
        ({"error": {"message": "Please retry after 26 seconds."}}, 26.0),
        ({"error": {"message": "Please wait for 1 minute 5 seconds."}}, 65.0),
        ({"retry_after": 3}, 3.0),
        ({"error": {"retry_after_ms": 250}}, 0.25),
        ({"error": {"metadata": {"retry_after_seconds": "4"}}}, 4.0),
        ({"error": {"message": "Too many requests"}}, None),
        ({"error": {"message": "try again in a while"}}, None),
        ({"retry_after": True}, None),
        ({"retry_after": -1}, None),
        ("Please try again in 3s", 3.0),
        ("", None),
    ],
)
def test_a_wait_is_read_from_the_body(body, seconds):
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    found = wait_in_body(raw)
    assert found == seconds or found == pytest.approx(seconds)


def test_every_entry_of_the_tables_has_a_source_and_no_word_two_meanings():
    seen = {}
    for entry in ends().finish:
        assert entry.source and entry.provider
        assert seen.setdefault(entry.word.lower().replace("-", "_"), entry.outcome) == entry.outcome, entry
        assert finish_outcome(entry.word) == finish_outcome(entry.word.upper()) == entry.outcome
    for entry in ends().error:
        assert entry.source and entry.status and entry.pattern == entry.pattern.lower(), entry
        re.compile(entry.pattern)
    assert len({one.provider for one in ends().error}) > 20
    assert all(one.source for one in (*thoughts().thought, *thoughts().answer, *families().values()))


def test_marks_that_may_stand_alone_are_plain_words():
    for one in thoughts().thought:
        if one.lone:
            assert not re.search(r"(?<!\\)[.*+?(){}^$]", one.close), one.close
