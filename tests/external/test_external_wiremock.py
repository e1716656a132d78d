"""WireMock's faults in front of aimock: no job is lost, none is paid for twice, and the bytes are those of a calm run."""

import json
import time
from collections import Counter

import pytest
from called import Called
from foreign_spec import COST, JOBS, balanced, complete, foreign, stored, undisturbed, written

pytestmark = pytest.mark.external

LATE = 3500
"""Milliseconds: beyond the time limit of the spec."""

REPLY = json.dumps(
    {
        "id": "c",
        "object": "chat.completion",
        "model": "gpt-4",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "too late"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 6, "total_tokens": 15},
    }
)
FAULTS = (
    {"fault": "CONNECTION_RESET_BY_PEER"},
    {"fault": "EMPTY_RESPONSE"},
    {"fault": "MALFORMED_RESPONSE_CHUNK"},
    {"fault": "RANDOM_DATA_THEN_CLOSE"},
    {"status": 429, "headers": {"Retry-After": "1"}, "jsonBody": {"error": {"message": "slow down"}}},
    {"status": 429, "headers": {"Retry-After": "0"}},
    {"status": 500, "jsonBody": {"error": {"message": "oops"}}},
    {"status": 502, "headers": {"Content-Type": "text/html"}, "body": "<html><h1>Bad Gateway</h1></html>"},
    {"status": 503, "body": ""},
    {"status": 408, "body": ""},
    {"status": 200, "body": REPLY[:-70]},
    {"status": 200, "body": ""},
    {"status": 200, "jsonBody": {"error": {"message": "out of memory", "code": 500}}},
    {"status": 200, "body": REPLY, "fixedDelayMilliseconds": LATE},
    {"status": 200, "body": REPLY, "chunkedDribbleDelay": {"numberOfChunks": 20, "totalDuration": LATE}},
)


@pytest.fixture
def tapc(tapc):
    return Called(tapc.folder)


def refused(entry):
    """Whether a request of WireMock's journal was turned away unbilled; 408 says that the server gave up on it."""
    status = entry["did"].get("status", 200)
    return 400 <= status < 500 and status != 408


def test_every_fault_now_and_then_changes_no_byte(wiremock, tapc):
    """Each second request or so goes wrong, in every way in turn; dribbled replies that come in time are replies."""
    dribbled = wiremock.passing | {"chunkedDribbleDelay": {"numberOfChunks": 5, "totalDuration": 200}}
    wiremock.in_turn([r for fault in FAULTS for r in (fault, wiremock.passing, dribbled)])
    text = foreign(wiremock.url)
    run = tapc.run(written(tapc, text), "--yes")
    complete(tapc, run)
    journal, served = wiremock.journal(), wiremock.upstream.served()
    kinds = Counter(json.dumps(e["did"], sort_keys=True) for e in journal if "proxyBaseUrl" not in e["did"])
    assert len(kinds) == len(FAULTS), "every fault was met"
    assert set(served.values()) == {1}, "a job was answered twice"
    assert sum(served.values()) == stored(tapc) == JOBS
    assert run["requests"]["sent"] == len(journal)
    assert run["requests"]["retried"] == len(journal) - JOBS
    spent = balanced(tapc, COST * sum(not refused(entry) for entry in journal))
    assert spent.requests == sum(not refused(entry) for entry in journal)
    wiremock.behind(wiremock.upstream)
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)


def test_what_never_comes_is_short_and_comes_later(wiremock, tapc):
    """Two topics fail for ever in two ways and one is refused; the fourth is written, and the rest asked for later."""
    wiremock.answering({"fault": "CONNECTION_RESET_BY_PEER"}, where="Ask about alpha.")
    wiremock.answering({"status": 200, "body": REPLY[:-70]}, where="Ask about beta.")
    wiremock.answering({"status": 400, "jsonBody": {"error": {"message": "not about gamma"}}}, where="Ask about gamma.")
    text = foreign(wiremock.url)
    spec = written(tapc, text)
    done = tapc("run", spec, "--yes", code=5)
    said = " ".join(done.stdout.split())
    assert "18 requests without a reply" in said
    for reason in ("not about gamma", "before it answered", "cannot be read"):
        assert reason in said
    assert tapc.manifest("foreign")["samples"] == {"planned": 24, "accepted": 6, "short": 18}
    journal = wiremock.journal()
    asked = Counter(entry["body"] for entry in journal)
    assert {n for body, n in asked.items() if "gamma." in body} == {1}, "what is refused is not asked again"
    assert {n for body, n in asked.items() if "alpha." in body} == {6}
    cut = {n for body, n in asked.items() if "beta." in body}
    assert cut <= {2, 3, 4}, "each may have been billed: once more, oftener once the server has answered well"
    balanced(tapc, COST * sum(not refused(entry) for entry in journal))
    wiremock.behind(wiremock.upstream)
    before = len(wiremock.upstream.journal())
    run = tapc.run(spec, "--yes")
    complete(tapc, run)
    assert run["requests"]["sent"] == len(wiremock.upstream.journal()) - before == 18 + 36 + 6
    assert set(wiremock.upstream.served().values()) == {1}
    balanced(tapc, COST * JOBS)
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)


@pytest.mark.parametrize(("status", "code"), [(401, "TAP904"), (402, "TAP911"), (404, "TAP906")])
def test_an_endpoint_that_turns_away_in_the_middle_ends_the_run(wiremock, tapc, status, code):
    """After 40 requests no more can succeed: the run ends at once, keeps what it has, and goes on later."""
    turned_away = {"status": status, "jsonBody": {"error": {"message": "no more of this"}}}
    wiremock.in_turn([*[wiremock.passing] * 40, turned_away], endless=False)
    wiremock.answering(turned_away, priority=7)  # ever after
    text = foreign(wiremock.url)
    spec = written(tapc, text)
    began = time.monotonic()
    done = tapc("run", spec, "--yes", code=5)
    assert time.monotonic() - began < 20
    assert code in done.stderr
    assert "no more of this" in " ".join(done.stderr.split())
    journal = wiremock.journal()
    away = sum(refused(entry) for entry in journal)
    assert 1 <= away <= 3 * 16, "at most what was in flight"
    assert stored(tapc) == len(journal) - away
    assert balanced(tapc, COST * stored(tapc)).cost == COST * stored(tapc)
    wiremock.behind(wiremock.upstream)
    complete(tapc, tapc.run(spec, "--yes"))
    assert set(wiremock.upstream.served().values()) == {1}
    assert balanced(tapc, COST * JOBS).cost == COST * JOBS
    assert tapc.bytes_of("foreign") == undisturbed(tapc, text)


def test_a_wait_the_server_asks_for_is_kept(wiremock, tapc):
    """Twelve requests are told to come back in two seconds: nobody comes sooner, and none of it costs anything."""
    wait = {"status": 429, "headers": {"Retry-After": "2"}, "jsonBody": {"error": {"message": "slow down"}}}
    wiremock.in_turn([*[wiremock.passing] * 20, *[wait] * 3, wiremock.passing], endless=False)
    began = time.monotonic()
    run = tapc.run(written(tapc, foreign(wiremock.url)), "--yes")
    complete(tapc, run)
    assert time.monotonic() - began >= 2
    journal = wiremock.journal()
    assert sum(refused(entry) for entry in journal) == run["requests"]["retried"] >= 3  # two at once may see one state
    assert balanced(tapc, COST * JOBS).requests == JOBS
