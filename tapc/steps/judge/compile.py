"""Compiling a judge step."""

from collections.abc import Callable

from tapc.ir import Judge
from tapc.jobs import JobFactory
from tapc.steps.acceptance import Acceptance
from tapc.steps.context import StepTools
from tapc.steps.judge.base import JudgeParts, JudgeProgram, Mode
from tapc.steps.judge.form import Form
from tapc.steps.judge.listwise import listwise
from tapc.steps.judge.listwise import schema as listwise_schema
from tapc.steps.judge.pairwise import pairwise
from tapc.steps.judge.pairwise import schema as pairwise_schema
from tapc.steps.judge.pointwise import pointwise
from tapc.steps.judge.pointwise import schema as pointwise_schema
from tapc.steps.judge.scale import OVERALL, Scale
from tapc.steps.program import SlotState

_MODES: dict[str, Mode] = {"pointwise": pointwise, "listwise": listwise, "pairwise": pairwise}


def judge_schema(step: Judge) -> bytes:
    """JSON Schema of a judge's reply."""
    if step.mode == "pairwise":
        return pairwise_schema(step.rubric)
    form = Form(step.rubric, Scale(step.rubric))
    return listwise_schema(form) if step.mode == "listwise" else pointwise_schema(form)


def lower_is_better(step: Judge, score: str) -> bool:
    """Direction of a score; win rates and agreement are always better when higher."""
    if step.mode == "pairwise" or score == "agreement":
        return False
    if score == OVERALL:
        return Scale(step.rubric).lower
    return any(aspect.name == score and aspect.lower for aspect in step.rubric.aspects)


def compile_judge(
    step: Judge,
    factories: tuple[JobFactory, ...],
    *,
    candidates: int,
    tools: StepTools,
    sample: Callable[[SlotState], int],
) -> JudgeProgram:
    """Compile a judge step.

    Args:
        step: from the IR.
        factories: one a judge of the panel, in its order.
        candidates: most candidates of the judged step for a slot.
        tools: see there.
        sample: gives a slot's seed for `sample`.
    """
    acceptance = Acceptance(step.name, step.require, tools)
    parts = JudgeParts(step, factories, tools, ranked=acceptance.ranked)
    requests = {"pointwise": candidates, "listwise": 1, "pairwise": candidates * (candidates - 1)}[step.mode]
    return JudgeProgram(parts, _MODES[step.mode], acceptance, requests=requests, candidates=candidates, sample=sample)
