"""One slot on its way through the steps."""

import msgspec

from tapc.engine.fold.fiber import Fiber
from tapc.engine.fold.pipeline import Pipeline
from tapc.steps import Missing, Short, SlotState, Status, StepResult


class Finished(msgspec.Struct, frozen=True):
    """What became of a slot.

    Attributes:
        state: results and rejections.
        status: `missing` where a reply could not be had and nothing else decided the slot.
        short: the first step (in order) that fell short, for `rejected`.
        missing: why a reply could not be had, for `missing`.
    """

    state: SlotState
    status: Status
    short: Short | None = None
    missing: str = ""


class StepRun:
    """One step of one slot: what a fiber's `owner` is."""

    __slots__ = ("index", "lanes", "slot")

    def __init__(self, slot: "SlotRun", index: int, lanes: int) -> None:
        self.slot = slot
        self.index = index
        self.lanes = lanes


class SlotRun:
    """State of one admitted slot.

    Every step whose inputs exist is run, whatever happened elsewhere in the slot, so that what is asked depends on
    replies alone and never on which came first.
    """

    __slots__ = ("block", "dead", "missing", "pipeline", "running", "shorts", "state", "waits")

    def __init__(self, pipeline: Pipeline, state: SlotState, block: int) -> None:
        self.pipeline = pipeline
        self.state = state
        self.block = block
        self.waits = list(pipeline.needs)
        self.running = 0
        self.dead: set[int] = set()
        self.shorts: list[tuple[int, Short]] = []
        self.missing: list[tuple[int, str]] = []

    def start(self, index: int) -> Fiber:
        """Make the fiber of a step whose inputs exist."""
        program = self.pipeline.programs[index]
        self.running += 1
        return Fiber(program.run(self.state), StepRun(self, index, program.decided_lanes))

    def end(self, index: int, result: StepResult | Short | None, error: Missing | None) -> list[int]:
        """Record a step's end; returns the steps that can start now."""
        self.running -= 1
        if error is not None:
            self.missing.append((index, str(error)))
            return []
        if isinstance(result, Short):
            self.shorts.append((index, result))
            return []
        if result is None:
            raise TypeError(f"step {self.pipeline.programs[index].name} returned nothing")
        program = self.pipeline.programs[index]
        self.state.results[program.name] = result
        self.state.names[program.name] = program.view(result)
        ready: list[int] = []
        for after in self.pipeline.dependents[index]:
            self.waits[after] -= 1
            if not self.waits[after]:
                ready.append(after)
        return ready

    def dying(self, index: int) -> list[int]:
        """Steps that can no longer start because this one yielded nothing; each is returned once."""
        found = [i for i in sorted(self.pipeline.reach[index]) if i != index and i not in self.dead]
        self.dead.update(found)
        return found

    def finish(self) -> Finished:
        """Judge the slot once nothing runs any more."""
        if not self.shorts and not self.missing:
            return Finished(self.state, "accepted")
        for index, short in sorted(self.shorts, key=lambda entry: entry[0]):
            if self.pipeline.accept & self.pipeline.reach[index]:
                return Finished(self.state, "rejected", short=short)
        if self.missing:
            return Finished(self.state, "missing", missing=min(self.missing)[1])
        return Finished(self.state, "accepted")
