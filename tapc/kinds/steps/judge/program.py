"""Compiling a judge step."""

from tapc.ir import Dataset
from tapc.kinds.runtime import StepRuntime
from tapc.kinds.steps.judge.base import JudgeParts, JudgeProgram, Mode
from tapc.kinds.steps.judge.form import Form
from tapc.kinds.steps.judge.listwise import listwise
from tapc.kinds.steps.judge.listwise import schema as listwise_schema
from tapc.kinds.steps.judge.model import Judge
from tapc.kinds.steps.judge.pairwise import pairwise
from tapc.kinds.steps.judge.pairwise import schema as pairwise_schema
from tapc.kinds.steps.judge.pointwise import pointwise
from tapc.kinds.steps.judge.pointwise import schema as pointwise_schema
from tapc.kinds.steps.judge.scale import Scale
from tapc.steps.compile_context import CompileContext, chat_recipes, factories_of
from tapc.steps.draw_groups import panel_draw_groups
from tapc.steps.sharing import shared_axes
from tapc.templates import compile_template

_MODES: dict[str, Mode] = {"pointwise": pointwise, "listwise": listwise, "pairwise": pairwise}


def judge_schema(step: Judge) -> bytes:
    """JSON Schema of a judge's reply."""
    if step.mode == "pairwise":
        return pairwise_schema(step.rubric)
    form = Form(step.rubric, Scale(step.rubric))
    return listwise_schema(form) if step.mode == "listwise" else pointwise_schema(form)


def compile_step(step: Judge, context: CompileContext) -> JudgeProgram:
    """Compile a judge step."""
    recipes = chat_recipes(context.dataset, step, judge_schema(step), "verdict")
    factories = factories_of(recipes, panel_draw_groups(recipes))
    acceptance = context.acceptance(step.name, step.require)
    parts = JudgeParts(step, factories, context.tools, ranked=acceptance.ranked)
    n = context.widths[step.of]
    requests = {"pointwise": n, "listwise": 1, "pairwise": n * (n - 1)}[step.mode]
    return JudgeProgram(
        parts,
        _MODES[step.mode],
        acceptance,
        requests=requests,
        candidates=n,
        per=_shared(step, context.dataset),
        sample=context.sample,
    )


def _shared(step: Judge, dataset: Dataset) -> tuple[str, ...]:
    templates = step.templates()
    if any(compile_template(template).samples for template in templates):
        return ()  # each slot shows a selection of its own
    named = {path.partition(".")[0] for path in step.named()}
    return shared_axes(dataset, step.of, named.union(*(template.reads for template in templates)))


RUNTIME = StepRuntime("judge", compile_step)
