"""The fold: from plan and stored replies to finished slots, whatever the timing."""

from tapc.engine.fold.decisions import BLOCK
from tapc.engine.fold.engine import NO_REPLY, Fold, Replies
from tapc.engine.fold.pipeline import Pipeline
from tapc.engine.fold.replacement import Replacements, Shortage
from tapc.engine.fold.slotrun import Finished

__all__ = ["BLOCK", "NO_REPLY", "Finished", "Fold", "Pipeline", "Replacements", "Replies", "Shortage"]
