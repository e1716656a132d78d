"""Exact quotas: an integer count for every cell of a sample space."""

from tapc.plan.allocate.allocation import Allocation, allocate
from tapc.plan.allocate.problem import Problem

__all__ = ["Allocation", "Problem", "allocate"]
