"""What `per candidate` mixes come to over the planned candidates."""

from collections.abc import Collection, Iterator

from tapc.plan.compile import Planned
from tapc.plan.document import DrawnPlan
from tapc.steps import drawings


def drawn_plans(planned: Planned, whole: Collection[str] = ()) -> Iterator[DrawnPlan]:
    """One entry for each step that draws a mix, and mix; none without such mixes.

    Args:
        planned: the plan.
        whole: mixes to count however many draws that takes.
    """
    draws, slots = planned.draws, len(planned.slots)
    if draws is None or not slots:
        return
    for one in drawings(planned.programs()):
        if not one.even:
            yield DrawnPlan(
                mix=one.mix, step=one.step, candidates=slots * one.width, counts=None, deviation=None, partial=None
            )
            continue
        found = draws.count(planned.allocation, one.mix, one.width, whole=one.mix in whole)
        yield DrawnPlan(
            mix=one.mix,
            step=one.step,
            candidates=found.candidates,
            counts=found.counts,
            exact={value: float(share) for value, share in found.exact.items()},
            deviation=None if found.deviation is None else float(found.deviation),
            partial=found.partial,
        )
