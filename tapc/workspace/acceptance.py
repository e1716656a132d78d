"""Acceptance of the steps of a plan: counted while it is run, recorded, and read by later plans."""

import contextlib

from tapc.engine import Sink
from tapc.plan import Planned
from tapc.plan.forecast import Record, Tally, read_record, record_of
from tapc.steps import SlotState, Status
from tapc.store import Store, StoreError
from tapc.workspace.stored import groups_of, stages_of

_KIND = "acceptance"
_KEPT = 32
"""Latest plans of a dataset whose acceptance is kept."""


class Counted:
    """A sink that counts finished slots and passes everything on.

    Args:
        sink: takes what is passed on.
        planned: the plan that is run.
    """

    def __init__(self, sink: Sink, planned: Planned) -> None:
        self._sink = sink
        self.visit = sink.visit  # called for every reply: nothing is put in between
        self._planned = planned
        self._stages = stages_of(planned, planned.programs())
        self._groups = groups_of(planned)
        self._tally = Tally(self._stages, len(self._groups), self._groups.of_slot)

    def add(self, state: SlotState, status: Status) -> None:
        """See `Sink`."""
        self._tally.add(state, status)
        self._sink.add(state, status)

    def record(self, store: Store) -> None:
        """Record what was counted for the digest of the plan, unless a run of it that came further did.

        A store that cannot be written any more is no reason to fail: the dataset does not depend on it.
        """
        tally, name = self._tally, self._planned.dataset.name
        with contextlib.suppress(StoreError):
            known = dict(recorded(store, name)).get(self._planned.digest)
            if tally.slots and (known is None or tally.slots >= known.slots):
                found = record_of(self._groups, self._stages, tally.counts(), tally.slots)
                store.measure(name, _KIND, self._planned.digest, found.encoded(), keep=_KEPT)


def recorded(store: Store, dataset: str) -> list[tuple[str, Record]]:
    """Acceptance by digest of the plan, the latest first; what another version wrote in another form is left out.

    Raises:
        StoreError: the database cannot be read.
    """
    found = ((one.name, read_record(one.value)) for one in store.measured(dataset, _KIND))
    return [(digest, record) for digest, record in found if record is not None]
