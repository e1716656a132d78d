"""Exact quotas: an integer count for every cell of a sample space."""

from tapc.quota.allocation import Allocation, allocate
from tapc.quota.candidates import COUNTED, DrawnCounts, MixDraws, mix_draws
from tapc.quota.deviation import Deviation
from tapc.quota.locked import Lock
from tapc.quota.problem import Problem

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
