"""The fold: from plan and stored replies to finished slots, whatever the timing."""

from tapc.engine.fold.engine import NO_REPLY, Event, Fold, Used, Wanted
from tapc.engine.fold.replacement import Replacements, Shortage, SpareSlots
from tapc.engine.fold.slotrun import Finished, Pipeline

__all__ = [
    "NO_REPLY",
    "Event",
    "Finished",
    "Fold",
    "Pipeline",
    "Replacements",
    "Shortage",
    "SpareSlots",
    "Used",
    "Wanted",
]
