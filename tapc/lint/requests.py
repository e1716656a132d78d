"""TAP603 and TAP609: requests that may not fit into what a model sees, and asking again at temperature 0."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark
from tapc.lint.sizes import Longest, output_limit, temperature, thinking_limit


def prompt_over_context(dataset: Dataset) -> Iterator[Remark]:
    """Add up each step's longest request at each endpoint that states its context."""
    longest = Longest(dataset)
    for step in dataset.steps:
        prompt = longest.prompt(step)
        for name in step.chats_with():
            endpoint = dataset.endpoint(name)
            if endpoint.context is None:
                continue
            output, thinking = output_limit(step, endpoint), thinking_limit(endpoint)
            if prompt + output + thinking <= endpoint.context:
                continue
            parts = [f"a prompt of about {prompt:,} tokens", f"{output:,} of output"]
            parts += [f"{thinking:,} of thinking"] if thinking else []
            yield Remark(
                "TAP603",
                f"requests of `{step.name}` may not fit into the {endpoint.context:,} tokens that `{name}` sees",
                ((f"step.{step.name}",), (f"endpoint.{name}.context", f"endpoint.{name}")),
                (" + ".join(parts) + f" = {prompt + output + thinking:,}",),
            )


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
