"""From the IR to counts, slots, jobs, estimates and the plan document.

`plan_dataset` (`compile.py`) counts the cells of a dataset (`tapc.quota`), assigns rows of inputs to slots
(`assignment.py`; `all_rows.py` for `samples all`) and returns a `Planned`. Everything else is derived from that on
demand:

- `slots.py`: the slots in order of rank, without storing them; the package `lock`: the counts as a text file;
- `counting.py`, `graph.py`: the jobs of each step in closed form, and the job graph;
- `costing.py` and the package `estimate`: tokens and money, from prompts that are actually rendered;
- the package `forecast`: what a run will send and pay, with rejections, as expectation and interval;
- `description.py`, `document.py`: the plan document of `tapc plan --json`, with `budgets.py`, `access.py` (what a spec
  reads and which servers it asks) and `prompts.py`;
- `varying.py`: what may be varied without asking anything (`--what-if`);
- `expecting.py`: what the spec expects of the plan (`expect`);
- the package `diff`: two plans compared by meaning.

Start reading in `compile.py`. The plan reads no files and opens no connection: the caller passes what it needs as
`PlanResources`. The digest of a plan depends on the IR, the counts, the rows and the files of checks, and on nothing
else.

To add a field to the plan document, add it to the model in `document.py` with a description, fill it in
`description.py`, and renew the schema in `tests/golden/schemas`.
"""

from tapc.plan.access import touches
from tapc.plan.assignment import Rows
from tapc.plan.budgets import Spent
from tapc.plan.compile import Planned, PlanResources, plan_again, plan_dataset
from tapc.plan.costing import cost_plan
from tapc.plan.description import describe
from tapc.plan.diff import (
    EFFECTS,
    AxisValue,
    Change,
    DiffDocument,
    DiffExpectation,
    DiffMoved,
    DiffProof,
    Piece,
    Side,
    SlotAsked,
    compare,
    find_differences,
    late_note,
    marked,
    name_of,
    plain,
    reasons_between,
    word_diff,
    worded,
)
from tapc.plan.document import (
    AcceptanceBasis,
    AxisPlan,
    CapPlan,
    DrawnPlan,
    ExpectationPlan,
    ForecastPlan,
    Interval,
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
from tapc.plan.expecting import described, verify_plan
from tapc.plan.graph import graph_dot, graph_json, graph_mermaid, job_graph
from tapc.plan.lock import changed, lock_of, read_lock, write_lock
from tapc.plan.prompts import render_prompts
from tapc.plan.slots import Slots
from tapc.quota import Allocation, Lock, QuotaProblem, allocate

__all__ = [
    "EFFECTS",
    "AcceptanceBasis",
    "Allocation",
    "AxisPlan",
    "AxisValue",
    "CapPlan",
    "Change",
    "Cost",
    "DiffDocument",
    "DiffExpectation",
    "DiffMoved",
    "DiffProof",
    "DrawnPlan",
    "ExpectationPlan",
    "ForecastPlan",
    "History",
    "Interval",
    "Kept",
    "Learned",
    "Lock",
    "Piece",
    "PlanDiagnostic",
    "PlanDocument",
    "PlanResources",
    "Planned",
    "PromptPlan",
    "QuotaProblem",
    "Rates",
    "Rows",
    "Side",
    "SlotAsked",
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
    "described",
    "find_differences",
    "graph_dot",
    "graph_json",
    "graph_mermaid",
    "job_graph",
    "late_note",
    "lock_of",
    "marked",
    "name_of",
    "plain",
    "plan_again",
    "plan_dataset",
    "read_lock",
    "reasons_between",
    "render_prompts",
    "touches",
    "verify_plan",
    "word_diff",
    "worded",
    "write_lock",
]
