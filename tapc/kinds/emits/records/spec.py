"""`emit records` between spec and model."""

from tapc.ir import Emit
from tapc.semantics.registry import EmitKind


class Records(Emit):
    """Everything a slot made."""

    def reads_all(self) -> bool:
        """See `Emit`."""
        return True

    def trains(self) -> bool:
        """See `Emit`."""
        return False


KIND = EmitKind("records", model=Records)
