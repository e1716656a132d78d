"""Which steps draw values of `per candidate` mixes, and how many of them a slot."""

from collections.abc import Iterable

import msgspec

from tapc.steps.generate import GenerateProgram
from tapc.steps.program import StepProgram


class Drawing(msgspec.Struct, frozen=True):
    """A step that draws a mix.

    Attributes:
        step: its name.
        mix: name of the mix.
        width: candidates of a slot, at most.
        even: whether a slot has exactly so many where nothing is rejected. If so, those are the draws 0 to `width` of
            every slot.
    """

    step: str
    mix: str
    width: int
    even: bool


def drawings(programs: Iterable[StepProgram]) -> list[Drawing]:
    """All draws of compiled steps; a candidate that keeps what its parent drew draws nothing.

    Args:
        programs: in topological order.
    """
    found: list[Drawing] = []
    held: dict[str, frozenset[str]] = {}
    even: dict[str, bool] = {}
    for program in programs:
        if not isinstance(program, GenerateProgram):
            continue
        plan, above = program.plan, program.parent or ""
        kept = held.get(above, frozenset())
        held[program.name] = kept | frozenset(plan.mixes) if plan.mixes else frozenset()
        even[program.name] = plan.even and even.get(above, True)
        found += [Drawing(program.name, mix, plan.most, even[program.name]) for mix in plan.mixes if mix not in kept]
    return found
