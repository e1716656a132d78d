"""One slot on its way through the steps: the graph of steps, and how far a slot has come in it."""

from collections.abc import Sequence

import msgspec

from tapc.steps import Missing, Short, SlotState, Status, StepProgram, StepResult, Task


class Pipeline:
    """The compiled steps of a dataset as a graph that slots stream through.

    Attributes:
        programs: compiled steps in topological order.
        needs: how many other steps each one reads.
        dependents: positions of the steps that read each one.
        first: positions of the steps that read no other.
        accept: positions of the steps a slot needs results of.
        reach: each step and everything that depends on it, as positions.
        depths: how many other steps come before each one at most, on a path of what it reads.
        deciding: steps with ranked decisions, each with how many candidates of a slot ask for them.
    """

    def __init__(self, programs: Sequence[StepProgram], accept: Sequence[str]) -> None:
        self.programs = tuple(programs)
        place = {program.name: i for i, program in enumerate(self.programs)}
        reads = [sorted({place[name] for name in program.reads if name in place}) for program in self.programs]
        self.needs = tuple(len(r) for r in reads)
        self.dependents = tuple(tuple(j for j, r in enumerate(reads) if i in r) for i in range(len(self.programs)))
        depths: list[int] = []
        for read in reads:  # programs are in topological order
            depths.append(max((depths[i] + 1 for i in read), default=0))
        self.depths = tuple(depths)
        self.first = tuple(i for i, need in enumerate(self.needs) if need == 0)
        self.accept = frozenset(place[name] for name in accept if name in place)
        self.deciding = tuple((p.name, p.decided_candidates) for p in self.programs if p.decided_candidates)
        self.reach = tuple(self._reach(i) for i in range(len(self.programs)))

    def _reach(self, start: int) -> frozenset[int]:
        found = {start}
        todo = [start]
        while todo:
            for after in self.dependents[todo.pop()]:
                if after not in found:
                    found.add(after)
                    todo.append(after)
        return frozenset(found)


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
    """One step of one slot: the `owner` of its tasks.

    Attributes:
        slot, index: which slot, and the step's position in the pipeline.
        deciders: candidates that may still ask for a ranked decision.
    """

    __slots__ = ("deciders", "index", "slot")

    def __init__(self, slot: "SlotRun", index: int, deciders: int) -> None:
        self.slot = slot
        self.index = index
        self.deciders = deciders

    @property
    def apart(self) -> bool:
        """Whether each of several candidates asks on its own."""
        return self.slot.pipeline.programs[self.index].decided_candidates > 1


_NOTHING: frozenset[int] = frozenset()


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
        self.dead: frozenset[int] = _NOTHING  # rare, so not an object per slot; the same below
        self.shorts: tuple[tuple[int, Short], ...] = ()
        self.missing: tuple[tuple[int, str], ...] = ()

    def start(self, index: int) -> Task:
        """Make the task of a step whose inputs exist."""
        program = self.pipeline.programs[index]
        self.running += 1
        return Task(program.run(self.state), StepRun(self, index, program.decided_candidates))

    def end(self, index: int, result: StepResult | Short | None, error: Missing | None) -> list[int] | None:
        """Record a step's end; returns the steps that can start now, None where it yielded nothing."""
        self.running -= 1
        if error is not None:
            self.missing = (*self.missing, (index, str(error)))
            return None
        if isinstance(result, Short):
            self.shorts = (*self.shorts, (index, result))
            return None
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
        self.dead = self.dead.union(found)
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
