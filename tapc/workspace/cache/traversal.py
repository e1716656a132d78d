"""Which stored replies the datasets of some specs are made of."""

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


class Visited:
    """Keys of replies that went into a fold, 32 bytes each; some may be there twice."""

    def __init__(self) -> None:
        self._keys = bytearray()

    def add(self, state: SlotState, status: Status) -> None:
        """Slots are of no interest here."""

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:  # noqa: ARG002 - what a sink is given
        """A stored reply goes into the fold, whether or not a check turns it down there."""
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
    """Plans of all datasets the specs declare (or of the one named), and what is wrong where there is none.

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


def visited_keys(plans: Sequence[Planned], replies: Replies) -> Visited:
    """Fold plans over the store, asking nothing, and note every reply on the way, rejected attempts included."""
    visited = Visited()
    for planned in plans:
        Session(work_of(planned, None), replies, visited, Silent()).offline()
    return visited
