"""The fold: dataset = fold(plan, store).

Slots are admitted in rank order and advanced as far as replies allow. Replies are looked up in the store in batches;
what is missing is handed to whoever may ask for it (`submit`), or answered with `Missing` where nobody may (offline).
What a slot becomes depends on replies and ranked decisions alone, never on the order in which replies arrive.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from tapc.engine.fold.decisions import BLOCK, Decisions
from tapc.engine.fold.fiber import Fiber, Trampoline
from tapc.engine.fold.pipeline import Pipeline
from tapc.engine.fold.slotrun import Finished, SlotRun, StepRun
from tapc.jobs import Job, Reply
from tapc.steps import Ask, Decide, Missing, SlotKey, SlotState

LOOKUP = 500
"""Keys a store lookup."""

NO_REPLY = "no reply"
"""Why a slot is short where a reply is not stored; the same whether it was asked for in vain or not at all."""

_ADMIT_AT_ONCE = 64
_DECIDE_AT_ONCE = 16
MAX_ACTIVE = 131_072
"""Slots admitted and unfinished at most; what bounds memory where everything waits for a decision."""


class Replies(Protocol):
    """Where stored replies are read."""

    def get(self, keys: Sequence[bytes]) -> Mapping[bytes, Reply]:
        """Stored replies of those keys that have one."""
        ...


class Fold:
    """Runs one sequence of slots to the end.

    Args:
        pipeline: compiled steps.
        replies: the store.
        open_slot: makes a slot's state (axis views) from its key.
        submit: asks for a job whose reply is not stored, on behalf of a slot; the reply comes back through
            `deliver`, or its absence through `fail`. None means that nothing may be asked.
        finish: called with every slot as it ends.
        visit: called with every reply that goes into the fold, stored or new, and the slot it goes to first.
        in_flight: how many missing replies to keep wished for; admission stops there.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        replies: Replies,
        *,
        open_slot: Callable[[SlotKey], SlotState],
        submit: Callable[[Job, SlotState], None] | None,
        finish: Callable[[Finished], None],
        visit: Callable[[Job, Reply, SlotKey], None] | None = None,
        in_flight: int = 512,
    ) -> None:
        self._pipeline = pipeline
        self._replies = replies
        self._open_slot = open_slot
        self._submit = submit
        self._finish = finish
        self._visit = visit
        self._in_flight = in_flight
        self._slots: Iterator[SlotKey] = iter(())
        self._exhausted = True
        self._admitted = 0
        self._block = 0
        self._waiting: dict[bytes, list[Fiber]] = {}
        self._asked: list[tuple[Job, Fiber]] = []
        self._ready: deque[tuple[Fiber, Any, Missing | None]] = deque()
        self._decisions = Decisions()
        self._trampoline = Trampoline(
            on_ask=self._on_ask,
            on_decide=self._on_decide,
            on_spread=self._on_spread,
            on_part=self._on_part,
            on_end=self._on_end,
        )
        self.active = 0
        self.served = 0

    @property
    def done(self) -> bool:
        """Whether every slot has ended."""
        return self._exhausted and not self.active

    @property
    def wished(self) -> int:
        """How many replies are waited for."""
        return len(self._waiting)

    def feed(self, slots: Iterator[SlotKey]) -> None:
        """Give the next sequence of slots (the main ones, then each round of replacements); starts a new block."""
        self._slots = slots
        self._exhausted = False
        self._admitted = 0
        self._block += 1

    def deliver(self, job: Job, reply: Reply) -> None:
        """A submitted job's reply is durable; `turn` will use it."""
        waiters = self._waiting.pop(job.key, ())
        if self._visit is not None and waiters:
            self._visit(job, reply, waiters[0].owner.slot.state.key)
        for fiber in waiters:
            self._ready.append((fiber, reply, None))

    def fail(self, job: Job, reason: str) -> None:
        """A submitted job's reply cannot be had."""
        for fiber in self._waiting.pop(job.key, ()):
            self._ready.append((fiber, None, Missing(reason)))

    def turn(self, steps: int = 4096) -> bool:
        """Advance what can be advanced, at most about so many fibers; returns whether more could be done at once."""
        ready, resume = self._ready, self._trampoline.resume
        while steps > 0:
            while ready:
                fiber, value, error = ready.popleft()
                resume(fiber, value, error)
                steps -= 1
            if self._decisions:
                decided = self._decisions.due(_DECIDE_AT_ONCE)
                ready.extend((fiber, answer, None) for fiber, answer in decided)
                steps -= len(decided)
            elif len(self._asked) >= LOOKUP or not self._admit():
                if not self._asked:
                    return False
                self._look_up()
            else:
                steps -= _ADMIT_AT_ONCE
        return True

    def _admit(self) -> bool:
        if self._exhausted or self.active >= MAX_ACTIVE or len(self._waiting) >= self._in_flight:
            return False
        for _ in range(_ADMIT_AT_ONCE):
            key = next(self._slots, None)
            if key is None:
                self._exhaust()
                return True
            if self._admitted and self._admitted % BLOCK == 0:
                self._decisions.seal(self._block)
                self._block += 1
            self._admitted += 1
            self._start(SlotRun(self._pipeline, self._open_slot(key), self._block))
        return True

    def _exhaust(self) -> None:
        if not self._exhausted:
            self._exhausted = True
            self._slots = iter(())
            self._decisions.seal(self._block)

    def _start(self, slot: SlotRun) -> None:
        self.active += 1
        for step, lanes in self._pipeline.deciding:
            self._decisions.open(step, slot.block, lanes)
        fibers = [slot.start(index) for index in self._pipeline.first]
        for fiber in fibers:
            self._trampoline.resume(fiber)
        if not fibers:
            self._conclude(slot)

    def _look_up(self) -> None:
        batch, self._asked = self._asked[:LOOKUP], self._asked[LOOKUP:]
        found = self._replies.get([job.key for job, _ in batch])
        for job, fiber in batch:
            reply = found.get(job.key)
            waiters = self._waiting.get(job.key)
            if reply is not None and waiters is None:
                self.served += 1
                if self._visit is not None:
                    self._visit(job, reply, fiber.owner.slot.state.key)
                self._ready.append((fiber, reply, None))
            elif self._submit is None:
                self._ready.append((fiber, None, Missing(NO_REPLY)))
            elif waiters is not None:
                waiters.append(fiber)
            else:
                self._waiting[job.key] = [fiber]
                self._submit(job, fiber.owner.slot.state)

    def _on_ask(self, fiber: Fiber, wish: Ask) -> None:
        self._asked.append((wish.job, fiber))

    def _on_decide(self, fiber: Fiber, wish: Decide) -> None:
        slot: SlotRun = fiber.owner.slot
        self._decisions.park(slot.block, slot.state.key.rank, fiber, wish)

    def _on_spread(self, fiber: Fiber, parts: int) -> None:
        owner: StepRun = fiber.owner
        if owner.lanes > 1:
            self._close_lanes(owner, owner.lanes - parts)

    def _on_part(self, fiber: Fiber) -> None:
        owner: StepRun = fiber.owner
        if self._pipeline.programs[owner.index].decided_lanes > 1:
            self._close_lanes(owner, 1)

    def _close_lanes(self, owner: StepRun, lanes: int) -> None:
        lanes = max(0, min(lanes, owner.lanes))
        owner.lanes -= lanes
        self._decisions.close(self._pipeline.programs[owner.index].name, owner.slot.block, lanes)

    def _on_end(self, fiber: Fiber, result: Any, error: Missing | None) -> None:
        owner: StepRun = fiber.owner
        slot = owner.slot
        if owner.lanes:
            self._close_lanes(owner, owner.lanes)
        ready = slot.end(owner.index, result, error)
        if self._pipeline.programs[owner.index].name not in slot.state.results:
            for index in slot.dying(owner.index):
                program = self._pipeline.programs[index]
                self._decisions.close(program.name, slot.block, program.decided_lanes)
        # all are counted as running before the first one may end at once
        for started in [slot.start(index) for index in ready]:
            self._trampoline.resume(started)
        if not ready and not slot.running:
            self._conclude(slot)

    def _conclude(self, slot: SlotRun) -> None:
        self.active -= 1
        self._finish(slot.finish())
