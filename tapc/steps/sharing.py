"""Which requests of steps that score are the same for many slots."""

from collections.abc import Iterable

from tapc.ir import Dataset


def shared_axes(dataset: Dataset, of: str, reads: Iterable[str]) -> tuple[str, ...]:
    """Axes each combination of whose values has its own requests; empty where every slot has.

    Requests of judges and scorers name no slot, so what they say of a step that is made once `per` axis is asked once,
    unless they also show something narrower.

    Args:
        dataset: the IR.
        of: the step that is scored.
        reads: names of steps and axes that it shows too.
    """
    axes = slot_axes(dataset)
    per = {step.name: step.shared_by() for step in dataset.steps}
    if not per.get(of):
        return ()
    found = set(per[of])
    for name in reads:
        if name in axes:
            found.add(name)
        elif per.get(name):
            found.update(per[name])
        else:
            return ()
    return tuple(sorted(found))


def slot_axes(dataset: Dataset) -> tuple[str, ...]:
    """Names of all axes a slot has."""
    space = dataset.space
    names = [mix.name for mix in space.mixes if not mix.per_candidate]
    return tuple(sorted(names if space.taxonomy is None else [space.taxonomy.name, *names]))
