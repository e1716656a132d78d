"""The fold: dataset = fold(plan, store).

Slots are admitted in rank order and advanced as far as replies allow. Replies are looked up in the store in batches;
what is missing is reported as `Wanted`, and comes back through `answer`. What a slot becomes depends on replies and
ranked decisions alone, never on the order in which replies arrive.

The way of a reply to its row: `answer` wakes the tasks that wait for it; `turn` moves them on (`_resume`), which may
end their step, start the next ones (`_end`), and finish the slot (`_finish`), which `turn` yields.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from tapc.engine.fold.decisions import FIRST_BLOCK, LARGEST_BLOCK, Decisions
from tapc.engine.fold.slotrun import Finished, Pipeline, SlotRun, StepRun
from tapc.jobs import Job, Reply
from tapc.steps import Ask, Decide, Ended, Missing, SlotKey, SlotState, Task, advance
from tapc.store.protocol import Replies

LOOKUP = 500
"""Keys per store lookup."""

NO_REPLY = "no reply"
"""Why a slot is short where a reply is not stored; the same whether it was asked for in vain or not at all."""

_ADMIT_AT_ONCE = 64
_DECIDE_AT_ONCE = 16
MAX_ACTIVE = 131_072
"""Slots admitted and unfinished at most; what bounds memory where everything waits for a decision."""


class Wanted(msgspec.Struct, frozen=True, gc=False):
    """The reply to a job is not stored; it is waited for until `Fold.answer` is called with that job.

    Attributes:
        job: what is to be asked, once.
        slot: the first slot that needs the reply.
    """

    job: Job
    slot: SlotState


class Used(msgspec.Struct, frozen=True):
    """Replies, stored or new, that went into the fold: each with its job and the first slot it goes to.

    They are told of together, which is cheaper: most of what a rebuild does is to read replies.
    """

    replies: list[tuple[Job, Reply, SlotKey]]


Event = Wanted | Used | Finished


class Fold:
    """Runs sequences of slots to the end: `feed`, then `turn` and `answer` in turns until it is `done`.

    Args:
        pipeline: compiled steps.
        replies: the store.
        open_slot: makes a slot's state (axis views) from its key.
        in_flight: how many missing replies to wait for at once; no further slots are admitted then.

    Attributes:
        idle: whether nothing can be done until `answer` or `feed` is called.
        active: slots that are admitted and not finished.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        replies: Replies,
        *,
        open_slot: Callable[[SlotKey], SlotState],
        in_flight: int = 512,
    ) -> None:
        self._pipeline = pipeline
        self._replies = replies
        self._open_slot = open_slot
        self._in_flight = in_flight
        self._slots: Iterator[SlotKey] = iter(())
        self._exhausted = True
        self._block = 0
        self._block_size = 0
        self._block_room = 0
        self._waiting: dict[bytes, list[Task]] = {}
        self._asked: list[tuple[Job, Task]] = []
        self._ready: deque[tuple[Task, Any, Missing | None]] = deque()
        self._decisions = Decisions()
        self._used: list[tuple[Job, Reply, SlotKey]] = []
        self._events: list[Wanted | Finished] = []
        self.idle = True
        self.active = 0

    @property
    def done(self) -> bool:
        """Whether every slot has ended."""
        return self._exhausted and not self.active

    @property
    def pending(self) -> int:
        """How many replies are waited for."""
        return len(self._waiting)

    def feed(self, slots: Iterator[SlotKey]) -> None:
        """Give the next sequence of slots (the main ones, then each round of replacements); starts a new block."""
        self._slots = slots
        self._exhausted = False
        self._block += 1
        self._block_size = self._block_room = FIRST_BLOCK
        self.idle = False

    def answer(self, job: Job, answer: Reply | Missing) -> None:
        """A job that was `Wanted` has its reply, durably, or cannot have one in this run."""
        waiting = self._waiting.pop(job.key, ())
        if isinstance(answer, Missing):
            self._ready.extend((task, None, answer) for task in waiting)
        elif waiting:
            self._used.append((job, answer, waiting[0].owner.slot.state.key))
            self._ready.extend((task, answer, None) for task in waiting)
        self.idle = False

    def turn(self, steps: int = 4096) -> Iterator[Event]:
        """Advance what can be advanced, at most about so many tasks, and tell what came of it, in order."""
        ready, events, resume = self._ready, self._events, self._resume
        while steps > 0 and not self.idle:
            while ready:
                task, value, error = ready.popleft()
                resume(task, value, error)
                steps -= 1
                if events:  # at once: a finished slot is handed on while it is in the processor's cache
                    yield from events
                    events.clear()
            if self._decisions:
                decided = self._decisions.due(_DECIDE_AT_ONCE)
                ready.extend((task, answer, None) for task, answer in decided)
                steps -= len(decided)
            elif len(self._asked) < LOOKUP and self._admit():
                steps -= _ADMIT_AT_ONCE
            elif self._asked:
                self._look_up()
            else:
                self.idle = True
            if self._used:
                used, self._used = self._used, []
                yield Used(used)
            if events:
                yield from events
                events.clear()

    def _admit(self) -> bool:
        if self._exhausted or self.active >= MAX_ACTIVE or len(self._waiting) >= self._in_flight:
            return False
        for _ in range(_ADMIT_AT_ONCE):
            key = next(self._slots, None)
            if key is None:
                self._exhausted = True
                self._slots = iter(())
                self._decisions.seal(self._block)
                return True
            if not self._block_room:
                self._decisions.seal(self._block)
                self._block += 1
                self._block_size = self._block_room = min(2 * self._block_size, LARGEST_BLOCK)
            self._block_room -= 1
            self._start(SlotRun(self._pipeline, self._open_slot(key), self._block))
        return True

    def _start(self, slot: SlotRun) -> None:
        self.active += 1
        for step, deciders in self._pipeline.deciding:
            self._decisions.open(step, slot.block, deciders)
        tasks = [slot.start(index) for index in self._pipeline.first]
        for task in tasks:
            self._resume(task)
        if not tasks:
            self._finish(slot)

    def _look_up(self) -> None:
        batch, self._asked = self._asked[:LOOKUP], self._asked[LOOKUP:]
        found = self._replies.get([job.key for job, _ in batch])
        for job, task in batch:
            reply = found.get(job.key)
            waiting = self._waiting.get(job.key)
            if reply is not None and waiting is None:
                self._used.append((job, reply, task.owner.slot.state.key))
                self._ready.append((task, reply, None))
            elif waiting is not None:
                waiting.append(task)
            else:
                self._waiting[job.key] = [task]
                self._events.append(Wanted(job, task.owner.slot.state))

    def _resume(self, resumed: Task, value: Any = None, error: Missing | None = None) -> None:
        """Move a task on, and note what it and those that its end wakes wait for now."""
        owner: StepRun = resumed.owner
        for task, event in advance(resumed, value, error):
            if isinstance(event, Ask):
                self._asked.append((event.job, task))
            elif isinstance(event, Ended):
                if task.parent is None:
                    self._end(owner, event.value, event.error)
                elif task.parent.parent is None and owner.apart:
                    self._close(owner, 1)
            elif isinstance(event, Decide):
                self._decisions.park(owner.slot.block, owner.slot.state.key.rank, task, event)
            elif task.parent is None and owner.deciders > 1:  # a candidate per part: the rest will ask for no decision
                self._close(owner, owner.deciders - len(event.parts))

    def _close(self, owner: StepRun, deciders: int) -> None:
        deciders = max(0, min(deciders, owner.deciders))
        owner.deciders -= deciders
        self._decisions.close(self._pipeline.programs[owner.index].name, owner.slot.block, deciders)

    def _end(self, owner: StepRun, result: Any, error: Missing | None) -> None:
        """A step of a slot has ended: start those that read it, or finish the slot."""
        slot = owner.slot
        if owner.deciders:
            self._close(owner, owner.deciders)
        ready = slot.end(owner.index, result, error)
        if ready is None:
            for index in slot.dying(owner.index):
                program = self._pipeline.programs[index]
                self._decisions.close(program.name, slot.block, program.decided_candidates)
        if ready:
            # all are counted as running before the first one may end at once
            for task in [slot.start(index) for index in ready]:
                self._resume(task)
        elif not slot.running:
            self._finish(slot)

    def _finish(self, slot: SlotRun) -> None:
        self.active -= 1
        self._events.append(slot.finish())
