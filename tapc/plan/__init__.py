"""From the IR to counts, slots, jobs, estimates and the plan document."""

from tapc.plan.allocate import Allocation, Problem, allocate
from tapc.plan.compile import Planned, plan_dataset
from tapc.plan.describe import cost_plan, describe
from tapc.plan.document import PlanDiagnostic, PlanDocument, StepPlan
from tapc.plan.estimate import Cost, History, Rates
from tapc.plan.slots import Slots

__all__ = [
    "Allocation",
    "Cost",
    "History",
    "PlanDiagnostic",
    "PlanDocument",
    "Planned",
    "Problem",
    "Rates",
    "Slots",
    "StepPlan",
    "allocate",
    "cost_plan",
    "describe",
    "plan_dataset",
]
