"""TAP602: prompts that never name the language although the dataset has several."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark


def upstream(dataset: Dataset) -> dict[str, set[str]]:
    """Names each step depends on, through any number of other steps."""
    found: dict[str, set[str]] = {}
    for step in dataset.steps:  # dependencies first
        names = set(step.reads())
        found[step.name] = names.union(*(found.get(name, ()) for name in names))
    return found


_AXIS = "language"


def language_not_asked(dataset: Dataset) -> Iterator[Remark]:
    """Look for the language in the prompts of each generate step and of all that they build upon."""
    mix = next((mix for mix in dataset.space.mixes if mix.name == _AXIS), None)
    if mix is None or len(mix.values) < 2:
        return
    reads = upstream(dataset)
    for step in dataset.steps:
        writing = step.writing()
        if writing is not None and writing.prose and _AXIS not in reads[step.name]:
            yield Remark(
                "TAP602",
                f"the prompts of `{step.name}` never name the language, and the dataset has {len(mix.values)}",
                (
                    (f"step.{step.name}.prompt", f"step.{step.name}.messages", f"step.{step.name}"),
                    (f"mix.{_AXIS}",),
                ),
                ("say it, for example `Write in {{ language.name }}.`",),
            )
