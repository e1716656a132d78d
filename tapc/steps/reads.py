"""Which steps a step reads."""

from collections.abc import Iterator

from tapc.ir import AnyStep, Check, Generate, Input, Judge, Pair, Score, Template, Vote


def templates_of(step: AnyStep) -> Iterator[Template]:
    """Every template in a step, in a fixed order."""
    if isinstance(step, Generate):
        for message in step.messages:
            yield message.content
    elif isinstance(step, Judge):
        if step.system is not None:
            yield step.system
        if step.rubric.definition is not None:
            yield step.rubric.definition
        for aspect in step.rubric.aspects:
            if aspect.definition is not None:
                yield aspect.definition
            for _, anchor in aspect.anchors:
                yield anchor
    elif isinstance(step, Input) and step.file is not None:
        yield step.file


def names_read(step: AnyStep) -> tuple[str, ...]:
    """Names of steps, scores' steps and axes a step reads, sorted; itself excluded."""
    found = {name for template in templates_of(step) for name in template.reads}
    checks: tuple[Check, ...] = ()
    if isinstance(step, Generate):
        if step.for_step is not None:
            found.add(step.for_step)
        checks = step.require
    elif isinstance(step, Judge | Pair | Score | Vote):
        found.add(step.of)
        if isinstance(step, Judge):
            found.update(name.partition(".")[0] for name in step.given)
            if step.prompt_of is not None:
                found.add(step.prompt_of)
            checks = step.require
        elif isinstance(step, Pair):
            found.update(name.partition(".")[0] for name in step.by)
        elif isinstance(step, Score):
            checks = step.require
    found.update(check.field.partition(".")[0] for check in checks if check.check == "score" and check.field)
    found.discard(step.name)
    return tuple(sorted(found))
