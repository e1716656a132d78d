"""The one interpreter of effects: moves the coroutines of steps from effect to effect, without an event loop.

A step's coroutine is the root of a tree of tasks; each `gather` in it adds a task per part. `advance` moves one task as
far as it goes and returns, in order, the effects that tasks await now and the tasks that have ended. The caller
answers the effects, in any order and whenever it likes, by advancing the tasks that await them.

There are two callers. The fold (`tapc.engine.fold`) has many slots under way and answers as replies come in. `drive`
and `run_slot`, below, have all replies (stand-ins for estimates, stored ones for explanations) and answer at once.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tapc.jobs import Job, Reply
from tapc.steps.effects import Ask, Both, Decide, Missing, Steps
from tapc.steps.program import SlotState, StepProgram
from tapc.steps.results import Short

Answer = Callable[[Job], Reply]
"""Gives the reply to a job, or raises `Missing`."""


_NONE: list[Any] = []
"""Results of a task that has no parts; never changed."""


class Task:
    """One running coroutine: that of a step, or a part of a `gather` in it.

    Attributes:
        coroutine: what runs.
        owner: what the caller wants to find again; parts have that of their root.
        parent: the task that waits for this one; None for a root.
        closed: whether it has ended, or was closed because another part failed; an answer that still comes is ignored.
    """

    __slots__ = ("children", "closed", "coroutine", "index", "owner", "parent", "pending", "results")

    def __init__(self, coroutine: Steps[Any], owner: Any = None, parent: "Task | None" = None, index: int = 0) -> None:
        self.coroutine = coroutine
        self.owner = owner
        self.parent = parent
        self.index = index
        self.closed = False
        self.children: Sequence[Task] = ()
        self.results: list[Any] = _NONE
        self.pending = 0

    def close(self) -> None:
        """Stop it and everything below it."""
        self.closed = True
        for child in self.children:
            if not child.closed:
                child.close()
        self.coroutine.close()


class Ended(msgspec.Struct, frozen=True, gc=False):
    """A task has ended: with a value, or with `Missing` where a reply it needs cannot be had."""

    value: Any
    error: Missing | None


Event = tuple[Task, Ask | Decide | Both | Ended]
"""A task, and what it awaits now or how it ended. `Both` needs no answer: it tells how many parts there are."""


def advance(task: Task, value: Any = None, error: Missing | None = None) -> list[Event]:
    """Move a task on, and those that its end wakes, until each of them waits or has ended.

    Args:
        task: a new one, or one that awaits an `Ask` or a `Decide`; nothing happens where it is closed.
        value: the answer.
        error: thrown into it instead, where there is no reply.
    """
    events: list[Event] = []
    while not task.closed:
        try:
            effect = task.coroutine.throw(error) if error is not None else task.coroutine.send(value)
        except StopIteration as stop:
            value, error = stop.value, None
        except Missing as missing:
            value, error = None, missing
        else:
            events.append((task, effect))
            if isinstance(effect, (Ask, Decide)):
                break
            if not isinstance(effect, Both):
                raise TypeError(f"a step awaited {effect!r}, which is not an effect")
            events += _spread(task, effect)
            break
        task.closed = True
        events.append((task, Ended(value, error)))
        parent = task.parent
        if parent is None or not _join(parent, task.index, value, error):
            break
        if error is None:
            value, parent.results = parent.results, _NONE
        task = parent
    return events


def _spread(task: Task, effect: Both) -> list[Event]:
    """Begin the parts of a `gather`."""
    children = [Task(part, task.owner, task, i) for i, part in enumerate(effect.parts)]
    task.children, task.results, task.pending = children, [None] * len(children), len(children)
    if not children:
        return advance(task, [])
    return [event for child in children for event in advance(child)]


def _join(parent: Task, index: int, value: Any, error: Missing | None) -> bool:
    """Note the end of a part; returns whether the parent goes on. One that fails closes the others."""
    if error is not None:
        for sibling in parent.children:
            if not sibling.closed:
                sibling.close()
    else:
        parent.results[index] = value
        parent.pending -= 1
        if parent.pending:
            return False
    parent.children = ()
    return True


def drive(coroutine: Steps[Any], answer: Answer) -> Any:
    """Run a coroutine of a step to its end; ranked checks accept everything.

    A reply that is missing is reported to the step only when nothing else can go on, so that every job that can be
    reached is asked for.

    Raises:
        Missing: a reply is not there.
    """
    root = Task(coroutine)
    events = advance(root)[::-1]  # the next one last: parts are run to their ends one after the other
    late: list[tuple[Task, Missing]] = []
    while True:
        if not events:
            task, missing = late.pop()
            events = advance(task, error=missing)[::-1]
            continue
        task, event = events.pop()
        if isinstance(event, Ask):
            try:
                reply = answer(event.job)
            except Missing as missing:
                late.append((task, missing))
            else:
                events += reversed(advance(task, reply))
        elif isinstance(event, Decide):
            events += reversed(advance(task))
        elif isinstance(event, Ended) and task is root:
            if event.error is not None:
                raise event.error
            return event.value


def run_slot(programs: Sequence[StepProgram], state: SlotState, answer: Answer) -> None:
    """Run the steps of a slot in order, but those whose replies are missing or that read a step without a result."""
    names = {program.name for program in programs}
    for program in programs:
        if any(name in names and name not in state.results for name in program.reads):
            continue
        try:
            result = drive(program.run(state), answer)
        except Missing:
            continue
        if not isinstance(result, Short):
            state.results[program.name] = result
            state.names[program.name] = program.view(result)
