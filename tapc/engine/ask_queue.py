"""In which order missing replies are asked for, and how many at once.

The deepest step comes first, always, and within a step the lowest rank: a sample that was begun is finished before
another one is begun. The dispatcher keeps to that order too; what it cannot know is when to wait. So that a run that
ends early (an interrupt, a ceiling) leaves finished samples and not many half-made ones,

- the requests under way are at most a fifth of those of the whole plan at one step. Large plans do not notice it: their
  endpoints allow fewer.
- With decisions that depend on other samples, no sample is begun far ahead of the finished ones, since a block of them
  (`fold/decisions.py`) has to be complete before any of it goes on.

With a brake (`brake.py`), two more rules bound what a run spends before the brake can know anything:

- Nothing is asked as long as stored replies alone can still trip the brake, so that running again costs nothing.
- Until a sample is accepted, few requests are under way, and no sample is begun far ahead of those the brake has seen.

None of this touches what is asked in the end, or what comes of it.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from tapc.engine.brake import Brake
from tapc.engine.fold import Pipeline, Wanted

_PART = 5
"""Requests under way are at most the plan's requests per step, divided by this."""

_LEAST = 16
"""Requests that may be under way in the smallest plan."""

_UNPROVEN = 32
"""Requests under way until a sample is accepted."""

_AHEAD = 64
"""How far ahead of n samples others are begun where that is bounded: up to rank 2 n + `_AHEAD`. Blocks of decisions
grow no faster, so the first block that is not finished may be complete."""

_RANKS = 1 << 40
"""More than there are ranks."""


class AskQueue:
    """Holds wanted replies until they may be asked for.

    Args:
        pipeline: steps of the plan.
        expected: first-attempt jobs by step; empty if they are not known.
        brake: watches the samples; None without one.

    Attributes:
        finished: samples that have ended, to be kept by the caller.
    """

    def __init__(self, pipeline: Pipeline, expected: Sequence[tuple[str, int]], brake: Brake | None) -> None:
        deepest = max(pipeline.depths, default=0)
        self._before = {
            program.name: (deepest - depth) * _RANKS
            for program, depth in zip(pipeline.programs, pipeline.depths, strict=True)
        }
        asking = (self._before[program.name] for program in pipeline.programs if program.job_classes)
        self._begins = max(asking, default=deepest * _RANKS)
        steps = [jobs for _, jobs in expected if jobs]
        self._most = max(_LEAST, sum(steps) // (_PART * len(steps))) if len(steps) > 1 else _RANKS
        self._in_blocks = bool(pipeline.deciding)
        self._free = self._most == _RANKS and not self._in_blocks
        self._brake = brake
        self._new: list[Wanted] = []
        self._held: list[tuple[int, int, Wanted]] = []
        self._number = 0
        self._lowest = _RANKS
        self._begun = brake is None
        self._out = 0
        self.finished = 0

    def __bool__(self) -> bool:
        """Whether anything is held."""
        return bool(self._new or self._held)

    def add(self, wanted: Wanted) -> None:
        """Hold a reply that is wanted."""
        self._new.append(wanted)

    def ended(self) -> None:
        """A job that was taken has its answer."""
        self._out -= 1

    def take(self, *, idle: bool) -> list[tuple[Wanted, int]]:
        """What is to be asked for now, each with its order, by which the sender sorts.

        Args:
            idle: whether the fold can do no more with the replies it has.
        """
        brake = self._brake
        if self._free and not self._held and (brake is None or brake.accepted):
            return self.take_all()  # the usual case, and so a quick one
        self._sort_in()
        if brake is not None and not self._begun:
            # the first undecided sample waits for a reply: stored ones say no more about the samples before it
            self._begun = idle or self._lowest <= brake.rank
            if not self._begun:
                return []
        end, most = self._begins + _RANKS, self._most
        if brake is not None and not brake.accepted:
            end, most = self._begins + 2 * brake.rank + _AHEAD, min(most, _UNPROVEN)
        elif self._in_blocks:
            end = self._begins + 2 * self.finished + _AHEAD
        taken = self._first(most - self._out, end)
        if not taken and idle and not self._out:
            return self._first(1)  # a sample may wait for a reply that it shares with one beyond the end
        return taken

    def take_all(self) -> list[tuple[Wanted, int]]:
        """Everything, as where nothing bounds it or no more is sent."""
        new, self._new = self._new, []
        held, self._held = self._held, []
        self._out += len(held) + len(new)
        return [(wanted, order) for order, _, wanted in sorted(held)] + [
            (wanted, self._order(wanted)) for wanted in new
        ]

    def _order(self, wanted: Wanted) -> int:
        step = wanted.job.recipe.step
        before = self._before.get(step)
        if before is None:  # a program that checks results is named STEP.run
            before = self._before[step] = self._before[step.partition(".")[0]]
        return before + wanted.slot.key.rank

    def _sort_in(self) -> None:
        for wanted in self._new:
            self._number += 1
            heappush(self._held, (self._order(wanted), self._number, wanted))
            self._lowest = min(self._lowest, wanted.slot.key.rank)
        self._new.clear()

    def _first(self, most: int, end: int = _RANKS * _RANKS) -> list[tuple[Wanted, int]]:
        """The first ones in order, before `end`."""
        taken: list[tuple[Wanted, int]] = []
        while self._held and len(taken) < most and self._held[0][0] < end:
            order, _, wanted = heappop(self._held)
            taken.append((wanted, order))
        self._out += len(taken)
        return taken
