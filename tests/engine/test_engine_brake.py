"""The brake over thousands of simulated runs: quiet where samples pass often enough, quick where nothing passes."""

import random
from collections import Counter
from fractions import Fraction

import pytest
from stepkit import dataset, generate, judge

from tapc.engine import Brake, Finished, Pipeline
from tapc.engine.fold import Replacements
from tapc.ir import Mix, MixValue, Reserve
from tapc.plan import plan_dataset
from tapc.steps import Rejection, Short, SlotState

RUNS = 2000


def planned(samples, reserve, *, cells=6, attempts=1, each=1, shared=()):
    """A plan of a question, an answer and a verdict per sample, over cells of (nearly) equal size."""
    mix = Mix(name="kind", values=tuple(MixValue(name=f"k{n}") for n in range(cells)))
    spec = dataset(
        generate("question", "Ask about {{ kind }}", "kind", attempts=attempts, each=each, per=shared),
        generate("answer", "Say {{ question }}", "question", attempts=attempts),
        judge("verdict", "answer"),
        mixes=(mix,),
    )
    return plan_dataset(spec.model_copy(update={"samples": samples, "reserve": reserve, "accept": ("verdict",)}))


def brake_of(plan, **more):
    pipeline = Pipeline(plan.programs(), plan.dataset.accept)
    each = {step.name: step.writing().each for step in plan.dataset.steps if step.writing()}
    return Brake(pipeline, plan.replacements(), plan.dataset.reserve, 0.5, need=each, **more)


def ended(key, short=None, reason="length-bounds", *, texts=1, missing=False, job=b""):
    state = SlotState(key, {}, {})
    if short is None:
        return Finished(state, "missing" if missing else "accepted", missing="no reply" if missing else "")
    name = job or f"{key.rank}".encode()
    state.rejections += [Rejection(short, n, 0, reason, "why", f"text {key.rank}.{n}", "w", name) for n in range(texts)]
    return Finished(state, "rejected", short=Short(short, reason))


def play(plan, passes, chance, *, late=0, texts=1):
    """One run with a brake: `passes(key)` decides each sample; returns the brake and how many samples were made."""
    brake, made, slots = brake_of(plan), 0, list(plan.slots)
    replacements = Replacements(plan.replacements(), plan.dataset.reserve, len(slots))
    accepted = 0
    while slots:
        done = [ended(key, passes(key), texts=texts) for key in slots]
        accepted += sum(one.status == "accepted" for one in done)
        for one in done:
            replacements.book(one)
        if late:  # they end in another order than they began
            done = [one for _, one in sorted(enumerate(done), key=lambda e: e[0] + chance.random() * late)]
        for one in done:
            brake.add(one)
            made += 1
            if brake.braked:
                return brake, made, accepted
        slots = replacements.next_round()
        brake.next_round(accepted)
    return brake, made, accepted


