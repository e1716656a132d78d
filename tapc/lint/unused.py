"""TAP604, TAP605, TAP606 and TAP611: steps, mixes and rubrics that nothing uses, datasets that write nothing."""

from collections.abc import Iterator

from tapc.ir import Condition, Dataset
from tapc.lint.remark import Remark


def unused_steps(dataset: Dataset) -> Iterator[Remark]:
    """Steps that no emit, no later step and no `accept` reads."""
    if _none_emitted(dataset) or any(emit.reads_all() for emit in dataset.emits):  # told below, or everything is read
        return
    used = set(dataset.accept)
    for emit in dataset.emits:
        used |= {path.partition(".")[0] for path in emit.reads()}
    for step in dataset.steps:
        used.update(step.reads())
    for step in dataset.steps:
        if step.name in used or (step.scored() is not None and step.checks()):
            continue
        yield Remark(
            "TAP604",
            f"nothing reads the {step.kind} step `{step.name}`",
            ((f"step.{step.name}",),),
            ("name it in an `emit`, in `accept` or in a later step, or remove it",),
        )


def _none_emitted(dataset: Dataset) -> bool:
    return all(emit.turned_down() for emit in dataset.emits)


def nothing_emitted(dataset: Dataset) -> Iterator[Remark]:
    """A dataset without any emit of results."""
    if _none_emitted(dataset):
        yield Remark(
            "TAP611",
            f"the dataset `{dataset.name}` has no `emit`, so nothing of it is written",
            (("dataset",),),
            ("for example `emit sft { from answer }`, or `emit records` for everything",),
        )


def unused_mixes(dataset: Dataset) -> Iterator[Remark]:
    """Mixes that no step, check, rule or exclusion reads."""
    if not dataset.steps:
        return
    used: set[str] = set()
    for step in dataset.steps:
        used.update(step.reads())
        used.update(axis for check in step.checks() for axis in check.axes())
    conditions: list[Condition | None] = [rule.condition for rule in dataset.space.rules]
    conditions += [exclusion.condition for exclusion in dataset.space.exclusions]
    used |= {test.axis for condition in conditions if condition is not None for test in condition.tests}
    for mix in dataset.space.mixes:
        if mix.name not in used:
            yield Remark(
                "TAP605",
                f"nothing depends on the mix `{mix.name}`: no prompt, check or rule reads it",
                ((f"mix.{mix.name}",),),
                (f"read it in a prompt, for example `{{{{ {mix.name} }}}}`, or remove it",),
            )


def unused_rubrics(dataset: Dataset, declared: tuple[str, ...]) -> Iterator[Remark]:
    """Compare the rubrics a dataset declares, and copies nothing from, with those its judges name."""
    used = {rubric.name for step in dataset.steps for rubric in step.rubrics()}
    for name in declared:
        if name not in used:
            yield Remark("TAP606", f"no judge uses the rubric `{name}`", ((f"rubric.{name}",),))
