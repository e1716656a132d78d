"""The forecast of a run: what is left to be sent and paid, as expectation and 95% interval.

`plan`, `diff` and the question before a run show the same `Forecast`:

- `stages.py`: what is to be known of each step: what it reads, its requests per slot, when a slot passes it;
- `tally.py`: counts what passes each step, during runs and while stored replies are folded under the rules of now;
- `groups.py`: groups of cells; `record.py`: what is recorded of a run, and how it serves another plan; `rates.py`:
  acceptance by group, and what is not known about it;
- `basis.py`: how far a plan has come, and which acceptance of its steps is taken;
- `cohorts.py`: plays the rest of the run many times;
- `forecast.py`: puts them together.

Start reading in `forecast.py`. What the store has of a plan is found in `tapc.workspace.stored`; prompts and tokens are
those of `tapc.plan.estimate`.
"""

from tapc.plan.forecast.basis import Basis, Frontier, unbegun
from tapc.plan.forecast.cohorts import PASSED, PENDING, SHORT, TODO, Rows
from tapc.plan.forecast.forecast import Forecast, Range, make_forecast
from tapc.plan.forecast.groups import Groups, find_groups
from tapc.plan.forecast.record import Record, read_record, record_of
from tapc.plan.forecast.stages import Stage, find_stages
from tapc.plan.forecast.tally import StepCounts, Tally

__all__ = [
    "PASSED",
    "PENDING",
    "SHORT",
    "TODO",
    "Basis",
    "Forecast",
    "Frontier",
    "Groups",
    "Range",
    "Record",
    "Rows",
    "Stage",
    "StepCounts",
    "Tally",
    "find_groups",
    "find_stages",
    "make_forecast",
    "read_record",
    "record_of",
    "unbegun",
]
