"""The window of a server, against servers of exact speeds; time is counted, not measured."""

import pytest
from virtual_server import Shared, Slots, lengths, play

from tapc.endpoints.dispatch.origin import Origin

SLOW = {
    "four slots, 12.5 tokens a second each": lambda: Slots(4, 12.5),
    "four slots, 50 tokens a second each": lambda: Slots(4, 50),
    "one slot, 50 tokens a second": lambda: Slots(1, 50),
    "one slot, 12.5 tokens a second": lambda: Slots(1, 12.5),
    "two slots, 25 tokens a second each": lambda: Slots(2, 25),
    "50 tokens a second for all together": lambda: Shared(50),
    "50 for all together, 12.5 for one": lambda: Shared(50, 12.5),
}


@pytest.mark.parametrize("tokens", [100, 300, 600, 1024])
@pytest.mark.parametrize("server", SLOW)
def test_no_reply_of_a_slow_server_comes_too_late(server, tokens):
    """A run of 20 at 120 s: whatever the shape of 50 tokens a second, nothing times out, and the server stays busy."""
    played = play(SLOW[server](), [tokens] * 20)
    busy = (
        20
        * tokens
        / {"one slot, 12.5 tokens a second": 12.5, "four slots, 50 tokens a second each": 200}.get(server, 50)
    )
    assert played.timeouts == 0 and played.seconds < 1.75 * busy


@pytest.mark.parametrize("server", [name for name in SLOW if name != "one slot, 12.5 tokens a second"])
def test_replies_of_all_lengths_come_in_time(server):
    """Not at the slowest, where two long replies in a row take longer than the limit, and nobody knows beforehand."""
    assert play(SLOW[server](), lengths(20, 50, 1024)).timeouts == 0


@pytest.mark.parametrize(
    "server", [lambda: Shared(50), lambda: Slots(4, 50), lambda: Slots(1, 50), lambda: Slots(8, 25)]
)
def test_a_long_run_at_a_slow_server_keeps_it_busy(server):
    work = lengths(200, 50, 1024)
    assert (played := play(server(), work)).timeouts == 0
    assert played.seconds < 1.35 * sum(work) / (50 if played.seconds > 2000 else 200)


@pytest.mark.parametrize("seconds", [0.002, pytest.param(0.02, marks=pytest.mark.exhaustive), 0.2])
def test_a_fast_server_loses_nothing_worth_naming(seconds):
    """20,000 requests, 256 at most: within 3% of what 64 at once from the start come to."""
    small = play(Shared(1e12, 80 / seconds), [80] * 20_000, token_limit=256)
    large = play(Shared(1e12, 80 / seconds), [80] * 20_000, token_limit=256, first=64)
    assert small.peak == large.peak == 256 and small.seconds < 1.03 * large.seconds


@pytest.mark.parametrize(
    ("speed", "low", "high", "limit"), [(50, 50, 1024, 120), (12, 200, 900, 120), (8, 400, 1200, 600)]
)
def test_a_server_that_is_slow_for_anybody_is_asked_for_many_at_once(speed, low, high, limit):
    """Replies take up to 0.6 of the time limit however few are asked: the window still opens."""
    played = play(Shared(1e12, speed), lengths(2000, low, high), seconds=limit)
    assert played.timeouts == 0 and played.peak >= 200


def test_replies_near_the_time_limit_open_the_window_by_trials():
    """80 of 120 seconds, so that no two may wait for each other; it takes some rounds, and no time-out."""
    played = play(Shared(1e12, 8), [640] * 2000)
    assert played.timeouts == 0 and played.peak == 256


def test_a_server_that_batches_is_used_to_the_full():
    """Sixty requests at full speed; more slow each other down, and the window stays where nobody is late."""
    work = lengths(2000, 50, 1024)
    played = play(Shared(3000, 50), work)
    assert played.timeouts == 0 and played.seconds < 1.3 * sum(work) / 3000


def warm(origin, count, seconds, at=0.0):
    """So many replies, one after the other."""
    for _ in range(count):
        flight = origin.take(at)
        origin.leave(flight)
        origin.wanted = True
        origin.answered(flight, at + seconds, 100, 100)
        at += seconds
    return at


def test_one_odd_request_cuts_nothing():
    origin = Origin(256, 120.0, first=64, start=64)
    odd = origin.take(0.0)
    warm(origin, 400, 0.2)
    before = origin.size
    origin.leave(odd)
    assert not origin.timed_out(odd, 120.0) and origin.size == before == 64


def test_a_silent_server_is_asked_for_one_at_a_time():
    origin = Origin(256, 120.0, first=64, start=64)
    flights = [origin.take(0.0) for _ in range(64)]
    for flight in flights:
        origin.leave(flight)
    assert [origin.timed_out(flight, 120.0) for flight in flights] == [True] + [False] * 63, "one overload cuts once"
    assert origin.size == 1 and origin.in_flight == 0


def test_a_time_out_leaves_half_of_what_was_answered_meanwhile():
    origin = Origin(256, 120.0, first=64, start=64)
    slow = origin.take(0.0)
    at = 0.0
    for _ in range(10):
        flight = origin.take(at)
        origin.leave(flight)
        origin.answered(flight, at + 11, 100, 100)
        at += 11
    origin.leave(slow)
    assert origin.timed_out(slow, 120.0) and origin.size == 5


def test_a_place_is_given_back_once():
    origin = Origin(4, 120.0, first=4, start=4)
    flight = origin.take(0.0)
    origin.leave(flight)
    origin.leave(flight)
    assert origin.in_flight == 0 and origin.free(0.0) == 4


def test_those_who_wait_for_a_place_take_turns():
    origin = Origin(1, 120.0, first=1, start=1)
    order, flights = [], []

    class Waiter:
        def __init__(self, name):
            self.name = name

        def pump(self):
            order.append(self.name)
            flights.append(origin.take(0.0))
            origin.wait_for_place(self)

    for name in "abc":
        origin.wait_for_place(Waiter(name))
    for _ in range(6):
        origin.turn(0.0)
        origin.leave(flights.pop())
    assert order == list("abcabc")
