"""Mixes drawn per candidate over the planned set: the figures are what the steps really draw, slot by slot."""

from collections import Counter
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from space_specs import tree, weights, when

from tapc.ir import Dataset, Emit, Endpoint, Reserve, Sampling, Space, Template
from tapc.kinds.compiling import compile_steps
from tapc.kinds.steps.generate.model import Generate, Message
from tapc.plan import Planned, plan_dataset
from tapc.plan.description import drawn_plans
from tapc.plan.estimate import probe_slot, stand_in, unchecked
from tapc.quota.candidates import COUNTED
from tapc.quota.periods import DrawnPeriod, count_many, prepare

SHARES = st.lists(st.sampled_from([1, 2, 3, 5, 10, 33]), min_size=1, max_size=5)


def generate(name, reads, **more):
    text = " ".join(f"{{{{ {read} }}}}" for read in reads)
    prompt = Message(role="user", content=Template(text=text, reads=tuple(sorted(reads))))
    return Generate(name=name, messages=(prompt,), **more)


def dataset(samples, tone, voice, *, rules=(), pick=None, each=1, repeats=1, sizes=(1, 1, 1)):
    mixes = (
        weights("level", {"easy": 2, "hard": 1}),
        weights("tone", {f"t{i}": n for i, n in enumerate(tone)}, per_candidate=True),
        weights("voice", {f"v{i}": n for i, n in enumerate(voice)}, per_candidate=True),
    )
    names = ("a", "b", "c")
    return Dataset(
        name="d",
        samples=samples,
        space=Space(taxonomy=tree([2, 2]), mixes=mixes, rules=rules),
        endpoints=tuple(Endpoint(name=n, model=n, sampling=Sampling(n=k)) for n, k in zip(names, sizes, strict=True)),
        steps=(
            generate("first", ["tone"], using=names, pick=pick, each=each),
            generate("second", ["first", "tone", "voice"], using=("a",), for_step="first", each=repeats),
            generate("other", ["voice"], using=("b",)),
        ),
        emits=(Emit(kind="prompts", name="prompts", source="other"),),
        accept=("first", "other", "second"),
        reserve=Reserve(share=Fraction(1)),
    )


def plan_of(given_: Dataset) -> Planned:
    plan = plan_dataset(given_)
    assert isinstance(plan, Planned)
    return plan


def really_drawn(plan: Planned, step: str, mix: str) -> Counter[str]:
    """What the steps draw when they are run for every planned slot."""
    programs = compile_steps(unchecked(plan.dataset), plan.tools())
    found: Counter[str] = Counter()
    for slot in plan.slots:
        state = plan.open_slot(slot)
        probe_slot(programs, state, lambda job: stand_in(job, 4, 1))
        found.update(dict(candidate.drawn)[mix] for candidate in state.results[step].candidates)
    return found


@settings(max_examples=40, deadline=None)
@given(
    samples=st.integers(1, 60),
    tone=SHARES,
    voice=SHARES,
    ruled=SHARES,
    pick=st.sampled_from([None, 1, 2]),
    each=st.integers(1, 2),
    repeats=st.integers(1, 2),
    size=st.integers(1, 2),
)
def test_counts_are_what_the_steps_draw(samples, tone, voice, ruled, pick, each, repeats, size):
    rule = when({"level": ("hard",)}, "tone", {f"t{i}": n for i, n in enumerate(ruled[: len(tone)])})
    more = {"rules": (rule,), "pick": pick, "each": each, "repeats": repeats, "sizes": (size,) * 3}
    plan = plan_of(dataset(samples, tone, voice, **more))
    found = {(one.step, one.mix): one for one in drawn_plans(plan)}
    # `second` keeps the tone that its parent drew
    assert found.keys() == {("first", "tone"), ("second", "voice"), ("other", "voice")}
    hard = plan.allocation.counts()["level"]["hard"]
    for (step, mix), one in found.items():
        drawn = really_drawn(plan, step, mix)
        assert one.candidates == drawn.total()
        assert one.counts is not None
        assert {value: n for value, n in one.counts.items() if n} == drawn
        width = one.candidates // samples
        shares = voice if mix == "voice" else tone
        second = voice if mix == "voice" else [*ruled[: len(tone)], *[0] * (len(tone) - len(ruled))]
        ideal = [
            width * ((samples - hard) * Fraction(a, sum(shares)) + hard * Fraction(b, sum(second)))
            for a, b in zip(shares, second, strict=True)
        ]
        assert list(one.exact.values()) == [float(share) for share in ideal]
        far = max(abs(n - share) for n, share in zip(one.counts.values(), ideal, strict=True))
        assert one.deviation == float(far)
        assert one.deviation <= one.partial


