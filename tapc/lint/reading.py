"""Who reads whom in a dataset, for rules about what is unused or unsaid."""

from collections.abc import Iterator

from tapc.ir import AnyStep, Dataset, Generate, Input, Judge, Pair, Score, Template, Vote


def templates_of(step: AnyStep) -> Iterator[Template]:
    """Every template of a step, those of a judge's rubric included."""
    if isinstance(step, Generate):
        yield from (message.content for message in step.messages)
    elif isinstance(step, Input):
        if step.file is not None:
            yield step.file
    elif isinstance(step, Judge):
        rubric = step.rubric
        found = [step.system, rubric.definition]
        for aspect in rubric.aspects:
            found += [aspect.definition, *(text for _, text in aspect.anchors)]
        yield from (template for template in found if template is not None)


def names_read(step: AnyStep) -> set[str]:
    """Steps and axes a step names, in whatever way; the last part of a path is left out."""
    found = {name for template in templates_of(step) for name in template.reads}
    paths: list[str | None] = []
    if isinstance(step, Generate):
        paths = [step.for_step, *step.per]
    elif isinstance(step, Judge):
        paths = [step.of, step.prompt_of, *step.given]
    elif isinstance(step, Input):
        paths = [axis for axis, _ in step.match]
    elif isinstance(step, Score | Vote):
        paths = [step.of]
    else:
        paths = [step.of, *step.by]
    for check in () if isinstance(step, Input | Vote | Pair) else step.require:
        paths.append(check.within)
        if check.check == "score":
            paths.append(check.field)
    return found | {path.partition(".")[0] for path in paths if path is not None}


def upstream(dataset: Dataset) -> dict[str, set[str]]:
    """Names each step depends on, through any number of other steps."""
    found: dict[str, set[str]] = {}
    for step in dataset.steps:  # dependencies first
        names = names_read(step)
        found[step.name] = names.union(*(found.get(name, ()) for name in names))
    return found
