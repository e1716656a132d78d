"""From the IR to counts, slots, jobs, estimates and the plan document."""

from tapc.plan.access import touches
from tapc.plan.assignment import Rows
from tapc.plan.budgets import Spent
from tapc.plan.compile import Planned, PlanResources, plan_dataset
from tapc.plan.costing import cost_plan
from tapc.plan.description import describe
from tapc.plan.diff import EFFECTS, AxisValue, DiffDocument, Side, compare, differences
from tapc.plan.document import (
    AxisPlan,
    CapPlan,
    DrawnPlan,
    PlanDiagnostic,
    PlanDocument,
    PromptPlan,
    SourcePlan,
    StepPlan,
    StepSeen,
    TotalPlan,
    TouchesPlan,
)
from tapc.plan.estimate import Cost, History, Kept, Learned, Rates, Tuning
from tapc.plan.graph import graph_dot, graph_json, graph_mermaid, job_graph
from tapc.plan.lock import changed, lock_of, read_lock, write_lock
from tapc.plan.prompts import render_prompts
from tapc.plan.slots import Slots
from tapc.quota import Allocation, Lock, QuotaProblem, allocate

__all__ = [
    "EFFECTS",
    "Allocation",
    "AxisPlan",
    "AxisValue",
    "CapPlan",
    "Cost",
    "DiffDocument",
    "DrawnPlan",
    "History",
    "Kept",
    "Learned",
    "Lock",
    "PlanDiagnostic",
    "PlanDocument",
    "PlanResources",
    "Planned",
    "PromptPlan",
    "QuotaProblem",
    "Rates",
    "Rows",
    "Side",
    "Slots",
    "SourcePlan",
    "Spent",
    "StepPlan",
    "StepSeen",
    "TotalPlan",
    "TouchesPlan",
    "Tuning",
    "allocate",
    "changed",
    "compare",
    "cost_plan",
    "describe",
    "differences",
    "graph_dot",
    "graph_json",
    "graph_mermaid",
    "job_graph",
    "lock_of",
    "plan_dataset",
    "read_lock",
    "render_prompts",
    "touches",
    "write_lock",
]
