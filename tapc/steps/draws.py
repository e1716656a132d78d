"""Which steps draw values of `per candidate` mixes, and how many of them a slot."""

from collections.abc import Iterable

import msgspec

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
        draws = program.draws
        if draws is None:
            continue
        kept = held.get(draws.parent, frozenset())
        held[program.name] = kept | frozenset(draws.mixes) if draws.mixes else frozenset()
        even[program.name] = draws.even and even.get(draws.parent, True)
        found += [Drawing(program.name, mix, draws.most, even[program.name]) for mix in draws.mixes if mix not in kept]
    return found
