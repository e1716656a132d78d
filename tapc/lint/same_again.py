"""TAP609: asking again at temperature 0."""

from collections.abc import Iterator

from tapc.ir import Dataset, Generate
from tapc.lint.remark import Remark
from tapc.lint.sizes import temperature


def same_again(dataset: Dataset) -> Iterator[Remark]:
    """Steps that need texts to differ, at endpoints that make them alike."""
    drawn = {mix.name for mix in dataset.space.mixes if mix.per_candidate}
    for step in dataset.steps:
        if not isinstance(step, Generate) or drawn & {n for t in step.templates() for n in t.reads}:
            continue
        for name in step.using:
            if temperature(step, dataset.endpoint(name)) != 0:
                continue
            unique = step.attempts > 1 and any(check.check == "unique" for check in step.require)
            if not unique and step.each == 1:
                continue
            why = "`require unique` asks again for what" if unique else f"`each {step.each}` asks again for what"
            yield Remark(
                "TAP609",
                f"{why} `{name}` always answers in one way, at temperature 0",
                (
                    (f"step.{step.name}.{'require' if unique else 'each'}", f"step.{step.name}"),
                    (f"step.{step.name}.temperature", f"endpoint.{name}.temperature", f"endpoint.{name}"),
                ),
                ("raise the temperature, or read a mix drawn `per candidate` in the prompt",),
            )
