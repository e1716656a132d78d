"""What a plan will use and cost: floor, expected, ceiling, from really rendered prompts."""

from tapc.plan.estimate.estimate import SAMPLE, Cost, Figures, Sample, estimate
from tapc.plan.estimate.output import History
from tapc.plan.estimate.probe import unchecked
from tapc.plan.estimate.tokens import Rates

__all__ = ["SAMPLE", "Cost", "Figures", "History", "Rates", "Sample", "estimate", "unchecked"]
