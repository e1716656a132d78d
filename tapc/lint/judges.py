"""TAP601 and TAP615: judges of their own model, and judges whose own words hold what they judge."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark


def self_judging(dataset: Dataset) -> Iterator[Remark]:
    """Compare the identities of judges with those of the authors they judge."""
    for step in dataset.steps:
        judging = step.judging()
        if judging is None:
            continue
        of = judging.of
        written = dataset.step(of).chats_with()
        authors = {dataset.endpoint(name).same_as: name for name in written}
        for name in step.chats_with():
            endpoint = dataset.endpoint(name)
            model = endpoint.same_as
            if model in authors and not endpoint.simulated:  # simulated ones have no preference
                own = f"`{authors[model]}` writes for `{of}`"
                said = "the same endpoint" if authors[model] == name else f"`{authors[model]}`, the same model"
                yield Remark(
                    "TAP601",
                    f"`{step.name}` lets {model} judge its own texts: {own}, and the judge is {said}",
                    (
                        (f"step.{step.name}.using", f"step.{step.name}"),
                        (f"step.{of}.using", f"step.{of}"),
                    ),
                    ("models prefer what they wrote; judge with another one",),
                )


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
