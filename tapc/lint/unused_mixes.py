"""TAP605: mixes whose values change nothing."""

from collections.abc import Iterator

from tapc.ir import Condition, Dataset
from tapc.lint.remark import Remark


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
