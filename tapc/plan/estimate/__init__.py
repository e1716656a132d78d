"""Tokens, money and time of a plan before the first request: floor, expected, ceiling.

`estimate` renders the prompts of a sample of slots with the code of the run (`probe.py`), with stand-ins for replies
that do not exist yet (`standin.py`), and multiplies tokens per job by exact numbers of jobs:

- `tokens.py`: tokens of a text without a tokenizer, as floor, expectation and ceiling;
- `output.py`: the length of replies, from history, from the spec, or from stated defaults;
- `strata.py`: groups of cells with prompts of similar size (language and branch of the taxonomy);
- `estimation.py`: the `Cost` of one step at one endpoint;
- `totals.py`: what is left to pay after subtracting stored replies, cell by cell, so that all tables add up;
- `together.py`: correction for pools of endpoints;
- `pace.py`: time, at the speeds of servers that runs have measured (`speed.py`).

Start reading in `estimation.py`. The ceiling is a promise (the ledger reserves the same amounts), the floor cannot be
undercut, and the expectation is measured: `bench/estimates.py` compares it with actual runs. What is rejected and
replaced is the matter of `tapc.plan.forecast`.
"""

from tapc.plan.estimate.estimation import SAMPLE, Cost, Figures, Sample, estimate
from tapc.plan.estimate.output import History, Learned
from tapc.plan.estimate.pace import TOKENS_PER_SECOND, WHICH, Pace, ServerSpeed, Speeds, Which
from tapc.plan.estimate.probe import answers_read, probe_slot, unchecked
from tapc.plan.estimate.speed import Speed, Timing, measure_speed, merge_speeds
from tapc.plan.estimate.standin import FILLER, stand_in
from tapc.plan.estimate.strata import LANGUAGE, Cells, Strata, find_strata, sample_slots
from tapc.plan.estimate.together import Relief, reliefs
from tapc.plan.estimate.tokens import Rates
from tapc.plan.estimate.totals import Kept, StepEndpoint, StepTotals, Sums, Tuning, axis_rows, step_totals

__all__ = [
    "FILLER",
    "LANGUAGE",
    "SAMPLE",
    "TOKENS_PER_SECOND",
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
    "ServerSpeed",
    "Speed",
    "Speeds",
    "StepEndpoint",
    "StepTotals",
    "Strata",
    "Sums",
    "Timing",
    "Tuning",
    "Which",
    "answers_read",
    "axis_rows",
    "estimate",
    "find_strata",
    "measure_speed",
    "merge_speeds",
    "probe_slot",
    "reliefs",
    "sample_slots",
    "stand_in",
    "step_totals",
    "unchecked",
]