def enough(share, floor, planned):
    """Acceptance that just suffices: of a cell's samples and its whole reserve, as many as were planned."""
    return planned / (planned + max(floor, -(-share.numerator * planned // share.denominator)))


RESERVES = [  # share, floor, samples per cell, cells
    (Fraction(0), 0, 50, 4),  # needs all; the brake asks for half
    (Fraction(1, 10), 5, 40, 5),
    (Fraction(1), 0, 30, 8),  # needs a half
    (Fraction(1), 5, 1, 120),  # many small cells: `at_least` decides
    (Fraction(3), 0, 12, 8),
    (Fraction(19), 0, 3, 6),  # needs a twentieth
]


@pytest.mark.parametrize("spread", [0.0, 0.6], ids=["alike", "by cell"])
def test_what_suffices_is_not_stopped(spread):
    """Fewer than one run of 1,000, at an acceptance just above what is needed, over steps and checks."""
    runs = stopped = 0
    for share, floor, per_cell, cells in RESERVES:
        plan = planned(per_cell * cells, Reserve(share=share, floor=floor), cells=cells)
        needed = min(0.5, enough(share, floor, per_cell))
        names = sorted({key.cell for key in plan.slots})
        for seed in range(RUNS // 4):
            chance = random.Random(seed)
            # half of the cells are better than the others, and the mean of all is just above what is needed
            effects = dict(zip(chance.sample(names, len(names)), [1 - spread, 1 + spread] * len(names), strict=False))

            def passes(key, chance=chance, effects=effects, needed=needed):
                if chance.random() < 1.001 * needed * effects[key.cell]:
                    return None
                return chance.choice(["question", "answer", "verdict"])

            brake, _, _ = play(plan, passes, chance, late=chance.choice([0, 30]))
            stopped += brake.braked is not None
            runs += 1
    assert stopped < runs / 1000


def test_what_suffices_is_not_stopped_in_one_of_a_thousand_runs():
    """Many short runs at exactly the acceptance that is needed: where a test that looks too often would stop many."""
    stopped = 0
    for cells, per_cell, share in ((1, 60, Fraction(1)), (3, 20, Fraction(1, 4)), (20, 3, Fraction(4))):
        plan = planned(cells * per_cell, Reserve(share=share, floor=0), cells=cells)
        needed = min(0.5, enough(share, 0, per_cell))
        for seed in range(RUNS):
            chance = random.Random(seed)
            brake, _, _ = play(plan, lambda _, c=chance, n=needed: None if c.random() < n else "answer", chance)
            stopped += brake.braked is not None
    assert stopped < 3 * RUNS / 1000


@pytest.mark.parametrize("needed", [0.05, 0.1, 0.25, 0.5, 1.0])
@pytest.mark.parametrize(("attempts", "each"), [(1, 1), (3, 1), (10, 1), (1, 8), (5, 4)])
def test_what_passes_nothing_is_stopped_within_two_hundred_tries(needed, attempts, each):
    """Tries of the step with most of them, where a single try needs 5% or more for its sample to pass.

    Where a sample has more than sixteen tries, it can take a few more: twelve samples, or eleven, are the fewest that
    are certain of an acceptance below a half.
    """
    single = 1 - (1 - min(needed, 0.5) ** (1 / each)) ** (1 / attempts)
    share = Fraction(round(1 / needed) - 1)
    plan = planned(400, Reserve(share=share, floor=0), cells=4, attempts=attempts, each=each)
    brake, made, _ = play(plan, lambda _: "question", random.Random(1), texts=attempts * each)
    assert brake.braked.tried == brake.braked.rejected == made
    if single >= 0.05 and (attempts * each <= 16 or needed >= 0.25):
        assert made * attempts * each <= 200
    assert made >= 4, "not for one rejected sample, whatever the reserve"


def test_samples_with_some_candidates_are_no_samples_with_none():
    """A sample needs all of eight; with a reserve of 19 for each, one in twenty is enough."""
    plan = planned(400, Reserve(share=Fraction(19), floor=0), cells=4, each=8)
    none, _, _ = play(plan, lambda _: "question", random.Random(1), texts=8)
    some, _, _ = play(plan, lambda _: "question", random.Random(1), texts=7)
    assert none.braked.tried == 12 and 150 < some.braked.tried <= 162


def test_a_few_that_pass_do_not_keep_the_brake_from_a_hopeless_plan():
    plan = planned(2000, Reserve(share=Fraction(1, 10), floor=5))
    brake, made, _ = play(plan, lambda key: None if key.rank % 10 == 3 else "answer", random.Random(2))
    assert 20 < made < 100
    assert brake.braked.tried == made, "those that passed are among the first samples, too"
    assert made - brake.braked.rejected == len([rank for rank in range(made) if rank % 10 == 3])


def test_late_and_early_samples_say_the_same():
    """What the brake finds depends on ranks alone."""
    plan = planned(300, Reserve(share=Fraction(1), floor=5))
    done = [ended(key, ("question", "answer")[key.rank % 3 == 0] if key.rank % 4 else None) for key in plan.slots]
    found = []
    for seed in range(20):
        order = random.Random(seed).sample(done, len(done)) if seed else done
        brake = brake_of(plan)
        for one in order:
            brake.add(one)
        found.append(brake.braked)
        assert brake.rank == 300
    assert found[0] is not None and found.count(found[0]) == 20
    texts = [text.text for text in found[0].examples]
    assert found[0].step == "question" and texts == ["text 1.0", "text 2.0", "text 5.0"]


def test_nothing_is_said_before_the_first_samples_have_ended():
    plan = planned(300, Reserve(share=Fraction(1), floor=5))
    brake, slots = brake_of(plan), list(plan.slots)
    for key in slots[1:200]:
        brake.add(ended(key, "answer"))
    assert brake.braked is None and brake.rank == 0 and not brake.accepted
    brake.add(ended(slots[0], "answer"))
    assert brake.braked.tried == 12 and brake.rank == 200


def test_the_step_and_check_that_reject_most_are_named():
    plan = planned(300, Reserve(share=Fraction(1), floor=5))
    brake = brake_of(plan)
    kinds = [("answer", "language"), ("question", "cut"), ("answer", "length-bounds"), ("answer", "length-bounds")]
    for key in plan.slots:
        step, reason = kinds[key.rank % 4]
        brake.add(ended(key, step, reason, texts=2))
    braked = brake.braked
    assert (braked.step, braked.reason, braked.tried, braked.rejected, braked.blamed) == (
        "answer",
        "length-bounds",
        12,
        12,
        6,
    )
    assert [text.text for text in braked.examples] == ["text 2.0", "text 2.1", "text 3.0"]


def quiet(plan, make, **more):
    brake = brake_of(plan, **more)
    for key in plan.slots:
        brake.add(make(key))
    return brake.braked is None


def test_what_is_no_rejection_of_a_text_is_not_counted():
    plan = planned(300, Reserve(share=Fraction(1), floor=5))
    assert not quiet(plan, lambda key: ended(key, "answer"))
    assert quiet(plan, lambda key: ended(key, missing=True))
    assert quiet(plan, lambda key: ended(key, "answer", "gave-up"))
    assert quiet(plan, lambda key: ended(key, "answer", texts=0)), "an input without a row"
    assert quiet(plan, lambda key: ended(key, "answer"), exempt=frozenset({"answer"}))
    assert not quiet(plan, lambda key: ended(key, "answer"), exempt=frozenset({"question"}))


def test_a_text_that_samples_share_counts_once():
    plan = planned(300, Reserve(share=Fraction(1), floor=5), cells=20, shared=("kind",))
    one_each = {key.cell: n for n, key in enumerate(plan.slots)}
    assert quiet(plan, lambda key: ended(key, "question", job=b"one for all"))
    assert not quiet(plan, lambda key: ended(key, "question", job=b"%d" % one_each[key.cell])), "20 of 20 fail"
    assert not quiet(plan, lambda key: ended(key, "answer"))


def test_replacements_of_the_worst_cells_are_no_reason_to_stop():
    """Half of the cells pass and half do not: replacements are from the latter alone, and all are rejected."""
    plan = planned(120, Reserve(share=Fraction(1), floor=0), cells=6)
    bad = set(sorted({key.cell for key in plan.slots})[:3])
    brake, made, accepted = play(plan, lambda key: "answer" if key.cell in bad else None, random.Random(0))
    counts = Counter(key.cell in bad for key in plan.slots)
    assert (made, accepted) == (120 + counts[True], counts[False]) and brake.braked is None


def test_only_texts_of_the_step_that_fell_short_are_shown_and_counted():
    """A question that passed at its second attempt was rejected too, for the same reason; it is not what is wrong."""
    plan = planned(300, Reserve(share=Fraction(1), floor=5), attempts=3)
    brake = brake_of(plan)
    for key in plan.slots:
        one = ended(key, "answer", texts=2)
        one.state.rejections.insert(
            0, Rejection("question", 0, 0, "length-bounds", "why", f"asked {key.rank}", "w", b"")
        )
        brake.add(one)
    assert [text.text for text in brake.braked.examples] == ["text 0.0", "text 0.1", "text 1.0"]


def test_texts_without_a_request_are_nobodys_but_the_samples():
    """What a program scores has no job; in a plan with shared steps such texts are of their own samples all the same."""
    plan = planned(300, Reserve(share=Fraction(1), floor=5), cells=20, shared=("kind",))

    def of_a_program(key):
        state = SlotState(key, {}, {})
        state.rejections.append(Rejection("verdict", 0, 0, "nonsense", "why", "text", "", b""))
        return Finished(state, "rejected", short=Short("verdict", "nonsense"))

    assert not quiet(plan, of_a_program)


def test_candidates_that_samples_share_are_no_tries_of_a_sample():
    """All eight of a shared step fail: of a cell that is one finding, and no more certain for the eight."""
    plan = planned(400, Reserve(share=Fraction(19), floor=0), cells=4, each=8, shared=("kind",))
    shared, _, _ = play(plan, lambda _: "question", random.Random(1), texts=8)
    assert 150 < shared.braked.tried <= 162


def test_the_texts_shown_are_those_of_the_reason_that_is_named():
    """Each sample is rejected twice: for its length, and then, which is what ends it, for its language."""
    plan = planned(300, Reserve(share=Fraction(1), floor=5), attempts=2)
    brake = brake_of(plan)
    for key in plan.slots:
        one = ended(key, "answer", "language")
        one.state.rejections.insert(0, Rejection("answer", 0, 0, "length-bounds", "why", "too long", "w", b""))
        brake.add(one)
    assert brake.braked.reason == "language"
    assert [text.reason for text in brake.braked.examples] == ["language"] * 3


def test_a_sample_is_accepted_if_it_is_and_not_if_a_reply_is_missing():
    brake, slots = brake_of(plan := planned(10, Reserve(share=Fraction(1), floor=5))), list(plan.slots)
    brake.add(ended(slots[0], missing=True))
    brake.add(ended(slots[1], "answer"))
    assert not brake.accepted
    brake.add(ended(slots[5]))
    assert brake.accepted
    brake.add(ended(slots[2], missing=True))
    assert brake.accepted
