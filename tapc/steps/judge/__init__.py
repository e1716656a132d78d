"""`judge`: scores by a rubric; one file a mode."""

from tapc.steps.judge.compile import compile_step, judge_schema
from tapc.steps.judge.prompt import PERSONA, fence_mark

__all__ = ["PERSONA", "compile_step", "fence_mark", "judge_schema"]
