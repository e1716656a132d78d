"""Runs a plan: the fold over stored replies, the session that has what is missing asked for, and outside programs.

`fold` turns a plan and the replies in the store into samples, and says which requests it still wants; it neither waits
nor sends. `session.py` carries those requests to `tapc.endpoints` and their replies back. `programs` runs checks that
are programs of the user's. Start at `fold/engine.py`, then `session.py`.
"""

from tapc.engine.fold import Finished, Pipeline, Shortage
from tapc.engine.labels import Label, labels_of
from tapc.engine.losses import Loss, Losses
from tapc.engine.protocol import (
    Engine,
    Metered,
    Observer,
    SessionResult,
    Silent,
    Sink,
    Snapshot,
    StepProgress,
    Work,
)
from tapc.engine.session import Session

__all__ = [
    "Engine",
    "Finished",
    "Label",
    "Loss",
    "Losses",
    "Metered",
    "Observer",
    "Pipeline",
    "Session",
    "SessionResult",
    "Shortage",
    "Silent",
    "Sink",
    "Snapshot",
    "StepProgress",
    "Work",
    "labels_of",
]
