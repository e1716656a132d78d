"""Rates and windows, under a clock of the test's own."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.endpoints.dispatch.limits import Rates
from tapc.endpoints.dispatch.policy import Policy, backoff
from tapc.endpoints.dispatch.replica import Window
from tapc.ir import Limit


def send_all(rates, amounts, pauses):
    """When each request goes, taking whatever is asked and waiting as told."""
    now, sent = 0.0, []
    for amount, pause in zip(amounts, pauses, strict=False):
        now += pause
        while (wait := rates.wait(amount, now)) > 0:
            now += wait
        rates.take(amount)
        sent.append((now, amount))
    return sent


@given(st.integers(1, 600), st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.5, 20.0, 90.0]), min_size=50, max_size=200))
@settings(max_examples=80)
def test_no_minute_holds_more_requests_than_stated(per_minute, pauses):
    sent = send_all(Rates(Limit(requests_per_minute=per_minute), 0.0), [1] * len(pauses), pauses)
    for start, _ in sent:
        assert sum(start <= at < start + 59.999 for at, _ in sent) <= per_minute


@given(st.lists(st.integers(1, 400), min_size=30, max_size=120))
@settings(max_examples=60)
def test_no_minute_holds_more_tokens_than_stated(amounts):
    per_minute = 6000
    sent = send_all(Rates(Limit(tokens_per_minute=per_minute), 0.0), amounts, [0.0] * len(amounts))
    for start, _ in sent:
        assert sum(tokens for at, tokens in sent if start <= at < start + 59.999) <= per_minute + 400


def test_stated_rates_are_nearly_used_up():
    sent = send_all(Rates(Limit(requests_per_minute=600), 0.0), [1] * 6000, [0.0] * 6000)
    assert sent[-1][0] < 600 * 1.05


def test_a_request_larger_than_the_bucket_goes_alone():
    sent = send_all(Rates(Limit(tokens_per_minute=600), 0.0), [500, 500], [0.0, 0.0])
    assert sent[0][0] == 0.0 and 45 < sent[1][0] < 60


def test_tokens_not_used_are_given_back():
    rates = Rates(Limit(tokens_per_minute=600), 0.0)
    rates.take(500)
    rates.correct(490)
    assert rates.wait(20, 0.0) < 2.0


def test_a_request_that_did_not_go_gives_back_its_place_and_its_tokens():
    for limit in (Limit(requests_per_minute=60), Limit(tokens_per_minute=6000)):
        rates = Rates(limit, 0.0)
        rates.take(300)  # all that may go at once, of either
        assert rates.wait(300, 0.0) > 0
        rates.untake(300)
        assert rates.wait(300, 0.0) == 0


def test_a_window_triples_then_grows_by_one_a_round():
    window = Window(4, 1000)
    for _ in range(4):
        window.grow()
    assert window.size == 12
    window.shrink(sent_at=1.0, now=2.0)
    assert window.size == 8
    for _ in range(9):
        window.grow()
    assert window.size == 9


def test_one_overload_cuts_once():
    window = Window(100, 1000)
    for _ in range(50):
        window.shrink(sent_at=1.0, now=2.0)
    assert window.size == 70
    window.shrink(sent_at=2.5, now=3.0)
    assert window.size == 49


@given(st.lists(st.booleans(), max_size=300), st.integers(1, 500))
@settings(max_examples=50)
def test_a_window_stays_in_its_bounds(signs, limit):
    window = Window(32, limit)
    for index, good in enumerate(signs):
        if good:
            window.grow()
        else:
            window.shrink(sent_at=index + 0.5, now=index + 0.6)
        assert 1 <= window.size <= limit


@given(st.integers(0, 1000))
@settings(max_examples=50)
def test_backoff_is_bounded(failures):
    policy = Policy()
    assert 0 <= backoff(policy, failures) <= min(policy.backoff_limit, policy.backoff_seconds * 2 ** min(failures, 16))
