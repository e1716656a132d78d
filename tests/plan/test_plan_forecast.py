"""The forecast against a reading of its own: slot by slot, try by try, without any code of it."""

from collections.abc import Iterator
from math import sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tapc.plan.forecast import PASSED, PENDING, Rows, Stage
from tapc.plan.forecast.cohorts import Field, Game, fresh
from tapc.plan.forecast.rates import Rate

QUESTION = Stage("question", (), (("question", "w"),), (1.0,), 1.0, 3, True, 1, (), None, "linear", True)
ANSWER = Stage("answer", (0,), (("answer", "w"),), (1.0,), 2.0, 2, True, 1, (), None, "linear", True)
VERDICT = Stage("verdict", (1,), (("verdict", "r"),), (1.0,), 2.0, 1, False, 2, (), 1, "linear", True)
STAGES = (QUESTION, ANSWER, VERDICT)


def field(spare, success, passing, begun=None, turn=()):
    size = len(spare)
    return Field(
        stages=STAGES,
        spare=np.array(spare, np.float64),
        begun=fresh(np.zeros(0, np.int64), np.zeros(0), STAGES) if begun is None else begun,
        turn=np.array(turn, np.int64),
        stratum=np.zeros(size, np.int64),
        strata=1,
        group=np.arange(size, dtype=np.int64),
        success=success,
        passing=passing,
        combination={},
        shared={},
    )


def shares(times, values):
    """The same shares in every repetition; nothing fails in the first."""
    found = np.tile(np.array(values, np.float64), (times, 1))
    found[0] = 1.0
    return found


def played_by_hand(random: Random, counts, spare, asked, written, passed) -> tuple[list[int], int]:
    """Requests by step, and samples accepted, of one run."""
    sent, accepted = [0, 0, 0], 0
    for cell, count in enumerate(counts):
        left, open_ = spare[cell], count
        while open_:
            open_ -= 1
            if slot_by_hand(random, sent, asked[cell], written[cell], passed[cell]):
                accepted += 1
            elif left:
                left -= 1
                open_ += 1
    return sent, accepted


def slot_by_hand(random: Random, sent, asked: float, written: float, passed: float) -> bool:
    def tries(step: int, share: float, most: int) -> bool:
        for _ in range(most):
            sent[step] += 1
            if random.random() < share:
                return True
        return False

    if not tries(0, asked, QUESTION.attempts):
        return False
    candidates = sum(tries(1, written, ANSWER.attempts) for _ in range(2))
    if not candidates:
        return False
    sent[2] += candidates
    return random.random() < passed


CASES = [
    ((20, 5, 1), (20, 5, 5), (0.9, 0.5, 0.7), (0.8, 0.6, 0.3), (0.7, 0.9, 0.4)),
    ((40, 40, 10), (0, 10, 3), (0.3, 0.95, 0.6), (0.5, 0.9, 0.2), (0.9, 0.2, 0.5)),
    ((7, 3, 90), (7, 3, 90), (1.0, 1.0, 1.0), (1.0, 0.5, 0.9), (1.0, 0.5, 0.05)),
]


@pytest.mark.parametrize("case", CASES)
def test_a_run_takes_what_it_takes_slot_by_slot(case):
    counts, spare, asked, written, passed = case
    times = 601
    random = Random(1)
    by_hand = [played_by_hand(random, counts, spare, asked, written, passed) for _ in range(600)]
    success = [shares(times, asked), shares(times, written), np.ones((times, 3))]
    game = Game(
        field(spare, success, [np.ones((times, 3))] * 2 + [shares(times, passed)]), times, np.random.default_rng(1)
    )
    rows = fresh(np.arange(3, dtype=np.int64), np.array(counts, np.float64), STAGES)
    found = game.play(rows, np.tile(np.array(counts, np.float64), (times, 1)))
    assert found.certain.sum(axis=1).tolist() == [sum(counts), 2 * sum(counts), 2 * sum(counts)]
    for step in range(3):
        sent = np.array([one[0][step] for one in by_hand])
        mine = found.by_stratum[1:, step, 0]
        assert mine.mean() == pytest.approx(sent.mean(), rel=0.02, abs=4 * sent.std() / sqrt(300))
        assert found.by_cell[step].sum() == pytest.approx(mine.mean())
        if sent.std() > 2:
            assert mine.std() == pytest.approx(sent.std(), rel=0.35)
    accepted = np.array([one[1] for one in by_hand])
    assert found.accepted[1:].mean() == pytest.approx(accepted.mean(), rel=0.02, abs=4 * accepted.std() / sqrt(300))
    assert (found.replaced[1:] <= sum(spare)).all()


