"""`emit rejects` between spec and model."""

from tapc.ir import Emit
from tapc.semantics.registry import EmitKind


class Rejects(Emit):
    """Everything that was rejected, in accepted slots and others."""

    def turned_down(self) -> bool:
        """See `Emit`."""
        return True

    def trains(self) -> bool:
        """See `Emit`."""
        return False


KIND = EmitKind("rejects", model=Rejects, by_default=True)
