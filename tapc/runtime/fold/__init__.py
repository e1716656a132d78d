"""The fold: from plan and stored replies to finished slots, whatever the timing."""

from tapc.runtime.fold.decisions import BLOCK
from tapc.runtime.fold.engine import NO_REPLY, Fold, Replies
from tapc.runtime.fold.pipeline import Pipeline
from tapc.runtime.fold.replacement import Replacements, Shortage
from tapc.runtime.fold.slotrun import Finished

__all__ = ["BLOCK", "NO_REPLY", "Finished", "Fold", "Pipeline", "Replacements", "Replies", "Shortage"]
