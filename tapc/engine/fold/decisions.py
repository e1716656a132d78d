"""Decisions that depend on other slots, taken in an order that no timing can change.

Order: block of slots, attempt, slot, candidate. A block's decisions of one step at one attempt are taken together, when
every candidate that may still ask has asked. Blocks keep hundreds of requests in flight while duplicates are resolved,
where strict slot order would serialize them. The first blocks are small, so that the first samples are finished while
most of the requests are still to be sent, and a run that ends early has rows. What is decided together is still handed
out in pieces, so that two thousand comparisons do not hold the network up.

A change of these sizes changes decisions: count `tapc.steps.DECISIONS_VERSION` up, and say so in the changelog.
"""

from collections import deque
from heapq import heappop, heappush

from tapc.steps import Decide, Task

FIRST_BLOCK = 64
"""Slots of the first block of a sequence; each further one has twice as many as the one before it."""

LARGEST_BLOCK = 2048
"""Slots of a block at most."""


class _StepBlock:
    """Candidates of one step in one block: how many may still ask, which wait, and which are being decided."""

    __slots__ = ("deciding", "open", "parked", "sealed")

    def __init__(self) -> None:
        self.open = 0
        self.sealed = False
        self.parked: list[tuple[int, int, int, Task, Decide]] = []
        self.deciding: deque[tuple[Task, Decide]] = deque()


class Decisions:
    """Collects requests for ranked decisions and releases them in order.

    A *decider* is a candidate that may still ask. It is opened when its slot is admitted, and closed when it will ask
    no more. A block is sealed when all its slots are admitted.
    """

    def __init__(self) -> None:
        self._blocks: dict[tuple[str, int], _StepBlock] = {}
        self._order: dict[str, list[int]] = {}
        self._touched: set[str] = set()

    def __bool__(self) -> bool:
        """Whether a decision may have become due."""
        return bool(self._touched)

    def open(self, step: str, block: int, deciders: int) -> None:
        """Announce deciders of a newly admitted slot."""
        found = self._blocks.get((step, block))
        if found is None:
            found = self._blocks[step, block] = _StepBlock()
            heappush(self._order.setdefault(step, []), block)
        found.open += deciders

    def seal(self, block: int) -> None:
        """All slots of the block are admitted."""
        for (step, number), found in self._blocks.items():
            if number == block:
                found.sealed = True
                self._touched.add(step)

    def park(self, block: int, rank: int, task: Task, request: Decide) -> None:
        """A candidate waits for a decision."""
        asker = request.asker
        self._blocks[asker.step, block].parked.append((asker.attempt, rank, asker.candidate, task, request))
        self._touched.add(asker.step)

    def close(self, step: str, block: int, deciders: int) -> None:
        """Deciders will ask no more."""
        if deciders:
            self._blocks[step, block].open -= deciders
            self._touched.add(step)

    def due(self, most: int) -> list[tuple[Task, str | None]]:
        """Take decisions that are due, at most so many; returns the tasks to resume, in order, with their answers."""
        answers: list[tuple[Task, str | None]] = []
        while self._touched and len(answers) < most:
            step = min(self._touched)
            self._touched.discard(step)
            order = self._order.get(step, [])
            while order:
                found = self._blocks[step, order[0]]
                while found.deciding and len(answers) < most:
                    # those whose step has ended meanwhile as well: memory must not depend on when that was
                    task, request = found.deciding.popleft()
                    answers.append((task, request.check.decide(request.text, request.group)))
                if found.deciding:
                    self._touched.add(step)
                    break
                if not found.sealed or len(found.parked) < found.open:
                    break
                found.parked = [entry for entry in found.parked if not entry[3].closed]
                if not found.open:
                    del self._blocks[step, heappop(order)]
                elif len(found.parked) == found.open:
                    self._begin(found)
                else:
                    break
        return answers

    @staticmethod
    def _begin(found: _StepBlock) -> None:
        """All have asked: decide on the lowest attempt."""
        attempt = min(entry[0] for entry in found.parked)
        now = sorted((e for e in found.parked if e[0] == attempt), key=lambda e: e[1:3])
        found.parked = [e for e in found.parked if e[0] != attempt]
        found.deciding.extend((task, request) for _, _, _, task, request in now)
