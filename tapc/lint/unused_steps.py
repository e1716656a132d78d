"""TAP604 and TAP611: unused results, and datasets that write nothing."""

from collections.abc import Iterator

from tapc.ir import Dataset
from tapc.lint.remark import Remark


def unused_steps(dataset: Dataset) -> Iterator[Remark]:
    """Steps that no emit, no later step and no `accept` reads."""
    if _none_emitted(dataset) or any(emit.reads_all() for emit in dataset.emits):  # told below, or everything is read
        return
    used = set(dataset.accept)
    for emit in dataset.emits:
        used |= {path.partition(".")[0] for path in emit.reads()}
    for step in dataset.steps:
        used.update(step.reads())
    for step in dataset.steps:
        if step.name in used or (step.scored() is not None and step.checks()):
            continue
        yield Remark(
            "TAP604",
            f"nothing reads the {step.kind} step `{step.name}`",
            ((f"step.{step.name}",),),
            ("name it in an `emit`, in `accept` or in a later step, or remove it",),
        )


def _none_emitted(dataset: Dataset) -> bool:
    return all(emit.turned_down() for emit in dataset.emits)


def nothing_emitted(dataset: Dataset) -> Iterator[Remark]:
    """A dataset without any emit of results."""
    if _none_emitted(dataset):
        yield Remark(
            "TAP611",
            f"the dataset `{dataset.name}` has no `emit`, so nothing of it is written",
            (("dataset",),),
            ("for example `emit sft { from answer }`, or `emit records` for everything",),
        )
