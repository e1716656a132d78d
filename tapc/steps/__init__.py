"""Step kinds: what each accepts, the jobs it makes, how replies are read."""

from tapc.steps.context import CandidateDraws, InputRow, RowSource, StepTools
from tapc.steps.draws import Drawing, drawings
from tapc.steps.driving import Ended, Task, advance, run_slot
from tapc.steps.effects import Ask, Asker, Both, Decide, Missing, RankedCheck, Steps, gather
from tapc.steps.program import JobClass, MixDraws, SlotKey, SlotState, StepProgram
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
