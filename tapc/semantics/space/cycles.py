"""Circles among mixes that depend on each other."""

from collections.abc import Sequence

import msgspec

from tapc.semantics.report import Place
from tapc.semantics.space.context import Context


class Dependency(msgspec.Struct, frozen=True):
    """A mix is drawn after an axis, because a rule tests that axis."""

    mix: str
    axis: str
    place: Place


def check_cycles(context: Context, dependencies: Sequence[Dependency]) -> bool:
    """Report a circle, if there is one, with the rules it goes through; whether there is none."""
    after: dict[str, dict[str, Dependency]] = {}
    for dependency in dependencies:
        after.setdefault(dependency.mix, {}).setdefault(dependency.axis, dependency)
    done: set[str] = set()
    for start in sorted(after):
        circle = _circle(start, after, done)
        if circle:
            names = " → ".join([circle[0].mix, *(step.axis for step in circle)])
            labels = [step.place.label(f"`{step.mix}` depends on `{step.axis}` here") for step in circle]
            message = f"mixes depend on each other in a circle: {names}"
            if len(circle) == 1:
                message = f"`{circle[0].mix}` depends on itself"
            context.report.add("TAP215", message, *labels)
            return False
    return True


def _circle(start: str, after: dict[str, dict[str, Dependency]], done: set[str]) -> list[Dependency]:
    """The first circle reachable from a mix; depth-first without recursion, in order of name."""
    trail: list[Dependency] = []
    on_trail = {start: 0}
    stack = [iter(sorted(after[start].items()))]
    while stack:
        axis, step = next(stack[-1], (None, None))
        if axis is None or step is None:
            stack.pop()
            gone = trail.pop().axis if trail else start
            on_trail.pop(gone, None)
            done.add(gone)
        elif axis in on_trail:
            return [*trail[on_trail[axis] :], step]
        elif axis in after and axis not in done:
            trail.append(step)
            on_trail[axis] = len(trail)
            stack.append(iter(sorted(after[axis].items())))
    return []
