"""From the IR to counts, slots, jobs, estimates and the plan document."""

from tapc.plan.allocate import Allocation, Lock, Problem, allocate
from tapc.plan.compile import Lent, Planned, plan_dataset
from tapc.plan.dealing import Rows
from tapc.plan.describe import cost_plan, describe
from tapc.plan.document import PlanDiagnostic, PlanDocument, StepPlan
from tapc.plan.estimate import Cost, History, Rates
from tapc.plan.graph import graph_dot, graph_json, graph_mermaid, job_graph
from tapc.plan.lock import changed, lock_of, read_lock, write_lock
from tapc.plan.slots import Slots

__all__ = [
    "Allocation",
    "Cost",
    "History",
    "Lent",
    "Lock",
    "PlanDiagnostic",
    "PlanDocument",
    "Planned",
    "Problem",
    "Rates",
    "Rows",
    "Slots",
    "StepPlan",
    "allocate",
    "changed",
    "cost_plan",
    "describe",
    "graph_dot",
    "graph_json",
    "graph_mermaid",
    "job_graph",
    "lock_of",
    "plan_dataset",
    "read_lock",
    "write_lock",
]
