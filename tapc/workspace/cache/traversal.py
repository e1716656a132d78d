"""Finds the stored replies that the datasets of some specs use."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tapc.diagnostics import Diagnostic
from tapc.engine import Session, Silent
from tapc.jobs import KEY_BYTES, Job, Reply
from tapc.plan import Planned
from tapc.steps import SlotKey, SlotState, Status
from tapc.store.protocol import Replies
from tapc.workspace.spec.checked import check_spec
from tapc.workspace.spec.counted import count_spec
from tapc.workspace.stored import work_of


class VisitedKeys:
    """A sink that keeps the keys of replies that a fold used, 32 bytes each; a key may occur twice."""

    def __init__(self) -> None:
        self._keys = bytearray()

    def add(self, state: SlotState, status: Status) -> None:
        """Do nothing with a finished slot."""

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:  # noqa: ARG002 - what a sink is given
        """Note a reply that the fold uses, whether or not a check then rejects it."""
        self._keys += job.key

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._keys), KEY_BYTES):
            yield bytes(self._keys[start : start + KEY_BYTES])


def plans_of(
    specs: Sequence[Path],
    *,
    settings: Mapping[str, str],
    dataset: str | None,
    overrides: Sequence[str] = (),
    outside: bool = False,
) -> tuple[list[Planned], list[Diagnostic]]:
    """Plans of all datasets that the specs declare (or of the named one), and findings of specs that have no plan.

    Raises:
        OverrideError: an `--endpoint` option cannot be applied.
    """
    plans: list[Planned] = []
    findings: list[Diagnostic] = []
    for spec in specs:
        declared = check_spec(spec, settings=settings, dataset=dataset, outside=outside).compiled.datasets
        for name in [dataset] if dataset or len(declared) < 2 else declared:
            checked = check_spec(spec, settings=settings, dataset=name, overrides=overrides, outside=outside)
            counted = count_spec(checked, outside=outside)
            if counted.planned is None:
                findings += counted.diagnostics
            else:
                plans.append(counted.planned)
    return plans, findings


def visited_keys(plans: Sequence[Planned], replies: Replies) -> VisitedKeys:
    """Fold plans over the store without sending anything; return keys of all replies used, rejected ones included."""
    visited = VisitedKeys()
    for planned in plans:
        Session(work_of(planned, None), replies, visited, Silent()).offline()
    return visited
