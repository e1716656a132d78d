"""TAP609: asking again at temperature 0."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark
from tapc.lint.sizes import temperature


def same_again(dataset: Dataset) -> Iterator[Remark]:
    """Steps that need texts to differ, at endpoints that make them alike."""
    drawn = {mix.name for mix in dataset.space.mixes if mix.per_candidate}
    for step in dataset.steps:
        writing = step.writing()
        if writing is None or drawn & {n for t in step.templates() for n in t.reads}:
            continue
        for name in writing.using:
            if temperature(step, dataset.endpoint(name)) != 0:
                continue
            unique = writing.attempts > 1 and any(check.remembers() for check in step.checks())
            if not unique and writing.each == 1:
                continue
            why = "`require unique` asks again for what" if unique else f"`each {writing.each}` asks again for what"
            yield Remark(
                "TAP609",
                f"{why} `{name}` always answers in one way, at temperature 0",
                (
                    (f"step.{step.name}.{'require' if unique else 'each'}", f"step.{step.name}"),
                    (f"step.{step.name}.temperature", f"endpoint.{name}.temperature", f"endpoint.{name}"),
                ),
                ("raise the temperature, or read a mix drawn `per candidate` in the prompt",),
            )
