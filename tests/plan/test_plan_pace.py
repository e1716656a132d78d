"""The time of a plan, against runs in virtual time; and what runs leave behind of the speed they saw."""

import math
import random

import pytest
from virtual_run import Server, play

from tapc.endpoints.dispatch.timings import ServerTimings
from tapc.plan import Learned, Rates, cost_plan, describe
from tapc.plan.estimate import ServerSpeed, Timing, measure_speed, merge_speeds
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec

TOKENS = {"question": 60, "answer": 300, "short": 8}
RATES = Rates({})


def planned(folder, samples, limit="", name="d"):
    path = folder / f"{name}{samples}.tap"
    path.write_text(
        f"""tap 1
dataset {name} {{
  samples {samples}
  taxonomy topic {{ alpha, beta, gamma }}
  endpoint w {{ url "http://there", model "m", price {{ input $1/M, output $4/M }}{limit} }}
  generate question {{ using w, prompt "Ask about {{{{ topic }}}}." }}
  generate answer {{ using w, prompt "Answer {{{{ question }}}}" }}
  generate short {{ using w, prompt "Shorten {{{{ answer }}}}" }}
  emit sft {{ from short }}
}}
""",
        encoding="utf-8",
    )
    return count_spec(check_spec(path, settings={}, dataset=None)).planned


def document(plan, speeds):
    history = {(step, "w", "m", ""): Learned(100, float(tokens)) for step, tokens in TOKENS.items()}
    return describe(plan, cost_plan(plan, RATES, history), spec="", speeds=speeds)


def speed_of(timings):
    (found,) = timings.by_server.values()
    return measure_speed([Timing(*one) for one in found.kept], answered=found.answered, most=found.most)


SERVERS = {
    "the same for every request": lambda: Server(0.5, 0.0),
    "by tokens": lambda: Server(0.2, 0.02),
    "spread widely": lambda: Server(0.2, 0.02, sigma=0.7),
    "four at once": lambda: Server(0.1, 0.002, slots=4),
    "thirty at once": lambda: Server(0.5, 0.01, slots=30),
    "one at once": lambda: Server(0.05, 0.0005, slots=1),
}
SIZES = [(300, 300, 256), (60, 180, 256), (600, 24, 256), (200, 1200, 256), (100, 400, 8), (400, 200, 3)]


@pytest.mark.parametrize("name", SERVERS)
@pytest.mark.parametrize(("first", "then", "limit"), SIZES)
def test_a_plan_says_the_time_within_a_factor_of_two_once_a_run_has_measured(tmp_path, name, first, then, limit):
    stated = "" if limit == 256 else f", limit {{ concurrency {limit} }}"
    _, timings = play(planned(tmp_path, first, stated), SERVERS[name](), TOKENS, limit=limit)
    plan = planned(tmp_path, then, stated, name="e")
    speeds = {"w": ServerSpeed("http://there", speed_of(timings), 0)}
    expected = document(plan, speeds).total.seconds.expected
    seconds, _ = play(plan, SERVERS[name](), TOKENS, limit=limit)
    assert seconds / 2 <= expected <= 2 * seconds


def timings(count, load, seconds, tokens=100, seed=0):
    chance = random.Random(seed)
    return [Timing(load, seconds * chance.lognormvariate(0, 0.3), tokens) for _ in range(count)]


def test_a_line_is_found_through_short_and_long_replies():
    chance = random.Random(3)
    lengths = [chance.randint(5, 800) for _ in range(500)]
    found = measure_speed([Timing(4, 0.3 + 0.01 * n, n) for n in lengths], answered=500, most=4)
    assert found.seconds(1, 0, 4) == pytest.approx(0.3)
    assert found.seconds(10, 5000, 4) == pytest.approx(10 * (0.3 + 5.0))


def test_replies_of_one_length_tell_nothing_of_others():
    found = measure_speed([Timing(4, 0.5, 100)] * 50, answered=50, most=4)
    assert found.seconds(1, 900, 4) == pytest.approx(0.5)


def test_no_reply_takes_less_than_no_time():
    """Longer replies were faster by chance: the line is level, not falling."""
    found = measure_speed([Timing(1, 1.0, 10), Timing(1, 0.5, 1000)] * 20, answered=40, most=1)
    assert found.seconds(1, 5000, 1) == pytest.approx(0.75)


