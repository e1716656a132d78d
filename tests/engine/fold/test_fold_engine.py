"""The fold at every timing, with small steps made for it, against `sequential.py`, which shares no code with it."""

import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sequential import fold as fold_sequentially

from tapc.engine.fold import NO_REPLY, Finished, Fold, Pipeline, Wanted
from tapc.jobs import Draw, Job, JobFactory, Message, Recipe, Reply, Usage
from tapc.steps import (
    Ask,
    Asker,
    Candidate,
    Decide,
    Generated,
    Missing,
    Origin,
    Rejection,
    Short,
    SlotKey,
    SlotState,
    gather,
)


def factory(step: str) -> JobFactory:
    return JobFactory(Recipe(step, "e", "sim", step, "sim", b"{}", None, 0, False, 10, 1, 0, None))


class Seen:
    """A ranked check: refuses a text it has accepted before."""

    def __init__(self) -> None:
        self.texts: dict[str, set[str]] = {}

    def decide(self, text: str, group: str) -> str | None:
        known = self.texts.setdefault(group, set())
        if text in known:
            return "duplicate"
        known.add(text)
        return None


class Maker:
    """A step with `width` candidates, `attempts` tries each, optionally unique."""

    job_classes = ()

    def __init__(self, name: str, reads: tuple[str, ...], width: int, attempts: int, unique: bool) -> None:
        self.name, self.reads, self.width, self.attempts = name, reads, width, attempts
        self.check = Seen() if unique else None
        self.factory = factory(name)

    @property
    def decided_candidates(self) -> int:
        return self.width if self.check else 0

    def view(self, result: Any) -> Any:
        return result

    async def candidate(self, slot: SlotState, index: int) -> Candidate | None:
        before = "".join(c.text for r in self.reads for c in slot.results[r].candidates)
        for attempt in range(self.attempts):
            message = (Message("user", before),)
            reply = await Ask(self.factory.job(message, Draw(0, slot.key.cell, slot.key.ordinal, index, attempt)))
            text = reply.texts[0]
            reason = None if reply.outcome == "ok" else reply.outcome
            if reason is None and self.check:
                reason = await Decide(Asker(self.name, index, attempt), self.check, text, "")
            if reason is None:
                return Candidate(index, "e", "m", text, None, "", (), b"", attempt)
            slot.rejections.append(Rejection(self.name, index, attempt, reason, "", text))
        return None

    async def run(self, slot: SlotState) -> Generated | Short:
        found = await gather([self.candidate(slot, i) for i in range(self.width)])
        kept = tuple(c for c in found if c is not None)
        return Generated(kept) if len(kept) == self.width else Short(self.name, "attempts")


def reply_for(job: Job, words: int, bad: int) -> Reply:
    number = int.from_bytes(job.key[:8], "big")
    outcome = "refusal" if number % 100 < bad else "ok"
    return Reply(outcome, (f"w{number // 100 % words}",), Usage(1, 1), 0)


class Memory:
    def __init__(self) -> None:
        self.replies: dict[bytes, Reply] = {}

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Reply]:
        return {k: self.replies[k] for k in keys if k in self.replies}


def slots(n: int) -> list[SlotKey]:
    return [SlotKey(i.to_bytes(16, "big"), 0, i, 0, (), Origin(i.to_bytes(16, "big"), 0)) for i in range(n)]


def outline(done: list[Finished]) -> list[tuple[Any, ...]]:
    rows = []
    for f in sorted(done, key=lambda f: f.state.key.rank):
        texts = {name: tuple(c.text for c in r.candidates) for name, r in f.state.results.items()}
        turned = sorted((r.step, r.candidate, r.attempt, r.reason, r.text) for r in f.state.rejections)
        rows.append((f.state.key.rank, f.status, f.short and f.short.step, sorted(texts.items()), turned))
    return rows


def programs(shape: list[tuple[int, int, bool]]) -> list[Maker]:
    made: list[Maker] = []
    for i, (width, attempts, unique) in enumerate(shape):
        made.append(Maker(f"s{i}", (made[-1].name,) if made else (), width, attempts, unique))
    return made


def run(shape: Any, n: int, words: int, bad: int, order: random.Random, store: Memory, lost: float = 0.0) -> list[Any]:
    done: list[Finished] = []
    queue: list[Job] = []
    steps = programs(shape)
    fold = Fold(
        Pipeline(steps, [steps[-1].name]),
        store,
        open_slot=lambda key: SlotState(key, {}, {}),
        in_flight=order.choice([1, 7, 300]),
    )
    fold.feed(iter(slots(n)))
    while True:
        while not fold.idle:
            for event in fold.turn(order.choice([1, 50, 5000])):
                if isinstance(event, Wanted):
                    queue.append(event.job)
                elif isinstance(event, Finished):
                    done.append(event)
        if not queue:
            break
        for _ in range(order.randint(1, len(queue))):
            job = queue.pop(order.randrange(len(queue)))
            if order.random() < lost:
                fold.answer(job, Missing("lost"))
            else:
                store.replies[job.key] = reply_for(job, words, bad)
                fold.answer(job, store.replies[job.key])
    assert fold.done, "the fold hangs"
    assert fold.pending == 0
    return outline(done)


