"""Who reads whom in a dataset, for rules about what is unused or unsaid."""

from tapc.ir import Dataset


def upstream(dataset: Dataset) -> dict[str, set[str]]:
    """Names each step depends on, through any number of other steps."""
    found: dict[str, set[str]] = {}
    for step in dataset.steps:  # dependencies first
        names = set(step.reads())
        found[step.name] = names.union(*(found.get(name, ()) for name in names))
    return found