def test_a_request_that_waits_has_the_tries_that_are_left():
    times = 2001
    rows = Rows(
        cell=np.zeros(1, np.int64),
        slots=np.array([1000.0]),
        status=np.array([[PENDING, 0, 0]], np.int8),
        pending=np.array([[1, 0, 0]]),
        left=np.array([[1, 0, 0]]),
        booked=np.zeros(1, np.bool_),
    )
    success = [shares(times, [0.25]), np.ones((times, 1)), np.ones((times, 1))]
    game = Game(field([0], success, [np.ones((times, 1))] * 3), times, np.random.default_rng(2))
    found = game.play(rows, np.full((times, 1), 1000.0))
    assert (found.by_stratum[:, 0, 0] == 1000).all()
    assert found.accepted[1:].mean() == pytest.approx(250, abs=2)
    assert found.by_stratum[1:, 1, 0].mean() == pytest.approx(500, abs=4)


def test_replacements_that_are_stored_are_used_in_their_order_and_cost_nothing():
    """Ten of ten samples are lost: the first spare one is accepted, the second rejected, the others are new."""
    times = 3
    done, lost = [PASSED, PASSED, PASSED], [PASSED, PASSED, 2]
    begun = Rows(
        cell=np.zeros(2, np.int64),
        slots=np.ones(2),
        status=np.array([done, lost], np.int8),
        pending=np.zeros((2, 3), np.int64),
        left=np.zeros((2, 3), np.int64),
        booked=np.zeros(2, np.bool_),
    )
    rows = Rows(
        cell=np.zeros(1, np.int64),
        slots=np.array([10.0]),
        status=np.array([lost], np.int8),
        pending=np.zeros((1, 3), np.int64),
        left=np.zeros((1, 3), np.int64),
        booked=np.zeros(1, np.bool_),
    )
    ones = [np.ones((times, 1))] * 3
    game = Game(field([12], ones, ones, begun, [0, 1]), times, np.random.default_rng(3))
    found = game.play(rows, np.full((times, 1), 10.0))
    # ten replacements: one is accepted, one rejected and replaced, so nine are new
    assert found.by_stratum[:, 0, 0].tolist() == [9.0] * times
    assert found.replaced.tolist() == [11.0] * times
    assert found.accepted.tolist() == [10.0] * times


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=12), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_drawn_shares_are_shares(counts, seed):
    rate = Rate(np.array([float(a) for a, _ in counts]), np.array([float(a + b) for a, b in counts]))
    drawn = rate.draws(50, np.random.default_rng(seed), 0.4)
    assert drawn.shape == (50, len(counts))
    assert (drawn[0] == 1).all()
    assert ((drawn >= 0) & (drawn <= 1)).all()


def worlds(random: np.random.Generator, spread: float, groups: int, tries: int) -> Iterator[tuple[Rate, float]]:
    """What was counted in some groups, and the true share of one more."""
    while True:
        share = random.uniform(0.3, 0.9)
        if spread:
            m = share * (1 / spread - 1)
            true = random.beta(m, (1 / spread - 1) - m, groups + 1)
        else:
            true = np.full(groups + 1, share)
        n = random.integers(1, tries, groups)
        good = random.binomial(n, true[:-1])
        yield Rate(np.append(good, 0).astype(float), np.append(n, 0).astype(float)), float(true[-1])


@pytest.mark.parametrize("spread", [0.05, 0.2])
def test_the_share_of_a_group_that_was_never_tried_is_in_its_interval(spread):
    """A binomial interval of all groups together would hold in a fifth of these."""
    random = np.random.default_rng(4)
    held = 0
    for _, (rate, true) in zip(range(300), worlds(random, spread, 12, 30), strict=False):
        low, high = np.quantile(rate.draws(400, random)[1:, -1], (0.025, 0.975))
        held += low <= true <= high
    assert 0.88 <= held / 300 <= 0.995


def test_groups_that_are_alike_make_a_narrow_interval():
    random = np.random.default_rng(5)
    rate, _ = next(worlds(random, 0.0, 20, 60))
    drawn = rate.draws(400, random)[1:]
    assert drawn[:, :-1].std(axis=0).max() < 0.12
    assert drawn.mean() == pytest.approx(rate.mean(), abs=0.05)


def test_a_drift_moves_all_groups_together():
    random = np.random.default_rng(6)
    rate = Rate(np.full(6, 5_000.0), np.full(6, 10_000.0))
    still, moved = rate.draws(400, random)[1:], rate.draws(400, random, 0.4)[1:]
    assert moved.mean(axis=1).std() == pytest.approx(0.4 / 4, rel=0.25)  # a logit is four times as long at one half
    assert still.mean(axis=1).std() < 0.03
    assert moved.std(axis=1).mean() < 0.05
