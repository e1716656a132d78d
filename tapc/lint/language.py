"""TAP602: prompts that never name the language although the dataset has several."""

from collections.abc import Iterator

from tapc.ir import Dataset, Generate
from tapc.lint.reading import upstream
from tapc.lint.remark import Remark

_AXIS = "language"


def language_not_asked(dataset: Dataset) -> Iterator[Remark]:
    """Look for the language in the prompts of each generate step and of all that they build upon."""
    mix = next((mix for mix in dataset.space.mixes if mix.name == _AXIS), None)
    if mix is None or len(mix.values) < 2:
        return
    reads = upstream(dataset)
    for step in dataset.steps:
        if isinstance(step, Generate) and _AXIS not in reads[step.name] and _speaks(step):
            yield Remark(
                "TAP602",
                f"the prompts of `{step.name}` never name the language, and the dataset has {len(mix.values)}",
                (
                    (f"step.{step.name}.prompt", f"step.{step.name}.messages", f"step.{step.name}"),
                    (f"mix.{_AXIS}",),
                ),
                ("say it, for example `Write in {{ language.name }}.`",),
            )


def _speaks(step: Generate) -> bool:
    """Whether it writes prose of its own: a structure of labels and numbers has no language."""
    if step.returns is None:
        return True
    kinds = [kind for _, kind in step.returns.fields]
    while kinds:
        kind = kinds.pop()
        if kind.kind == "text":
            return True
        kinds += [inner for _, inner in kind.fields]
        kinds += [kind.item] if kind.item is not None else []
    return False
