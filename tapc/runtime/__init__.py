"""What touches clock, network and disk: fold, store, ledger, endpoints."""

from tapc.runtime.fold import Finished, Pipeline, Replies, Shortage
from tapc.runtime.labels import Label, labels_of
from tapc.runtime.losses import Loss, Losses
from tapc.runtime.progress import Observer, Silent, Snapshot, StepProgress
from tapc.runtime.session import Metered, Session, SessionResult, Sink, Work

__all__ = [
    "Finished",
    "Label",
    "Loss",
    "Losses",
    "Metered",
    "Observer",
    "Pipeline",
    "Replies",
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