def offline(steps: list[Maker], accept: list[str], n: int) -> list[Finished]:
    """Fold over an empty store that nothing is asked for."""
    done: list[Finished] = []
    fold = Fold(Pipeline(steps, accept), Memory(), open_slot=lambda key: SlotState(key, {}, {}))
    fold.feed(iter(slots(n)))
    while not fold.idle:
        for event in fold.turn():
            if isinstance(event, Wanted):
                fold.answer(event.job, Missing(NO_REPLY))
            elif isinstance(event, Finished):
                done.append(event)
    assert fold.done
    return done


def by_the_letter(shape: Any, n: int, words: int, bad: int) -> list[Any]:
    """What `run` should give, one slot at a time."""
    steps = programs(shape)
    found, _ = fold_sequentially(
        steps,
        slots(n),
        lambda job: reply_for(job, words, bad),
        lambda key: SlotState(key, {}, {}),
        accept=[steps[-1].name],
        blocks=(64, 2048),
        planned=lambda cell: 1,
        share=Fraction(0),
        floor=0,
    )
    return outline([Finished(*row) for row in found])


shapes = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.booleans()), min_size=1, max_size=3)


@settings(max_examples=60, deadline=None)
@given(shapes, st.integers(0, 60), st.integers(1, 80), st.integers(0, 30), st.integers(0, 10**9))
def test_result_does_not_depend_on_timing(shape: Any, n: int, words: int, bad: int, seed: int) -> None:
    store = Memory()
    live = run(shape, n, words, bad, random.Random(seed), store)
    assert live == by_the_letter(shape, n, words, bad)
    assert run(shape, n, words, bad, random.Random(seed + 1), Memory()) == live
    assert run(shape, n, words, bad, random.Random(seed + 2), store) == live, "resuming changes the result"


@settings(max_examples=40, deadline=None)
@given(shapes, st.integers(1, 40), st.integers(1, 60), st.integers(0, 10**9))
def test_lost_replies_leave_slots_missing_and_a_later_run_completes_them(
    shape: Any, n: int, words: int, seed: int
) -> None:
    store = Memory()
    first = run(shape, n, words, 10, random.Random(seed), store, lost=0.3)
    assert len(first) == n
    assert run(shape, n, words, 10, random.Random(seed), store) == run(
        shape, n, words, 10, random.Random(seed + 5), Memory()
    )


def test_ranked_decisions_follow_rank_across_blocks() -> None:
    """With one word only, exactly the first slot of the first block wins, at any timing."""
    n = 64 + 128 + 10
    done = run([(1, 1, True)], n, 1, 0, random.Random(3), Memory())
    assert [row[0] for row in done if row[1] == "accepted"] == [0]


@pytest.mark.parametrize(
    ("again", "at_once", "winner"),
    [
        (0, 63, 63),  # in one block first tries are decided before second ones
        (0, 64, 0),  # the first block has 64 slots, and all of it is decided first
        (64, 191, 191),  # the second has 128
        (64, 192, 64),
        (192, 447, 447),  # the third 256
        (192, 448, 192),
    ],
)
def test_blocks_of_decisions_grow(again: int, at_once: int, winner: int) -> None:
    """Two slots get the same text, one at its second try, one at its first: who has it depends on their blocks alone."""
    step = Maker("s", (), 1, 2, unique=True)
    fold = Fold(Pipeline([step], ["s"]), Memory(), open_slot=lambda key: SlotState(key, {}, {}))
    fold.feed(iter(slots(450)))
    asked: list[int] = []
    owners: list[int] = []
    while not fold.done:
        for event in list(fold.turn()):
            if isinstance(event, Finished):
                made = event.state.results.get("s", Generated(()))
                owners += [event.state.key.rank for candidate in made.candidates if candidate.text == "same"]
            elif isinstance(event, Wanted):
                rank = event.slot.key.rank
                asked.append(rank)
                fails = rank == again and asked.count(rank) == 1
                text = "same" if rank in (again, at_once) and asked.count(rank) < 3 - (rank == at_once) else str(rank)
                fold.answer(event.job, Reply("refusal" if fails else "ok", (text,), Usage(1, 1), 0))
    assert owners == [winner]


def test_a_slot_without_steps_is_accepted() -> None:
    assert [f.status for f in offline([], [], 3)] == ["accepted"] * 3


def test_steps_that_ask_nothing_end_a_slot_once() -> None:
    class Instant(Maker):
        async def run(self, slot: SlotState) -> Generated | Short:
            return Generated(())

    steps = [
        Instant(name, reads, 1, 1, False)
        for name, reads in (("a", ()), ("b", ("a",)), ("c", ("a",)), ("d", ("b", "c")))
    ]
    assert [f.status for f in offline(steps, ["d"], 7)] == ["accepted"] * 7


def test_offline_marks_what_the_store_lacks() -> None:
    done = offline(programs([(2, 1, False)]), ["s0"], 5)
    assert [f.status for f in done] == ["missing"] * 5
    assert {f.missing for f in done} == {NO_REPLY}


def test_a_step_that_awaits_something_else_is_a_bug_that_shows() -> None:
    class Wrong(Maker):
        async def run(self, slot: SlotState) -> Generated | Short:
            class Odd:
                def __await__(self) -> Any:
                    yield "surprise"

            await Odd()
            return Short("x", "y")

    with pytest.raises(TypeError, match="surprise"):
        offline([Wrong("w", (), 1, 1, False)], ["w"], 1)
