"""The compiled steps of a dataset as a graph that slots stream through."""

from collections.abc import Sequence

from tapc.steps import StepProgram


class Pipeline:
    """Steps in topological order and who reads whom.

    Attributes:
        programs: compiled steps.
        needs: for each, how many other steps it reads.
        dependents: for each, positions of the steps that read it.
        accept: positions of the steps a slot needs results of.
        reach: for each, itself and everything that depends on it.
        deciding: (step name, lanes) of steps with ranked decisions.
    """

    def __init__(self, programs: Sequence[StepProgram], accept: Sequence[str]) -> None:
        self.programs = tuple(programs)
        place = {program.name: i for i, program in enumerate(self.programs)}
        reads = [sorted({place[name] for name in program.reads if name in place}) for program in self.programs]
        self.needs = tuple(len(r) for r in reads)
        self.dependents = tuple(tuple(j for j, r in enumerate(reads) if i in r) for i in range(len(self.programs)))
        self.first = tuple(i for i, need in enumerate(self.needs) if need == 0)
        self.accept = frozenset(place[name] for name in accept if name in place)
        self.deciding = tuple((p.name, p.decided_lanes) for p in self.programs if p.decided_lanes)

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