@settings(max_examples=60, deadline=None)
@given(
    weight=st.lists(st.sampled_from([0, 1, 2, 7, 60, 997]), min_size=1, max_size=6).filter(any),
    lengths=st.lists(st.integers(0, 40), max_size=12),
)
def test_many_periods_at_once_are_drawn_as_one_by_one(weight, lengths):
    shares = prepare(tuple(Fraction(w, sum(weight)) for w in weight))
    lengths = [min(length, shares.period) for length in lengths]
    seeds = [b"seed" + bytes([n]) for n in range(len(lengths))]
    one_by_one: Counter[int] = Counter()
    for seed, length in zip(seeds, lengths, strict=True):
        period = DrawnPeriod(shares, seed) if shares.orders is None else shares.orders[shares.order(seed)].tolist()
        one_by_one.update(period[n] for n in range(length))
    found = count_many(shares, seeds, np.array(lengths, np.int64))
    assert found.tolist() == [one_by_one[value] for value in range(len(weight))]


@settings(max_examples=40, deadline=None)
@given(weight=st.lists(st.integers(0, 40), min_size=1, max_size=6).filter(any))
def test_orders_give_every_value_its_exact_share_at_every_place_and_keep_prefixes_within_one(weight):
    total = sum(weight)
    shares = prepare(tuple(Fraction(w, total) for w in weight))
    assert shares.orders is not None
    places = np.arange(1, shares.period + 1)
    for value, w in enumerate(weight):
        hits = shares.orders == value
        assert (hits.sum(axis=0) * total == len(hits) * w).all()
        assert (abs(hits.cumsum(axis=1) * total - places * w) < total).all()


def test_cells_shorter_than_a_period_do_not_lean():
    weight = [2, 3, 5, 10, 20, 60]
    shares = prepare(tuple(Fraction(w, 100) for w in weight))
    assert shares.orders is not None
    assert len({row.tobytes() for row in shares.orders}) > 100
    seeds = [b"cell" + n.to_bytes(4, "big") for n in range(72_000)]
    found = count_many(shares, seeds, np.full(72_000, 4))
    for w, n in zip(weight, found.tolist(), strict=True):
        # each draw has its exact chance; the draws of a cell exclude rather than attract each other
        assert abs(n - 2880 * w) < 5 * (2880 * w) ** 0.5


def test_pools_whose_endpoints_differ_in_number_are_not_counted_and_say_so():
    plan = plan_of(dataset(20, [1, 2], [1], pick=1, sizes=(2, 1, 1)))
    found = {(one.step, one.mix): one for one in drawn_plans(plan)}
    for place in (("first", "tone"), ("second", "voice")):
        assert (found[place].counts, found[place].deviation, found[place].partial) == (None, None, None)
    assert found["other", "voice"].counts == {"v0": 20}


def test_whole_periods_are_not_drawn():
    plan = plan_of(dataset(3_000_000, [1, 1], [1, 2, 3]))
    found = list(drawn_plans(plan))
    for one in found:
        assert one.counts is not None  # drawn one by one, so many are over what a plan counts
        assert sum(one.counts.values()) == one.candidates >= 3_000_000


def test_a_set_that_would_take_too_long_is_bounded_instead():
    # one period of 65,521 draws in each of 12 cells, and none of them whole
    plan = plan_of(dataset(30_000, [65_520, 1], [1]))
    found = {(one.step, one.mix): one for one in drawn_plans(plan)}
    one = found["first", "tone"]
    assert (one.counts, one.deviation, one.partial) == (None, None, len(plan.allocation))
    assert one.candidates == 90_000
    assert one.exact == {"t0": float(Fraction(65_520 * 90_000, 65_521)), "t1": float(Fraction(90_000, 65_521))}
    assert one.candidates < COUNTED  # a long period makes draws dear
    assert found["other", "voice"].counts == {"v0": 30_000}
