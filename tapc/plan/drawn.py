"""What `per candidate` mixes come to over the planned candidates."""

from collections.abc import Iterator

from tapc.plan.compile import Planned
from tapc.plan.document import DrawnPlan
from tapc.steps import drawings


def drawn_plans(planned: Planned) -> Iterator[DrawnPlan]:
    """One entry for each step that draws a mix, and mix; none without such mixes."""
    draws, slots = planned.draws, len(planned.slots)
    if draws is None or not slots:
        return
    for one in drawings(planned.programs()):
        if not one.even:
            yield DrawnPlan(
                mix=one.mix, step=one.step, candidates=slots * one.width, counts=None, deviation=None, partial=None
            )
            continue
        found = draws.count(planned.allocation, one.mix, one.width)
        yield DrawnPlan(
            mix=one.mix,
            step=one.step,
            candidates=found.candidates,
            counts=found.counts,
            deviation=None if found.deviation is None else float(found.deviation),
            partial=found.partial,
        )