@pytest.mark.parametrize(("slots", "beyond"), [(4, 64), (16, 256)])
def test_a_server_that_works_on_some_at_once_gives_no_more_beyond_what_was_measured(slots, beyond):
    """Loads up to four times its slots were seen; its throughput is that of its slots at any load."""
    seen = [Timing(load, 0.5 * max(1.0, load / slots), 100) for load in range(1, 4 * slots) for _ in range(10)]
    found = measure_speed(seen, answered=len(seen), most=4 * slots)
    for load in (2 * slots, beyond):
        assert found.seconds(1000, 100_000, load) / load == pytest.approx(1000 * 0.5 / slots, rel=0.2)
    assert found.seconds(10, 1000, 1) == pytest.approx(5.0, rel=0.1)


def test_a_server_with_room_takes_more_at_once_without_slowing_down():
    seen = timings(200, 1, 0.5) + timings(200, 8, 0.5, seed=1) + timings(200, 32, 0.5, seed=2)
    found = measure_speed(seen, answered=600, most=32)
    assert found.seconds(1, 100, 256) == pytest.approx(0.5 * math.exp(0.3**2 / 2), rel=0.1)


def test_a_laptop_that_slept_does_not_make_the_server_slow():
    seen = timings(200, 8, 0.5)
    slept = measure_speed([*seen, *[Timing(8, 36_000.0, 100)] * 8], answered=208, most=8)
    assert slept.seconds(1, 100, 8) < 1.5 * measure_speed(seen, answered=200, most=8).seconds(1, 100, 8)
    assert slept.median < 0.6


def test_the_latest_run_decides_and_a_short_one_does_not():
    old = measure_speed(timings(5000, 8, 0.5), answered=5000, most=8)
    slower = merge_speeds(old, measure_speed(timings(5000, 8, 5.0), answered=5000, most=8))
    assert slower.seconds(1, 100, 8) > 2.5
    assert slower.median > 4
    blip = merge_speeds(old, measure_speed([Timing(8, 50.0, 100)], answered=1, most=1))
    assert blip.seconds(1, 100, 8) < 0.75
    assert (blip.median, blip.answered) == (old.median, 5000)
    for _ in range(4):
        slower = merge_speeds(slower, measure_speed(timings(5000, 8, 5.0), answered=5000, most=8))
    assert slower.seconds(1, 100, 8) > 4.5, "what is long ago fades"


def test_of_many_requests_an_even_selection_is_kept():
    noted = ServerTimings(0.0)
    for number in range(20_000):
        noted.take(4, float(number), number + 0.5 + (number >= 10_000), 10)
    assert noted.answered == 20_000
    assert 1000 < len(noted.kept) <= 4096
    late = sum(one.seconds > 1 for one in noted.kept) / len(noted.kept)
    assert late == pytest.approx(0.5, abs=0.02)
    assert measure_speed(
        [Timing(*one) for one in noted.kept], answered=20_000, most=4
    ).seconds(1, 10, 4) == pytest.approx(1.0, abs=0.02)  # fmt: skip


def test_what_a_server_refused_bounds_its_rate(tmp_path):
    """It answers in 0.1 s, and lets two requests per second through."""
    plan = planned(tmp_path, 300)
    fast = measure_speed(timings(400, 8, 0.1), answered=400, most=8)
    free = document(plan, {"w": ServerSpeed("s", fast, 0)}).total.seconds.expected
    limited = measure_speed(timings(400, 8, 0.1), answered=400, most=8, per_second=2.0)
    bound = document(plan, {"w": ServerSpeed("s", limited, 0)}).total.seconds.expected
    assert free < 20
    assert bound == pytest.approx(450, rel=0.05)


def test_without_a_measured_speed_the_stated_assumptions_hold(tmp_path):
    plan = planned(tmp_path, 100)
    found = document(plan, {})
    out = sum(step.output_tokens.expected for step in found.steps)
    assert found.total.seconds.expected == pytest.approx(out / 40 / 64, rel=0.01)
    assert [(one.pace, one.at_once) for one in found.endpoints] == [(None, 64)]
    stated = document(planned(tmp_path, 100, ", limit { requests 60/min }"), {})
    assert stated.total.seconds.expected == pytest.approx(300)


def test_a_measured_speed_is_shown_with_its_server(tmp_path):
    fast = measure_speed(timings(400, 8, 0.1), answered=400, most=8)
    (endpoint,) = document(planned(tmp_path, 300), {"w": ServerSpeed("http://there", fast, 86_400)}).endpoints
    assert endpoint.pace is not None
    assert (endpoint.pace.server, endpoint.pace.requests) == ("http://there", 400)
    assert endpoint.pace.measured == "1970-01-02T00:00:00+00:00"
    assert endpoint.pace.median_seconds == pytest.approx(0.1, rel=0.1)
    assert endpoint.at_once == 60, "a fifth of the requests of each of three steps"
