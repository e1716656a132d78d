"""The order of steps: dependencies first, ties by name."""

from collections.abc import Mapping
from itertools import pairwise

from tapc.ir import Step
from tapc.semantics.lower.names import Names
from tapc.semantics.report import Report


def in_order_of_need(steps: Mapping[str, Step], names: Names, report: Report) -> tuple[Step, ...]:
    """Sort the steps; a cycle is reported with its loop, and its steps are left out."""
    needs = {name: set(step.reads()) & steps.keys() for name, step in steps.items()}
    done: list[str] = []
    ready = sorted(name for name, need in needs.items() if not need)
    waiting = {name: set(need) for name, need in needs.items() if need}
    while ready:
        name = ready.pop(0)
        done.append(name)
        for other in [n for n, need in waiting.items() if name in need]:
            waiting[other].discard(name)
            if not waiting[other]:
                del waiting[other]
                ready = sorted([*ready, other])
    if waiting:
        loop = _loop(waiting)
        places = [names.items[name].name_place.label(f"reads `{after}`") for name, after in pairwise(loop)]
        notes = ("a step can only read steps made before it: cut one of these links",)
        report.add("TAP410", "steps read each other in a loop: " + " -> ".join(loop), *places, notes=notes)
    return tuple(steps[name] for name in done)


def _loop(waiting: Mapping[str, set[str]]) -> list[str]:
    path = [min(waiting)]
    while True:
        following = min(name for name in waiting[path[-1]] if name in waiting)
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
