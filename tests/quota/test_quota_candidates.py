"""Mixes drawn for each candidate: exact in every prefix of a cell, a function of the slot's identity alone."""

import random
from fractions import Fraction

from space_specs import tree, weights, when

from tapc.ir import Space
from tapc.quota import mix_draws


def draws(shares, rules=(), samples=100):
    mixes = (weights("level", {"easy": 1, "hard": 1}), weights("principle", shares, per_candidate=True))
    return mix_draws(Space(taxonomy=tree([2, 2]), mixes=mixes, rules=rules), samples)


def sequence(drawn, cell, length, width, leaf=0, values=(0,)):
    return [
        drawn.value(cell, leaf, values, "principle", ordinal=t // width, candidate=t % width, width=width)
        for t in range(length)
    ]


def test_every_prefix_of_a_cell_is_within_one():
    r = random.Random(3)
    for trial in range(60):
        shares = {f"p{i}": r.choice([1, 1, 2, 3, 5, 10, 33]) for i in range(r.randint(1, 9))}
        total = sum(shares.values())
        counts = dict.fromkeys(shares, 0)
        for n, value in enumerate(sequence(draws(shares), trial.to_bytes(16, "big"), 130, r.choice([1, 2, 4, 7])), 1):
            counts[value] += 1
            assert all(abs(counts[v] - Fraction(w * n, total)) < 1 for v, w in shares.items())


def test_draws_depend_on_the_slot_and_not_on_the_order_of_asking_or_the_number_of_samples():
    shares = {"a": 1, "b": 2, "c": 3}
    once = sequence(draws(shares), b"x" * 16, 60, 4)
    other = draws(shares, samples=100_000)
    backwards = [
        other.value(b"x" * 16, 0, (0,), "principle", ordinal=t // 4, candidate=t % 4, width=4)
        for t in range(59, -1, -1)
    ]
    assert once == backwards[::-1]
    assert once != sequence(draws(shares), b"y" * 16, 60, 4)


def test_cells_differ_so_that_the_set_is_spread():
    shares = {f"p{i}": 1 for i in range(8)}
    drawn = draws(shares)
    first = [sequence(drawn, i.to_bytes(16, "big"), 1, 4)[0] for i in range(800)]
    assert all(60 < first.count(value) < 140 for value in shares)


def test_rules_apply_in_their_cells():
    rule = when({"level": ("hard",)}, "principle", {"a": 1})
    drawn = draws({"a": 1, "b": 1}, (rule,))
    assert set(sequence(drawn, b"z" * 16, 40, 4, values=(1,))) == {"a"}
    assert set(sequence(drawn, b"w" * 16, 40, 4, values=(0,))) == {"a", "b"}


def test_a_slot_mix_cannot_wait_for_a_candidate():
    rule = when({"principle": ("a",)}, "level", {"hard": 1})
    space = Space(
        mixes=(weights("level", {"easy": 1, "hard": 1}), weights("principle", {"a": 1, "b": 1}, per_candidate=True)),
        rules=(rule,),
    )
    from tapc.quota import allocate

    (problem,) = allocate(space, 10)
    assert problem.paths == ("mix.level", "mix.principle")
