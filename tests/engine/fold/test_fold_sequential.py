"""Sessions over generated specs and replies, against a sequential reading that shares no code with the engine."""

import asyncio
import json
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sequential import fold
from stepkit import Pair, dataset, generate, judge, scale

from tapc.endpoints import Answers, NoReply
from tapc.engine import Metered, Pipeline, Session, Silent, Work
from tapc.engine.fold import engine
from tapc.ir import Mix, MixValue, Reserve
from tapc.jobs import Reply, Usage
from tapc.kinds.checks.unique.spec import Unique
from tapc.plan import plan_dataset
from tapc.steps import Missing

FAILS = ("refusal", "length", "filtered", "gave-up", "invalid", "leak")


class Replies:
    """A reply to each job, by its key: a few words so that texts repeat, some failures, some that cannot be had."""

    def __init__(self, seed, words, bad, lost):
        self.seed, self.words, self.bad, self.lost = seed, words, bad, lost
        self.asked = Counter()
        self.missing = set()

    def __call__(self, job):
        self.asked[job.key] += 1
        chance = random.Random(self.seed.to_bytes(8, "big") + job.key)
        if chance.random() < self.lost:
            self.missing.add(job.key)
            return Missing("no reply")
        outcome = chance.choice(FAILS) if chance.random() < self.bad else "ok"
        if job.recipe.schema is None:
            texts = tuple(f"word {chance.randrange(self.words)}" for _ in range(job.recipe.n))
        else:
            texts = (json.dumps({"rationale": "so", "quality": chance.randint(1, 5)}),)
        return Reply(outcome, texts, Usage(1, 1), 0)


class Store:
    """What is stored already."""

    def __init__(self):
        self.replies = {}

    def get(self, keys):
        return {key: self.replies[key] for key in keys if key in self.replies}


class Sink:
    def __init__(self):
        self.rows = {}

    def add(self, state, status):
        assert state.key.rank not in self.rows, "a slot ends once"
        self.rows[state.key.rank] = row(state, status)

    def visit(self, job, reply, slot):
        pass


def row(state, status):
    """What of a slot must agree; of one without a reply only that it has none, since where it stood is chance."""
    key = state.key
    if status == "missing":
        return (key.cell, key.ordinal, status)
    results = sorted((name, repr(result)) for name, result in state.results.items())
    turned = sorted((r.step, r.candidate, r.attempt, r.reason, r.text) for r in state.rejections)
    return (key.cell, key.ordinal, status, results, turned)


class Chancy:
    """Answers jobs in any order, some at once and some late; keeps what it answers."""

    def __init__(self, replies, store, chance):
        self.replies, self.store, self.chance, self.waiting, self.answers = replies, store, chance, [], Answers()

    async def start(self):
        pass

    def submit(self, job, label, order):
        self.waiting.append(job)
        if len(self.waiting) == 1:
            asyncio.get_running_loop().call_soon(self.some)

    def some(self):
        for _ in range(self.chance.randint(1, len(self.waiting))):
            job = self.waiting.pop(self.chance.randrange(len(self.waiting)))
            found = self.replies(job)
            if isinstance(found, Missing):
                self.answers.put(job, NoReply("failed", "lost"))
            else:
                self.store.replies[job.key] = found
                self.answers.put(job, found)
        if self.waiting:
            asyncio.get_running_loop().call_soon(self.some)

    def stop(self):
        raise AssertionError("nobody stops it")


@st.composite
def specs(draw):
    """Questions, answers by one or two endpoints, verdicts and pairs; attempts, needs, checks with memory, a reserve."""

    def checks():
        within = draw(st.sampled_from([None, "language"]))
        unique = Unique(check="unique", threshold=Fraction(9, 10), within=within)
        return (unique,) if draw(st.booleans()) else ()

    steps = [
        generate(
            "question", "Ask in {{ language }}", "language", each=draw(st.integers(1, 3)), attempts=draw(st.integers(1, 3)),
            need=draw(st.sampled_from([None, 1])), require=checks(),
        ),
        generate(
            "answer", "Say {{ question }}", "question", using=draw(st.sampled_from([("llama",), ("llama", "writer")])),
            each=draw(st.integers(1, 2)), attempts=draw(st.integers(1, 2)), require=checks(),
        ),
    ]  # fmt: skip
    if draw(st.booleans()):
        steps.append(judge("verdict", "answer", scale("quality"), attempts=draw(st.integers(1, 2))))
        steps.append(Pair(name="choice", of="answer", by=("verdict.overall",), margin=Fraction(1, 4)))
    last = steps[-1].name
    mix = Mix(name="language", values=(MixValue(name="en"), MixValue(name="sw"), MixValue(name="de")))
    share = draw(st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)]))
    made = dataset(*steps, mixes=(mix,))
    more = {
        "samples": draw(st.integers(1, 40)),
        "reserve": Reserve(share=share, floor=draw(st.integers(0, 3))),
        "accept": draw(st.sampled_from([(last,), ("question",), ("answer", last)])),
    }
    return made.model_copy(update=more)


def engine_run(plan, replies, store, seed):
    """A live session; rows by rank, shortages by cell."""
    chance, sink = random.Random(seed), Sink()
    work = Work(
        dataset="d",
        pipeline=Pipeline(plan.programs(), plan.dataset.accept),
        slots=plan.slots.between(0, len(plan.slots)),
        planned=len(plan.slots),
        spare=plan.replacements(),
        reserve=plan.dataset.reserve,
        open_slot=plan.open_slot,
        expected=(),
        cap=None,
    )
    asker = Chancy(replies, store, chance)
    session = Session(work, store, sink, Silent(), in_flight=chance.choice([1, 7, 300]))
    result = asyncio.run(session.live(asker, asker.answers, Metered))
    assert result.accepted == sum(row[2] == "accepted" for row in sink.rows.values())
    return sink.rows, {shortage.key.cell: shortage.missing for shortage in result.shortages}


def read(plan, replies, blocks):
    """The same by the letter."""
    sizes = Counter(key.cell for key in plan.slots)
    found, lacks = fold(
        plan.programs(),
        plan.slots,
        replies,
        plan.open_slot,
        accept=plan.dataset.accept,
        blocks=blocks,
        planned=lambda cell: sizes[cell],
        share=plan.dataset.reserve.share,
        floor=plan.dataset.reserve.floor,
    )
    return {state.key.rank: row(state, status) for state, status, *_ in found}, lacks


@settings(max_examples=100, deadline=None)
@given(
    specs(),
    st.integers(0, 2**40),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.1, 0.4]),
    st.sampled_from([0.0, 0.0, 0.1]),
    st.sampled_from([(1, 1), (1, 4), (3, 3), (2, 16), (64, 2048)]),
)
def test_a_session_is_its_sequential_reading(spec, seed, words, bad, lost, blocks):
    plan = plan_dataset(spec)
    replies, again = Replies(seed, words, bad, lost), Replies(seed, words, bad, lost)
    right = read(plan, replies, blocks)
    store = Store()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "FIRST_BLOCK", blocks[0])  # 64 and more are too many to try out by the hundred
        patched.setattr(engine, "LARGEST_BLOCK", blocks[1])
        found = engine_run(plan, again, store, seed)
        assert found == right
        if not lost:
            assert set(again.asked) == set(replies.asked), "the same is asked"
        # a job without a reply is asked again for a slot that comes to it later
        assert all(count == 1 for key, count in again.asked.items() if key not in again.missing), "and once"
        again.asked.clear()
        stored = set(store.replies)
        assert engine_run(plan, again, store, seed + 1) == right, "a second run serves what the first one stored"
        assert not set(again.asked) & stored
