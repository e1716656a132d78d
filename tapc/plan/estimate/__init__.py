"""What a plan will use and cost: floor, expected, ceiling, from really rendered prompts."""

from tapc.plan.estimate.estimate import SAMPLE, Cost, Figures, Sample, estimate
from tapc.plan.estimate.output import History
from tapc.plan.estimate.probe import Probed, probe_slot, unchecked
from tapc.plan.estimate.standin import FILLER, stand_in
from tapc.plan.estimate.tokens import Rates

__all__ = [
    "FILLER",
    "SAMPLE",
    "Cost",
    "Figures",
    "History",
    "Probed",
    "Rates",
    "Sample",
    "estimate",
    "probe_slot",
    "stand_in",
    "unchecked",
]
