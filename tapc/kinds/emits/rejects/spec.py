"""`emit rejects` between spec and model."""

from tapc.ir import Emit
from tapc.semantics.registry import EmitKind


class Rejects(Emit):
    """Everything a slot turned down, whether the slot was accepted or not."""

    def turned_down(self) -> bool:
        """See `Emit`."""
        return True

    def trains(self) -> bool:
        """See `Emit`."""
        return False


KIND = EmitKind("rejects", model=Rejects, by_default=True)
