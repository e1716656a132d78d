"""TAP606: rubrics of a dataset that no judge uses."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark


def unused_rubrics(dataset: Dataset, declared: tuple[str, ...]) -> Iterator[Remark]:
    """Compare the rubrics a dataset declares, and copies nothing from, with those its judges name."""
    used = {rubric.name for step in dataset.steps for rubric in step.rubrics()}
    for name in declared:
        if name not in used:
            yield Remark("TAP606", f"no judge uses the rubric `{name}`", ((f"rubric.{name}",),))
