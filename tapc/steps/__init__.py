"""The machinery of steps: how a step asks for replies, what it yields, and how its programs are driven.

The kinds of steps are in `tapc.kinds.steps`. A step runs as a coroutine that awaits effects (`effects.py`): `Ask` for a
reply, `Decide` for a decision that depends on other samples. It never waits, so it is a pure function of replies and
decisions; `driving.py` moves such coroutines on, for the fold of a run, for estimates and for explanations alike.

- `program.py`: what a compiled step is (`StepProgram`), and the state of a slot.
- `results.py`: what steps yield: candidates, verdicts, pairs, rejections.
- `compile_context.py`, `recipes.py`: what the compilation of a step is given; the requests it will make.
- `acceptance.py`: holds candidates to the checks of their step.
- `identity.py`: choices that follow from what a slot is, such as the member of a pool.
- `draws.py`, `draw_groups.py`, `sharing.py`: which draw a request is, so that equal requests share a key
  and different ones do not.
- `context.py`: what a run gives to steps: rows of inputs, drawn mixes, files of checks.

Start reading in `effects.py`, then `program.py`. Imports `tapc.checks`, `tapc.templates`, `tapc.jobs`, `tapc.ir` and
what is below them.
"""

from tapc.steps.context import CandidateDraws, InputRow, RowSource, StepTools
from tapc.steps.draws import Drawing, drawings
from tapc.steps.driving import Ended, Task, advance, run_slot
from tapc.steps.effects import DECISIONS_VERSION, Ask, Asker, Both, Decide, Missing, RankedCheck, Steps, gather
from tapc.steps.program import JobClass, MixDraws, Origin, SlotKey, SlotState, StepProgram
from tapc.steps.results import (
    Candidate,
    Chosen,
    Generated,
    Judged,
    Paired,
    Rejection,
    ScoreValue,
    Short,
    Status,
    StepResult,
    Verdict,
)
from tapc.steps.texts import ALL_THOUGHT, unsafe
from tapc.steps.views import plain

__all__ = [
    "ALL_THOUGHT",
    "DECISIONS_VERSION",
    "Ask",
    "Asker",
    "Both",
    "Candidate",
    "CandidateDraws",
    "Chosen",
    "Decide",
    "Drawing",
    "Ended",
    "Generated",
    "InputRow",
    "JobClass",
    "Judged",
    "Missing",
    "MixDraws",
    "Origin",
    "Paired",
    "RankedCheck",
    "Rejection",
    "RowSource",
    "ScoreValue",
    "Short",
    "SlotKey",
    "SlotState",
    "Status",
    "StepProgram",
    "StepResult",
    "StepTools",
    "Steps",
    "Task",
    "Verdict",
    "advance",
    "drawings",
    "gather",
    "plain",
    "run_slot",
    "unsafe",
]
