"""TAP615: a judge whose own words hold what it judges."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark


def unfenced(dataset: Dataset) -> Iterator[Remark]:
    """Templates of judges, their rubrics' included, that read texts of models."""
    written = {step.name for step in dataset.steps if step.writing() is not None}
    for step in dataset.steps:
        judging = step.judging()
        if judging is None:
            continue
        for name in sorted(written & {n for t in step.templates() for n in t.reads}):
            advice = f"write `given [{name}]`" if name != judging.of else "it is shown to the judge anyway"
            yield Remark(
                "TAP615",
                f"the instructions of `{step.name}` hold texts of `{name}`, which a model wrote",
                ((f"step.{step.name}.system", f"step.{step.name}.rubric", f"step.{step.name}"),),
                (f"a text there can give the judge orders; behind its fence it cannot: {advice}",),
            )
