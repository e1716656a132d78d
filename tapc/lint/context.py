"""TAP603: requests that may not fit into what the model can see."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark
from tapc.lint.sizes import Longest, output_limit, thinking_limit


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
