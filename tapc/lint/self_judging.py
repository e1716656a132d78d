"""TAP601: a judge that scores its own model."""

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
