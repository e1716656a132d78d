"""The order of steps: dependencies first, ties by name."""

from collections.abc import Mapping
from itertools import pairwise

from tapc.ir import AnyStep, Check, Generate, Input, Judge, Score, Template
from tapc.semantics.lower.context import Names
from tapc.semantics.report import Report


def dependencies(step: AnyStep, known: Mapping[str, AnyStep]) -> set[str]:
    """Names of steps a step reads."""
    found: set[str] = set()
    for template in _templates(step):
        found.update(template.reads)
    found.update(value for field in ("of", "for_step", "prompt_of") if (value := getattr(step, field, None)))
    for field in ("by", "given"):
        found.update(name.partition(".")[0] for name in getattr(step, field, ()))
    checks: tuple[Check, ...] = step.require if isinstance(step, Generate | Judge | Score) else ()
    found.update(c.field.partition(".")[0] for c in checks if c.check == "score" and c.field)
    found.discard(step.name)
    return {name for name in found if name in known}


def _templates(step: AnyStep) -> list[Template]:
    if isinstance(step, Generate):
        return [message.content for message in step.messages]
    if isinstance(step, Input):
        return [step.file] if step.file is not None else []
    if not isinstance(step, Judge):
        return []
    texts = [step.system, step.rubric.definition]
    for aspect in step.rubric.aspects:
        texts += [aspect.definition, *(anchor for _, anchor in aspect.anchors)]
    return [text for text in texts if text is not None]


def in_order_of_need(steps: Mapping[str, AnyStep], names: Names, report: Report) -> tuple[AnyStep, ...]:
    """Sort the steps; a cycle is reported with its loop, and its steps are left out."""
    needs = {name: dependencies(step, steps) for name, step in steps.items()}
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
