"""What a plan will use and cost: floor, expected, ceiling, from really rendered prompts."""

from tapc.plan.estimate.estimation import SAMPLE, Cost, Figures, Sample, estimate
from tapc.plan.estimate.likely import likely_most
from tapc.plan.estimate.output import History, Learned
from tapc.plan.estimate.pace import WHICH, Pace, Which
from tapc.plan.estimate.probe import answers_read, probe_slot, unchecked
from tapc.plan.estimate.standin import FILLER, stand_in
from tapc.plan.estimate.strata import Cells, find_strata, sample_slots
from tapc.plan.estimate.together import Relief, reliefs
from tapc.plan.estimate.tokens import Rates
from tapc.plan.estimate.totals import Kept, StepEndpoint, StepTotals, Sums, Tuning, axis_rows, step_totals

__all__ = [
    "FILLER",
    "SAMPLE",
    "WHICH",
    "Cells",
    "Cost",
    "Figures",
    "History",
    "Kept",
    "Learned",
    "Pace",
    "Rates",
    "Relief",
    "Sample",
    "StepEndpoint",
    "StepTotals",
    "Sums",
    "Tuning",
    "Which",
    "answers_read",
    "axis_rows",
    "estimate",
    "find_strata",
    "likely_most",
    "probe_slot",
    "reliefs",
    "sample_slots",
    "stand_in",
    "step_totals",
    "unchecked",
]
