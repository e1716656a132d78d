"""`tapc preview`: whole samples, as the store has them after a small run."""

from pathlib import Path

from tapc.engine import Session, Silent
from tapc.jobs import Job, Reply
from tapc.plan import Planned
from tapc.steps import SlotKey, SlotState, Status
from tapc.store import open_store
from tapc.workspace.stored import work_of


class _Collector:
    """A sink that keeps finished slots."""

    def __init__(self) -> None:
        self.slots: list[tuple[SlotState, Status]] = []

    def add(self, state: SlotState, status: Status) -> None:
        """Keep a slot that is finished as far as stored replies allow."""
        self.slots.append((state, status))

    def visit(self, job: Job, reply: Reply, slot: SlotKey) -> None:
        """Do nothing with a reply."""


def stored_samples(planned: Planned, store: Path, samples: int) -> list[tuple[SlotState, Status]]:
    """The first samples by rank and the replacements of rejected ones, folded from the store; sends nothing.

    Raises:
        StoreError: the store cannot be read.
    """
    opened = open_store(store, offline=True)
    try:
        collector = _Collector()
        Session(work_of(planned, None, limit=samples), opened, collector, Silent()).offline()
        return sorted(collector.slots, key=lambda found: found[0].key.rank)
    finally:
        opened.close()
