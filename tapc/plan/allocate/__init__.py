"""Exact quotas: an integer count for every cell of a sample space."""

from tapc.plan.allocate.allocation import Allocation, allocate
from tapc.plan.allocate.candidates import COUNTED, DrawnCounts, MixDraws, mix_draws
from tapc.plan.allocate.deviation import Deviation
from tapc.plan.allocate.locked import Lock
from tapc.plan.allocate.problem import Problem

__all__ = [
    "COUNTED",
    "Allocation",
    "Deviation",
    "DrawnCounts",
    "Lock",
    "MixDraws",
    "Problem",
    "allocate",
    "mix_draws",
]
