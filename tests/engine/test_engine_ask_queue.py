"""In which order wanted replies are taken, and how many at once."""

from fractions import Fraction

import pytest
from stepkit import dataset, generate, judge

from tapc.engine import Brake, Finished, Pipeline
from tapc.engine.ask_queue import AskQueue
from tapc.engine.fold import Wanted
from tapc.ir import Mix, MixValue, Reserve
from tapc.jobs import Draw, JobFactory, Message, Recipe
from tapc.kinds.checks.unique.spec import Unique
from tapc.plan import plan_dataset
from tapc.steps import Rejection, Short, SlotState

MIX = Mix(name="kind", values=(MixValue(name="a"), MixValue(name="b")))
UNIQUE = Unique(check="unique", threshold=Fraction(9, 10))


class Rows:
    """A step that asks nothing, as an input does, before all others."""

    name, reads, job_classes, decided_candidates, most_candidates = "seed", (), (), 0, 1


def planned(*, unique=False, samples=400):
    spec = dataset(
        generate("question", "Ask {{ kind }}", "kind", require=(UNIQUE,) if unique else ()),
        generate("answer", "Say {{ question }}", "question"),
        judge("verdict", "answer"),
        mixes=(MIX,),
    )
    more = {"samples": samples, "reserve": Reserve(share=Fraction(1), floor=0), "accept": ("verdict",)}
    spec = spec.model_copy(update=more)
    return spec, plan_dataset(spec)


def queue_of(*, expected=(), brake=False, rows=False, **more):
    spec, plan = planned(**more)
    programs = plan.programs()
    if rows:
        programs[0].reads = ("seed",)
        programs = (Rows(), *programs)
    pipeline = Pipeline(programs, spec.accept)
    watch = Brake(pipeline, plan.replacements(), spec.reserve, 0.5) if brake else None
    return AskQueue(pipeline, expected, watch), watch, list(plan.slots)


def wanted(slot, step):
    recipe = Recipe(step, "e", "sim", step, "sim", b"{}", None, 0, False, 10, 1, 0, None)
    job = JobFactory(recipe).job((Message("user", f"{slot.rank}"),), Draw(0, slot.cell, slot.ordinal, 0, 0))
    return Wanted(job, SlotState(slot, {}, {}))


def names(taken):
    return [(one.job.recipe.step, one.slot.key.rank) for one, _ in taken]


def rejected(slot):
    state = SlotState(slot, {}, {})
    state.rejections.append(Rejection("answer", 0, 0, "cut", "", "", "", b"k"))
    return Finished(state, "rejected", short=Short("answer", "cut"))


def test_the_deepest_step_comes_first_and_in_it_the_lowest_rank():
    queue, _, slots = queue_of()
    for rank, step in (
        (1, "question"),
        (7, "verdict"),
        (0, "question"),
        (9, "answer"),
        (3, "verdict"),
        (4, "answer.run"),
    ):
        queue.add(wanted(slots[rank], step))
    taken = sorted(queue.take(idle=False), key=lambda one: one[1])
    assert names(taken) == [
        ("verdict", 3), ("verdict", 7), ("answer.run", 4), ("answer", 9), ("question", 0), ("question", 1),
    ]  # fmt: skip
    orders = [order for _, order in taken]
    assert orders == sorted(set(orders)) and orders[0] >= 0


def test_a_fifth_of_the_requests_of_a_step_are_under_way():
    queue, _, slots = queue_of(expected=(("question", 400), ("answer", 400), ("verdict", 400)))
    for slot in slots:
        queue.add(wanted(slot, "question"))
    assert len(queue.take(idle=True)) == 80
    assert queue.take(idle=True) == []
    queue.add(wanted(slots[5], "answer"))
    queue.ended()
    queue.ended()
    assert names(queue.take(idle=True)) == [("answer", 5), ("question", 80)]
    assert len(queue.take_all()) == 400 - 81
    queue.add(wanted(slots[9], "verdict"))
    queue.ended()
    queue.ended()
    assert queue.take(idle=True) == [], "what was taken without a bound is under way as well"


def test_small_plans_and_single_steps_are_not_held_back():
    for expected, most in (((("question", 30), ("answer", 30)), 16), ((("question", 400),), 400), ((), 400)):
        queue, _, slots = queue_of(expected=expected)
        for slot in slots:
            queue.add(wanted(slot, "question"))
        assert len(queue.take(idle=True)) == most


def test_nothing_is_asked_while_stored_replies_can_still_trip_the_brake():
    queue, brake, slots = queue_of(brake=True)
    queue.add(wanted(slots[20], "answer"))
    assert queue.take(idle=False) == []
    for slot in slots[:10]:
        brake.add(rejected(slot))
    queue.add(wanted(slots[10], "answer"))
    assert names(queue.take(idle=False)) == [("answer", 10), ("answer", 20)], "the next sample waits for a reply"


def test_nothing_is_held_back_once_the_fold_can_do_no_more():
    queue, _, slots = queue_of(brake=True)
    queue.add(wanted(slots[20], "answer"))
    assert names(queue.take(idle=True)) == [("answer", 20)]


def test_few_requests_are_under_way_until_a_sample_is_accepted():
    queue, brake, slots = queue_of(brake=True)
    for slot in slots:
        queue.add(wanted(slot, "question"))
    assert len(queue.take(idle=True)) == 32
    for _ in range(32):
        queue.ended()
    assert len(queue.take(idle=True)) == 32
    for _ in range(31):
        queue.ended()
    assert queue.take(idle=True) == [], "64 samples are begun, and the first has not ended"
    brake.add(rejected(slots[0]))
    assert names(queue.take(idle=True)) == [("question", 64), ("question", 65)]
    queue.add(wanted(slots[90], "answer"))
    assert names(queue.take(idle=True)) == [("answer", 90)], "what is begun goes on"
    brake.add(Finished(SlotState(slots[7], {}, {}), "accepted"))
    assert len(queue.take(idle=True)) == 400 - 66


def test_a_shared_reply_far_ahead_is_asked_if_everything_waits_for_it():
    queue, _, slots = queue_of(brake=True)
    queue.add(wanted(slots[300], "question"))
    assert queue.take(idle=False) == []
    assert names(queue.take(idle=True)) == [("question", 300)]
    queue.ended()
    queue.add(wanted(slots[301], "question"))
    assert queue.take(idle=False) == [], "the fold may still do without it"
    assert names(queue.take(idle=True)) == [("question", 301)]


@pytest.mark.parametrize("rows", [False, True], ids=["alone", "after rows"])
def test_blocks_of_decisions_are_finished_before_later_ones_are_begun(rows):
    queue, _, slots = queue_of(unique=True, rows=rows)
    for slot in slots:
        queue.add(wanted(slot, "question"))
    assert len(queue.take(idle=True)) == 64
    queue.finished = 64
    assert len(queue.take(idle=True)) == 128
    queue.add(wanted(slots[399], "answer"))
    assert names(queue.take(idle=True)) == [("answer", 399)]
